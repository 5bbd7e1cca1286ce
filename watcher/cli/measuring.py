"""Measuring: how well the list does, what it would have done, and what a change of it gains and loses."""

from contextlib import closing
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from watcher import bootstrap
from watcher.cli.common import Json, app, takes_settings
from watcher.cli.show import as_json, progress, prose, table
from watcher.clock import utc_now
from watcher.errors import UsageError
from watcher.model.alerts import Kind

if TYPE_CHECKING:
    from collections.abc import Sequence

    from watcher.lab.backtest import Backtest, BaseRate
    from watcher.lab.comparison import Comparison
    from watcher.lab.evaluate import OnEvents, OnItems
    from watcher.lab.labels import Label
    from watcher.lab.lift import Lift
    from watcher.lab.pairs import PairScore
    from watcher.lab.shares import Bounds
    from watcher.lab.verdicts import OnVerdicts
    from watcher.model.news import Item
    from watcher.model.settings import Settings

_EVERY = 1_000_000
"""More alerts than a data folder ever has."""

_COLUMNS = """\
hits: items that the indicator matches
fired: incidents that it matches; copies of one report count once
alerts: alerts that it leads: the first about an incident, and each that says more
alerts/day, base rate: by the days with news, so a hole in an archive does not count"""

_ARCHIVE_HELP = "JSON Lines, also .gz and .xz; - is stdin."
LabelsFile = Annotated[
    Path | None,
    typer.Option(
        "--labels", help="Labels, JSON Lines (default: those in the archive's lines).", show_default=False
    ),
]
EventsFile = Annotated[
    Path | None,
    typer.Option("--events", help="Documented events, CSV: event_id, date, type.", show_default=False),
]
Examples = Annotated[
    int, typer.Option("--show", min=0, max=10_000, help="How many examples of each kind to show.")
]


@app.command("evaluate")
@takes_settings("data", "indicators", "config")
def evaluate_list(
    settings: "Settings",
    archives: Annotated[list[Path] | None, typer.Argument(help=_ARCHIVE_HELP, allow_dash=True)] = None,
    *,
    labels: LabelsFile = None,
    events: EventsFile = None,
    pairs: Annotated[
        Path | None,
        typer.Option(
            "--pairs",
            help="Pairs of items about the same event or not, JSON Lines: same, a, b.",
            show_default=False,
        ),
    ] = None,
    verdicts: Annotated[
        bool,
        typer.Option("--verdicts", help="Measure against the verdicts of reviewers on the alerts in --data."),
    ] = False,
    first: Annotated[
        str,
        typer.Option("--from", help="First day that counts (default: the first).", show_default=False),
    ] = "",
    last: Annotated[
        str,
        typer.Option("--to", help="Last day that counts (default: the last).", show_default=False),
    ] = "",
    show: Examples = 10,
    json: Json = False,
) -> None:
    """Measure the list.

    Against labelled items: precision, recall, F1, claims. Against documented events: which were alerted, and
    how soon. Against pairs of items: which were joined. Against the verdicts of reviewers: how many of the
    incidents that alerted were useful, by severity.
    """
    from watcher.lab import evaluate
    from watcher.lab.events import period_of, read_events
    from watcher.lab.labels import read_labelled, read_labels
    from watcher.lab.pairs import read_pairs, score_pairs

    rules = bootstrap.load_rules(settings)
    on_pairs = score_pairs(read_pairs(pairs, utc_now()), rules) if pairs else None
    items, inside = read_labelled(archives or (), utc_now())
    known = read_labels(labels) if labels else inside
    if not known and events is None and not on_pairs and not verdicts:
        raise UsageError(
            "nothing to measure against; name --labels, --events, --pairs or --verdicts, "
            "or add `labels` to the lines of the archive"
        )
    judged = _judged_alerts(settings, first, last) if verdicts else None
    on_items = evaluate.on_items(items, known, rules, show, progress) if known else None
    on_events = None
    if events is not None:
        period = period_of([item.seen for item in items], first, last)
        on_events = evaluate.on_events(items, read_events(events, period), rules, period, progress)
    if json:
        found = {"items": on_items, "events": on_events, "pairs": on_pairs, "verdicts": judged}
        as_json({name: each and each.as_dict() for name, each in found.items()})
        return
    if on_items:
        _print_on_items(on_items)
    if on_events:
        _print_on_events(on_events)
    if on_pairs:
        _print_on_pairs(on_pairs, show)
    if judged:
        _print_judged(judged)


