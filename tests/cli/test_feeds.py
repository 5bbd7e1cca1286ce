"""`watcher feeds add`, `import`, `export` and `test`: from an address to a line in feeds.yaml, and back."""

import json
from pathlib import Path
from xml.etree import ElementTree as ET

import pytest

from tests.builders import NOON, a_feed, rss
from tests.export.records import database
from tests.loopback import LoopbackServer
from tests.workspace import Workspace, news
from watcher.clock import utc_now
from watcher.collection.trial import Trial
from watcher.config import read_feeds
from watcher.export.trials import as_markdown
from watcher.model.news import FeedId
from watcher.polling.cadence import CALL_REST, due_at

WRITTEN = """\
# Our feeds; ask Mina before you change one.
version: 1
feeds:

    # the wire
    - {id: wire, url: "http://127.0.0.1:1/wire"}   # first
    - id: paper
      url: http://127.0.0.1:1/paper
      note: |
        the paper
# end of the list
"""
PAGE = """<!doctype html><html><head><title>The Paper</title>
<link rel="stylesheet" href="/s.css"><link rel=alternate hreflang=ko href="/ko">
{links}</head><body><a href="/rss">feed</a></body></html>"""
LINK = '<link rel="alternate" type="application/rss+xml" title="{title}" href="{href}">'


def a_page(*links: tuple[str, str]) -> bytes:
    return PAGE.format(links="".join(LINK.format(title=title, href=href) for title, href in links)).encode()


def the_list(workspace: Workspace) -> str:
    return (workspace.folder / "feeds.yaml").read_text(encoding="utf-8")


# --- add ----------------------------------------------------------------------------------------------------


def test_a_feed_is_appended_and_everything_else_stays_as_it_was(
    workspace: Workspace, server: LoopbackServer
) -> None:
    workspace.write("feeds.yaml", WRITTEN)
    url = server.serve("/new.xml", news("ICBM launched at dawn"))

    ran = workspace.call("feeds", "add", url, "--id", "new", "--owner", "The Office", "--grade", "B")

    assert (ran.code, ran.err) == (0, "")
    assert the_list(workspace).startswith(WRITTEN)
    assert (
        the_list(workspace)
        .removeprefix(WRITTEN)
        .startswith(f'    - {{id: new, url: "{url}", owner: "The Office", grade: "B"')
    )
    assert [feed.id for feed in read_feeds(the_list(workspace).encode(), "f")] == ["wire", "paper", "new"]
    assert workspace.call("feeds", "test", "new").code == 0


def test_a_page_is_asked_for_the_feed_it_names(workspace: Workspace, server: LoopbackServer) -> None:
    workspace.write("feeds.yaml", WRITTEN)
    server.serve("/rss.xml", news("ICBM launched at dawn"))
    page = server.serve("/", a_page(("News", "rss.xml?a=1&amp;b=2")), headers={"Content-Type": "text/html"})

    (added,) = workspace.call("feeds", "add", page, "--json").json

    assert added["url"] == server.url("/rss.xml?a=1&b=2")


def test_of_several_feeds_a_person_chooses(workspace: Workspace, server: LoopbackServer) -> None:
    workspace.write("feeds.yaml", WRITTEN)
    page = server.serve("/", a_page(("News", "/rss"), ("Comments", "/comments"), ("News again", "/rss")))

    ran = workspace.call("feeds", "add", page)

    assert ran.code == 2
    assert f"names 2 feeds; add one of them:\n  watcher feeds add {server.url('/rss')}  # News\n" in ran.err
    assert the_list(workspace) == WRITTEN


@pytest.mark.parametrize(
    ("body", "said"),
    [
        (a_page(), "not_a_feed: an HTML page, not a feed"),
        (a_page(("Itself", "/")), "not_a_feed: an HTML page, not a feed"),
        (
            a_page(("Script", "javascript:alert(1)"), ("File", "file:///etc/passwd")),
            "not_a_feed: an HTML page, not a feed",
        ),
        (a_page(("Elsewhere", "http://10.0.0.1/rss")), "refused: 10.0.0.1 is a private address"),
        (b"", "empty: 200 OK with an empty body"),
    ],
)
def test_where_no_feed_is_nothing_is_added(
    workspace: Workspace, server: LoopbackServer, body: bytes, said: str
) -> None:
    workspace.write("feeds.yaml", WRITTEN)

    ran = workspace.call("feeds", "add", server.serve("/", body))

    assert (ran.code, ran.err[: len(said)]) == (3, said)
    assert the_list(workspace) == WRITTEN


