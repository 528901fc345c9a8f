"""`thuocdo web`: started by `run` and `demo`; by hand only to look at what a demo has left."""

from typing import Annotated

import typer

from thuocdo.processes.web import run_web


def web(
    ctx: typer.Context, descriptor: Annotated[int | None, typer.Option(help="Listening socket to take over.")] = None
) -> None:
    """Serve pages and metrics (started by `thuocdo run`)."""
    run_web(ctx.obj.settings, descriptor)
