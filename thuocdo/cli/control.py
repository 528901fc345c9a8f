"""`thuocdo control`: visits from another network, beside ours; planned at the centre, measured elsewhere, counted nowhere."""

import secrets
from pathlib import Path
from typing import Annotated

import typer

from thuocdo.agent.controls import control_jobs, drawn_controls
from thuocdo.cli.context import CliContext
from thuocdo.cli.given import write_new
from thuocdo.cli.visiting import refuse_without_contact
from thuocdo.core import clock
from thuocdo.core.errors import ConfigurationError
from thuocdo.core.vantages import is_control
from thuocdo.store import MeasurementQuery, Store
from thuocdo.treatment.files import plan_text, read_plan, visits_text
from thuocdo.treatment.visits import KIND, is_compared, visit_of

app = typer.Typer(
    no_args_is_help=True,
    add_completion=False,
    help="Visits from another network, beside ours, under our own name: they find special treatment, and count nowhere.",
)

SEED_BYTES = 16


@app.command("plan")
def plan(
    ctx: typer.Context,
    out: Annotated[
        Path, typer.Option(help="File to write, for the control; keep it to yourself until its days are over.")
    ],
    days: Annotated[
        int, typer.Option(help="From tomorrow on; of less than ten visits nothing is told.", min=1, max=62)
    ] = 14,
) -> None:
    """Draw, at the centre, when a control visits whom: one block of ten, a few minutes from a visit of ours, by chance."""
    context: CliContext = ctx.obj
    if is_control(context.settings.vantage.id):
        raise ConfigurationError("vantage.id: this machine is the control itself; draw its plan at the centre")
    with Store.open(context.settings.store_url) as store:
        drawn = drawn_controls(context.settings, store, days, secrets.token_hex(SEED_BYTES), clock.now())
    write_new(out, plan_text(drawn.visits, drawn.registry_digest).encode(), is_secret=True)
    text = "{visits} visits of {targets} home pages, written to {file}."
    context.console.print(
        context.translate(text).format(
            visits=len(drawn.visits), targets=len({one.target_id for one in drawn.visits}), file=out
        ),
        soft_wrap=True,
    )


@app.command("measure")
def measure(
    ctx: typer.Context,
    file: Annotated[Path, typer.Argument(metavar="FILE", help="The plan, as the centre wrote it.")],
) -> None:
    """Measure by a plan until it is over, on the control's machine; after a stop the same command goes on."""
    from thuocdo.processes.control import run_control  # the browser's library takes a while to import

    context: CliContext = ctx.obj
    settings, now = context.settings, clock.now()
    found = read_plan(file)
    with Store.open(settings.store_url) as store:
        jobs = control_jobs(settings, found, store.measurements.keys(), now)
    refuse_without_contact(settings)
    text = context.translate(
        "This machine is a control: {visits} visits are left, and nothing that it measures counts."
    )
    context.console.print(text.format(visits=len(jobs)), soft_wrap=True)
    run_control(settings, jobs)


@app.command("write")
def write(
    ctx: typer.Context,
    out: Annotated[Path, typer.Option(help="File to write, for the centre.")],
) -> None:
    """Write what the control measured, for `thuocdo findings look --control` at the centre."""
    context: CliContext = ctx.obj
    vantage = context.settings.vantage.id
    if not is_control(vantage):
        raise ConfigurationError(f"vantage.id: '{vantage}' is no control; give this command on the control's machine")
    with Store.open(context.settings.store_url) as store:
        visits = [visit_of(one) for one in store.measurements.find(MeasurementQuery(kind=KIND)) if is_compared(one)]
    write_new(out, visits_text(visits, vantage).encode(), is_secret=True)
    text = context.translate("{visits} visits, written to {file}.")
    context.console.print(text.format(visits=len(visits), file=out), soft_wrap=True)