def test_a_feed_that_moved_for_good_is_added_where_it_is(
    workspace: Workspace, server: LoopbackServer
) -> None:
    workspace.write("feeds.yaml", WRITTEN)
    server.serve("/new.xml", news("ICBM launched at dawn"))

    (added,) = workspace.call("feeds", "add", server.redirect("/old.xml", "/new.xml", 301), "--json").json

    assert added["url"] == server.url("/new.xml")


def test_a_feed_is_listed_once(workspace: Workspace, server: LoopbackServer) -> None:
    url = server.serve("/f", news("ICBM launched at dawn"))
    workspace.feeds(wire=url)

    by_address, by_id = (
        workspace.call("feeds", "add", url),
        workspace.call("feeds", "add", server.url("/f?2"), "--id", "wire"),
    )

    assert (by_address.code, by_address.err) == (2, f"{url} is listed already, as wire\n")
    assert by_id.code == 2


def test_an_id_is_made_of_the_title_or_the_host_and_is_free(
    workspace: Workspace, server: LoopbackServer
) -> None:
    workspace.write("feeds.yaml", WRITTEN.replace("id: wire", "id: kim-co-s-news"))
    titled = "<rss version='2.0'><channel><title>{}</title><item><title>a</title></item></channel></rss>"
    urls = [
        server.serve(f"/{at}", titled.format(title).encode())
        for at, title in enumerate(["Kim &amp; Co.'s News", "연합뉴스"])
    ]

    added = [workspace.call("feeds", "add", url, "--json").json[0] for url in urls]

    assert [feed["id"] for feed in added] == ["kim-co-s-news-2", "127-0-0-1"]
    assert read_feeds(the_list(workspace).encode(), "f")[-1].title == "연합뉴스"


def test_a_title_cannot_write_into_the_list(workspace: Workspace, server: LoopbackServer) -> None:
    workspace.write("feeds.yaml", WRITTEN)
    title = 'x", headers: {A: b}}\n    - {id: evil, url: "http://evil.example/'
    named = f"<title><![CDATA[{title} \x1b[31m \u202e]]></title>"
    body = f"<rss version='2.0'><channel>{named}<item><title>a</title></item></channel></rss>"

    workspace.call("feeds", "add", server.serve("/f", body.encode()), "--id", "new")

    feeds = read_feeds(the_list(workspace).encode(), "f")
    assert [feed.id for feed in feeds] == ["wire", "paper", "new"]
    assert not feeds[-1].headers


@pytest.mark.parametrize(
    "written",
    [
        'feeds: [{id: wire, url: "http://127.0.0.1:1/wire"}]\n',
        'feeds:\n- {id: wire, url: "http://127.0.0.1:1/wire"}\ndefaults: {grade: D}\n',
        'feeds:\n- {id: wire, url: "http://127.0.0.1:1/wire"}\n...\n',
    ],
)
def test_a_list_that_nothing_can_be_appended_to_stays_and_the_line_to_write_is_shown(
    workspace: Workspace, server: LoopbackServer, written: str
) -> None:
    workspace.write("feeds.yaml", written)

    ran = workspace.call("feeds", "add", server.serve("/f", news("ICBM launched at dawn")), "--id", "new")

    assert ran.code == 2
    assert f'  - {{id: new, url: "{server.url("/f")}"' in ran.err
    assert the_list(workspace) == written
    assert sorted(path.name for path in workspace.folder.iterdir()) == [
        "feeds.yaml",
        "indicators.yaml",
        "watcher.toml",
    ]


def test_a_list_that_is_wrong_is_not_added_to(workspace: Workspace, server: LoopbackServer) -> None:
    workspace.write("feeds.yaml", "feeds:\n  - {id: wire}\n")

    ran = workspace.call("feeds", "add", server.serve("/f", news("ICBM launched at dawn")))

    assert (ran.code, ran.err) == (2, "feeds.yaml:2:5: missing key `url`\n")
    assert server.requests == []


def test_a_wrong_grade_is_wrong_use(workspace: Workspace, server: LoopbackServer) -> None:
    workspace.write("feeds.yaml", WRITTEN)

    ran = workspace.call("feeds", "add", server.serve("/f", news("ICBM launched at dawn")), "--grade", "Z")

    assert ran.code == 2
    assert "unknown grade `Z`" in ran.err
    assert the_list(workspace) == WRITTEN


