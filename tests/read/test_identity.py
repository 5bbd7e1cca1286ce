from dataclasses import replace
from datetime import timedelta

from hypothesis import given
from hypothesis import strategies as st

from tests.builders import NOON
from watcher.model.news import FeedId, Item, ItemKeys, KnownItem
from watcher.read.identity import crowded_pages, distinct, item_id, keys, text_hash, unseen


def an_entry(guid: str = "", link: str = "", title: str = "ICBM", text: str = "") -> Item:
    url = f"https://wire.example/{link}" if link else ""
    return Item(
        id=item_id(FeedId("wire"), guid, url, title),
        feed=FeedId("wire"),
        owner="wire",
        title=title,
        summary=text,
        seen=NOON,
        keys=keys(guid, url, title, frozenset()),
        text_hash=text_hash(title, text),
    )


def remembered(*seen: Item) -> list[KnownItem]:
    return [
        KnownItem(
            id=item.id,
            keys=item.keys,
            text_hash=item.text_hash,
            revision=item.revision,
            published=item.published,
        )
        for item in seen
    ]


words = st.sampled_from(["", "a", "b", "c"])
items = st.builds(an_entry, words, words, words, words)


def test_what_was_just_recorded_is_not_news() -> None:
    assert unseen([an_entry("g", "l")], remembered(an_entry("g", "l"))) == ()


def test_one_key_in_common_is_another_story() -> None:
    story = an_entry("latest", "2", "Second")

    assert unseen([story], remembered(an_entry("latest", "1", "First"))) == (story,)


def test_a_changed_story_keeps_its_id_and_counts_its_revisions() -> None:
    before = an_entry("g", "l", "Projectile")
    after = an_entry("g", "l", "Missile")

    (revised,) = unseen([after], remembered(replace(before, revision=3)))

    assert revised == replace(after, id=before.id, revision=4)


def test_a_new_guid_and_a_new_address_of_the_same_page_are_no_news() -> None:
    known = ItemKeys(guid="old", link="wire.example/1", title="icbm")

    moved = replace(
        an_entry("new"), keys=keys("new", "http://www.wire.example:80/1/?utm=x#top", "ICBM", frozenset())
    )

    assert unseen([moved], remembered(replace(moved, keys=known))) == ()


def test_a_site_that_moves_to_another_host_brings_no_news() -> None:
    before = an_entry("https://wire.example/a", "a", "Museum opens")
    url = "https://news.wire.example/a"

    moved = replace(an_entry("x"), keys=keys(url, url, "Museum opens", frozenset()))
    other = replace(moved, keys=keys("x", "https://news.wire.example/b", "Museum opens", frozenset()))

    assert unseen([moved], remembered(replace(before, text_hash=moved.text_hash))) == ()
    assert unseen([other], remembered(before)) == (other,)


def test_a_site_whose_pages_differ_in_the_query_alone_may_move_too() -> None:
    before, after = (
        replace(
            an_entry(host), keys=keys(f"https://{host}/?p=12", f"https://{host}/?p=12", "Museum", frozenset())
        )
        for host in ("old.example", "new.example")
    )

    assert unseen([after], remembered(replace(before, text_hash=after.text_hash))) == ()


def test_the_same_address_with_and_without_escapes_is_the_same() -> None:
    before, after = (
        replace(an_entry(host), keys=keys(host, f"https://{host}/{path}/1", "Museum", frozenset()))
        for host, path in (("old.example", "%ed%95%9c"), ("new.example", "한"))
    )

    assert unseen([after], remembered(replace(before, text_hash=after.text_hash))) == ()


def test_one_path_on_two_hosts_is_two_stories() -> None:
    first, second = (
        replace(
            an_entry(host), keys=keys(f"https://{host}/news/1", f"https://{host}/news/1", host, frozenset())
        )
        for host in ("a.example", "b.example")
    )

    assert unseen([second], remembered(first)) == (second,)


def test_a_guid_that_changes_only_its_scheme_is_the_same() -> None:
    before = keys("http://www.wire.example/?p=1", "http://wire.example/one", "One", frozenset())
    after = keys("https://wire.example/?p=1", "https://wire.example/1", "Two", frozenset())

    assert before.guid == after.guid


def test_an_item_with_nothing_but_a_title_is_known_by_it() -> None:
    assert unseen([an_entry(title="ICBM!")], remembered(an_entry(title="ICBM!"))) == ()


def test_a_title_alone_says_nothing_when_one_side_has_more() -> None:
    story = an_entry("g")

    assert unseen([story], remembered(an_entry())) == (story,)


