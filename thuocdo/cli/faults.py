"""
Faults as the log tells them: where in our code, of which class, and of the message what is known to name nobody.

A message may hold anything that a page or a server sent; only our own errors are written for people, and told as they are.
"""

import logging
import traceback
from collections.abc import Iterator
from types import TracebackType

from probes.redaction.errors import kept_error
from thuocdo.core.errors import ThuocdoError

ExcInfo = tuple[type[BaseException], BaseException, TracebackType | None]

MOST_IN_A_CHAIN = 10


def told_fault_of(exc_info: ExcInfo) -> str:
    """Return a fault in lines, as structlog hands it over."""
    return told_fault(exc_info[1])


def told_fault(fault: BaseException) -> str:
    """Return a fault in lines: the places it went through, its class, and what may be told of its message."""
    chain = list(_causes(fault))[:MOST_IN_A_CHAIN]
    return "\n".join(
        "".join(("Traceback (most recent call last):\n", *traceback.format_tb(one.__traceback__), _said(one)))
        for one in reversed(chain)
    )


class LibraryLines(logging.Formatter):
    """Tells a library's line without the values in it."""

    def format(self, record: logging.LogRecord) -> str:
        """Return the line, and the fault under it."""
        told = f"{record.levelname.lower()} {record.name}: {unfilled(record)}"
        fault = record.exc_info[1] if record.exc_info else None
        return told if fault is None else f"{told}\n{told_fault(fault)}"


def unfilled(record: logging.LogRecord) -> str:
    """Return the sentence that stands in the library's code; asyncio writes the values of a fault into the lines after it."""
    return str(record.msg).partition("\n")[0]


def _causes(fault: BaseException) -> Iterator[BaseException]:
    seen: set[int] = set()
    one: BaseException | None = fault
    while one is not None and id(one) not in seen:
        seen.add(id(one))
        yield one
        one = one.__cause__ or (None if one.__suppress_context__ else one.__context__)


def _said(fault: BaseException) -> str:
    name = type(fault).__name__
    if isinstance(fault, BaseExceptionGroup):
        return f"{name}: {'; '.join(map(_said, fault.exceptions))}"
    text = str(fault) if isinstance(fault, ThuocdoError) else kept_error(str(fault))
    if isinstance(fault, OSError) and fault.strerror:
        text = fault.strerror
    return f"{name}: {text}" if text else name
