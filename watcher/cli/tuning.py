"""Tuning: check the list, match an archive, replay it, and ask why."""

import re
import time
from collections.abc import Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass, field, replace
from itertools import groupby
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from watcher import bootstrap
from watcher.alerting.review import review_of, reviews
from watcher.cli import completion
from watcher.cli.common import Json, app, settings_of, takes_flags, takes_settings, with_same_data
from watcher.cli.show import as_json, course_of, facts, progress, prose, table, utc_minute
from watcher.clock import utc_now
from watcher.errors import ConfigError, StoreError, UsageError
from watcher.model.alerts import AlertId, IncidentId, Kind
from watcher.model.language import Group, IndicatorId
from watcher.model.news import ItemId
from watcher.model.routes import Route, table_of
from watcher.service.lock import only_instance
from watcher.text.numbers import counted
from watcher.text.suggest import did_you_mean
from watcher.text.words import without_parts

if TYPE_CHECKING:
    from watcher.lab.explain import Explanation, Trace
    from watcher.lab.overview import OnRecord
    from watcher.model.alerts import Alert, Decision, Delivery
    from watcher.model.language import IndicatorList
    from watcher.model.news import Item
    from watcher.model.settings import Settings
    from watcher.ports import Archive

    Decided = tuple[Decision, Item | None]

_LIKE_AN_ID = re.compile(r"[0-9a-f]{16,20}")
_MOST_NEAR = 3
_MOST_COPIES = 3
_LONGEST_SUMMARY = 2000


@dataclass(frozen=True, slots=True, kw_only=True)
class _Meant:
    """What `explain` is about: the decisions about each incident, its items, and what each channel got."""

    alert: "Alert | None" = None
    decided: "Mapping[IncidentId, Sequence[Decided]]" = field(default_factory=dict)
    items: "Sequence[Item]" = ()
    about: "OnRecord | None" = None
    sent: Mapping[str, str] = field(default_factory=dict)


@app.command("check")
@takes_flags("indicators", "config")
def check_lists(
    flags: dict[str, Any],
    files: Annotated[
        list[Path] | None, typer.Argument(help="YAML files (default: the indicators and feeds in use).")
    ] = None,
    archive: Annotated[
        list[Path] | None,
        typer.Option(
            "--archive",
            help="An archive of news to test the indicators on, for more warnings.",
            show_default=False,
        ),
    ] = None,
    json: Json = False,
) -> None:
    """Check YAML files: syntax, references, values and the inline examples; exit 2 on any mistake.

    Every mistake and every failing example is printed as file:line:column: what. Warnings (terms that never
    match, terms that change nothing, windows without lift) do not fail a check. A part of the list in use is
    checked together with the whole list.
    """
    from watcher.lab.archive import merge_archives
    from watcher.lab.checking import check_file

    settings = settings_of(**flags)
    in_use = [bootstrap.indicators_file(settings)]
    if not flags["indicators"]:
        in_use.append(bootstrap.feeds_file(settings))
    news = merge_archives(archive or (), utc_now())
    reports = [check_file(path, news, progress, in_use=in_use[0]) for path in files or in_use]
    listed = next((report.listed for report in reports if report.listed), None)
    strangers = () if any(report.mistakes for report in reports) else _names_of_nothing(settings, listed)
    if json:
        as_json([report.as_dict() for report in reports])
    else:
        for stranger in strangers:
            typer.echo(f"warning: {stranger}", err=True)
        for report in reports:
            for mistake in (*report.mistakes, *report.failures):
                typer.echo(str(mistake), err=True)
            for warning in report.warnings:
                typer.echo(f"warning: {warning}", err=True)
            typer.echo(report.says)
    raise typer.Exit(2 if any(report.mistakes or report.failures for report in reports) else 0)


