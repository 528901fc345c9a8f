"""`thuocdo archive`: measurements of closed days as Parquet files, and back into the store."""

import json
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date, datetime
from pathlib import Path
from typing import Annotated

import typer
from rich.table import Table

from thuocdo.cli.context import CliContext
from thuocdo.core import clock
from thuocdo.core.errors import ConfigurationError
from thuocdo.store import Store
from thuocdo.store.archive import Archive, ArchiveFile, day_number
from thuocdo.store.archiving import Archiving
from thuocdo.store.restoring import PutBack

app = typer.Typer(help="The archive: measurements of closed days as Parquet files.", no_args_is_help=True)

Folder = Annotated[
    Path | None,
    typer.Option("--dir", help="Folder of the archive (default: archive_dir of the settings, else data/archive)."),
]


@app.callback()
def _archive() -> None:
    """The archive: measurements of closed days as Parquet files."""


@app.command("write")
def write(ctx: typer.Context, folder: Folder = None) -> None:
    """Write the closed days that are not archived yet: a day is closed 48 hours after its end."""
    context: CliContext = ctx.obj
    rows, files = 0, 0
    with _opened(context, folder) as (_, archiving, place):
        for written in archiving.write_closed(clock.now()):
            rows, files = rows + written.rows, files + 1
            text = context.translate("{file}: {rows} measurements")
            context.console.print(text.format(file=written.file.path, rows=written.rows))
    text = context.translate("{files} files with {rows} measurements written into {folder}.")
    context.console.print(text.format(files=files, rows=rows, folder=place))


@app.command("list")
def list_(
    ctx: typer.Context,
    folder: Folder = None,
    as_json: Annotated[bool, typer.Option("--json", help="One JSON object per file and line.")] = False,
) -> None:
    """List what is archived."""
    context: CliContext = ctx.obj
    place = folder or context.settings.archive_folder
    files = Archive(place).files()
    if as_json:
        for file in files:
            told = {
                "day": file.date.isoformat(),
                "kind": file.kind,
                "part": file.part,
                "measurements": file.rows(),
                "bytes": file.size_bytes,
                "path": str(file.path),
            }
            typer.echo(json.dumps(told, ensure_ascii=False))
    elif files:
        context.console.print(_table(context, files))
    else:
        context.console.print(context.translate("Nothing is archived in {folder}.").format(folder=place))


@app.command("restore")
def restore(
    ctx: typer.Context,
    days: Annotated[list[str], typer.Argument(metavar="DAY…", help="Days in Hanoi, such as 2026-10-01.")],
    folder: Folder = None,
) -> None:
    """
    Put the measurements of archived days back into the store; what is there stays as it is.

    Rankings and periods change nowhere: what the roll-ups hold already is not counted again. After seven days retention takes
    again what is too old.
    """
    context: CliContext = ctx.obj
    chosen = [_day(text) for text in days]
    with _opened(context, folder) as (store, archiving, place):
        there = {file.day for file in Archive(place).files()}
        missing = [day for day in chosen if day_number(day) not in there]
        if missing:
            raise ConfigurationError(
                f"{place}: nothing is archived of {', '.join(map(str, missing))}; `thuocdo archive list` shows what is"
            )
        for day in chosen:
            done = archiving.restore(day_number(day), clock.now())
            until = store.restoring.noted()[day_number(day)]
            for line in _told(context, day, done, until):
                context.console.print(line)


def _told(context: CliContext, day: date, done: PutBack, until: datetime) -> Iterator[str]:
    translate = context.translate
    text = translate("{day}: {rows} measurements put back, {known} were there already.")
    yield text.format(day=day, rows=done.counted + done.new, known=done.known)
    if done.new:
        yield "  " + translate("{rows} of them are in no roll-up yet; rankings count them from now on.").format(
            rows=done.new
        )
    if done.counted or done.new:
        text = translate("They stay until {until} at least, Hanoi time.")
        yield "  " + text.format(until=f"{until.astimezone(clock.HANOI):%Y-%m-%d %H:%M}")


@contextmanager
def _opened(context: CliContext, folder: Path | None) -> Iterator[tuple[Store, Archiving, Path]]:
    place = folder or context.settings.archive_folder
    with Store.open(context.settings.store_url) as store:
        yield store, store.archiving(place), place


def _day(text: str) -> date:
    try:
        return date.fromisoformat(text)
    except ValueError as exc:
        raise ConfigurationError(f"DAY: '{text}' is no day; give it as in 2026-10-01") from exc


def _table(context: CliContext, files: list[ArchiveFile]) -> Table:
    """Return a line for each day: what there is of each kind, and how large it is."""
    translate = context.translate
    table = Table()
    table.add_column(translate("Day"))
    table.add_column(translate("Measurements"))
    table.add_column(translate("MB"), justify="right")
    days: dict[date, list[ArchiveFile]] = {}
    for file in files:
        days.setdefault(file.date, []).append(file)
    for day, of_day in days.items():
        kinds: Counter[str] = Counter()
        for file in of_day:
            kinds[translate(f"kind.{file.kind}")] += file.rows()
        told = ", ".join(f"{kind} {rows}" for kind, rows in kinds.items())
        table.add_row(str(day), told, f"{sum(file.size_bytes for file in of_day) / 1e6:.1f}")
    return table