def test_of_repeats_in_one_document_one_is_news() -> None:
    assert len(unseen([an_entry("g", "l", "First"), an_entry("g", "l", "Second")], [])) == 1


def test_two_stories_never_share_one_known_item() -> None:
    known = an_entry("g", "l", "t")
    same_page, same_title = an_entry("g", "l", "edited"), an_entry("g", "m", "t")

    found = unseen([same_page, same_title], remembered(known))

    assert len({item.id for item in found}) == len(found)


def test_the_query_counts_where_it_alone_tells_pages_apart() -> None:
    urls = ["https://w.example/view?id=1", "https://w.example/view?id=2", "https://w.example/a?utm=1"]
    crowded = crowded_pages(urls)

    assert [keys("", url, "", crowded).link for url in urls] == [
        "w.example/view?id=1",
        "w.example/view?id=2",
        "w.example/a",
    ]


def test_the_case_of_a_path_counts_and_that_of_a_host_does_not() -> None:
    assert keys("", "HTTPS://WWW.W.example/AbC", "", frozenset()).link == "w.example/AbC"


@given(st.data(), st.lists(items, max_size=8), st.lists(items, max_size=5))
def test_order_does_not_matter(data: st.DataObject, found: list[Item], before: list[Item]) -> None:
    shuffled = data.draw(st.permutations(found))

    assert set(unseen(shuffled, remembered(*before))) == set(unseen(found, remembered(*before)))


@given(st.lists(items, max_size=8))
def test_a_second_poll_of_the_same_document_brings_nothing(found: list[Item]) -> None:
    first = unseen(found, [])

    assert unseen(found, remembered(*first)) == ()


@given(st.lists(items, max_size=8), st.lists(items, max_size=5))
def test_no_id_is_handed_on_twice(found: list[Item], before: list[Item]) -> None:
    fresh = unseen(found, remembered(*distinct(before)))

    assert len({item.id for item in fresh}) == len(fresh)


@given(items, items)
def test_two_of_three_agreeing_keys_are_the_same_story(one: Item, other: Item) -> None:
    agreeing = [a for a, b in zip(_keys(one), _keys(other), strict=True) if a and a == b]
    bare = not any((one.keys.guid, one.keys.link, other.keys.guid, other.keys.link))

    known = len(agreeing) >= 2 or (bool(agreeing) and bare) or one.id == other.id

    assert (unseen([replace(one, revision=0)], remembered(other)) != (one,)) == known


def _keys(item: Item) -> tuple[str, str, str]:
    return item.keys.guid, item.keys.link, item.keys.title


def test_a_feed_that_moves_to_another_system_brings_no_news() -> None:
    before = replace(an_entry("17", "news.php?id=17", "Museum opens"), published=NOON)
    after = replace(
        an_entry("post-9", "2026/10/museum", "Museum opens"), published=NOON + timedelta(seconds=20)
    )

    assert unseen([after], remembered(before)) == ()


def test_the_same_title_at_another_time_is_another_story() -> None:
    before = replace(an_entry("17", "a", "Press statement"), published=NOON)
    for published in (NOON + timedelta(hours=1), None):
        after = replace(an_entry("18", "b", "Press statement"), published=published)

        assert unseen([after], remembered(before)) == (after,)


def test_of_two_with_one_title_and_time_that_are_there_together_the_second_is_new() -> None:
    first = replace(an_entry("17", "a", "Press statement"), published=NOON)
    second = replace(an_entry("18", "b", "Press statement"), published=NOON)

    assert unseen([first, second], remembered(first)) == (second,)
    assert unseen([first, second], ()) == (first, second)


@given(st.lists(items, max_size=5).map(distinct), st.lists(items, max_size=4))
def test_strangers_change_nothing(found: tuple[Item, ...], before: list[Item]) -> None:
    """Where every known item is as it was, and none repeats another, less is looked at."""
    stranger, repeated = an_entry("x", "x", "Other"), an_entry("x", "x", "Others")
    new = unseen(found, remembered(*before))

    assert unseen(found, remembered(*before, stranger)) == new
    assert [item for item in unseen([*found, stranger, repeated], remembered(*before)) if item in found] == [
        item for item in new if item in found
    ]


@given(st.lists(items, max_size=5).map(distinct))
def test_what_is_known_with_its_keys_is_nothing_new(found: tuple[Item, ...]) -> None:
    first = unseen(found, [])

    assert unseen(first, remembered(*first)) == ()