def _names_of_nothing(settings: "Settings", listed: "IndicatorList | None") -> tuple[str, ...]:
    """Return what goes by a name that no indicator of the list in use has: channels, mutes and levels.

    `listed` is that list, if it was read before.
    """
    if not (settings.routes or settings.store_url or bootstrap.has_database(settings)):
        return ()
    from watcher.pipeline.naming import former_and_present, unmatched_actions, unmatched_routes

    try:
        names = former_and_present(listed or bootstrap.indicators_in_use(settings))
    except ConfigError:
        return ()  # another list was checked; that this one is wrong is told when it is
    unmatched = unmatched_routes(settings.routes, names)
    if not bootstrap.has_database(settings):
        return unmatched
    now = utc_now()
    try:
        with closing(bootstrap.read_store(settings)) as store:
            actions = store.actions_in_force(now)
            incidents = {action.target for action in actions if store.hits(IncidentId(action.target))}
    except StoreError as error:
        return (*unmatched, f"mutes and levels set by hand were not checked: {error}")
    return (*unmatched, *unmatched_actions(actions, {*names, *incidents}, now))


@app.command("match")
@takes_settings("indicators", "config")
def match_archive(
    settings: "Settings", archive: Annotated[Path, typer.Argument(allow_dash=True)] = Path("-")
) -> None:
    """Match archived news: one JSON object a line for every item, with its hits; stores nothing."""
    from watcher import pipeline
    from watcher.lab.archive import read_archive

    rules = bootstrap.load_rules(settings)
    for item in read_archive(archive, utc_now()):
        hits = [
            {"indicator": hit.indicator, "claim": hit.claim, "severity": hit.severity.word}
            | {"score": round(hit.score, 3), "evidence": list(hit.evidence), "cues": list(hit.cues)}
            | {"directness": hit.directness.word, "actor": hit.actor, "roles": list(hit.roles)}
            for hit in pipeline.hits_of([item], rules)
        ]
        as_json({"id": item.id, "hits": hits})


@app.command("explain")
@takes_settings("data", "indicators", "config")
def explain_stored(
    settings: "Settings",
    what: Annotated[
        str,
        typer.Argument(
            help="A text, or the id of an item, an alert, an incident, a tempo, sequence or silence; "
            "with --yaml an indicator's or a query.",
            autocompletion=completion.complete_alert,
        ),
    ],
    full: Annotated[
        bool,
        typer.Option(
            "--full", help="Show every decision, every group, and every indicator with a partial match."
        ),
    ] = False,
    json: Json = False,
    yaml: Annotated[
        bool,
        typer.Option("--yaml", help="Print the groups of an indicator, or those a search string stands for."),
    ] = False,
) -> None:
    """Explain a text, an item, an alert or an incident: what matched, what was decided, what was sent."""
    from watcher.lab.explain import explain
    from watcher.lab.overview import overview
    from watcher.lab.status import status_of

    if not what.strip():
        raise UsageError(
            "there is nothing to explain; give a text, or the id of an item, an alert or an incident"
        )
    rules = bootstrap.load_rules(settings)
    if yaml:
        typer.echo(_group_form(what, rules.matcher.listed), nl=False)
        return
    named = rules.indicators.get(IndicatorId(what))
    if named and not named.kind.reads.is_news:
        with closing(bootstrap.read_store(settings)) as store:
            status = list(status_of(named, store, utc_now()))
        if json:
            as_json({"indicator": named.id, "written": named.written, "standing": status})
        else:
            written = [f"written at {named.written}"] if rules.matcher.listed.is_sum else []
            typer.echo("\n  ".join((f"{named.id}: {named.title}", *written, *status)))
        return
    meant = _meant(what, settings)
    explained = [(item, list(explain(rules.matcher, item))) for item in meant.items]
    brief = overview(_with_reasons(meant, explained, settings)) if meant.about else {}
    if json:
        items = [
            {"item": item.id, "title": item.title, "indicators": [each.as_dict() for each in found]}
            for item, found in explained
        ]
        as_json({**_stored_dict(meant), **({"overview": brief} if brief else {}), "items": items})
        return
    if brief:
        facts(brief)
        typer.echo()
    _print_stored(meant, full=full)
    # what comes near says something of an item or a text; an alert has its reasons
    near = None if full else 0 if meant.alert else _MOST_NEAR
    for item, found in explained:
        _print_explanations(item, found, with_places=rules.matcher.listed.is_sum, most_near=near)


