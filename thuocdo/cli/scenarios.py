"""`thuocdo scenarios check|run`: look at journeys to eForms, and walk one while writing it."""

import json
import os
from dataclasses import replace
from pathlib import Path
from typing import Annotated

import typer
import uvloop

from probes.journeys.journey_file import journey_problem, load_journey, load_journeys
from probes.journeys.rehearsal import Rehearsal, rehearse
from probes.journeys.session import load_sessions, read_session
from probes.opening import open_runner
from thuocdo.cli.check import eform_target, url_problem, variables_given
from thuocdo.cli.context import CliContext
from thuocdo.core import clock
from thuocdo.core.errors import ConfigurationError
from thuocdo.core.kinds.kind import Engine, all_kinds
from thuocdo.core.model import Job, Target
from thuocdo.core.portals import read_registry
from thuocdo.core.profiles import PLAIN_PROFILE, PROFILES
from thuocdo.core.yamlfile import nearest
from thuocdo.reports.journey import journey_result, print_journey
from thuocdo.store.evidence import EvidenceStore

app = typer.Typer(help="Journeys that open eForms.", no_args_is_help=True)


@app.command()
def check(
    ctx: typer.Context,
    files: Annotated[list[Path] | None, typer.Argument(help="Journeys (default: all of the settings' folder).")] = None,
) -> None:
    """Check journeys; report every mistake with file, step, key and the nearest valid one. Exit code 2 on a mistake."""
    context: CliContext = ctx.obj
    problems: list[str] = []
    count = 0
    if files is None:
        count = len(load_journeys(context.settings.journeys_dir))
    for file in files or ():
        try:
            load_journey(file)
            count += 1
        except ConfigurationError as exc:
            problems += exc.problems
    if problems:
        raise ConfigurationError(problems)
    context.console.print(context.translate("{count} journeys; no mistakes").format(count=count))


@app.command()
def run(
    ctx: typer.Context,
    file: Annotated[Path, typer.Argument(metavar="FILE", help="The journey.")],
    target: Annotated[str, typer.Option(help="Address of the procedure, or id of a registered eForm.")],
    variable: Annotated[list[str] | None, typer.Option("--set", help="NAME=VALUE for the journey.")] = None,
    profile: Annotated[str, typer.Option(help="Device; the line is this machine's own.")] = PLAIN_PROFILE,
    session: Annotated[Path | None, typer.Option(help="Login session: a storage state that Playwright wrote.")] = None,
    headed: Annotated[bool, typer.Option("--headed", help="Show a window and act slowly.")] = False,
    trace: Annotated[
        Path | None, typer.Option(help="Write Playwright's trace there (not redacted: do not pass it on).")
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", help="One JSON object.")] = False,
) -> None:
    """Walk a journey once and show each step. Exit code 0: the form is ready; 1: it is not; 2: usage."""
    context: CliContext = ctx.obj
    journey = load_journey(file)
    if profile not in PROFILES:
        raise ConfigurationError(
            f"--profile: unknown '{profile}'{nearest(profile, PROFILES)}; profiles: {', '.join(PROFILES)}"
        )
    found = _target(context, target, file.stem, variables_given(variable or []))
    if problem := journey_problem(found, {file.stem: journey}):
        raise ConfigurationError(problem)
    sessions = dict(load_sessions(context.settings.sessions_dir, os.environ))
    if session:
        sessions[found.portal_id] = read_session(found.portal_id, session)

    async def walk() -> Rehearsal:
        evidence = EvidenceStore(context.settings.evidence_dir)
        async with open_runner(context.settings, evidence, {Engine.HTTP}) as runner:
            tools = replace(runner.tools, journeys={file.stem: journey}, sessions=sessions)
            await runner.politeness.wait_turn(found.host)
            given = context.settings.hosts_file
            hosts = json.loads(given.read_text(encoding="utf-8")) if given else None
            return await rehearse(
                _job(context, found, profile), tools, context.settings.browser, hosts=hosts, headed=headed, trace=trace
            )

    seen = uvloop.run(walk())
    if as_json:
        typer.echo(json.dumps(journey_result(file.stem, found.url, seen), ensure_ascii=False))
    else:
        print_journey(
            context.console,
            journey.title_vi if context.lang == "vi" else journey.title_en,
            journey,
            seen,
            context.lang,
        )
        if trace:
            text = context.translate("Trace: {file} (look at it with `playwright show-trace`; it is not redacted)")
            context.console.print(text.format(file=trace), soft_wrap=True)
    raise typer.Exit(int(seen.result.reason is not None))


def _target(context: CliContext, given: str, journey: str, variables: dict[str, str]) -> Target:
    if "://" in given:
        if problem := url_problem(given):
            raise ConfigurationError(f"--target: {problem}")
        return eform_target(given, journey, variables)
    day = clock.today()
    registered = read_registry(context.settings.registry_dir).at(day).target(given)
    return replace(registered, journey=journey, variables={**registered.variables, **variables})


def _job(context: CliContext, target: Target, profile: str) -> Job:
    return Job(
        target=target,
        kind="eform",
        vantage_id=context.settings.vantage.id,
        profile=profile,
        scheduled_at=clock.now(),
        deadline_seconds=PROFILES[profile].deadline_seconds(all_kinds()["eform"].deadline_seconds),
    )
