"""`thuocdo export`: measurements and rankings as CSV or JSON, targets for Prometheus; into a file or to standard output."""

import os
import secrets
import sys
from collections.abc import Iterable, Iterator
from contextlib import suppress
from datetime import datetime
from enum import StrEnum
from pathlib import Path
from typing import Annotated, TypeVar

import typer
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn, TimeRemainingColumn

from exporters.discovery import discovery_json
from exporters.tables import csv_lines, json_array, json_lines
from thuocdo.cli.context import CliContext
from thuocdo.cli.incidents import in_hanoi
from thuocdo.cli.rank import known_round, shown_ranking
from thuocdo.core import clock
from thuocdo.core.errors import ConfigurationError
from thuocdo.core.kinds.kind import all_kinds, answering_kind
from thuocdo.core.portals import load_registry, read_registry
from thuocdo.core.yamlfile import nearest
from thuocdo.reports.ranking import ranking_rows, ranking_to_csv, ranking_to_json
from thuocdo.score.criteria import load_criteria_set
from thuocdo.store import MeasurementQuery, Store

STANDARD_OUTPUT = "-"

Row = TypeVar("Row")

app = typer.Typer(help="Write measurements, rankings or targets into a file.", no_args_is_help=True)


class MeasurementForm(StrEnum):
    """How measurements are written; jsonl is one object per line."""

    CSV = "csv"
    JSON = "json"
    JSONL = "jsonl"


class RankingForm(StrEnum):
    """How rankings are written."""

    CSV = "csv"
    JSON = "json"


class TargetForm(StrEnum):
    """How targets are written."""

    FILE_SD = "file_sd"


Out = Annotated[str, typer.Option(help="File to write; - is standard output.")]
RoundId = Annotated[str | None, typer.Option("--round", help="Only this round, by its name or id.")]
Since = Annotated[datetime | None, typer.Option(help="From this time on, Hanoi time.")]
Until = Annotated[datetime | None, typer.Option(help="Before this time, Hanoi time.")]


@app.command()
def measurements(
    ctx: typer.Context,
    form: Annotated[MeasurementForm, typer.Option("--format", help="csv, json or jsonl.")] = MeasurementForm.CSV,
    out: Out = STANDARD_OUTPUT,
    round_id: RoundId = None,
    since: Since = None,
    until: Until = None,
    kind: Annotated[str | None, typer.Option(help="Only this kind of probe.")] = None,
    agency: Annotated[str | None, typer.Option(help="Only this agency.")] = None,
) -> None:
    """Write stored measurements, oldest first."""
    context: CliContext = ctx.obj
    kinds = all_kinds()
    _refuse_unknown("--kind", kind, kinds)
    if agency is not None:
        _refuse_unknown("--agency", agency, read_registry(context.settings.registry_dir).at(None).agencies)
    with Store.open(context.settings.store_url) as store:
        chosen = known_round(store, round_id) if round_id else None
        query = MeasurementQuery(
            agency_id=agency,
            kind=kind,
            round_id=chosen.id if chosen else None,
            since=in_hanoi(since) if since else None,
            until=in_hanoi(until) if until else None,
        )
        _say_what_is_gone(context, store, query)
        total = store.measurements.count(query.round_id)
        if form is MeasurementForm.CSV:
            write(out, csv_lines(_watched(context, store.measurements.records(query), total, out), kinds))
        else:
            rows = _watched(context, store.measurements.find(query), total, out)
            write(out, json_array(rows) if form is MeasurementForm.JSON else json_lines(rows))


def _say_what_is_gone(context: CliContext, store: Store, query: MeasurementQuery) -> None:
    """Say on standard error where more is asked for than is kept; rounds are kept whole."""
    gone_before = store.retention.gone_before()
    if gone_before is None or query.round_id is not None or (query.since is not None and query.since >= gone_before):
        return
    settings, translate = context.settings, context.translate
    text = translate(
        "Single measurements are kept for {days} days. Those before {until} went, but for rounds and incidents; what they "
        "amount to by day is kept, and rankings are told from it."
    )
    until = f"{gone_before.astimezone(clock.HANOI):%Y-%m-%d %H:%M}"
    typer.echo(text.format(days=settings.keep.raw_days, until=until), err=True)
    if settings.archive_dir:
        typer.echo(translate("They are in the archive; `thuocdo archive restore DAY` puts them back."), err=True)


