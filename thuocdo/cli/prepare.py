"""`thuocdo prepare`: a folder with all that a person changes, and with what follows for Prometheus, Alertmanager, Grafana."""

import os
import secrets
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Annotated

import typer

from dashboards.files import dashboard_files
from dashboards.owners import load_owners
from dashboards.provisioning import Servers, provisioning_files
from dashboards.rules import PublicAddresses
from thuocdo.cli.alerts import generated
from thuocdo.cli.context import CliContext
from thuocdo.cli.generated import known_owners, put
from thuocdo.cli.who_is_told import say_who_is_told
from thuocdo.core.config import bundled
from thuocdo.core.errors import ConfigurationError

YOURS = {
    "portals": ("portals", "."),
    "criteria": ("criteria", "."),
    "schedules": ("schedules", "."),
    "owners.yaml": ("dashboards", "owners.yaml"),
    "prometheus/prometheus.yml": ("dashboards", "prometheus/prometheus.yml"),
}
"""What a person changes, by its name in the folder -> where it comes from once: (folder that ships, path in it)."""


def prepare(
    ctx: typer.Context,
    folder: Annotated[Path, typer.Argument(help="Folder to be filled; what lies there already stays.")],
    site_url: Annotated[str, typer.Option(help="Where people open our pages.")] = PublicAddresses().site,
    grafana_url: Annotated[str, typer.Option(help="Where people open Grafana.")] = PublicAddresses().grafana,
    seen_as: Annotated[
        Path | None, typer.Option(help="The folder as Grafana's server sees it (default: as it is named here).")
    ] = None,
) -> int:
    """Fill a folder with the registry, schedules, criteria and owners that ship, once; write anew what follows from them."""
    context: CliContext = ctx.obj
    for name, source in YOURS.items():
        if _fill(folder / name, bundled(source[0]) / source[1]):
            context.announce("filled with what ships: {path}", path=str(folder / name))
    # Everything is made before anything is written: with a mistake all stays as it was.
    links = PublicAddresses(site=site_url.rstrip("/"), grafana=grafana_url.rstrip("/"))
    owners = folder / "owners.yaml"
    put(context, folder, dict(_made(links, owners, folder / "portals", seen_as or folder.absolute())), check=False)
    say_who_is_told(context, owners)
    return 0


def _made(links: PublicAddresses, owners: Path, registry: Path, seen: Path) -> Iterator[tuple[str, str]]:
    known = known_owners(registry)
    yield from generated(links, owners, known)
    boards = seen / "grafana" / "dashboards"
    provisioning = provisioning_files(
        load_owners(owners, known), links, Servers(), dashboards=str(boards), alerts_by_grafana=False
    )
    yield from ((f"grafana/provisioning/{name}", text) for name, text in provisioning)
    yield from ((f"grafana/dashboards/{name}", text) for name, text in dashboard_files(links.site))


def _fill(path: Path, source: Path) -> bool:
    """
    Copy what ships to where nothing lies yet, whole or not at all; returns whether it was.

    Raises:
        ConfigurationError: it cannot be written there.
    """
    if path.exists():
        return False
    beside = path.parent / f".{os.getpid()}-{secrets.token_hex(4)}.part"
    try:
        copy = beside / path.name
        files = sorted(source.rglob("*.yaml")) if source.is_dir() else [source]
        for file in files:
            to = copy / file.relative_to(source)
            to.parent.mkdir(parents=True, exist_ok=True)
            shutil.copyfile(file, to)
        copy.rename(path)
    except OSError as exc:
        raise ConfigurationError(
            f"{path}: cannot be written ({exc.strerror}); the folder must be there and belong to who runs this "
            f"(user {os.geteuid()})"
        ) from exc
    finally:
        shutil.rmtree(beside, ignore_errors=True)
    return True
