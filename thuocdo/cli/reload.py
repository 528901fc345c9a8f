"""`thuocdo reload`: what people wrote is read again by everything that runs here."""

import typer

from thuocdo.cli.context import CliContext
from thuocdo.cli.run import reload_files


def reload(ctx: typer.Context) -> int:
    """
    Let what runs here read registry, schedule, maintenance and criteria again; with a mistake everything stays as it was.

    The same as SIGHUP to a service, and as POST /-/reload. Settings, journeys and sessions are read when `thuocdo run` starts.
    """
    context: CliContext = ctx.obj
    registry = reload_files(context.settings)
    context.console.print(
        context.translate(
            "{number} targets are registered; what runs over {folder} takes everything up within 10 s."
        ).format(number=len(registry.targets), folder=context.settings.data_dir),
        markup=False,
        highlight=False,
        soft_wrap=True,
    )
    return 0
