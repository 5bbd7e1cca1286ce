"""The lists that were told and a node's own in; whether the node goes by them, waits or tells its own out."""

from enum import StrEnum

from watcher.model.nodes import ListVersion


class Stand(StrEnum):
    """How a node stands to the lists that were told."""

    AGREES = "agrees"
    TELLS = "tells"
    WAITS = "waits"


def stand(told: ListVersion | None, own: str, *, agreed: bool, asked: bool, others_agree: bool) -> Stand:
    """Say how a node stands whose lists have the content `own`.

    Of the nodes that went by the lists told last (`agreed`), the first whose files change tells the next
    version. All others wait until their files are the same, so that files which arrive one by one on a second
    machine, or a machine that comes back with old ones, change nothing for the rest. Who is asked to read the
    files (SIGHUP) tells them whatever was told, and where no living node goes by what was told
    (`others_agree`), somebody has to.
    """
    if told is not None and told.content == own:
        return Stand.AGREES
    if told is None or agreed or asked or not others_agree:
        return Stand.TELLS
    return Stand.WAITS


def waiting(told: ListVersion) -> str:
    """Say for people why a node does not work."""
    return (
        f"its lists are not those that node {told.told_by} told at {told.at:%Y-%m-%d %H:%MZ}, so that it "
        "polls and judges nothing; copy the files here, or have it tell its own "
        "with `systemctl reload` (SIGHUP)"
    )
