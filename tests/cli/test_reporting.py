"""What changed since somebody last looked is told, and remembered."""

from tests.loopback import LoopbackServer
from tests.workspace import ONE_TERM, Workspace, news


def test_a_handover_tells_what_changed_since_the_persons_last_one(
    workspace: Workspace, server: LoopbackServer
) -> None:
    workspace.feeds(wire=server.serve("/f", news("ICBM launched at dawn")))
    workspace.call("poll", "--data", workspace.data)
    (line,) = workspace.log()
    workspace.call("alerts", "ack", line["id"], "--by", "lee", "--data", workspace.data)

    first = workspace.call("handover", "--by", "kim", "--data", workspace.data)
    workspace.write("indicators.yaml", ONE_TERM.replace("match: ICBM", "match: [ICBM, SLBM]"))
    second = workspace.call("handover", "--by", "kim", "--data", workspace.data)
    again = workspace.call("handover", "--by", "kim", "--since", "1h", "--data", workspace.data)
    other = workspace.call("handover", "--by", "lee", "--data", workspace.data)

    assert (first.code, second.code) == (0, 0)
    assert "there was no handover before" in first.out
    assert "ICBM launched at dawn (needle: occurred, unconfirmed, 1 report; acknowledged by lee)" in first.out
    assert "lee acknowledge, ICBM launched at dawn" in first.out
    assert "what changes in them is known from your next handover on" in first.out
    assert "the last handover" in second.out
    assert "ICBM launched at dawn" not in second.out
    assert "indicators changed: needle" in second.out
    assert "as asked" in again.out
    assert "ICBM launched at dawn" in again.out
    assert "there was no handover before" in other.out
    actions = workspace.call("actions", "--json", "--data", workspace.data).json
    assert [each["by"] for each in actions if each["kind"] == "handover"] == ["lee", "kim", "kim", "kim"]
