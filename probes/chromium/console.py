"""
What a page's scripts and the browser had to say while it loaded: errors and warnings, as DevTools would show them.

Plain log lines are counted only: a fault never needs them, and they are where scripts write what they should not. Of the rest is
stored what the browser itself says (probes.redaction.errors), where, and how it came there; what a page's authors wrote is not.
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from probes.redaction import kept_name, redact_url
from probes.redaction.errors import kept_class, kept_error

MOST_EVENTS = 1_000
"""After so many lines nobody listens any more: each costs the prober some 20 microseconds, and a page may write 100,000."""

MOST_MESSAGES = 200
TEXT_CHARACTERS = 2_000
STACK_LINES = 10

_CALL_LEVELS = {"error": "error", "assert": "error", "warning": "warning"}
_ENTRY_LEVELS = {"error": "error", "warning": "warning"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Message:
    """
    One error or warning, as it came: not redacted.

    level: exception, error or warning. at: unix time. line: from 1, 0 = not known. stack: the innermost calls, innermost first,
    each a function's name and where in which address it was. exception_id: of an exception, by which Chromium may take it back.
    """

    level: str
    text: str
    url: str
    line: int
    at: float
    stack: tuple[tuple[str, str, str], ...] = ()
    exception_id: int | None = None


class Console:
    """
    Takes the events of Chromium's Runtime and Log domains.

    javascript_errors: exceptions that nobody caught, rejected promises included. console_errors: console.error, failed
    assertions, and what the browser itself reports (policies, mixed content), failed requests not included: they are told as
    such. left_out: errors and warnings beyond the first MOST_MESSAGES. is_full: nothing is taken any more, the numbers are lower
    limits.
    """

    def __init__(self) -> None:
        self.messages: list[Message] = []
        self.javascript_errors = 0
        self.console_errors = 0
        self.left_out = 0
        self._events = 0

    @property
    def is_full(self) -> bool:
        """Whether so much came that nothing is taken any more."""
        return self._events >= MOST_EVENTS

    def take_call(self, event: Mapping[str, Any]) -> None:
        """Take a Runtime.consoleAPICalled."""
        self._events += 1
        level = _CALL_LEVELS.get(event["type"])
        if level is None:
            return
        self.console_errors += level == "error"
        frames = event.get("stackTrace", {}).get("callFrames", [])
        place = frames[0] if frames else {}
        self._keep(level, _said(event["args"]), place, float(event["timestamp"]) / 1000, frames)

    def take_exception(self, event: Mapping[str, Any]) -> None:
        """Take a Runtime.exceptionThrown."""
        self._events += 1
        self.javascript_errors += 1
        details = event["exceptionDetails"]
        thrown = _said([details["exception"]]) if "exception" in details else ""
        frames = details.get("stackTrace", {}).get("callFrames", [])
        text = f"{details['text']} {thrown}".strip()
        self._keep(
            "exception", text, details, float(event["timestamp"]) / 1000, frames, exception_id=details["exceptionId"]
        )

    def take_back(self, event: Mapping[str, Any]) -> None:
        """Take a Runtime.exceptionRevoked: a rejected promise was handled after all."""
        self.javascript_errors -= 1
        self.messages = [one for one in self.messages if one.exception_id != event["exceptionId"]]

    def take_entry(self, event: Mapping[str, Any]) -> None:
        """Take a Log.entryAdded."""
        self._events += 1
        entry = event["entry"]
        level = _ENTRY_LEVELS.get(entry["level"])
        if level is None:
            return
        self.console_errors += level == "error" and entry["source"] != "network"
        self._keep(level, entry["text"], entry, float(entry["timestamp"]) / 1000, [])

    def _keep(
        self,
        level: str,
        text: str,
        place: Mapping[str, Any],
        at: float,
        frames: list[Mapping[str, Any]],
        exception_id: int | None = None,
    ) -> None:
        if len(self.messages) >= MOST_MESSAGES:
            self.left_out += 1
            return
        message = Message(
            level=level,
            text=text[:TEXT_CHARACTERS],
            url=place.get("url", "")[:TEXT_CHARACTERS],
            line=int(place["lineNumber"]) + 1 if "lineNumber" in place else 0,
            at=at,
            stack=tuple(_call(frame) for frame in frames[:STACK_LINES]),
            exception_id=exception_id,
        )
        self.messages.append(message)


def build_console(console: Console, *, own: frozenset[str] = frozenset()) -> bytes:
    """
    Return errors and warnings as JSON, one of them a line, redacted; own: hosts that are told as they are.

    Shape: {"left_out": 0, "cut_short": false, "messages": [{"at", "level", "text", "url", "line", "stack"}]}.
    """
    lines = ",\n".join(json.dumps(_redacted(message, own), ensure_ascii=False) for message in console.messages)
    head = f'{{"left_out": {console.left_out}, "cut_short": {json.dumps(console.is_full)}, "messages": [\n'
    # A page may write half a surrogate pair, which no encoding has.
    return f"{head}{lines}\n]}}\n".encode("utf-8", "replace")


def _redacted(message: Message, own: frozenset[str]) -> dict[str, Any]:
    return {
        "at": datetime.fromtimestamp(message.at, UTC).isoformat(timespec="milliseconds"),
        "level": message.level,
        "text": kept_error(message.text),
        "url": redact_url(message.url, own),
        "line": message.line,
        "stack": [f"{_function(name)} {redact_url(url, own)}:{place}" for name, url, place in message.stack],
    }


def _said(arguments: list[Mapping[str, Any]]) -> str:
    """Return what was written, objects by their class only: what they hold may be anybody's."""
    return " ".join(_word(one) for one in arguments)


def _word(argument: Mapping[str, Any]) -> str:
    if argument["type"] == "string":
        return str(argument["value"])
    if argument["type"] == "object" and argument.get("subtype") != "error":
        return kept_class(str(argument.get("className", "null")))
    return str(argument.get("description", argument.get("value", argument["type"])))


def _call(frame: Mapping[str, Any]) -> tuple[str, str, str]:
    place = f"{int(frame.get('lineNumber', 0)) + 1}:{int(frame.get('columnNumber', 0)) + 1}"
    return frame.get("functionName", "")[:TEXT_CHARACTERS], frame.get("url", "")[:TEXT_CHARACTERS], place


def _function(name: str) -> str:
    return kept_name(name) if name else "(anonymous)"