def test_where_there_is_no_list_it_begins_as_the_shipped_one(
    workspace: Workspace, server: LoopbackServer
) -> None:
    shipped = len(workspace.call("feeds", "list", "--json").json)

    ran = workspace.call("feeds", "add", server.serve("/f", news("ICBM launched at dawn")))

    assert ran.out.endswith("1 added to feeds.yaml, which is new here and begins as the shipped list\n")
    assert len(workspace.call("feeds", "list", "--json").json) == shipped + 1 > 10


def test_a_list_that_is_named_begins_empty(workspace: Workspace, server: LoopbackServer) -> None:
    url = server.serve("/f", news("ICBM launched at dawn"))

    workspace.call("feeds", "add", url, "--feeds", "own.yaml", "--id", "new")

    assert (
        (workspace.folder / "own.yaml")
        .read_text()
        .startswith(f'version: 1\nfeeds:\n  - {{id: new, url: "{url}"')
    )


def test_a_list_keeps_its_rights_its_line_ends_and_the_place_a_link_leads_to(
    workspace: Workspace, server: LoopbackServer
) -> None:
    real = workspace.write("real.yaml", WRITTEN.replace("\n", "\r\n"))
    real.chmod(0o640)
    (workspace.folder / "feeds.yaml").symlink_to("real.yaml")

    ran = workspace.call("feeds", "add", server.serve("/f", news("ICBM launched at dawn")))

    assert ran.code == 0
    assert (workspace.folder / "feeds.yaml").is_symlink()
    assert real.stat().st_mode & 0o777 == 0o640
    assert real.read_bytes().count(b"\r\n") == real.read_bytes().count(b"\n") == WRITTEN.count("\n") + 1


# --- OPML ---------------------------------------------------------------------------------------------------

OPML = """<?xml version="1.0" encoding="{encoding}"?>
<opml version="1.0"><head><title>mine</title></head><body>
<outline text="Asia"><outline type="rss" text="연합뉴스" xmlUrl="https://ko.example/rss?a=1&amp;b=2"/>
<outline title="The Wire" text="w" xmlURL="http://wire.example/rss" htmlUrl="http://wire.example/"/></outline>
<outline text="Twice" xmlUrl="http://wire.example/rss"/>
<outline text="File" xmlUrl="file:///etc/passwd"/><outline text="Script" xmlUrl="javascript:alert(1)"/>
<outline text="A folder"/>
</body></opml>
"""


@pytest.mark.parametrize("encoding", ["utf-8", "euc-kr", "utf-16"])
def test_what_another_reader_lists_is_imported_once(workspace: Workspace, encoding: str) -> None:
    workspace.write("feeds.yaml", WRITTEN)
    workspace.write("other.opml", OPML.format(encoding=encoding).encode(encoding))

    first, second = (
        workspace.call("feeds", "import", "other.opml", "--json"),
        workspace.call("feeds", "import", "other.opml"),
    )

    assert [(feed["id"], feed["url"], feed["title"]) for feed in first.json] == [
        ("ko-example", "https://ko.example/rss?a=1&b=2", "연합뉴스"),
        ("the-wire", "http://wire.example/rss", "The Wire"),
    ]
    assert [feed["tags"] for feed in first.json] == [["Asia"], ["Asia"]]
    assert (second.code, second.out) == (0, "0 added to feeds.yaml\n")
    assert first.err.splitlines() == [
        "skipped http://wire.example/rss: it is in the file more than once",
        "skipped File: file:///etc/passwd is no http or https address",
        "skipped Script: javascript:alert(1) is no http or https address",
        "skipped A folder: it has no xmlUrl",
    ]
    assert second.err.splitlines()[4:] == [
        "skipped https://ko.example/rss?a=1&b=2: it is listed already, as ko-example",
        "skipped http://wire.example/rss: it is listed already, as the-wire",
    ]
    assert the_list(workspace).startswith(WRITTEN)


def test_a_grade_can_be_set_for_all_that_is_imported(workspace: Workspace) -> None:
    workspace.write("feeds.yaml", WRITTEN)
    workspace.write("other.opml", OPML.format(encoding="utf-8"))

    wrong = workspace.call("feeds", "import", "other.opml", "--grade", "Z")
    unchanged = the_list(workspace)
    workspace.call("feeds", "import", "other.opml", "--grade", "B")

    assert (wrong.code, "Z" in wrong.err, unchanged) == (2, True, WRITTEN)
    listed = read_feeds(the_list(workspace).encode(), "feeds.yaml")
    assert [(feed.grade, feed.tags) for feed in listed[-2:]] == [("B", ("Asia",)), ("B", ("Asia",))]


