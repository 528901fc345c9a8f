"""`thuocdo doctor`: what is off on this machine, and how to mend it."""

import json
from typing import Annotated

import typer
from rich.table import Table
from rich.text import Text

from thuocdo.cli.context import CliContext
from thuocdo.core.checks import Check, CheckState
from thuocdo.core.i18n import Translate
from thuocdo.doctor import examine

_STYLE = {CheckState.OK: "green", CheckState.WARNING: "yellow", CheckState.OFF: "bold red"}


def doctor(
    ctx: typer.Context,
    as_json: Annotated[bool, typer.Option("--json", help="One JSON object per check and line.")] = False,
) -> int:
    """Say what is off on this machine and how to mend it. Exit code 0: nothing; 1: something is off."""
    context: CliContext = ctx.obj
    checks = examine(context.settings)
    if as_json:
        for check in checks:
            typer.echo(json.dumps(check.to_dict(), ensure_ascii=False))
    else:
        context.console.print(_table(checks, context.translate, context.lang))
    return int(any(check.state is CheckState.OFF for check in checks))


def _table(checks: tuple[Check, ...], translate: Translate, lang: str) -> Table:
    table = Table(title=translate("State of this machine"))
    for heading in ("Check", "State", "Value", "Remedy"):
        table.add_column(translate(heading), overflow="fold")
    for check in checks:
        state = Text(translate(f"doctor.{check.state.value}"), style=_STYLE[check.state])
        name, value, remedy = (
            Text(check.say(text, translate, lang)) for text in (check.name, check.value, check.remedy)
        )
        table.add_row(name, state, value, remedy)
    return table
