"""What every command gets: settings, language, a console."""

import os
import re
from collections.abc import Iterable, Sequence
from enum import StrEnum
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

import structlog
from rich.console import Console, ConsoleOptions, RenderableType
from rich.segment import Segment

from thuocdo.cli.logs import LogFormat, is_json, set_up_logging
from thuocdo.core.i18n import Translate, translator

if TYPE_CHECKING:
    from thuocdo.core.config import Settings

PIPE_COLUMNS = 140
"""What is no terminal has no width; rich would take 80 and fold what need not be folded."""


_ORDERS = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f]")


class Language(StrEnum):
    """Languages of the output."""

    VI = "vi"
    EN = "en"


class OwnConsole(Console):
    """
    A console that shows text as it is: names of agencies and files are no markup, and what should look different is a `Text`.

    What comes of a reader that went away it leaves to the command line.
    """

    def __init__(self, **options: Any) -> None:
        super().__init__(markup=False, emoji=False, **options)

    def render(self, renderable: RenderableType, options: ConsoleOptions | None = None) -> Iterable[Segment]:
        """Yield what is shown, without what a terminal would take for an order: a portal's words are among it."""
        for segment in super().render(renderable, options):
            if segment.control or segment.text == "\n" or segment.text.isprintable():
                yield segment
            else:
                yield Segment(_ORDERS.sub("\ufffd", segment.text), segment.style)

    def on_broken_pipe(self) -> None:
        """Raise BrokenPipeError: rich would exit with the code of a finding."""
        raise BrokenPipeError


class CliContext:
    """
    Settings are read when a command first asks for them, so that --help works with a broken file.

    Args:
        config_file: given by --config.
        lang: given by --lang; else the settings decide.
        log_level: handed on to child processes.
        log_format: given by --log-format, and handed on; else the settings decide.
        command: which one runs, as the log names it.
    """

    def __init__(
        self,
        *,
        config_file: Path | None,
        lang: Language | None,
        log_level: str,
        log_format: LogFormat | None = None,
        command: str = "",
    ) -> None:
        self.config_file = config_file
        self.log_level = log_level
        self.log_format = log_format
        self._command = command
        self._lang = lang
        self.console = OwnConsole()
        if not self.console.is_terminal and "COLUMNS" not in os.environ:
            self.console.width = PIPE_COLUMNS

    @cached_property
    def settings(self) -> "Settings":
        """The settings; raises ConfigurationError with every mistake."""
        from thuocdo.core.config import load_settings  # half of what --help would cost, which reads none

        settings = load_settings(self.config_file)
        if self.log_format is None and settings.log_format != LogFormat.CONSOLE.value:
            set_up_logging(self.log_level, LogFormat(settings.log_format), self._command)
        return settings

    @cached_property
    def lang(self) -> str:
        """Language of the output."""
        return self._lang.value if self._lang else self.settings.lang

    @cached_property
    def translate(self) -> Translate:
        """Translator to that language."""
        return translator(self.lang)

    def announce(self, message: str, *, style: str = "", is_warning: bool = False, **facts: str | int) -> None:
        """
        Say what a service says while it works: to people on standard output, to machines as a line of the log.

        Args:
            message: message id; {fact} stands for one of the facts.
            style: of the text on a terminal.
            is_warning: whether somebody should act; the gravity of the line in a log.
            facts: keys of the line in a log.
        """
        if is_json():
            log = structlog.get_logger(__name__)
            (log.warning if is_warning else log.info)(message.format(**facts), **facts)
        else:
            self.console.print(self.translate(message).format(**facts), style=style or None)

    def arguments(
        self, *command: str, config_file: Path | None = None, log_level: str | None = None
    ) -> tuple[str, ...]:
        """Return the arguments that start another command of ours with the same settings."""
        file = config_file or self.config_file
        given: Sequence[str] = ("--config", str(file)) if file else ()
        if self.log_format:
            given = (*given, "--log-format", self.log_format.value)
        return (*given, "--lang", self.lang, "--log-level", log_level or self.log_level, *command)
