"""Answering: what reviewers say of alerts, written down beside a running service."""

import getpass
from collections.abc import Callable
from contextlib import closing
from typing import TYPE_CHECKING, Annotated

import typer

from watcher.cli import completion
from watcher.cli.options import Config, Data, Indicators, Json, settings_of
from watcher.cli.review import alerts
from watcher.cli.show import as_json, moment, table
from watcher.model.review import Verdict

if TYPE_CHECKING:
    from datetime import datetime

    from watcher.model.review import ActionKind
    from watcher.model.settings import Settings
    from watcher.ports import Database


def account(login: Callable[[], str] = getpass.getuser) -> str:
    """Return the login name of whoever runs the command, or `unknown` where the system has none for the user's number."""
    try:
        return login()
    except (KeyError, OSError, ImportError):
        return "unknown"


By = Annotated[
    str,
    typer.Option(
        "--by",
        envvar="USER",
        callback=lambda name: name or account(),
        help="Who says so (default: $USER, else the login name, else `unknown`).",
        show_default=False,
    ),
]
Note = Annotated[str, typer.Option("--note", help="What there is to say of it.")]
Told = Annotated[
    str, typer.Argument(help="The id of an alert or an incident.", autocompletion=completion.alerts)
]

_LIST = "list"


def add_to(app: typer.Typer) -> None:
    """Add this module's commands."""
    app.command()(mute)
    app.command()(unmute)
    alerts.command("ack")(acknowledge)
    alerts.command("verdict")(judge)


def mute(
    what: Annotated[
        str,
        typer.Argument(
            help="An incident, an alert (its incident is meant), an indicator or a category; or `list`."
        ),
    ],
    span: Annotated[str, typer.Argument(help="For how long, as in 6h.")] = "",
    *,
    why: Annotated[str, typer.Option("--why", help="Why; needed.")] = "",
    by: By = "",
    data: Data = None,
    indicators: Indicators = None,
    config: Config = None,
    json: Json = False,
) -> None:
    """Say nothing of an incident, an indicator or a category for a while; `mute list` shows what is muted."""
    from watcher import bootstrap
    from watcher.clock import utc_now
    from watcher.config.durations import duration
    from watcher.errors import UsageError
    from watcher.model.review import ActionKind

    settings = settings_of(data, indicators, None, config)
    if what == _LIST and not span:
        _list_mutes(settings, json=json)
        return
    if not span or not why.strip():
        raise UsageError(
            'say for how long and why, as in: watcher mute icbm-launch 6h --why "a drill, announced"'
        )
    try:
        until = utc_now() + duration(span)
    except ValueError as error:
        raise UsageError(str(error)) from error
    with closing(bootstrap.open_for_review(settings)) as store:
        target = _mutable(what, store, settings)
        _act(store, ActionKind.MUTE, target, by, why=why, until=until)
    typer.echo(f"{target} is muted until {moment(until)}")


def unmute(
    what: Annotated[
        str,
        typer.Argument(
            help="What is muted, as `watcher mute list` names it; an alert stands for its incident."
        ),
    ],
    by: By = "",
    data: Data = None,
    config: Config = None,
) -> None:
    """Let what was muted speak again."""
    from watcher import bootstrap
    from watcher.alerting.review import mutes
    from watcher.clock import utc_now
    from watcher.errors import UsageError
    from watcher.model.alerts import AlertId
    from watcher.model.review import ActionKind

    with closing(bootstrap.open_for_review(settings_of(data, config=config))) as store:
        alert = store.alert(AlertId(what))
        target = alert.incident if alert else what
        muted = mutes(store.actions(), utc_now())
        if target not in muted:
            raise UsageError(f"{what!r} is not muted; muted: {', '.join(muted) or 'nothing'}")
        _act(store, ActionKind.UNMUTE, target, by)
    typer.echo(f"{target} may speak again")


