"""`thuocdo check URL…`: look at pages once or several times, with any kind of probe, without registry or store."""

from collections.abc import Mapping, Sequence
from typing import Annotated
from urllib.parse import urlsplit

import typer
import uvloop

from probes.journeys.journey_file import load_journeys
from thuocdo.cli.context import CliContext
from thuocdo.cli.page_check import CheckRequest, check_pages
from thuocdo.core.errors import ConfigurationError
from thuocdo.core.kinds.kind import Kind, all_kinds
from thuocdo.core.model import Block, Target, TargetRole
from thuocdo.core.profiles import PLAIN_PROFILE, PROFILES
from thuocdo.core.yamlfile import nearest

MOST_RUNS = 100
"""More runs are a campaign, which is a round's business: it plans, stores, and goes on after a crash."""


def check(
    ctx: typer.Context,
    urls: Annotated[list[str], typer.Argument(metavar="URL…", help="Pages to look at.")],
    only: Annotated[
        str | None, typer.Option(help="Kinds of probe, with commas between them.", metavar="KIND,…")
    ] = None,
    journey: Annotated[str | None, typer.Option(help="Journey that opens the eForm behind the address.")] = None,
    variable: Annotated[list[str] | None, typer.Option("--set", help="NAME=VALUE for the journey.")] = None,
    profile: Annotated[
        str,
        typer.Option(help=f"Device and line of the browser: {', '.join(PROFILES)}. http has neither: always desktop."),
    ] = PLAIN_PROFILE,
    runs: Annotated[
        int, typer.Option(help=f"How often, 1 to {MOST_RUNS}: gives median, p75 and spread.", metavar="N")
    ] = 1,
    evidence: Annotated[
        bool,
        typer.Option("--evidence", help="Take all evidence, filmstrip and HAR included; this slows a page a little."),
    ] = False,
    as_json: Annotated[bool, typer.Option("--json", help="One JSON object per page and line.")] = False,
) -> int:
    """
    Check pages once or several times. Exit code 0: all fine; 1: something found or not measurable; 2: usage.

    A page that is not on this machine is opened in a browser at most once in 5 minutes: the command says so and waits.
    """
    context: CliContext = ctx.obj
    _check_options(profile, runs)
    kinds = _chosen_kinds(only, journey)
    wish = CheckRequest(
        targets=_targets(context, urls, journey, variable or []),
        kinds=kinds,
        profile=profile,
        runs=runs,
        full_evidence=evidence,
        as_json=as_json,
    )
    return uvloop.run(check_pages(context, wish))


def _check_options(profile: str, runs: int) -> None:
    problems = []
    if profile not in PROFILES:
        problems.append(f"--profile: unknown '{profile}'{nearest(profile, PROFILES)}; profiles: {', '.join(PROFILES)}")
    if not 1 <= runs <= MOST_RUNS:
        problems.append(
            f"--runs: {runs} is not between 1 and {MOST_RUNS}; to measure more often, use `thuocdo round` or `thuocdo run`"
        )
    if problems:
        raise ConfigurationError(problems)


def _chosen_kinds(only: str | None, journey: str | None) -> list[Kind]:
    kinds = all_kinds()
    role = TargetRole.EFORM if journey else TargetRole.HOMEPAGE
    if only is None:
        return [kind for kind in kinds.values() if role in kind.roles and not kind.needs_mandate]
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
    problems = [problem for url in urls if (problem := url_problem(url))]
    if journey is not None:
        journeys = load_journeys(context.settings.journeys_dir)
        if journey not in journeys:
            problems.append(
                f"--journey: unknown '{journey}'{nearest(journey, journeys)}; journeys: {', '.join(journeys)}"
            )
    problems += [f"--set {item}: write NAME=VALUE" for item in given if "=" not in item]
    if problems:
        raise ConfigurationError(problems)
    variables = variables_given(given)
    if journey is not None:
        return [eform_target(url, journey, variables) for url in dict.fromkeys(urls)]
    return [
        Target(
            id=url,
            role=TargetRole.HOMEPAGE,
            url=url,
            agency_id="check",
            portal_id="check",
            block=Block.NATIONAL,
            own_hosts=frozenset({urlsplit(url).hostname or ""}),
        )
        for url in dict.fromkeys(urls)  # the same page twice would be visited twice
    ]


def variables_given(given: Sequence[str]) -> dict[str, str]:
    """
    Return the variables that --set gave.

    Raises:
        ConfigurationError: one is not NAME=VALUE.
    """
    problems = [f"--set {item}: write NAME=VALUE" for item in given if "=" not in item]
    if problems:
        raise ConfigurationError(problems)
    return dict(item.split("=", 1) for item in given)


def eform_target(url: str, journey: str, variables: Mapping[str, str]) -> Target:
    """Return an eForm that is in no registry."""
    return Target(
        id=url,
        role=TargetRole.EFORM,
        url=url,
        agency_id="check",
        portal_id="check",
        block=Block.NATIONAL,
        journey=journey,
        procedure_code=variables.get("procedure_code"),
        variables=variables,
        own_hosts=frozenset({urlsplit(url).hostname or ""}),
    )


def url_problem(url: str) -> str:
    """Return what is wrong with an address, or an empty text."""
    try:
        parts = urlsplit(url)
        host, _ = parts.hostname, parts.port
    except ValueError as exc:
        return f"{url}: no valid address ({exc}); give one like https://example.gov.vn/"
    if parts.scheme not in ("http", "https") or not host:
        return f"{url}: no web address; give one like https://example.gov.vn/"
    return ""
