"""`thuocdo grafana`: dashboards as files for servers that are provisioned, and over the API for those that are not."""

from pathlib import Path
from typing import Annotated

import typer

from dashboards.files import dashboard_files, written
from dashboards.owners import load_owners
from dashboards.provisioning import DASHBOARDS_ON_SERVER, Servers, provisioning_files
from dashboards.rules import PublicAddresses
from dashboards.server import Server
from dashboards.syncing import BoardState, Compared, compare
from dashboards.syncing import push as push_boards
from thuocdo.cli.context import CliContext
from thuocdo.cli.generated import known_owners, put
from thuocdo.cli.who_is_told import owners_file
from thuocdo.core.errors import ConfigurationError

app = typer.Typer(help="Dashboards of Grafana.", no_args_is_help=True)

SiteUrl = Annotated[str, typer.Option(help="Where people open our pages.")]


@app.command()
def write(
    ctx: typer.Context,
    out: Annotated[Path, typer.Option(help="Folder that gets dashboards and provisioning.")] = Path("local/grafana"),
    owners: Annotated[
        Path | None,
        typer.Option(help="YAML file with who is told of what (default: that of the settings, or what ships)."),
    ] = None,
    site_url: SiteUrl = PublicAddresses().site,
    grafana_url: Annotated[str, typer.Option(help="Where people open Grafana.")] = PublicAddresses().grafana,
    runbook_url: Annotated[str, typer.Option(help="Page that the runbook stands on.")] = PublicAddresses().runbook,
    prometheus_url: Annotated[str, typer.Option(help="Prometheus, as Grafana reaches it.")] = Servers().prometheus,
    alertmanager_url: Annotated[
        str, typer.Option(help="Alertmanager, as Grafana reaches it.")
    ] = Servers().alertmanager,
    dashboards_dir: Annotated[
        str, typer.Option(help="Where Grafana's server finds the dashboards.")
    ] = DASHBOARDS_ON_SERVER,
    alerts_by_grafana: Annotated[
        bool, typer.Option("--alerts-by-grafana", help="Grafana tells people, for there is no Alertmanager.")
    ] = False,
    check: Annotated[
        bool, typer.Option("--check", help="Write nothing; say which files are not as they should be.")
    ] = False,
) -> None:
    """Write the files; with --check only compare: exit code 1 when one differs."""
    context: CliContext = ctx.obj
    links = PublicAddresses(site=site_url.rstrip("/"), grafana=grafana_url.rstrip("/"), runbook=runbook_url)
    provisioning = provisioning_files(
        load_owners(owners_file(context, owners), known_owners(context.settings.registry_dir)),
        links,
        Servers(prometheus=prometheus_url, alertmanager=alertmanager_url),
        dashboards=dashboards_dir,
        alerts_by_grafana=alerts_by_grafana,
    )
    files = {f"dashboards/{name}": text for name, text in dashboard_files(links.site)}
    files |= {f"provisioning/{name}": text for name, text in provisioning}
    raise typer.Exit(put(context, out, files, check=check))


@app.command()
def diff(
    ctx: typer.Context,
    site_url: SiteUrl = PublicAddresses().site,
    brief: Annotated[bool, typer.Option("--brief", help="Name the dashboards, show no lines.")] = False,
) -> None:
    """Show what `push` would change on the server of the settings; exit code 1 when anything differs."""
    context: CliContext = ctx.obj
    different = 0
    for one in compare(_server(context), site_url):
        if one.state is not BoardState.SAME:
            different += 1
            _say(context, one, one.state)
            for line in () if brief else one.difference():
                context.console.print(line, markup=False, highlight=False, soft_wrap=True)
    if not different:
        context.console.print(context.translate("The server's dashboards are as they should be."))
    raise typer.Exit(int(different > 0))


@app.command()
def push(
    ctx: typer.Context,
    site_url: SiteUrl = PublicAddresses().site,
    force: Annotated[
        bool, typer.Option("--force", help="Overwrite what people edited by hand, too; `pull` saves it first.")
    ] = False,
) -> None:
    """Send what is missing or changed to the server; exit code 1 when something edited by hand was left as it is."""
    context: CliContext = ctx.obj
    server = _server(context)
    refused = 0
    count = 0
    for one, saved in push_boards(server, list(compare(server, site_url)), force=force):
        count += saved
        refused += not saved
        _say(context, one, "saved" if saved else one.state)
    context.console.print(context.translate("{count} dashboards saved").format(count=count))
    if refused:
        text = context.translate(
            "{count} left as they are: look with `diff`, keep with `pull`, overwrite with `push --force`"
        )
        context.console.print(text.format(count=refused))
    raise typer.Exit(int(refused > 0))


@app.command()
def pull(
    ctx: typer.Context,
    out: Annotated[Path, typer.Argument(metavar="FOLDER", help="Folder that gets one JSON file per dashboard.")],
    site_url: SiteUrl = PublicAddresses().site,
) -> None:
    """Save the server's dashboards as they are, so that what people edited there can be taken over."""
    context: CliContext = ctx.obj
    compared = list(compare(_server(context), site_url))
    files = {f"{one.language}/{one.uid}.json": written(one.found.board) for one in compared if one.found}
    put(context, out, files, check=False)
    for one in compared:
        if one.found is None:
            _say(context, one, one.state)


def _server(context: CliContext) -> Server:
    settings = context.settings
    if not settings.grafana.url:
        raise ConfigurationError("settings: grafana.url is empty; set THUOCDO_GRAFANA__URL=https://grafana.example.vn")
    return Server(
        url=settings.grafana.url,
        token=settings.grafana.read_token(),
        user_agent=settings.user_agent,
        ca_file=str(settings.ca_file) if settings.ca_file else None,
    )


def _say(context: CliContext, one: Compared, state: str) -> None:
    text = context.translate(f"grafana.{state}")
    by = f" ({one.found.by})" if one.found and one.found.by and state == BoardState.EDITED else ""
    context.console.print(f"{one.uid}: {text}{by}", highlight=False, soft_wrap=True)
