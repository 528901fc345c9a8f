"""`thuocdo availability`: how available targets were, with the rule beside the numbers."""

import json
from collections.abc import Sequence
from datetime import datetime
from typing import Annotated

import typer
from babel.numbers import format_decimal, format_percent
from rich.table import Table

from thuocdo.cli.context import CliContext
from thuocdo.cli.incidents import in_hanoi
from thuocdo.core import clock
from thuocdo.core.clock import iso
from thuocdo.core.errors import ConfigurationError, UnknownTargetError
from thuocdo.core.portals import Registry, load_registry
from thuocdo.core.yamlfile import nearest
from thuocdo.incidents.availability import availability_rule, month_of, objective_rule
from thuocdo.incidents.presentation import TargetAvailability, availability_by_target, availability_document
from thuocdo.incidents.tallying import HOUR, hour_of
from thuocdo.store import Store

ABSENT = "–"


def availability(
    ctx: typer.Context,
    target: Annotated[list[str] | None, typer.Option(help="Only this target; may be given several times.")] = None,
    agency: Annotated[str | None, typer.Option(help="Only the targets of this agency.")] = None,
    since: Annotated[
        datetime | None, typer.Option(help="From this hour on, Hanoi time (default: the first of this month).")
    ] = None,
    until: Annotated[datetime | None, typer.Option(help="Up to this hour, Hanoi time (default: now).")] = None,
    as_json: Annotated[bool, typer.Option("--json", help="JSON instead of a table.")] = False,
) -> None:
    """Tell how available targets were, by whole hours; availability, coverage, and what is left of the month's error budget."""
    context: CliContext = ctx.obj
    settings, now = context.settings, clock.now()
    registry = load_registry(settings.registry_dir, at=clock.hanoi_day(now))
    first = hour_of(in_hanoi(since)) if since else month_of(now)[0]
    last = hour_of(in_hanoi(until)) if until else hour_of(now) + HOUR
    if last <= first:
        raise ConfigurationError(f"--until: {last} is not after {first}; give a later hour")
    with Store.open(settings.store_url) as store:
        rows = availability_by_target(
            store.incidents,
            _chosen(registry, target or (), agency),
            since=first,
            until=last,
            objective=settings.incidents.objective,
            now=now,
        )
    if as_json:
        document = {
            "since": iso(first),
            "until": iso(last),
            "objective_ratio": settings.incidents.objective,
            "rule": availability_rule(context.translate),
            "targets": [availability_document(row) for row in rows],
        }
        typer.echo(json.dumps(document, ensure_ascii=False, indent=2))
        return
    _print(rows, registry, (first, last), context)


def _chosen(registry: Registry, names: Sequence[str], agency: str | None) -> list[str]:
    """Return the ids of the targets that are asked for."""
    if agency is not None and agency not in registry.agencies:
        raise ConfigurationError(f"--agency: no agency '{agency}'{nearest(agency, registry.agencies)}")
    for name in names:
        if name not in registry.targets:
            raise UnknownTargetError(f"--target: no target '{name}'{nearest(name, registry.targets)}")
    return [
        one.id
        for one in registry.probed_targets()
        if (not names or one.id in names) and (agency is None or one.agency_id == agency)
    ]


def _print(
    rows: Sequence[TargetAvailability], registry: Registry, period: tuple[datetime, datetime], context: CliContext
) -> None:
    _ = context.translate
    first, last = (at.astimezone(clock.HANOI).strftime("%d/%m/%Y %H:%M") for at in period)
    table = Table(title=_("From {first} to {last} (Hanoi time)").format(first=first, last=last))
    table.add_column(_("Target"), overflow="fold")
    for heading in (
        "Availability",
        "Coverage",
        "ok",
        "failed",
        "inconclusive",
        "missed",
        "excluded",
        "Error budget left",
    ):
        table.add_column(_(f"availability.{heading}" if heading.islower() else heading), justify="right")
    for row in rows:
        report = row.report
        if not report.conclusive and not report.inconclusive and not report.missed and not report.excluded:
            continue
        counts = (report.ok, report.failed, report.inconclusive, report.missed, report.excluded)
        table.add_row(
            f"{registry.called(registry.targets[row.target_id], context.lang)} ({row.target_id})",
            _percent(report.availability_ratio, context),
            _percent(report.coverage_ratio, context),
            *(format_decimal(count, locale=context.lang) for count in counts),
            _percent(row.error_budget_remaining_ratio, context),
        )
    context.console.print(table)
    context.console.print(availability_rule(_), highlight=False)
    context.console.print(objective_rule(_, context.settings.incidents.objective, context.lang), highlight=False)


def _percent(ratio: float | None, context: CliContext) -> str:
    if ratio is None:
        return ABSENT
    # 100 % is said of all only: one failure of a million must not vanish.
    shown = min(ratio, 0.9999) if ratio < 1.0 else ratio
    return format_percent(shown, format="#,##0.00%", locale=context.lang)