@app.command("suggest")
@takes_settings("data", "indicators", "config")
def suggest_terms(
    settings: "Settings",
    indicator: Annotated[
        str,
        typer.Argument(help="The id of an indicator.", autocompletion=completion.complete_indicator),
    ],
    json: Json = False,
) -> None:
    """Propose terms to add to an indicator or to exclude, from verdicts; your list stays as it is."""
    from watcher.lab.judged import proposals_for
    from watcher.match import Matcher

    matcher = Matcher(bootstrap.indicators_in_use(settings))
    named = next((each for each in matcher.listed.indicators if each.id == indicator), None)
    if named is None:
        known = [each.id for each in matcher.listed.indicators]
        raise UsageError(f"no indicator is called {indicator!r}{did_you_mean(indicator, known)}")
    with closing(bootstrap.read_store(settings)) as store:
        found = proposals_for(named, matcher, store)
    if json:
        as_json({"indicator": named.id} | found.as_dict())
        return
    typer.echo(
        f"{named.id}: {found.useful} judged useful, {found.noise} noise, {found.missed} missed, "
        f"of {found.stored} stored items"
    )
    for each in found.short_of:
        typer.echo(each)
    rows = [("add", each) for each in found.add] + [("exclude", each) for each in found.exclude]
    if not rows:
        typer.echo("nothing is proposed: no term tells the verdicts apart clearly enough")
        return
    table(
        ("", "term", "useful", "noise", "missed", "stored", "z"),
        ((what, each.term, each.useful, each.noise, each.missed, each.stored, each.z) for what, each in rows),
    )


@app.command("replay")
@takes_settings("data", "indicators", "config")
def replay_archives(
    settings: "Settings",
    archives: Annotated[
        list[Path], typer.Argument(help="JSON Lines, also .gz and .xz; - is stdin.", allow_dash=True)
    ],
    json: Json = False,
) -> None:
    """Run archives through the whole pipeline, in their own time, and store the result in --data."""
    from watcher.lab.archive import merge_archives
    from watcher.lab.replay import Tally, replay

    rules = bootstrap.load_rules(settings)
    began, tally = time.monotonic(), Tally()
    with only_instance(Path(settings.data)):
        log = bootstrap.open_log(settings)
        items = merge_archives(archives, utc_now())
        with closing(bootstrap.open_store(settings, durable=False)) as store:
            if settings.store_url and store.states():
                raise UsageError(
                    f"{bootstrap.name_of_database(settings)} is the database of a service; "
                    "replay into another one, or without [store] url into a data folder"
                )
            store.release()
            for _, so_far in progress(
                replay(items, store, (log,), rules), "replaying", len(items), size=lambda step: step[0]
            ):
                tally = so_far
            unwritten = [waiting.error for waiting in store.first_waiting() if waiting.channel == log.id]
    summary = {
        "items": tally.items,
        "hits": tally.hits,
        "incidents": len(tally.incidents),
        "alerts": tally.alerts,
        "seconds": round(time.monotonic() - began, 2),
    }
    if json:
        as_json(summary | {"known": tally.known})
    else:
        counted = ", ".join(f"{number} {word}" for word, number in summary.items())
        typer.echo(f"{counted}; see `watcher alerts list{with_same_data(settings)}`")
        if tally.known and tally.known == tally.items:
            typer.echo(
                "nothing is new: every item is in this data folder already; "
                "to replay the archive again, name a new folder with --data"
            )
        elif tally.known:
            typer.echo(f"{tally.known} items were known already, and were skipped")
    if unwritten:
        raise StoreError(unwritten[0])


@app.command()
def schema(kind: Annotated[str, typer.Argument(help="indicators or feeds")] = "indicators") -> None:
    """Print the JSON Schema of indicators.yaml or feeds.yaml, for editors."""
    from watcher.config import json_schema

    if kind not in ("indicators", "feeds"):
        raise UsageError(f"no schema called {kind!r}; there are `indicators` and `feeds`")
    typer.echo(json_schema("feeds" if kind == "feeds" else "indicators"), nl=False)


def _group_form(what: str, listed: "IndicatorList") -> str:
    """Return the YAML of an indicator's group, or of the group a query stands for."""
    from watcher.config.query import parse_query
    from watcher.config.written import as_yaml

    for indicator in listed.indicators:
        if indicator.id == what and isinstance(indicator.pattern, Group):
            written = f"# written at {indicator.written}\n" if listed.is_sum else ""
            return f"{written}{as_yaml(indicator.pattern)}"
    try:
        return as_yaml(parse_query(what, listed.entities))
    except ValueError as error:
        raise UsageError(f"{what!r} is no indicator's id, and no query: {error}") from error