def test_tags_are_folders_on_the_way_out_and_back(workspace: Workspace, tmp_path: Path) -> None:
    workspace.write(
        "feeds.yaml",
        """feeds:
  - {id: a, url: "https://a.example/", tags: [Asia/Korea/북한, "R&D"]}
  - {id: b, url: "https://b.example/", tags: Asia}
  - {id: c, url: "https://c.example/"}
""",
    )

    workspace.write("back.opml", workspace.call("feeds", "export").out)
    back = workspace.call("feeds", "import", "back.opml", "--feeds", str(tmp_path / "b.yaml"), "--json").json
    listed = workspace.call("feeds", "list", "--json").json

    tags = {"a": ["Asia/Korea/북한", "R&D"], "b": ["Asia"], "c": []}
    assert {feed["id"]: feed["tags"] for feed in listed} == tags
    assert {feed["title"]: feed["tags"] for feed in back} == tags


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (
            '<!DOCTYPE opml [<!ENTITY a "aaa">]><opml><body><outline xmlUrl="http://a.example/&a;"/></body></opml>',
            "declares entities",
        ),
        ("<opml><body>", "no OPML"),
        ("<rss/>", "its root is <rss>"),
        ("<opml><body><outline text='a'/></body></opml>", "it names no feed"),
        ("", "no OPML"),
    ],
)
def test_a_file_that_is_no_list_is_wrong_use(workspace: Workspace, content: str, said: str) -> None:
    workspace.write("feeds.yaml", WRITTEN)
    workspace.write("bad.opml", content)

    ran = workspace.call("feeds", "import", "bad.opml")

    assert ran.code == 2
    assert ran.err.startswith("bad.opml:1:")
    assert said in ran.err


def test_a_file_that_is_not_there_is_wrong_use(workspace: Workspace) -> None:
    assert workspace.call("feeds", "import", "missing.opml").code == 2


def test_what_is_exported_is_opml_and_comes_back_as_it_went(workspace: Workspace, tmp_path: Path) -> None:
    workspace.write(
        "feeds.yaml",
        """feeds:
  - {id: a, url: "http://me:secret@a.example/?x=1&y=2", title: "R&D <b>\\"News\\"", language: ko}
  - {id: b-1, url: "https://b.example/북한"}
""",
    )

    exported = workspace.call("feeds", "export")
    workspace.write("back.opml", exported.out)
    back = workspace.call(
        "feeds", "import", "back.opml", "--feeds", str(tmp_path / "back.yaml"), "--json"
    ).json

    root = ET.fromstring(exported.out)
    assert (root.tag, root.get("version"), [outline.get("type") for outline in root.iter("outline")]) == (
        "opml",
        "2.0",
        ["rss", "rss"],
    )
    assert "secret" not in exported.out
    assert [(feed["url"], feed["title"]) for feed in back] == [
        ("http://a.example/?x=1&y=2", 'R&D "News"'),
        ("https://b.example/북한", "b-1"),
    ]


# --- list and test ------------------------------------------------------------------------------------------


def test_a_test_of_feeds_ends_with_the_totals(workspace: Workspace, server: LoopbackServer) -> None:
    workspace.feeds(
        wire=server.serve("/f", news("ICBM launched at dawn", "Weather fine")), gone=server.url("/gone")
    )

    assert workspace.call("feeds", "test").out.splitlines()[-1] == "1 of 2 feeds work; 2 items"


def an_undated_korean_feed() -> bytes:
    return news(*(f"국회 예산안 처리를 위한 본회의 일정 합의 {number}" for number in range(6)))


def dated(day: str) -> bytes:
    return rss(f"<title>Ministry says no</title><guid>1</guid><pubDate>{day}</pubDate>").encode()


def test_a_report_says_what_each_address_answers_here_and_what_is_odd(
    workspace: Workspace, server: LoopbackServer
) -> None:
    today = utc_now()
    urls = {
        "fine": server.serve("/fine", dated(today.isoformat())),
        "frozen": server.serve("/frozen", dated("Sun, 28 Oct 2018 05:04:03 GMT")),
        "english": server.serve("/korean", an_undated_korean_feed()),
        "gone": server.url("/gone").replace("//", "//me:secret@"),
        "moved": server.redirect("/old", "/fine", 301),
        "page": server.serve("/page", a_page()),
    }
    listed = (f'  - {{id: {name}, url: "{url}", language: en}}\n' for name, url in urls.items())
    workspace.write("feeds.yaml", "feeds:\n" + "".join(listed))

    ran = workspace.call("feeds", "test", "--report", "here.md")

    text = (workspace.folder / "here.md").read_text(encoding="utf-8")
    lines = (line.removeprefix("| ").removesuffix(" |").split(" | ") for line in text.splitlines()[6:])
    rows = {cells[0]: cells[2:] for cells in lines}
    assert (ran.code, "4 of 6 feeds work" in text, "secret" in text) == (3, True, False)
    assert list(rows) == list(urls)
    assert rows["fine"] == ["rss20", f"{today:%Y-%m-%d}", "", "1", "works"]
    assert rows["frozen"][1:] == ["2018-10-28", "", "1", "works; frozen: nothing newer than 2018-10-28"]
    assert rows["english"][1:4] == ["no dates", "Korean", "6"]
    assert rows["english"][4] == "works; wrong language: titles in Korean letters, listed as en"
    assert rows["gone"] == ["http: 404 Not Found", "", "", "", "does not work"]
    assert rows["moved"][4].startswith("works; moved for good to http://127.0.0.1:")
    assert rows["page"][0].startswith("not\\_a\\_feed: an HTML page")


