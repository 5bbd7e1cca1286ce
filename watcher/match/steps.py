"""The ladder of an incident in, the highest step of it that a title names out."""

from collections.abc import Callable
from dataclasses import dataclass

from watcher.match.groups import Mention, Mentions, Node
from watcher.match.lexicon import View
from watcher.model.language import Group, Joining


@dataclass(frozen=True, slots=True)
class Step:
    """A step that a title names, and where."""

    step: int
    mentions: Mentions


@dataclass(frozen=True, slots=True)
class Steps:
    """The steps of a ladder, from the highest down, each with the words that name it."""

    named: tuple[tuple[int, Node], ...]

    def reached(self, view: View, reported: Callable[[Mention], bool]) -> Step | None:
        """Return the highest step that the title names in what is `reported`; a summary raises no step."""
        found = ((step, node.find(view, 0, view.title_end) or ()) for step, node in self.named)
        steps = (Step(step, tuple(filter(reported, mentions))) for step, mentions in found)
        return next((step for step in steps if step.mentions), None)


def steps_of(joining: Joining, compiled: Callable[[Group], Node]) -> Steps:
    """Return the steps of an indicator that joins incidents so."""
    return Steps(
        tuple(
            (step, compiled(group))
            for step, group in sorted(joining.steps, key=lambda step: step[0], reverse=True)
        )
    )
