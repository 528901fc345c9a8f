"""
The command line: one module per command; this one puts them together.

Exit codes: 0 fine, 1 a finding or a failed budget, 2 usage or configuration, 3 unavailable: try again.
"""

import functools
import importlib
import sys
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Annotated, Any, NoReturn

import structlog
import typer
from typer.core import TyperCommand, TyperGroup

from thuocdo.cli.context import CliContext, Language
from thuocdo.cli.help import ARGUMENTS, HelpContext, given_before, options_given, with_help
from thuocdo.cli.logs import LogFormat, is_json, set_up_logging
from thuocdo.cli.machine import machine_fault, too_little_memory
from thuocdo.cli.standard_files import LogFile, give_up_output, open_standard_files
from thuocdo.cli.telling import tell_usage, told
from thuocdo.core.errors import AgentAwayError, ConfigurationError, StoreUnavailableError, ThuocdoError
from thuocdo.core.loading import lose_no_interrupt, stopped_without_a_word

COMMANDS = {
    "demo": (
        "demo:demo",
        "Measure a simulated fleet of 51 portals, rank it, serve the result. Nothing leaves this machine.",
    ),
    "run": ("run:run", "Measure by the schedule until stopped; serve pages and metrics."),
    "reload": (
        "reload:reload",
        "Let what runs here read registry, schedule, maintenance and criteria again; with a mistake everything stays as it was.",
    ),
    "round": ("round:app", "Measurement rounds: `thuocdo round LABEL` measures one; a person publishes it."),
    "key": ("key:app", "Keys of those who seal and approve rounds."),
    "rounds": (
        "rounds:rounds",
        "List the measurement rounds, the newest first; `--round` of other commands takes their names or ids.",
    ),
    "objection": ("objection:app", "Objections of agencies to the figures of a round."),
    "report": ("report:app", "Reports of months, quarters and years of everyday measuring."),
    "declared": (
        "declared:app",
        "Figures that agencies give of themselves, and how they stand with their goals; no ranking ever reads them.",
    ),
    "catalogue": (
        "catalogue:app",
        "Lists of procedures as they were on a day, and in what a portal's list differs from others.",
    ),
    "findings": (
        "findings:app",
        "Whether portals treat our visits better than those of others: for a person to look at, never a penalty.",
    ),
    "control": (
        "control:app",
        "Visits from another network, beside ours, under our own name: they find special treatment, and count nowhere.",
    ),
    "check": (
        "check:check",
        "Check pages once or several times. Exit code 0: all fine; 1: something found or not measurable; 2: usage.",
    ),
    "rank": ("rank:rank", "Rank ministries, provinces and communes by stored measurements."),
    "times": (
        "times:times",
        "Compare how long home pages take: places that hold for all at once, and who may be said to be faster than whom.",
    ),
    "assess": (
        "assess:assess",
        "Enter points that a person gives; the newest entry counts, earlier ones stay as history.",
    ),
    "portals": ("portals:app", "Agencies, portals and targets that are registered."),
    "scenarios": ("scenarios:app", "Journeys that open eForms."),
    "incidents": ("incidents:app", "Incidents: confirmed outages, other pages in place of a portal, slowdowns."),
    "identity": ("identity:app", "Home pages that are quite other ones than those known."),
    "availability": (
        "availability:availability",
        "Tell how available targets were, by whole hours; availability, coverage, and what is left of the month's error budget.",
    ),
    "export": ("export:app", "Write measurements, rankings or targets into a file."),
    "archive": ("archive:app", "The archive: measurements of closed days as Parquet files."),
    "backup": (
        "backup:backup",
        "Write a backup into one file while the service runs: store, known pages, sealed rounds, registry, criteria, schedules.",
    ),
    "restore": ("backup:restore", "Put a backup back, whole or not at all; the service must be stopped."),
    "alerts": ("alerts:app", "Write rule files of Prometheus and the configuration of Alertmanager."),
    "prepare": (
        "prepare:prepare",
        "Fill a folder with the registry, schedules, criteria and owners that ship, once; write anew what follows from them.",
    ),
    "grafana": ("grafana:app", "Dashboards of Grafana."),
    "config": ("config:app", "Settings."),
    "install-service": (
        "install_service:install_service",
        "Make Thước Đo a service of systemd: units, user and folders, as files; say what to do next. Nothing is started.",
    ),
    "doctor": (
        "doctor:doctor",
        "Say what is off on this machine and how to mend it. Exit code 0: nothing; 1: something is off.",
    ),
}
"""Name -> (module and attribute below thuocdo.cli, the first paragraph of its help, which a test holds against the command)."""

HIDDEN_COMMANDS = {
    "agent": "agent:agent",
    "judge": "judge:judge",
    "keep": "keep:keep",
    "ranker": "ranker:ranker",
    "web": "web:web",
}


