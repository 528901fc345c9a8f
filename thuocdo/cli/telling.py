"""
What went wrong, told to whoever ran the command, in their language.

The language is that of --lang, else of the settings. Where these are what is wrong, what they say of it still counts, as far as
it can be read; and where nobody says anything it is Vietnamese, as everywhere.
"""

import os
import sys
from collections.abc import Iterable, Mapping
from pathlib import Path
from types import MappingProxyType
from typing import Any, TextIO

import typer

from thuocdo.core.i18n import LANGUAGES

CANNOT_TELL = (MemoryError, ImportError, OSError)
"""What comes of a machine so short of something that the Vietnamese cannot even be loaded: the English is told then."""

SETTINGS_FILE = Path("thuocdo.yaml")
"""As in thuocdo.core.config, which alone takes half as long to load as --help may take."""


def told(messages: Iterable[str], given: Mapping[str, Any] = MappingProxyType({})) -> list[str]:
    """
    Return messages in the language of whoever reads them.

    Args:
        messages: one line each, or several, in English.
        given: --lang and --config as they were given, by the names of their parameters.
    """
    english = list(messages)
    try:
        from thuocdo.core.retelling import reteller  # a machine without memory gets here, too

        retell = reteller(language_told(given))
        lines = ["\n".join(map(retell, one.split("\n"))) for one in english]
    except CANNOT_TELL:
        return english
    return lines if can_be_written("".join(lines), sys.stderr) else english


def language_told(given: Mapping[str, Any]) -> str:
    """Return the language in which to tell what went wrong; given: as of `told`."""
    file = given.get("config_file")
    wanted = (given.get("lang"), os.environ.get("THUOCDO_LANG"), _language_of(Path(file) if file else None))
    return next((str(one) for one in wanted if one in LANGUAGES), LANGUAGES[0])


def tell_usage(error: typer.TyperException, given: Mapping[str, Any]) -> bool:
    """
    Say what is wrong with a command line, how it is used, and what to do; false where typer's own English is as good.

    Args:
        error: as typer raised it.
        given: as of `told`.
    """
    # The last is no error: the help was shown.
    if language_told(given) == "en" or type(error).__name__ == "NoArgsIsHelpError":
        return False
    context = getattr(error, "ctx", None)
    # The usage comes first: it puts the names of arguments, which the error tells, into the language.
    usage = context.get_usage().splitlines() if context else []
    english = [" ".join(error.format_message().split())]
    if context is not None:
        english.append(f"Type `{context.command_path} --help` to see how it is used.")
    lines = [*usage, *told(english, given)]
    if not can_be_written("".join(lines), sys.stderr):
        return False
    for line in lines:
        typer.echo(line, err=True)
    return True


def _language_of(file: Path | None) -> object:
    """Return what the settings file says of the language, whatever else is wrong with it."""
    from thuocdo.core.errors import ConfigurationError
    from thuocdo.core.yamltext import compose

    try:
        data = compose(file or SETTINGS_FILE).data
    except ConfigurationError:  # it is not there, or no YAML
        return None
    return data.get("lang") if isinstance(data, dict) else None


def can_be_written(text: str, file: TextIO) -> bool:
    """Tell whether a file such as standard error has letters for it: as numbers in place of letters it helps nobody."""
    try:
        text.encode(file.encoding or "utf-8")
    except UnicodeEncodeError:
        return False
    return True