def _meant(what: str, settings: "Settings") -> _Meant:
    """Return what is stored under an id, or the text that was typed as an item."""
    from watcher.lab.examples import an_item

    meant = _stored(what, settings)
    if meant.alert or meant.decided or meant.items:
        return meant
    if _LIKE_AN_ID.fullmatch(what):
        raise UsageError(
            f"no item, alert or incident has the id {what} in {settings.data}; name its folder with --data"
        )
    return _Meant(items=[an_item(what)])


def _stored(what: str, settings: "Settings") -> _Meant:
    """Return what is stored under an id: an alert with its items and deliveries, an incident, or an item."""
    if " " in what or not bootstrap.has_database(settings):
        return _Meant()
    with closing(bootstrap.read_store(settings)) as store:
        alert = store.alert(AlertId(what))
        names = [shown.id for shown in alert.items] if alert else [ItemId(what)]
        joined = dict.fromkeys(
            hit.incident for hits in store.hits_on([ItemId(what)]).values() for hit in hits if hit.incident
        )
        called = store.incident(IncidentId(what))
        incidents = _told_of(alert) if alert else [*joined] or [called.id if called else IncidentId(what)]
        decided = {
            each: [(decision, store.item(decision.item)) for decision in store.decisions(each)]
            for each in incidents
        }
        items = [item for name in names if (item := store.item(name))]
        return _Meant(
            alert=alert,
            decided={incident: found for incident, found in decided.items() if found},
            items=items,
            about=_about(what, alert, None if alert or not items else items[0], decided, store),
            sent=_sent(alert, store.deliveries(alert.id), settings) if alert else {},
        )


def _about(
    name: str,
    alert: "Alert | None",
    item: "Item | None",
    decided: "Mapping[IncidentId, Sequence[Decided]]",
    store: "Archive",
) -> "OnRecord | None":
    """Return what the overview is made of: of an incident its last alert, of an item the first incident."""
    from watcher.lab.overview import OnRecord

    now, actions = utc_now(), store.actions()
    incident = next((found for each in decided if (found := store.incident(each))), None)
    decisions = [decision for each in decided.values() for decision, _ in each]
    if not (alert or item or decisions):
        return None
    latest = (store.alert(each.alert) for each in reversed(decisions) if each.alert)
    last = alert or next((each for each in latest if each), None)
    targets = [incident.id, incident.indicator] if incident else [name]
    review = reviews([last], actions, now)[last.id] if last else review_of(targets, actions, now)
    if item and not review.verdict:
        review = replace(review, verdict=review_of([name], actions, now).verdict)
    return OnRecord(name=name, alert=last, incident=incident, item=item, decisions=decisions, review=review)


def _with_reasons(
    meant: _Meant, explained: "Sequence[tuple[Item, list[Explanation]]]", settings: "Settings"
) -> "OnRecord":
    """Return what the overview is made of, with which indicators match the item, and where the data are."""
    assert meant.about is not None
    matched = [each for _, found in explained for each in found]
    return replace(meant.about, explained=matched, options=with_same_data(settings))


def _told_of(alert: "Alert") -> "list[IncidentId]":
    """Return the incidents of an alert: one, or all that it sums up."""
    summed_up = list(alert.incidents) if alert.kind is not Kind.BOARD else []
    return summed_up or [IncidentId(alert.incident)]


def _sent(alert: "Alert", deliveries: "Sequence[Delivery]", settings: "Settings") -> dict[str, str]:
    """Return the state of an alert in each channel; without a delivery, why today's settings give none."""
    from watcher.delivery.routing import refusal

    courses = {}
    sent = {table_of(each.channel) for each in deliveries}
    for spec in settings.channels:
        if spec.id in sent:
            continue
        because = refusal(spec.route or Route(channel=spec.id), alert) or "it was not configured then"
        courses[str(spec.id)] = f"not sent: {because}"
    return courses | {str(each.channel): course_of(each) for each in deliveries}