class _Commands(TyperGroup):
    """Imports a command when it is run, and not to list it: pandas, Playwright and SQLAlchemy together take seconds to import."""

    context_class = HelpContext

    def __init__(self, *, commands: Any, **settings: Any) -> None:  # noqa: ARG002 - the signature is typer's
        super().__init__(commands=[TyperCommand(name, help=text) for name, (_, text) in COMMANDS.items()], **settings)

    def get_command(self, ctx: Any, cmd_name: str) -> Any:
        """Return what help says of a command; nothing is imported for it."""
        known = super().get_command(ctx, cmd_name)
        return TyperCommand(cmd_name, hidden=True) if cmd_name in HIDDEN_COMMANDS else known

    def resolve_command(self, ctx: Any, args: list[str]) -> Any:
        """Return the command that is to be run."""
        name, known, rest = super().resolve_command(ctx, args)
        return name, known and load_command(known.name or ""), rest

    def parse_args(self, ctx: Any, args: list[str]) -> list[str]:
        """Read the options before the command, and keep all: help that stands first must know what comes after."""
        ctx.meta[ARGUMENTS] = list(args)
        return super().parse_args(ctx, args)

    def make_context(self, *args: Any, **extra: Any) -> Any:
        """Read the options before the command."""
        with _telling_usage():
            return super().make_context(*args, **extra)

    def invoke(self, ctx: Any) -> Any:
        """Run the command; a reader that goes away (`thuocdo … | head`) is no finding."""
        try:
            with _telling_usage():
                return super().invoke(ctx)
        except BrokenPipeError:
            give_up_output()
            raise typer.Exit(0) from None


def load_command(name: str) -> Any:
    """Import a command and return it."""
    place = HIDDEN_COMMANDS.get(name) or COMMANDS[name][0]
    module_name, _, attribute = place.partition(":")
    with stopped_without_a_word():
        found = getattr(importlib.import_module(f"thuocdo.cli.{module_name}"), attribute)
    if not isinstance(found, typer.Typer):
        single = typer.Typer(add_completion=False, pretty_exceptions_enable=False)
        single.command(name=name)(_exiting(found))
        found = single
    command = with_help(typer.main.get_command(found))
    command.name = name
    return command


@contextmanager
def _telling_usage() -> Iterator[None]:
    """Tell what is wrong with a command line in the reader's language; English is left to typer."""
    try:
        yield
    except typer.TyperException as exc:
        context = getattr(exc, "ctx", None)
        if tell_usage(exc, given_before(context) if context else {}):
            raise typer.Exit(exc.exit_code) from None
        raise


def _exiting(command: Callable[..., int | None]) -> Callable[..., None]:
    """Make the number that a command returns the exit code of the program."""

    @functools.wraps(command)
    def run(*args: Any, **kwargs: Any) -> None:
        raise typer.Exit(command(*args, **kwargs) or 0)

    return run


app = typer.Typer(
    cls=_Commands,
    name="thuocdo",
    help="Measures public-service portals from outside and ranks them.",
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    add_completion=False,
)


@app.callback()
def _prepare(
    ctx: typer.Context,
    config_file: Annotated[
        Path | None, typer.Option("--config", envvar="THUOCDO_CONFIG", help="Settings file (default: ./thuocdo.yaml).")
    ] = None,
    lang: Annotated[Language | None, typer.Option(help="Language of the output.")] = None,
    log_level: Annotated[str, typer.Option(help="debug, info, warning or error.")] = "info",
    log_format: Annotated[
        LogFormat | None,
        typer.Option(help="How the log is written (default: log_format of the settings, else console)."),
    ] = None,
) -> None:
    command = ctx.invoked_subcommand or ""
    set_up_logging(log_level, log_format or LogFormat.CONSOLE, command)
    ctx.obj = CliContext(
        config_file=config_file, lang=lang, log_level=log_level, log_format=log_format, command=command
    )


def main() -> None:
    """Run the command line and exit with its code."""
    lose_no_interrupt()
    open_standard_files()
    problem = too_little_memory()
    if problem:
        _fail(3, problem)
    try:
        _run()
    except ConfigurationError as exc:
        _fail(2, *exc.problems)
    except (StoreUnavailableError, AgentAwayError) as exc:
        _fail(3, str(exc))
    except ThuocdoError as exc:
        _fail(2, str(exc))
    except Exception as exc:
        fault = machine_fault(exc)
        if fault is None:
            raise
        _fail(*fault)


def _run() -> None:
    """Run the command; what it said has arrived before its exit code tells so."""
    try:
        app()
    except SystemExit:
        try:
            sys.stdout.flush()
        except BrokenPipeError:
            give_up_output()
        except OSError:
            give_up_output()
            raise
        raise


def _fail(code: int, *messages: str) -> NoReturn:
    if is_json():
        for message in messages:
            structlog.get_logger().error(message, exit_code=code)
    else:
        for message in told(messages, _given()):
            print(message, file=LogFile())
    sys.exit(code)


def _given(program: typer.Typer = app) -> Mapping[str, Any]:
    """Return the options before the command, as far as they can be understood."""
    return options_given(typer.main.get_command(program), sys.argv[1:])
