"""`thuocdo config check`: look at every setting and file, start nothing."""

from collections.abc import Iterator
from itertools import product

import typer

from exporters.prometheus import most_series_of_target
from probes.journeys.journey_file import load_journeys
from schedules.cadence import load_schedule
from thuocdo.cli.context import CliContext
from thuocdo.cli.run import check_everything
from thuocdo.core import clock
from thuocdo.core.kinds.kind import all_kinds
from thuocdo.core.model import Block, TargetRole
from thuocdo.core.portals import load_registry

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
    for line in _series(context):
        context.console.print(line)


def _series(context: CliContext) -> Iterator[str]:
    """Yield how many time series Prometheus has to keep for what is measured by these settings."""
    settings, translate = context.settings, context.translate
    targets = load_registry(settings.registry_dir, at=clock.today()).probed_targets()
    schedule = load_schedule(settings.schedule, all_kinds())
    steps = 1 + max((len(journey.steps) for journey in load_journeys(settings.journeys_dir).values()), default=0)
    total = 0
    yield translate("Time series in Prometheus, from one vantage point, at most:")
    for role, of_communes in product(TargetRole, (False, True)):
        most = [
            most_series_of_target(schedule.profiles_of(target), all_kinds(), steps=steps, target=target)
            for target in targets
            if target.role is role and (target.block is Block.COMMUNE) is of_communes
        ]
        if most:
            total += sum(most)
            called = translate(f"role.{role}") + (f" ({translate('block.commune')})" if of_communes else "")
            text = translate("{role}: {most} each, {count} targets")
            yield "  " + text.format(role=called, most=max(most), count=len(most))
    yield "  " + translate("in all: {total}").format(total=total)