@app.command()
def ranking(
    ctx: typer.Context,
    form: Annotated[RankingForm, typer.Option("--format", help="csv or json.")] = RankingForm.CSV,
    out: Out = STANDARD_OUTPUT,
    round_id: RoundId = None,
    since: Since = None,
    until: Until = None,
    criteria: Annotated[str | None, typer.Option(help="Id of the criteria set (default: the settings').")] = None,
) -> None:
    """Write the rankings of ministries and provinces."""
    context: CliContext = ctx.obj
    settings = context.settings
    criteria_set = load_criteria_set(settings.criteria_dir, criteria or settings.criteria_set)
    with Store.open(settings.store_url) as store:
        shown = shown_ranking(context, store, criteria_set, round_id=round_id, since=since, until=until)
    rows = ranking_rows(shown.ranking, shown.registry, context.translate)
    if form is RankingForm.CSV:
        write(out, [ranking_to_csv(rows, simulated=settings.simulated)])
    else:
        write(out, [ranking_to_json(shown.ranking, rows, simulated=settings.simulated)])


@app.command()
def targets(
    ctx: typer.Context,
    form: Annotated[TargetForm, typer.Option("--format", help="file_sd, which Prometheus reads.")] = TargetForm.FILE_SD,  # noqa: ARG001 - one so far
    out: Out = STANDARD_OUTPUT,
    module: Annotated[str, typer.Option(help="Kind of probe that /probe is asked for.")] = answering_kind().name,
) -> None:
    """Write the targets that /probe can be asked for, as Prometheus discovers them."""
    context: CliContext = ctx.obj
    kinds = all_kinds()
    _refuse_unknown("--module", module, kinds)
    registry = load_registry(context.settings.registry_dir, at=clock.today())
    write(out, [discovery_json(registry.probed_targets(), kinds[module])])


def write(out: str, pieces: Iterable[str]) -> None:
    """
    Write text to standard output, or to a file that appears whole or not at all.

    Raises:
        ConfigurationError: the file cannot be written there.
    """
    if out == STANDARD_OUTPUT:
        sys.stdout.writelines(pieces)
        return
    try:
        path = Path(out).resolve()  # a link stays one
        if (
            path.exists() and not path.is_file() and not path.is_dir()
        ):  # a pipe or a device is written to, never replaced
            with path.open("w", encoding="utf-8", newline="") as file:
                file.writelines(pieces)
        else:
            _write_whole(path, pieces)
    except (OSError, RuntimeError) as exc:
        cause = getattr(exc, "strerror", None) or exc
        raise ConfigurationError(
            f"--out {out}: cannot be written ({cause}); choose another place, or free some space there"
        ) from exc


def _write_whole(path: Path, pieces: Iterable[str]) -> None:
    temporary = path.parent / f".{os.getpid()}-{secrets.token_hex(4)}.part"
    try:
        with temporary.open("w", encoding="utf-8", newline="") as file:
            file.writelines(pieces)
        temporary.replace(path)
    finally:
        with suppress(OSError):
            temporary.unlink()


def _watched(context: CliContext, rows: Iterator[Row], total: int, out: str) -> Iterator[Row]:
    """Yield the rows and show how far it is, on a terminal only and never between the rows themselves."""
    shown = context.console.is_terminal and out != STANDARD_OUTPUT
    with Progress(
        TextColumn("{task.description}"),
        BarColumn(),
        MofNCompleteColumn(),
        TimeElapsedColumn(),
        TimeRemainingColumn(),
        console=context.console,
        disable=not shown,
    ) as progress:
        yield from progress.track(rows, total=total, description=context.translate("Writing"))


def _refuse_unknown(option: str, given: str | None, known: Iterable[str]) -> None:
    names = list(known)
    if given is not None and given not in names:
        raise ConfigurationError(f"{option}: no '{given}'{nearest(given, names)} (there are: {', '.join(names)})")
