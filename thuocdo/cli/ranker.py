"""`thuocdo ranker`: started by `run`, `demo` and `web`; nobody needs to start it by hand."""

import typer

from thuocdo.processes.ranker import run_ranker


def ranker(ctx: typer.Context) -> None:
    """Compute the rankings that pages and metrics show (started by `thuocdo run`)."""
    run_ranker(ctx.obj.settings)
