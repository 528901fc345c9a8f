"""`thuocdo check URL…`: look at pages once, with any kind of probe, without registry or store."""

import json
from collections.abc import Sequence
from typing import Annotated, Any
from urllib.parse import urlsplit

import typer
import uvloop
from rich.progress import Progress

from probes.journeys.journey import load_journeys
from probes.kind import Kind, all_kinds
from probes.runner import Runner
from probes.toolbox import open_runner
from thuocdo import clock
from thuocdo.cli.context import CliContext
from thuocdo.errors import ConfigurationError
from thuocdo.model import Block, FindingOutcome, Job, Measurement, Outcome, Target, TargetRole
from thuocdo.profiles import PROFILES
from thuocdo.reports.check import print_check
from thuocdo.store.evidence import EvidenceStore
from thuocdo.wire import measurement_to_dict
from thuocdo.yamlfile import nearest

_SEVERITY = {Outcome.OK: 0, Outcome.INCONCLUSIVE: 1, Outcome.FAILED: 2}


def check(
    ctx: typer.Context,
    urls: Annotated[list[str], typer.Argument(metavar="URL…", help="Pages to look at.")],
    only: Annotated[
        str | None, typer.Option(help="Kinds of probe, with commas between them.", metavar="KIND,…")
    ] = None,
    journey: Annotated[str | None, typer.Option(help="Journey that opens the eForm behind the address.")] = None,
    variable: Annotated[list[str] | None, typer.Option("--set", help="NAME=VALUE for the journey.")] = None,
    profile: Annotated[str, typer.Option(help="Device and line.")] = "desktop",
    as_json: Annotated[bool, typer.Option("--json", help="One JSON object per page and line.")] = False,
) -> int:
    """Check pages once. Exit code 0: all fine; 1: something found or not measurable; 2: usage."""
    context: CliContext = ctx.obj
    kinds = _chosen_kinds(only, journey)
    targets = _targets(context, urls, journey, variable or [])
    if profile not in PROFILES:
        raise ConfigurationError(
            f"--profile: unknown '{profile}'{nearest(profile, PROFILES)}; profiles: {', '.join(PROFILES)}"
        )
    return uvloop.run(_check_all(context, targets, kinds, profile, as_json=as_json))


async def _check_all(
    context: CliContext, targets: Sequence[Target], kinds: Sequence[Kind], profile: str, *, as_json: bool
) -> int:
    settings = context.settings
    worst = 0
    evidence = EvidenceStore(settings.evidence_dir)
    show_progress = context.console.is_terminal and not as_json and len(targets) > 1
    async with open_runner(settings, evidence, {kind.engine for kind in kinds}) as runner:
        with Progress(console=context.console, transient=True, disable=not show_progress) as progress:
            for target in progress.track(targets, description=context.translate("Checking")):
                measurements = [await runner.run(_job(context, runner, target, kind, profile)) for kind in kinds]
                worst = max(worst, _exit_code(measurements))
                if as_json:
                    print(json.dumps(page_result(target, measurements), ensure_ascii=False), flush=True)  # noqa: T201
                else:
                    print_check(context.console, target.url, measurements, context.translate, evidence.path)
    return worst


def _job(context: CliContext, runner: Runner, target: Target, kind: Kind, profile: str) -> Job:
    return Job(
        target=target,
        kind=kind.name,
        vantage_id=context.settings.vantage.id,
        profile=profile,
        scheduled_at=clock.now(),
        deadline_seconds=runner.kinds[kind.name].deadline_seconds,
    )


