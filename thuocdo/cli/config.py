"""`thuocdo config check`: look at every setting and file, start nothing."""

import typer

from thuocdo.cli.context import CliContext
from thuocdo.cli.run import check_everything

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
