"""Two real nodes agree on the lists: who has older ones waits, and nothing is judged by them."""

from pathlib import Path

import pytest

from tests.loopback import LoopbackServer
from tests.nodes.machines import Machines, figures, titles
from tests.workspace import ONE_TERM, news

NEWER = ONE_TERM.replace("match: ICBM", "match: [ICBM, Needle]")


@pytest.mark.slow
def test_a_node_whose_files_are_older_waits_until_they_are_the_same(
    tmp_path: Path, server: LoopbackServer, postgres_url: str
) -> None:
    feeds = {f"feed-{number}": server.serve(f"/{number}", news("Harvest")) for number in range(4)}
    with Machines(tmp_path, postgres_url, ("seoul", "busan"), feeds, "2s") as nodes:

        def troubles() -> dict[str, str | None]:
            found = figures(nodes.call("status", "--json"))
            return {name: node["trouble"] for name, node in found.items()}

        nodes.wait(nodes.all_started, "both poll")
        nodes.wait(lambda: troubles() == {"seoul": None, "busan": None}, "both go by one list")
        nodes.workspaces["seoul"].write("indicators.yaml", NEWER)
        nodes.wait(lambda: "node seoul told" in str(troubles()["busan"]), "the other waits")
        server.serve("/1", news("A needle in the hay"))
        nodes.wait(lambda: titles(nodes.log()) == ["A needle in the hay"], "one judges by the newer list")
        assert troubles()["seoul"] is None

        nodes.workspaces["busan"].write("indicators.yaml", NEWER)
        nodes.wait(lambda: troubles() == {"seoul": None, "busan": None}, "both go by the newer list")
