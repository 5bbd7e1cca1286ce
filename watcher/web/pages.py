"""Values in, HTML out.

Every word of a feed goes through the template engine's escaping, and is cleaned of what hides or reorders.
"""

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from functools import cache

from jinja2 import Environment, PackageLoader, StrictUndefined

from watcher.alerting.review import review_lines
from watcher.delivery.render import added_fields, one_line, safe_link
from watcher.model.alerts import Alert, AlertId, Decision, Hit, Incident, Level
from watcher.model.board import LevelChange
from watcher.model.language import SubjectKind
from watcher.model.review import Review
from watcher.service.health import Health
from watcher.text.words import without_parts

_LONGEST = 2000
_LEVELS, _KINDS = tuple(Level), tuple(SubjectKind)


def first_page(
    health: Health,
    board: Sequence[LevelChange],
    alerts: Sequence[Alert],
    said: Mapping[AlertId, Review],
    now: datetime,
    prefix: str = "",
) -> str:
    """Return the first page: the service's health, the board, and the newest alerts with their reviews.

    `prefix` is the path that all pages are below, as in `/watch`; every link begins with it.
    """
    raised = sorted((each for each in board if each.level is not Level.QUIET), key=_gravest_first)
    reviewed = {alert: review_lines(review) for alert, review in said.items()}
    return _render(
        "overview.html",
        health=health,
        board=raised,
        quiet=len(board) - len(raised),
        alerts=alerts,
        reviewed=reviewed,
        now=now,
        prefix=prefix,
    )


def alert_page(shown: Alert, review: Review, prefix: str = "") -> str:
    """Return the page of an alert, with what reviewers said of it."""
    facts = {
        name.replace("_", " "): " ".join(value) if isinstance(value, list) else str(value)
        for name, value in added_fields(shown).items()
        if name not in ("indicator_title", "indicators", "link")
    }
    return _render("alert.html", alert=shown, facts=facts, review=review_lines(review), prefix=prefix)


def incident_page(
    shown: Incident, hits: Sequence[Hit], decisions: Sequence[Decision], review: Review, prefix: str = ""
) -> str:
    """Return the page of an incident, with what reviewers said of it."""
    return _render(
        "incident.html",
        incident=shown,
        hits=hits,
        decisions=decisions,
        review=review_lines(review),
        prefix=prefix,
    )


def not_found(words: str, prefix: str = "") -> str:
    """Return the page for an id that nothing has."""
    return _render("nothing.html", words=words, prefix=prefix)


def _gravest_first(change: LevelChange) -> tuple[int, int, str]:
    return _KINDS.index(change.subject.kind), -_LEVELS.index(change.level), change.subject.name


def _render(template: str, **values: object) -> str:
    return _environment().get_template(template).render(**values)


@cache
def _environment() -> Environment:
    environment = Environment(
        loader=PackageLoader("watcher.web"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters |= {"moment": _moment, "clean": _clean, "link": safe_link, "whole": without_parts}
    return environment


def _moment(at: datetime | None) -> str:
    return f"{at.astimezone(UTC):%Y-%m-%d %H:%M} UTC" if at else "never"


def _clean(words: str) -> str:
    return one_line(words, _LONGEST)
