"""Faults are told by their places and classes; what pages and servers wrote into them is not."""

import io
import logging
import sys

import pytest
import structlog

from thuocdo.cli import set_up_logging
from thuocdo.cli.faults import LibraryLines, told_fault
from thuocdo.core.errors import StoreError

SECRET = "Nguyễn Văn An 079203001234"


def raised(error: BaseException, cause: BaseException | None = None) -> BaseException:
    try:
        raise error from cause
    except BaseException as exc:  # noqa: BLE001
        return exc


@pytest.mark.parametrize(
    ("fault", "told"),
    [
        (KeyError(SECRET), "KeyError: …"),
        (ValueError(f"invalid literal: '{SECRET}'"), "ValueError: …"),
        (
            StoreError("data/evidence cannot be written; make room"),
            "StoreError: data/evidence cannot be written; make room",
        ),
        (OSError(28, "No space left on device", f"/tmp/{SECRET}"), "OSError: No space left on device"),
        (RuntimeError(), "RuntimeError"),
        (ExceptionGroup("of tasks", [KeyError(SECRET)]), "ExceptionGroup: KeyError: …"),
        (raised(TypeError(SECRET), KeyError(SECRET)), "KeyError: …"),
    ],
)
def test_a_fault_tells_where_and_of_which_class(fault: BaseException, told: str) -> None:
    text = told_fault(raised(fault, fault.__cause__))
    assert told in text
    assert "test_faults.py" in text
    assert "079203001234" not in text


def test_causes_that_go_round_end() -> None:
    one, other = KeyError(1), KeyError(2)
    one.__context__, other.__context__ = other, one
    assert told_fault(one).count("KeyError") == 2


@pytest.mark.parametrize("at_a_terminal", [True, False])
def test_the_log_holds_nothing_of_a_fault_that_somebody_else_wrote(
    monkeypatch: pytest.MonkeyPatch, at_a_terminal: bool
) -> None:
    said = io.StringIO()
    monkeypatch.setattr(said, "isatty", lambda: at_a_terminal, raising=False)
    monkeypatch.setattr(sys, "stderr", said)
    before = structlog.get_config()
    try:
        set_up_logging("info")
        page = SECRET  # the pretty formatters show the values of variables
        try:
            raise ValueError(page)
        except ValueError:
            structlog.get_logger().exception("a probe broke")
    finally:
        structlog.configure(**before)
    assert "a probe broke" in said.getvalue()
    assert "ValueError" in said.getvalue()
    assert "079203001234" not in said.getvalue()


def test_what_asyncio_tells_of_a_task_is_told_without_its_values() -> None:
    fault = raised(ValueError(SECRET))
    record = logging.LogRecord(
        "asyncio", logging.ERROR, "x", 1, f"Task exception was never retrieved\nfuture: {fault!r}", (),
        (type(fault), fault, fault.__traceback__),
    )  # fmt: skip
    told = LibraryLines().format(record)
    assert told.startswith("error asyncio: Task exception was never retrieved\nTraceback")
    assert "079203001234" not in told
