"""`thuocdo agent`: started by `run`, `round` and `demo`; nobody needs to start it by hand."""

from typing import Annotated

import typer

from thuocdo.core.kinds.kind import Engine
from thuocdo.processes.agent import run_agent


def agent(
    ctx: typer.Context,
    engine: Annotated[Engine, typer.Argument(help="Whose kinds of probe to run.")],
    round_id: Annotated[str | None, typer.Option("--round", help="Work on this round only.")] = None,
) -> None:
    """Run one agent (started by `thuocdo run`)."""
    run_agent(ctx.obj.settings, engine, round_id)