def page_result(target: Target, measurements: Sequence[Measurement]) -> dict[str, Any]:
    """
    Return the public JSON of one checked page.

    outcome and reason: of the worst kind. values: `<kind>.<value>`. findings, tested, not_testable, score: of accessibility.
    """
    worst = max(measurements, key=lambda m: _SEVERITY[m.observation.outcome])
    values = {f"{m.key.kind}.{name}": number for m in measurements for name, number in m.observation.values.items()}
    as_dicts = [measurement_to_dict(m) for m in measurements]
    return {
        "url": target.url,
        "outcome": worst.observation.outcome.value,
        "reason": worst.observation.reason.value if worst.observation.reason else None,
        "detail": worst.observation.detail,
        "values": values,
        "findings": [finding for m in as_dicts for finding in m["observation"]["findings"]],
        "tested": [rule for m in measurements for rule in m.observation.tested],
        "not_testable": [rule for m in measurements for rule in m.observation.not_testable],
        "score": values.get("accessibility.score"),
        "versions": dict(worst.conditions.versions)
        | {k: v for m in measurements for k, v in m.observation.attributes.items() if k.endswith("_version")},
        "measurements": [
            {
                "kind": m["key"]["kind"],
                "outcome": m["observation"]["outcome"],
                "reason": m["observation"]["reason"],
                "detail": m["observation"]["detail"],
                "page_kind": m["observation"]["page_kind"],
                "started_at": m["started_at"],
                "duration_seconds": m["duration_seconds"],
                "attributes": m["observation"]["attributes"],
                "conditions": m["conditions"],
                "evidence": m["observation"]["evidence"],
            }
            for m in as_dicts
        ],
    }


def _exit_code(measurements: Sequence[Measurement]) -> int:
    bad = any(
        m.observation.outcome is not Outcome.OK
        or any(f.outcome is FindingOutcome.FAILED for f in m.observation.findings)
        for m in measurements
    )
    return int(bad)


def _chosen_kinds(only: str | None, journey: str | None) -> list[Kind]:
    kinds = all_kinds()
    role = TargetRole.EFORM if journey else TargetRole.HOMEPAGE
    if only is None:
        return [kind for kind in kinds.values() if role in kind.roles]
    names = [name.strip() for name in only.split(",") if name.strip()]
    problems = [
        f"--only: unknown kind '{name}'{nearest(name, kinds)}; kinds: {', '.join(kinds)}"
        for name in names
        if name not in kinds
    ]
    problems += [
        f"--only: kind '{name}' opens an eForm and needs --journey NAME"
        for name in names
        if name in kinds
        and TargetRole.EFORM in kinds[name].roles
        and TargetRole.HOMEPAGE not in kinds[name].roles
        and not journey
    ]
    if problems:
        raise ConfigurationError(problems)
    if not names:
        raise ConfigurationError(f"--only: no kind given; kinds: {', '.join(kinds)}")
    return [kinds[name] for name in names]


def _targets(context: CliContext, urls: Sequence[str], journey: str | None, given: Sequence[str]) -> list[Target]:
    problems = [problem for url in urls if (problem := _url_problem(url))]
    if journey is not None:
        journeys = load_journeys(context.settings.journeys_dir)
        if journey not in journeys:
            problems.append(
                f"--journey: unknown '{journey}'{nearest(journey, journeys)}; journeys: {', '.join(journeys)}"
            )
    problems += [f"--set {item}: write NAME=VALUE" for item in given if "=" not in item]
    if problems:
        raise ConfigurationError(problems)
    variables = dict(item.split("=", 1) for item in given)
    return [
        Target(
            id=url,
            role=TargetRole.EFORM if journey else TargetRole.HOMEPAGE,
            url=url,
            agency_id="check",
            portal_id="check",
            block=Block.NATIONAL,
            journey=journey,
            procedure_code=variables.get("procedure_code"),
            variables=variables,
            own_hosts=frozenset({urlsplit(url).hostname or ""}),
        )
        for url in urls
    ]


def _url_problem(url: str) -> str:
    try:
        parts = urlsplit(url)
        host, _ = parts.hostname, parts.port
    except ValueError as exc:
        return f"{url}: no valid address ({exc}); give one like https://example.gov.vn/"
    if parts.scheme not in ("http", "https") or not host:
        return f"{url}: no web address; give one like https://example.gov.vn/"
    return ""
