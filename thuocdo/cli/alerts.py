"""`thuocdo alerts`: the files that Prometheus and Alertmanager read, from the one list of alerts."""

from collections.abc import Iterator
from pathlib import Path
from typing import Annotated

import typer

from dashboards.notice import template_file
from dashboards.owners import load_owners
from dashboards.routes import alertmanager_file
from dashboards.rules import PublicAddresses, rule_files
from thuocdo.cli.context import CliContext
from thuocdo.cli.generated import known_owners, put
from thuocdo.cli.who_is_told import owners_file, say_who_is_told

app = typer.Typer(help="Write rule files of Prometheus and the configuration of Alertmanager.", no_args_is_help=True)


@app.callback()
def _alerts() -> None:
    """Keep `write` a word of its own while there is no other."""


@app.command()
def write(
    ctx: typer.Context,
    out: Annotated[Path, typer.Option(help="Folder that gets prometheus/rules and alertmanager.")] = Path("local"),
    owners: Annotated[
        Path | None,
        typer.Option(help="YAML file with who is told of what (default: that of the settings, or what ships)."),
    ] = None,
    site_url: Annotated[str, typer.Option(help="Where people open our pages.")] = PublicAddresses().site,
    grafana_url: Annotated[
        str, typer.Option(help="Where people open Grafana; '' = nowhere.")
    ] = PublicAddresses().grafana,
    runbook_url: Annotated[str, typer.Option(help="Page that the runbook stands on.")] = PublicAddresses().runbook,
    check: Annotated[
        bool, typer.Option("--check", help="Write nothing; say which files are not as they should be.")
    ] = False,
) -> None:
    """Write the files; with --check only compare: exit code 1 when one differs."""
    context: CliContext = ctx.obj
    links = PublicAddresses(site=site_url.rstrip("/"), grafana=grafana_url.rstrip("/"), runbook=runbook_url)
    told = owners_file(context, owners)
    files = dict(generated(links, told, known_owners(context.settings.registry_dir)))
    code = put(context, out, files, check=check)
    if not check:
        say_who_is_told(context, told)
    raise typer.Exit(code)


def generated(links: PublicAddresses, owners: Path, known: frozenset[str]) -> Iterator[tuple[str, str]]:
    """
    Yield (path below the folder, text) of every file.

    Raises:
        ConfigurationError: the file of owners has mistakes; all of them are named.
    """
    for name, text in rule_files(links).items():
        yield f"prometheus/rules/{name}", text
    yield "alertmanager/alertmanager.yml", alertmanager_file(load_owners(owners, known))
    yield "alertmanager/thuocdo.tmpl", template_file()