@app.command("backtest")
@takes_settings("data", "indicators", "config")
def backtest_list(
    settings: "Settings",
    archives: Annotated[
        list[Path] | None,
        typer.Argument(help=f"{_ARCHIVE_HELP} Default: the stored news of --data.", allow_dash=True),
    ] = None,
    *,
    archive: Annotated[
        list[Path] | None, typer.Option("--archive", help="The same as an argument.", show_default=False)
    ] = None,
    against: Annotated[
        str,
        typer.Option(
            "--against", help="Another list: a YAML file, or a git revision of this one.", show_default=False
        ),
    ] = "",
    labels: LabelsFile = None,
    events: EventsFile = None,
    lift: Annotated[
        bool, typer.Option("--lift", help="Show whether indicators fire more often inside calendar windows.")
    ] = False,
    show: Examples = 3,
    json: Json = False,
) -> None:
    """Report what the list would have done with stored or archived news.

    Exit with 1 if it loses labelled hits or events that it had before.
    """
    from watcher.lab.against import other_list
    from watcher.lab.backtest import backtest
    from watcher.lab.comparison import compare_lists
    from watcher.lab.events import read_events
    from watcher.lab.labels import read_labelled, read_labels
    from watcher.lab.lift import lifts
    from watcher.pipeline import rules_of

    rules = bootstrap.load_rules(settings)
    before_rules = rules_of(other_list(against, bootstrap.indicators_file(settings))) if against else None
    named = [*(archives or ()), *(archive or ())]
    items: Sequence[Item]
    inside: Sequence[Label] = ()
    if named:
        items, inside = read_labelled(named, utc_now())
    else:
        with closing(bootstrap.read_store(settings)) as store:
            items = store.items()
    if not items:
        raise UsageError(
            "there is no news to test with; name an archive, or a data folder in which the watcher has polled"
        )
    tested = backtest(items, rules, progress)
    measured = list(lifts(rules.matcher.listed, tested.firings(), tested.days)) if lift else None
    compared = None
    if before_rules:
        before = backtest(items, before_rules, progress)
        known = read_labels(labels) if labels else inside
        compared = compare_lists(before, tested, items, known, read_events(events) if events else ())
    if json:
        as_json(
            {
                "days": len(tested.days),
                "hits": len(tested.hits),
                "alerts": len(tested.alerts),
                "alerts_per_day": tested.alerts_per_day,
                "by_indicator": {rate.indicator: rate.as_dict() for rate in tested.rates()},
                **({"against": compared.as_dict(show)} if compared else {}),
                **({"lift": [each.as_dict() for each in measured]} if measured is not None else {}),
            }
        )
    else:
        _print_backtest(tested)
        if compared:
            _print_comparison(compared, against, show)
        if measured is not None:
            _print_lift(measured)
    raise typer.Exit(1 if compared and compared.losses else 0)


def _judged_alerts(settings: "Settings", first: str, last: str) -> "OnVerdicts":
    from watcher.lab.events import period_of
    from watcher.lab.verdicts import on_verdicts

    with closing(bootstrap.read_store(settings)) as store:
        alerts, actions = store.alerts(limit=_EVERY), store.actions()
    if first or last:
        days = period_of([alert.at for alert in alerts], first, last)
        alerts = [alert for alert in alerts if alert.at in days]
    return on_verdicts(alerts, actions)


# --- tables -------------------------------------------------------------------------------------------------


def _print_on_items(found: "OnItems") -> None:
    scores = found.scores
    rows = (
        (name, *map(_figure, (each.precision, each.recall, each.f1)), each.right, each.false, each.missed)
        for name, each in [*scores.by_indicator.items(), ("all", scores.micro)]
    )
    table(("indicator", "precision", "recall", "F1", "right", "false", "missed"), rows)
    missing = f"; {scores.missing} labelled items are in no archive" if scores.missing else ""
    ceiling = f"; F1 between the annotators {_figure(scores.ceiling)}" if scores.ceiling is not None else ""
    typer.echo(
        f"{scores.items} items; claims right {_figure(scores.claim_accuracy)} of {scores.claims_scored}"
        f"{ceiling}{missing}"
    )
    names = {"precision": "precision", "recall": "recall", "f1": "F1", "claim_accuracy": "claims right"}
    ends = (f"{name} {_span(scores.intervals[figure])}" for figure, name in names.items())
    typer.echo(f"95 % intervals, if hits are independent: {', '.join(ends)}")
    if found.faults:
        typer.echo()
        faults = (
            (
                each.kind,
                each.scored.indicator,
                each.scored.wanted,
                each.scored.got,
                each.title,
                each.because,
            )
            for each in found.faults
        )
        headings = ("wrong", "indicator", "wanted", "got", "title", "because")
        table(headings, faults, title="The worst errors")


def _print_on_pairs(found: "PairScore", show: int) -> None:
    typer.echo(f"pairs joined: precision {found.precision:.3f}, recall {found.recall:.3f}, F1 {found.f1:.3f}")
    wrong = [
        (how, pair.id, pair.first.title, pair.second.title)
        for how, pairs in (("joined", found.joined_wrongly), ("parted", found.parted_wrongly))
        for pair in pairs[:show]
    ]
    if wrong:
        table(("wrongly", "pair", "first", "second"), wrong)


