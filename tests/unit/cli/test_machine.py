"""What this machine lacks is told in a line with its remedy, and exit codes tell what to do next."""

import errno
import os
import resource
import sys

import pytest

from thuocdo import cli
from thuocdo.cli.machine import LEAST_ADDRESS_SPACE, machine_fault
from thuocdo.core.errors import (
    AgentAwayError,
    ConfigurationError,
    StoreError,
    StoreUnavailableError,
    UnknownTargetError,
)


def of_system(number, filename=None):
    return OSError(number, os.strerror(number), filename)


def within(error):
    """The error as it comes out of a library that wraps it."""
    try:
        try:
            raise error
        except Exception as exc:
            raise ValueError("it did not work") from exc
    except ValueError as exc:
        return exc


TELLING = [
    (MemoryError(), 3, "ulimit -v"),
    (RuntimeError("can't start new thread"), 3, "ulimit -v"),
    (of_system(errno.ENOMEM), 3, "ulimit -v"),
    (ImportError("libx.so: failed to map segment from shared object"), 3, "ulimit -v"),
    (of_system(errno.EMFILE, "/x"), 3, "/x: too many files"),
    (of_system(errno.ENOSPC), 3, "free some"),
    (of_system(errno.EACCES, "/x"), 2, "/x: Permission denied"),
    (of_system(errno.EROFS, "/x"), 2, "/x: Read-only file system"),
    (UnicodeEncodeError("ascii", "/data/Huế", 7, 8, "ordinal not in range(128)"), 2, "PYTHONUTF8=1"),
]


@pytest.mark.parametrize(("error", "code", "message"), TELLING)
@pytest.mark.parametrize("wrap", [lambda error: error, within, lambda error: ExceptionGroup("several", [error])])
def test_what_the_machine_lacks_is_known(error, code, message, wrap):
    found_code, text = machine_fault(wrap(error))
    assert found_code == code
    assert message in text
    text.encode("ascii")


@pytest.mark.parametrize("error", [ValueError("x"), RuntimeError("x"), of_system(errno.EBADF), KeyError("x")])
def test_a_fault_of_the_program_is_none_of_the_machine(error):
    assert machine_fault(error) is None


@pytest.mark.parametrize(
    ("error", "code"),
    [
        (ConfigurationError(["a.yaml: one", "b.yaml: two"]), 2),
        (UnknownTargetError("no such"), 2),
        (StoreError("store: broken; look"), 2),
        (StoreUnavailableError("store: away; wait"), 3),
        (AgentAwayError("agent: away; start it"), 3),
        (MemoryError(), 3),
    ],
)
def test_exit_codes_tell_a_mistake_from_what_may_pass(monkeypatch, capsys, error, code):
    def breaks():
        raise error

    monkeypatch.setattr(cli, "app", breaks)
    with pytest.raises(SystemExit) as ended:
        cli.main()
    assert ended.value.code == code
    assert capsys.readouterr().err.strip()


def test_a_fault_of_the_program_keeps_its_traceback(monkeypatch):
    monkeypatch.setattr(cli, "app", lambda: {}["nothing"])
    with pytest.raises(KeyError):
        cli.main()
    assert sys.exc_info() == (None, None, None)


@pytest.mark.parametrize(
    ("granted", "is_enough"), [(100 * 2**20, False), (LEAST_ADDRESS_SPACE, True), (resource.RLIM_INFINITY, True)]
)
def test_too_little_memory_to_be_loaded_is_told_before_it_is_tried(monkeypatch, capsys, granted, is_enough):
    monkeypatch.setenv("THUOCDO_LANG", "en")
    monkeypatch.setattr(resource, "getrlimit", lambda _: (granted, resource.RLIM_INFINITY))
    monkeypatch.setattr(cli, "app", lambda: None)
    if is_enough:
        cli.main()
        return
    with pytest.raises(SystemExit) as ended:
        cli.main()
    assert ended.value.code == 3
    assert "may use 100 MB" in capsys.readouterr().err
