"""`thuocdo install-service`: the files that make Thước Đo a service of systemd, on bare Debian."""

import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Annotated

import typer

from thuocdo.cli.context import CliContext
from thuocdo.cli.service_files import HIDDEN_FOLDERS, OWNERS, PORTALS, SETTINGS, install, service_files
from thuocdo.core.errors import ConfigurationError


def install_service(
    ctx: typer.Context,
    root: Annotated[
        Path | None, typer.Option(metavar="DIR", help="Write below this folder, which must be there (for packages).")
    ] = None,
    program: Annotated[
        Path | None, typer.Option(metavar="PATH", help="The program that the service starts (default: this one).")
    ] = None,
    force: Annotated[bool, typer.Option("--force", help="Replace units that a person changed.")] = False,
) -> None:
    """
    Make Thước Đo a service of systemd: units, user and folders, as files; say what to do next. Nothing is started.

    Settings, registry, maintenance and owners that are there stay as they are.
    """
    context: CliContext = ctx.obj
    if root is not None and not root.is_dir():
        raise ConfigurationError(f"--root: there is no folder {root}; make it first")
    fates = install(service_files(root or Path("/"), program or _own_program()), force=force)
    for path, fate in fates.items():
        context.console.print(f"{context.translate(f'install.{fate}')}  {path}", soft_wrap=True)
    for line in _next_steps(context):
        context.console.print(line, soft_wrap=True)


def _own_program() -> Path:
    """Return the program of this very installation; raises ConfigurationError where a service could not use it."""
    found = Path(sys.executable).parent / "thuocdo"
    if not found.is_file():
        raise ConfigurationError(f"{found}: is not there; name the program with --program")
    hidden = next((folder for folder in HIDDEN_FOLDERS if Path(sys.base_prefix).is_relative_to(folder)), None)
    if hidden:
        raise ConfigurationError(
            f"{sys.base_prefix}: this Python lies below {hidden}, where the service sees nothing; use the system's "
            "(/usr/bin/python3 -m venv /opt/thuocdo), or name another program with --program"
        )
    return found


def _next_steps(context: CliContext) -> Iterator[str]:
    translate = context.translate
    yield ""
    yield translate("Next, as root:")
    # From here on by the command that was written: it has the settings and the user of the service.
    steps = (
        ("make the user and the folders", "systemd-sysusers thuocdo.conf && systemd-tmpfiles --create thuocdo.conf"),
        ("say who you are (contact) and where you measure from (vantage)", f"editor /{SETTINGS}"),
        ("say whom you measure; without a change nobody is", f"editor /{PORTALS}"),
        ("look whether there is a mistake", "thuocdo config check && thuocdo portals list"),
        ("start it now and after each boot", "systemctl daemon-reload && systemctl enable --now thuocdo"),
        ("a backup every night into /var/backups/thuocdo", "systemctl enable --now thuocdo-backup.timer"),
        ("say who is told, and connect Prometheus and Alertmanager (docs/operations.md)", f"editor /{OWNERS}"),
        ("look whether all is well", "thuocdo doctor"),
        ("see what it says", "journalctl --unit thuocdo --output cat --follow"),
    )
    for number, (why, command) in enumerate(steps, start=1):
        yield f"  {number}. {translate(why)}:"
        yield f"     {command}"