def _stored_dict(meant: _Meant) -> dict[str, Any]:
    alert = meant.alert
    incidents = [
        {"id": name, "decisions": [_decision_dict(*each) for each in decided]}
        for name, decided in meant.decided.items()
    ]
    if alert:
        decisions = [decision for incident in incidents for decision in incident["decisions"]]
        return {
            "alert": {
                "id": alert.id,
                "reason": alert.reason,
                "why": alert.why,
                "decisions": decisions,
                "channels": meant.sent,
            }
        }
    if meant.items:
        return {"alert": None, "incident": None, "incidents": incidents}
    return {"alert": None, "incident": incidents[0] if incidents else None}


def _decision_dict(decision: "Decision", item: "Item | None") -> dict[str, Any]:
    return {
        "at": decision.at,
        "reason": decision.reason,
        "because": decision.because,
        "item": decision.item,
        "title": item.title if item else None,
        "owner": item.owner if item else None,
        "alert": decision.alert,
    }


def _print_stored(meant: _Meant, *, full: bool) -> None:
    for incident, decided in meant.decided.items():
        prose(f"What was decided about incident {incident}:")
        _print_decided(decided, meant, full=full)
    for channel, course in meant.sent.items():
        prose(f"  channel {channel}: {course}")


def _print_decided(decided: "Sequence[Decided]", meant: _Meant, *, full: bool) -> None:
    """Print the decisions, one a line; of consecutive copies the first and the number, unless `full`."""
    for is_copy, several in groupby(
        decided, key=lambda each: each[0].reason == "nothing_new" and not _mark(each[0], meant)
    ):
        first, *others = several
        fold = is_copy and len(others) >= _MOST_COPIES and not full
        for each in [first] if fold else [first, *others]:
            _print_decision(*each, _mark(each[0], meant))
        if fold:
            prose(f"  and {len(others)} more copies until {utc_minute(others[-1][0].at)} (--full shows them)")


def _mark(decision: "Decision", meant: _Meant) -> str:
    if meant.alert:
        return " (this alert)" if decision.alert == meant.alert.id else ""
    return " (this item)" if decision.item in [item.id for item in meant.items] else ""


def _print_decision(decision: "Decision", item: "Item | None", mark: str) -> None:
    because = f", because {decision.because}" if decision.because else ""
    about = f"{item.title} ({item.owner}) {item.id}" if item else decision.item
    prose(f"  {decision.at:%Y-%m-%d %H:%M:%SZ} {decision.reason}{mark}{because}: {about}")


def _print_explanations(
    item: "Item", explained: "Sequence[Explanation]", *, with_places: bool, most_near: int | None
) -> None:
    """Print which indicators match an item, by what; with a limit of those that come near, in short."""
    from watcher.delivery.render import one_line
    from watcher.lab.explain import decisive

    shipped = str(bootstrap.shipped("indicators.yaml"))
    prose(item.title)
    if item.summary:
        prose(f"  summary: {one_line(item.summary, _LONGEST_SUMMARY)}")
    if not explained:
        prose("  no indicator matches any part of it")
    hits = [each for each in explained if each.outcome == "hit"]
    near = sorted((each for each in explained if each.outcome != "hit"), key=lambda each: -each.share)
    for each in (*hits, *near[:most_near]):
        claim = f", {each.claim}" if each.claim else ""
        cues = f" ({'; '.join(each.cues)})" if each.cues else ""
        prose(f"  {each.outcome.upper():5}{each.indicator}{claim}{cues}: {each.because}")
        if with_places:
            prose(f"    written at {each.written.replace(shipped, 'shipped')}")
        if each.outcome == "hit":
            _print_trace(each.trace if most_near is None else decisive(each.trace), 4)
        if each.report:
            because = f" ({'; '.join(each.report.because)})" if each.report.because else ""
            prose(f"    {each.report.directness.word}, actor {each.report.actor}{because}")
    if most_near is not None:
        groups = ["all groups that matched"] if hits else []
        unseen = len(near) - most_near
        more = [f"{counted(unseen, 'indicator')} more with a partial match"] if unseen > 0 else []
        if groups or more:
            prose(f"  (--full shows {' and '.join((*groups, *more))})")


def _print_trace(trace: "Trace", indent: int) -> None:
    if trace.words:
        prose(f"{' ' * indent}{trace.label}: {', '.join(without_parts(trace.words))}")
        for part in trace.parts:
            _print_trace(part, indent + 2)