def acknowledge(alert: Told, by: By = "", note: Note = "", data: Data = None, config: Config = None) -> None:
    """Say that you have an alert in hand: what was said of its incident so far is not said again."""
    from watcher import bootstrap
    from watcher.model.review import ActionKind

    with closing(bootstrap.open_for_review(settings_of(data, config=config))) as store:
        target = _incident(alert, store)
        _act(store, ActionKind.ACKNOWLEDGE, target, by, why=note)
    typer.echo(f"{target} is acknowledged")


def judge(
    alert: Annotated[
        str,
        typer.Argument(
            help="The id of an alert or an incident; for `missed`, also of an item.",
            autocompletion=completion.alerts,
        ),
    ],
    verdict: Annotated[Verdict, typer.Argument(help="What it was worth.")],
    by: By = "",
    note: Note = "",
    data: Data = None,
    config: Config = None,
) -> None:
    """Say what an alert was worth: useful, noise, or missed for what should have been an alert."""
    from watcher import bootstrap
    from watcher.model.news import ItemId
    from watcher.model.review import ActionKind

    with closing(bootstrap.open_for_review(settings_of(data, config=config))) as store:
        missed = verdict is Verdict.MISSED and store.item(ItemId(alert))
        target = alert if missed else _incident(alert, store)
        _act(store, ActionKind.VERDICT, target, by, value=verdict, why=note)
    typer.echo(f"{target}: {verdict}")


def _list_mutes(settings: "Settings", *, json: bool) -> None:
    from watcher import bootstrap
    from watcher.alerting.review import mutes
    from watcher.clock import utc_now

    with closing(bootstrap.read_store(settings)) as store:
        muted = mutes(store.actions(), utc_now()).values()
    if json:
        as_json(
            [
                {"target": each.target, "until": each.until, "by": each.by, "why": each.why, "at": each.at}
                for each in muted
            ]
        )
    else:
        table(
            ("muted", "until", "by", "why"),
            (
                (each.target, moment(each.until) if each.until else "for good", each.by, each.why)
                for each in muted
            ),
        )


def _act(
    store: "Database",
    kind: "ActionKind",
    target: str,
    by: str,
    *,
    value: str = "",
    why: str = "",
    until: "datetime | None" = None,
) -> None:
    from watcher.alerting.review import action_of
    from watcher.clock import utc_now
    from watcher.errors import UsageError

    if not by.strip():
        raise UsageError("say who you are: --by NAME")
    store.add_action(
        action_of(kind, target, by.strip(), utc_now(), value=value, why=why.strip(), until=until)
    )


def _mutable(what: str, store: "Database", settings: "Settings") -> str:
    """Return the category, the indicator or the incident that is meant."""
    from watcher import bootstrap, config
    from watcher.config.suggest import did_you_mean
    from watcher.errors import UsageError
    from watcher.model.alerts import AlertId, Kind
    from watcher.model.language import Category

    alert = store.alert(AlertId(what))
    if alert and alert.kind is not Kind.INCIDENT:
        raise UsageError(f"{what} is not about the news, and cannot be muted; mend what it tells of")
    if incident := _known_incident(what, store):
        return incident
    known = [
        *Category,
        *(
            indicator.id
            for indicator in config.load_indicators(bootstrap.indicators_file(settings)).indicators
        ),
    ]
    if what not in known:
        raise UsageError(
            f"no alert, incident, indicator or category is called {what!r}{did_you_mean(what, known)}"
        )
    return what


def _incident(name: str, store: "Database") -> str:
    from watcher.errors import UsageError

    if incident := _known_incident(name, store):
        return incident
    raise UsageError(f"no alert or incident has the id {name!r}; `watcher alerts list` shows them")


def _known_incident(name: str, store: "Database") -> str:
    """Return the incident that an alert's or an incident's id stands for, or nothing."""
    from watcher.model.alerts import AlertId, IncidentId

    alert = store.alert(AlertId(name))
    if alert:
        return alert.incident
    return name if store.decisions(IncidentId(name)) else ""
