"""`thuocdo config check`: look at every setting and file, start nothing."""

from collections.abc import Iterator
from itertools import product

import typer
from babel.numbers import format_decimal

from exporters.prometheus import most_series_of_target
from probes.journeys.journey_file import load_journeys
from schedules.cadence import load_schedule
from thuocdo.cli.context import CliContext
from thuocdo.cli.run import check_everything
from thuocdo.core import clock
from thuocdo.core.config import Settings
from thuocdo.core.errors import StoreError
from thuocdo.core.kinds.kind import all_kinds
from thuocdo.core.model import Block, TargetRole
from thuocdo.core.portals import load_registry
from thuocdo.reports.storage import YEAR_DAYS, Inflow, growth_of, row_bytes
from thuocdo.reports.storage_seen import engine_of, inflow_of, limits_of
from thuocdo.store import Store

GIGABYTE = 1e9

app = typer.Typer(help="Settings.", no_args_is_help=True)


@app.callback()
def _config() -> None:
    """Settings."""


@app.command()
def check(ctx: typer.Context) -> None:
    """Check settings, registry, schedule, criteria, journeys and store; report all mistakes at once."""
    context: CliContext = ctx.obj
    check_everything(context.settings)
    context.console.print(context.translate("No mistakes."))
    for line in (*_series(context), *_disk(context)):
        context.console.print(line)


def _series(context: CliContext) -> Iterator[str]:
    """Yield how many time series Prometheus has to keep for what is measured by these settings."""
    settings, translate = context.settings, context.translate
    targets = load_registry(settings.registry_dir, at=clock.today()).probed_targets()
    schedule = load_schedule(settings.schedule, all_kinds())
    steps = 1 + max((len(journey.steps) for journey in load_journeys(settings.journeys_dir).values()), default=0)
    total = 0
    yield translate("Time series in Prometheus, from one vantage point, at most:")
    for role, of_communes in product(TargetRole, (False, True)):
        most = [
            most_series_of_target(schedule.profiles_of(target), all_kinds(), steps=steps, target=target)
            for target in targets
            if target.role is role and (target.block is Block.COMMUNE) is of_communes
        ]
        if most:
            total += sum(most)
            called = translate(f"role.{role}") + (f" ({translate('block.commune')})" if of_communes else "")
            text = translate("{role}: {most} each, {count} targets")
            yield "  " + text.format(role=called, most=max(most), count=len(most))
    yield "  " + translate("in all: {total}").format(total=total)


def _disk(context: CliContext) -> Iterator[str]:
    """Yield how many measurements a day these settings come to, and the room that they take."""
    settings, translate, now = context.settings, context.translate, clock.now()

    def number(amount: float, digits: int = 1) -> str:
        return format_decimal(round(amount, digits), locale=context.lang)

    flow = inflow_of(settings, now)
    yield translate("Measurements a day by the schedule, from one vantage point:")
    for kind, rows in flow.rows.items():
        yield "  " + translate("{kind}: {rows}").format(kind=translate(f"kind.{kind}"), rows=number(rows, 0))
    yield "  " + translate("in all: {total}").format(total=number(flow.rows_a_day, 0))
    size, is_measured = _row_bytes(settings, flow)
    growth, limits = growth_of(flow, size), limits_of(settings)
    text = (
        translate("Disk, at {bytes} bytes a measurement, as the store shows:")
        if is_measured
        else translate("Disk, at about {bytes} bytes a measurement:")
    )
    yield text.format(bytes=number(size, 0))
    raw = translate("single measurements: {gigabytes} GB, which do not grow after {days} days (keep.raw_days)")
    if limits.room_days:
        raw = translate(
            "single measurements: {gigabytes} GB, which do not grow after {days} days (keep.raw_days, and a month more: "
            "PostgreSQL gives back the room of whole months)"
        )
    raw_days = limits.raw_days + limits.room_days
    lines = [
        (raw, growth.raw * raw_days, raw_days),
        (
            translate("daily roll-ups: {gigabytes} GB, which do not grow after {days} days (keep.rollup_days)"),
            growth.rollups * limits.rollup_days,
            limits.rollup_days,
        ),
        (translate("hours of availability: {gigabytes} GB a year"), growth.tallies * YEAR_DAYS, 0),
        (translate("evidence: at most {gigabytes} GB (evidence.keep_gigabytes)"), limits.evidence_bytes, 0),
    ]
    if limits.is_archived:
        lines.append((translate("archive: {gigabytes} GB a year"), growth.archive * YEAR_DAYS, 0))
    for line, amount, days in lines:
        yield "  " + line.format(gigabytes=number(amount / GIGABYTE), days=days)
    after = growth.after(YEAR_DAYS, limits) + limits.evidence_bytes
    yield "  " + translate("in all after a year: at most {gigabytes} GB").format(gigabytes=number(after / GIGABYTE))


def _row_bytes(settings: Settings, flow: Inflow) -> tuple[float, bool]:
    """Return the bytes of a measurement, and whether the store showed them."""
    try:
        with Store.open(settings.store_url) as store:
            return row_bytes(store.room(), store.measurements.count(), engine_of(settings), flow)
    except StoreError:
        return row_bytes(None, 0, engine_of(settings), flow)
