"""No way leads to a private address: in a network of its own, where all that is dialled is counted.

Where the system grants a plain user no namespaces those tests are skipped, and rebinding with them. The
spellings are tried against decoys on loopback everywhere.
"""

import json
import subprocess
import sys
from ipaddress import ip_network
from pathlib import Path
from typing import Any

import pytest

from tests.faults.scale import Figure
from tests.fetch.decoys import DECOYS, LITERALS, NAMES, SITE, SITE_6
from tests.loopback import LoopbackServer
from watcher.errors import FetchError
from watcher.fetch.curl import CurlFetcher
from watcher.fetch.limits import Limits
from watcher.model.news import Feed, FeedId
from watcher.model.polling import Request

ROOT = Path(__file__).parents[2]
NAMESPACE = ("unshare", "-rnm")
PUBLIC = {"site.example", "both.example", "mixed.example", "rebinding.example", "flipping.example"}


def in_a_namespace(*words: str) -> str | None:
    """Run a command where there is no network but its own; None where the system does not let us."""
    try:
        done = subprocess.run(
            [*NAMESPACE, *words], capture_output=True, text=True, timeout=60, cwd=ROOT, check=False
        )
    except OSError:
        return None
    return done.stdout if done.returncode == 0 else None


def test_no_spelling_reaches_a_decoy_on_loopback_directly_or_by_redirect(figure: Figure) -> None:
    limits = Limits(timeout=5, allow_private=(ip_network("127.0.0.2/32"),))
    with LoopbackServer("127.0.0.1") as decoy, LoopbackServer("127.0.0.2") as site:
        urls = [decoy.url("/f", host) for host in LITERALS]
        leads = [site.redirect(f"/{at}", url.encode().decode("latin-1")) for at, url in enumerate(urls)]
        ways = [*urls, *(lead.replace("127.0.0.1", "127.0.0.2", 1) for lead in leads)]
        requests = [Request(feed=Feed(id=FeedId(way), url=way, owner="f")) for way in ways]

        answers = {feed.id: answer for feed, answer in CurlFetcher(limits).fetch(requests)}

    figure(f"{len(ways)} ways to a decoy on loopback: {decoy.connections} connections")
    causes = {
        way: answer.cause if isinstance(answer, FetchError) else "fetched" for way, answer in answers.items()
    }
    assert {way: cause for way, cause in causes.items() if cause != "refused"} == {}
    assert len(causes) == 2 * len(LITERALS)
    assert (decoy.connections, len(site.requests)) == (0, len(LITERALS))


@pytest.fixture(scope="module")
def world() -> Any:
    if in_a_namespace("ip", "link", "set", "lo", "up") is None:
        pytest.skip("no network namespace for a plain user here")
    found = in_a_namespace(sys.executable, "-m", "tests.fetch.decoys")
    assert found
    return json.loads(found)


def test_the_decoys_are_there_to_be_reached(world: Any) -> None:
    assert world["control"] == dict.fromkeys(DECOYS, 1)
    assert world["answers"][f"http://{SITE}/f 0"] == world["answers"][f"http://[{SITE_6}]/f 0"] == "fetched"


def test_no_spelling_redirect_or_rebinding_reaches_a_private_address(world: Any, figure: Figure) -> None:
    others = set(world["reached"]) - {SITE, SITE_6}
    figure(
        f"{len(world['answers'])} ways among {len(DECOYS)} decoys in their own network: "
        f"{len(others)} connections to them"
    )
    assert set(world["reached"]) == {SITE, SITE_6}


def test_what_leads_nowhere_public_is_refused(world: Any) -> None:
    fetched = {way for way, outcome in world["answers"].items() if outcome != "refused"}
    public = {SITE, f"[{SITE_6}]", *PUBLIC}
    by_redirect = {f"/to/{name.encode().hex()} 0" for name in PUBLIC}

    direct = {way for way in fetched if "/to/" not in way}
    assert {way.split("/")[2] for way in direct} <= public
    assert all(any(way.endswith(end) for end in by_redirect) for way in fetched - direct)


def test_a_name_that_changes_its_meaning_is_asked_for_and_checked_at_every_dial(world: Any) -> None:
    assert world["asked"]["rebinding.example 1"] > len(NAMES["rebinding.example"])
    assert world["answers"]["http://rebinding.example/f 0"] == "fetched"
    assert world["answers"][f"http://site.example/to/{b'rebinding.example'.hex()} 0"] == "refused"
    assert world["answers"]["http://flipping.example/f 0"] == "refused"
