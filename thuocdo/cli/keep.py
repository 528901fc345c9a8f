"""`thuocdo keep`: started by `run`; nobody needs to start it by hand."""

import typer

from thuocdo.processes.keep import run_keep


def keep(ctx: typer.Context) -> None:
    """Let go of what is too old, every hour (started by `thuocdo run`)."""
    run_keep(ctx.obj.settings)
