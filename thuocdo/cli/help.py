"""
The help of every command in the reader's language, by the catalogue `help.po`.

Commands, their options and typer itself say it in English; it is put into the language when somebody asks for it and not before,
so that a command that runs pays nothing for it.
"""

import sys
from collections.abc import Callable
from functools import partial
from typing import Any

import typer
from typer.core import TyperArgument

from thuocdo.cli.telling import CANNOT_TELL, can_be_written, language_told
from thuocdo.core.i18n import catalogue

ARGUMENTS = "thuocdo.arguments"
"""Key of a context's meta: what the program was given, for --help may stand before --lang."""

TYPERS_OWN = {
    "ARGUMENTS_PANEL_TITLE": "Arguments",
    "COMMANDS_PANEL_TITLE": "Commands",
    "DEFAULT_STRING": "[default: {}]",
    "ENVVAR_STRING": "[env var: {}]",
    "OPTIONS_PANEL_TITLE": "Options",
    "REQUIRED_LONG_STRING": "[required]",
}
"""What typer writes into each help: the names by which it may be set, in typer.rich_utils."""


class HelpContext(typer.Context):
    """A command's context; typer asks it for a formatter whenever help or usage is about to be written."""

    def make_formatter(self) -> Any:
        """Return the formatter, after the command was put into the reader's language."""
        say = _say(self)
        _put_typer(say)
        _put_command(self, say)
        formatter: Any = super().make_formatter()
        formatter.write_usage = partial(formatter.write_usage, prefix=say("Usage: "))
        return formatter


def with_help(command: Any) -> Any:
    """Return a command that tells its help, and that of its subcommands, in the reader's language."""
    command.context_class = HelpContext
    for one in getattr(command, "commands", {}).values():
        with_help(one)
    return command


def options_given(program: Any, arguments: list[str]) -> dict[str, Any]:
    """Return the options before the command, as far as they can be understood."""
    with program.make_context("thuocdo", list(arguments), resilient_parsing=True) as context:
        return dict(context.params)


def given_before(context: typer.Context) -> dict[str, Any]:
    """Return the options before a command, of its context or one below it."""
    root = context.find_root()
    return options_given(root.command, root.meta.get(ARGUMENTS, []))


def _say(context: typer.Context) -> Callable[[str], str]:
    """Return what puts a text into the reader's language; what nobody can read, or not even load, stays English."""
    try:
        texts = catalogue(language_told(given_before(context)), ("help.po",))
    except CANNOT_TELL:
        texts = {}
    letters = "".join(texts.values())
    if not all(can_be_written(letters, file) for file in (sys.stdout, sys.stderr)):
        texts = {}
    return lambda text: texts.get(text, text)


def _put_typer(say: Callable[[str], str]) -> None:
    from typer import rich_utils  # rich is slow to load, and only help needs this much of it

    for name, text in TYPERS_OWN.items():
        setattr(rich_utils, name, say(text))


def _put_command(context: typer.Context, say: Callable[[str], str]) -> None:
    command: Any = context.command
    command.options_metavar = say(command.options_metavar)
    if subcommands := getattr(command, "commands", {}):
        command.subcommand_metavar = say(command.subcommand_metavar)
    for one in (command, *subcommands.values()):
        one.help = "\n\n".join(say(" ".join(part.split())) for part in (one.help or "").split("\n\n"))
    for parameter in command.get_params(context):
        _put_parameter(parameter, context, say)


def _put_parameter(parameter: Any, context: typer.Context, say: Callable[[str], str]) -> None:
    parameter.help = say(" ".join((parameter.help or "").split()))
    shown = say(parameter.display_type_rich(ctx=context))
    parameter.display_type_rich = lambda ctx: shown  # noqa: ARG005 - typer has no other place for the name of a type
    if isinstance(parameter, TyperArgument):
        key = f"argument.{parameter.display_name_raw}"
        if (name := say(key)) != key:
            parameter.metavar = name
