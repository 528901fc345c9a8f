"""`thuocdo round log`: who did what with rounds, and whether the log is as it was written."""

import json
from collections.abc import Sequence
from typing import Annotated

import typer
from rich import box
from rich.table import Table

from thuocdo.cli.context import CliContext
from thuocdo.cli.rank import known_round
from thuocdo.core.clock import HANOI
from thuocdo.core.model import Round, RoundLogEntry
from thuocdo.core.retelling import retold
from thuocdo.rounds.audit import broken_links, broken_record
from thuocdo.rounds.documents import entry_document
from thuocdo.store import Store

HASH_SHOWN = 12
"""Characters of a hash in a table; JSON has all of them."""


def log(
    ctx: typer.Context,
    name: Annotated[str | None, typer.Argument(help="Name or id of a round (default: all).")] = None,
    check: Annotated[
        bool, typer.Option("--check", help="Look whether anything was changed, removed or put in; exit code 1: it was.")
    ] = False,
    head: Annotated[
        str, typer.Option(help="Hash of an entry that you noted; with --check it must still be there.")
    ] = "",
    as_json: Annotated[bool, typer.Option("--json", help="A JSON list instead of a table.")] = False,
) -> None:
    """Show the log of rounds: who did what, when and why; each entry holds the hash of the one before."""
    context: CliContext = ctx.obj
    with Store.open(context.settings.store_url) as store:
        known = store.rounds.all()
        rounds = [known_round(store, name)] if name else known
        entries = store.round_log.of(rounds[0].id) if name else store.round_log.all()
        if check:
            whole = store.round_log.all()
            faults = broken_links(whole, head)
            faults += [fault for one in rounds for fault in broken_record(store, one)]
            _tell(context, faults, whole)
            raise typer.Exit(1 if faults else 0)
    if as_json:
        typer.echo(json.dumps([entry_document(one) for one in entries], ensure_ascii=False, indent=2))
    elif entries:
        context.console.print(_table(entries, {one.id: one for one in known}, context))
    else:
        context.console.print(context.translate("Nothing was done yet with a round that has a plan."))


def _tell(context: CliContext, faults: Sequence[str], whole: Sequence[RoundLogEntry]) -> None:
    for fault in faults:
        context.console.print(retold(context.lang, fault), style="red", soft_wrap=True)
    if not faults:
        text = context.translate("{count} entries, each follows from the one before; the last one has the hash {hash}.")
        context.console.print(text.format(count=len(whole), hash=whole[-1].hash if whole else "–"), soft_wrap=True)


def _table(entries: Sequence[RoundLogEntry], rounds: dict[str, Round], context: CliContext) -> Table:
    translate = context.translate
    table = Table(box=box.SIMPLE_HEAD)
    for heading in ("No.", "When", "Round", "Step", "By whom", "About", "Reason", "Hash"):
        table.add_column(translate(heading))
    for entry in entries:
        note = entry.note
        label = rounds[note.round_id].label if note.round_id in rounds else note.round_id
        table.add_row(
            str(entry.number),
            f"{note.at.astimezone(HANOI):%d/%m/%Y %H:%M}",
            label,
            translate(f"round.step.{note.step.value}"),
            note.by,
            note.subject,
            note.reason,
            entry.hash[:HASH_SHOWN],
        )
    return table