def _print_judged(found: "OnVerdicts") -> None:
    rows = (
        [
            *(each.name, each.useful, each.noise, _figure(each.precision), _span(each.interval)),
            *(each.unjudged, _figure(each.precision_by_alert), each.useful_alerts + each.noise_alerts),
        ]
        for each in (*found.severities, found.all)
    )
    headings = ("severity", "useful", "noise", "precision", "95 % interval", "not judged", "by alert", "of")
    table(headings, rows, title="Incidents that alerted, by their gravest alert and their last verdict")
    typer.echo(f"verdict missed: {found.missed}")


def _print_on_events(found: "OnEvents") -> None:
    figures = {
        "median min": "median_minutes",
        "worst min": "worst_minutes",
        "opening/event": "opening_alerts_per_event",
        "alerts/event": "alerts_per_event",
        "out of reach/day": "false_alarms_per_day",
    }
    rows = (
        [
            each.name,
            each.events,
            len(each.alerted),
            *(_figure(each.as_dict()[name], "{:g}") for name in figures.values()),
        ]
        for each in found.classes
    )
    days = f"{found.period.start:%Y-%m-%d} to {found.period.last_day}"
    table(("events", "reported", "alerted", *figures), rows, title=days)
    for each in found.classes:
        if each.unalerted:
            typer.echo(f"{each.name}: no alert for {', '.join(each.unalerted)}")
        for alert in each.out_of_reach:
            typer.echo(f"{each.name}: no event near {alert.at:%Y-%m-%d %H:%MZ} {alert.title}")
    typer.echo(
        f"{found.alerts} alerts, {found.alerts_per_day:g} a day; "
        f"{found.opening} of them opening, {found.opening_per_day:g} a day"
    )


def _print_backtest(tested: "Backtest") -> None:
    rates = tested.rates()
    rows = (
        (each.indicator, each.hits, each.fired, each.alerts, f"{each.alerts_per_day:g}", each.says)
        for each in rates
        if each.fired
    )
    table(("indicator", "hits", "fired", "alerts", "alerts/day", "base rate"), rows, empty="nothing fires")
    if silent := [each.indicator for each in rates if not each.fired]:
        prose(f"never fires: {', '.join(silent)}")
    prose(_COLUMNS)
    on_board = sum(alert.kind is Kind.BOARD for alert in tested.alerts)
    about = f" ({on_board} of them about the board)" if on_board else ""
    typer.echo(
        f"{len(tested.hits)} hits, {len(tested.alerts)} alerts{about} on {len(tested.days)} days with news: "
        f"{tested.alerts_per_day:g} alerts a day"
    )


def _print_comparison(compared: "Comparison", against: str, show: int) -> None:
    typer.echo()
    changed = [each for each in compared.differences if each.gained or each.lost]
    table(
        ("indicator", "gained", "lost", "alerts/day before", "after"),
        (
            (each.indicator, len(each.gained), len(each.lost), _per_day(each.before), _per_day(each.after))
            for each in changed
        ),
        title=f"Against {against}: {compared.before.alerts_per_day:g} alerts a day before, "
        f"{compared.after.alerts_per_day:g} after",
        empty="no indicator gains or loses a hit",
    )
    if changed:
        typer.echo(f"gained (+): only this list matches; lost (-): only {against} matches")
    for each in changed:
        for sign, changes in (("+", compared.gained(each, show)), ("-", compared.lost(each, show))):
            for change in changes:
                typer.echo(f"{sign} {each.indicator}: {change.item.title}\n    {change.because}")
    for loss in compared.losses:
        typer.echo(f"LOST {loss}")


def _print_lift(measured: "Sequence[Lift]") -> None:
    shown = [each for each in measured if each.attached or each.weight != "too few"]
    typer.echo()
    rows = (
        [
            *(each.indicator, each.window, "yes" if each.attached else "", each.observed),
            *(f"{each.expected:.1f}", _figure(each.lift, "{:.2f}"), each.days, each.windows),
            *(f"{each.chance:.2f}", each.weight),
        ]
        for each in shown
    )
    headings = "indicator window attached observed expected lift days n chance weight"
    table(headings.split(), rows, title="Lift: firings inside a window over those expected by the base rate")
    typer.echo(
        f"{len(measured) - len(shown)} more windows have too few firings or openings (n) to tell; "
        "--json lists them"
    )


def _per_day(rate: "BaseRate | None") -> str:
    return f"{rate.alerts_per_day:g}" if rate else "not there"


def _span(interval: "Bounds | None") -> str:
    return "{:.3f} to {:.3f}".format(*interval) if interval else ""


def _figure(value: object, form: str = "{:.3f}") -> str:
    return "" if value is None else form.format(value)
