"""`thuocdo judge`: started by `run` and `demo`; nobody needs to start it by hand."""

import typer

from thuocdo.processes.judge import run_judge


def judge(ctx: typer.Context) -> None:
    """Judge incidents and count availability (started by `thuocdo run`)."""
    run_judge(ctx.obj.settings)
