"""`thuocdo grafana write`: dashboards and provisioning files of Grafana."""

from pathlib import Path
from typing import Annotated

import typer

from dashboards.files import dashboard_files
from dashboards.owners import load_owners
from dashboards.provisioning import Servers, provisioning_files
from dashboards.rules import Links
from thuocdo.cli.context import CliContext
from thuocdo.cli.generated import put
from thuocdo.config import bundled
from thuocdo.portals import read_registry

app = typer.Typer(help="Dashboards and provisioning files of Grafana.", no_args_is_help=True)

SiteUrl = Annotated[str, typer.Option(help="Where people open our pages.")]


@app.callback()
def _grafana() -> None:
    """Keep `write` a word of its own while there is no other."""


@app.command()
def write(
    ctx: typer.Context,
    out: Annotated[Path, typer.Option(help="Folder that gets dashboards and provisioning.")] = Path(
        "dashboards/grafana"
    ),
    owners: Annotated[
        Path | None, typer.Option(help="YAML file with who is told of what (default: the one that ships).")
    ] = None,
    site_url: SiteUrl = Links().site,
    grafana_url: Annotated[str, typer.Option(help="Where people open Grafana.")] = Links().grafana,
    runbook_url: Annotated[str, typer.Option(help="Page that the runbook stands on.")] = Links().runbook,
    prometheus_url: Annotated[str, typer.Option(help="Prometheus, as Grafana reaches it.")] = Servers().prometheus,
    alertmanager_url: Annotated[
        str, typer.Option(help="Alertmanager, as Grafana reaches it.")
    ] = Servers().alertmanager,
    alerts_by_grafana: Annotated[
        bool, typer.Option("--alerts-by-grafana", help="Grafana tells people, for there is no Alertmanager.")
    ] = False,
    check: Annotated[
        bool, typer.Option("--check", help="Write nothing; say which files are not as they should be.")
    ] = False,
) -> None:
    """Write the files; with --check only compare: exit code 1 when one differs."""
    context: CliContext = ctx.obj
    links = Links(site=site_url.rstrip("/"), grafana=grafana_url.rstrip("/"), runbook=runbook_url)
    registry = read_registry(context.settings.registry_dir).at(None)
    known = frozenset(target.owner for target in registry.targets.values())
    provisioning = provisioning_files(
        load_owners(owners or bundled("dashboards") / "owners.yaml", known),
        links,
        Servers(prometheus=prometheus_url, alertmanager=alertmanager_url),
        alerts_by_grafana=alerts_by_grafana,
    )
    files = {f"dashboards/{name}": text for name, text in dashboard_files(links.site)}
    files |= {f"provisioning/{name}": text for name, text in provisioning}
    raise typer.Exit(put(context, out, files, check=check))
