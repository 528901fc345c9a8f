"""
The log, on standard error: a sentence for people and keys for machines, or one line of JSON each.

Where the journal of systemd reads it, each line says how grave it is, so that `journalctl -p warning` finds it; the journal takes
that prefix off, and what it keeps is plain text or plain JSON again.
"""

import json
import logging
import os
import sys
from collections.abc import Mapping, MutableMapping
from datetime import UTC, datetime
from enum import StrEnum
from typing import Any, TextIO, cast

import structlog

from thuocdo.cli.faults import LibraryLines, told_fault, told_fault_of, unfilled
from thuocdo.cli.standard_files import LogFile
from thuocdo.core.errors import ConfigurationError

JOURNAL = "JOURNAL_STREAM"
"""Systemd tells device and inode of the journal's stream here; what we were started with may be redirected since."""

LONGEST_TEXT = 16_000
"""Characters of one value: the journal cuts a line after 48 KiB, and half a line is no JSON."""

_GRAVITY = {"debug": 7, "info": 6, "warning": 4, "error": 3, "critical": 2}  # syslog(3)

EventDict = MutableMapping[str, Any]


class LogFormat(StrEnum):
    """How the log is written."""

    CONSOLE = "console"
    JSON = "json"


def set_up_logging(level: str, form: LogFormat = LogFormat.CONSOLE, command: str = "") -> None:
    """
    Log to standard error.

    Args:
        level: debug, info, warning or error; nothing less grave is told.
        form: how a line looks.
        command: of this process; JSON lines name it, since several processes write into one log.

    Raises:
        ConfigurationError: there is no such level.
    """
    number = logging.getLevelNamesMapping().get(level.upper())
    if number is None:
        raise ConfigurationError(f"--log-level: '{level}' is none of debug, info, warning, error")
    in_journal = _leads_to_the_journal(os.environ)
    json_lines = JsonLines(command, in_journal=in_journal)
    structlog.configure(
        wrapper_class=structlog.make_filtering_bound_logger(number),
        logger_factory=structlog.PrintLoggerFactory(file=cast("TextIO", LogFile())),
        processors=[
            structlog.contextvars.merge_contextvars,
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="iso", utc=True),
            structlog.processors.ExceptionRenderer(told_fault_of),
            json_lines if form is LogFormat.JSON else ConsoleLines(in_journal=in_journal),
        ],
    )
    _set_up_libraries(_LibraryJson(json_lines) if form is LogFormat.JSON else LibraryLines())


def is_json() -> bool:
    """Tell whether the log is JSON; what a program says as it gives up is then such a line, too."""
    return isinstance(structlog.get_config()["processors"][-1], JsonLines)


class ConsoleLines:
    """Renders an event for people."""

    def __init__(self, *, in_journal: bool) -> None:
        self._in_journal = in_journal
        # The pretty formatters show the values of variables: contents of pages, and of sessions.
        self._render = structlog.dev.ConsoleRenderer(
            colors=sys.stderr.isatty(), exception_formatter=structlog.dev.plain_traceback
        )

    def __call__(self, logger: Any, name: str, event: EventDict) -> str:
        """Return the line, and the fault under it."""
        prefix = _prefix(event) if self._in_journal else ""
        return prefix + str(self._render(logger, name, event))


class JsonLines:
    """Renders an event as one line of JSON: timestamp, level, command, event, and the keys of the event."""

    def __init__(self, command: str, *, in_journal: bool) -> None:
        self._command = {"command": command} if command else {}
        self._in_journal = in_journal

    def __call__(self, _logger: Any, _name: str, event: EventDict) -> str:
        """Return the line."""
        first = {"timestamp": event.get("timestamp"), "level": event.get("level"), **self._command}
        whole = first | {"event": event.get("event")} | dict(event)
        line = json.dumps({name: _bounded(value) for name, value in whole.items()}, ensure_ascii=False, default=str)
        # Standard error may have no letters for it: a lone surrogate, or a locale without UTF-8.
        line = line.encode("utf-8", errors="backslashreplace").decode("utf-8")
        return (_prefix(event) if self._in_journal else "") + line


class _ToStandardError(logging.StreamHandler[TextIO]):
    """Takes what libraries log, asyncio above all."""


def _set_up_libraries(formatter: logging.Formatter) -> None:
    ours = next((one for one in logging.getLogger().handlers if isinstance(one, _ToStandardError)), None)
    handler = ours or _ToStandardError(sys.stderr)
    handler.setFormatter(formatter)
    logging.basicConfig(handlers=[handler], level=logging.WARNING)


class _LibraryJson(logging.Formatter):
    """Tells a library's line as JSON, without the values in it."""

    def __init__(self, lines: JsonLines) -> None:
        super().__init__()
        self._lines = lines

    def format(self, record: logging.LogRecord) -> str:
        """Return the line."""
        at = datetime.fromtimestamp(record.created, UTC).isoformat().replace("+00:00", "Z")
        event = {"timestamp": at, "level": record.levelname.lower(), "event": unfilled(record), "library": record.name}
        if record.exc_info and record.exc_info[1] is not None:
            event["exception"] = told_fault(record.exc_info[1])
        return self._lines(None, "", event)


def _prefix(event: Mapping[str, Any]) -> str:
    return f"<{_GRAVITY.get(str(event.get('level')), 6)}>"


def _bounded(value: Any) -> Any:
    return f"{value[:LONGEST_TEXT]}…" if isinstance(value, str) and len(value) > LONGEST_TEXT else value


def _leads_to_the_journal(environment: Mapping[str, str]) -> bool:
    """Tell whether standard error is the journal's stream, as systemd.exec(5) has it found out."""
    device, _, inode = environment.get(JOURNAL, "").partition(":")
    try:
        found = os.fstat(2)
    except OSError:
        return False
    return (device, inode) == (str(found.st_dev), str(found.st_ino))
