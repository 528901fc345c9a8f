"""`thuocdo web`: started by `run` and `demo`; by hand only to look at what a demo has left."""

import asyncio
from typing import Annotated

import typer

from thuocdo.cli.children import ranker_child, web_child
from thuocdo.cli.context import CliContext
from thuocdo.core.stopping import Stop
from thuocdo.processes.listening import listen
from thuocdo.processes.signals import stop_on_signals
from thuocdo.processes.supervisor import Child, supervise
from thuocdo.processes.web import run_web


def web(
    ctx: typer.Context, descriptor: Annotated[int | None, typer.Option(help="Listening socket to take over.")] = None
) -> int:
    """
    Serve pages and metrics (started by `thuocdo run`).

    By hand, without a socket to take over, it starts the process that computes rankings beside it.
    """
    context: CliContext = ctx.obj
    if descriptor is not None:
        run_web(context.settings, descriptor)
        return 0
    with listen(context.settings) as listener:
        return asyncio.run(_both([web_child(context, listener), ranker_child(context)]))


async def _both(children: list[Child]) -> int:
    stop: Stop = stop_on_signals()
    return await supervise(children, stop)