def test_what_a_server_says_is_no_markup_in_a_report() -> None:
    feed = a_feed("wire")
    said = Trial(feed=feed, error="http: 500 | **No** <img src=x>\n| [a](javascript:b)")

    (line,) = list(as_markdown([said], NOON))[6:]

    assert line.count(" | ") == 6
    assert "500 \\| \\*\\*No\\*\\* \\<img src=x\\> \\| \\[a\\](javascript:b)" in line


def test_a_report_that_cannot_be_written_is_wrong_use(workspace: Workspace, server: LoopbackServer) -> None:
    workspace.feeds(wire=server.serve("/f", news("Weather fine")))

    ran = workspace.call("feeds", "test", "--report", "no/such/folder.md")

    assert (ran.code, ran.err.splitlines()[-1].split(":")[0]) == (2, "no/such/folder.md could not be written")


def test_a_feed_is_polled_sooner_when_somebody_asks_for_it(
    workspace: Workspace, server: LoopbackServer
) -> None:
    wire, broken = server.serve("/f", news("Weather fine")), server.url("/none")
    workspace.write("feeds.yaml", f'feeds: [{{id: wire, url: "{wire}"}}, {{id: broken, url: "{broken}"}}]\n')
    workspace.call("poll", "--data", workspace.data)

    asked = workspace.call("feeds", "poll", "wire", "broken", "--data", workspace.data)
    unknown = workspace.call("feeds", "poll", "wrie", "--data", workspace.data)

    with database(workspace.data) as store:
        works, fails = store.states()[FeedId("wire")], store.states()[FeedId("broken")]
    assert works.last_poll is not None
    assert due_at(works) == works.last_poll + CALL_REST < works.next_due
    assert due_at(fails) == fails.next_due
    assert asked.out.splitlines() == [
        "wire is polled at the next round, but not within a minute of its last poll.",
        f"broken fails, and is polled at {fails.next_due:%Y-%m-%d %H:%M} UTC; a test shows its answer.",
    ]
    assert "No service runs on this data folder" in asked.err
    assert (unknown.code, "no feed called 'wrie'" in unknown.err) == (2, True)


def test_what_others_found_of_an_address_is_shown_until_it_has_worked_here(
    workspace: Workspace, server: LoopbackServer
) -> None:
    url = server.serve("/f", dated("Sun, 28 Oct 2018 05:04:03 GMT"))
    workspace.write(
        "feeds.yaml", f'feeds:\n  - {{id: wire, url: "{url}", evidence: "listed 2026-05: a desk"}}\n'
    )

    before = workspace.call("feeds", "list").out
    workspace.call("poll", "--data", workspace.data)
    after = workspace.call("feeds", "list", "--data", workspace.data).out

    assert ("listed 2026-05: a desk" in before, "listed 2026-05: a desk" in after) == (True, False)
    assert "its newest item is of 2018-10-28" in after
    assert "its newest item is of 2018-10-28" in workspace.call("status", "--data", workspace.data).out


def test_a_feed_that_moved_for_good_is_listed_with_where_to(
    workspace: Workspace, server: LoopbackServer
) -> None:
    server.serve("/new", news("Weather fine"))
    workspace.feeds(wire=server.redirect("/old", "/new", 301))
    workspace.call("poll", "--data", workspace.data)

    (listed,) = workspace.call("feeds", "list", "--json", "--data", workspace.data).json

    assert listed["moved_to"] == server.url("/new")


def test_a_login_in_an_address_is_not_listed(workspace: Workspace) -> None:
    workspace.feeds(wire="http://me:secret@127.0.0.1:1/f")

    assert json.dumps(workspace.call("feeds", "list", "--json").json).count("secret") == 0
