"""One owner per data folder."""

import os
import subprocess
import sys

import pytest

from thuocdo.agent.folder_lock import owned
from thuocdo.errors import ConfigurationError, StoreError

HOLD = """
import sys
from pathlib import Path
from thuocdo.agent.folder_lock import owned
with owned(Path(sys.argv[1]), "run"):
    print("held", flush=True)
    sys.stdin.read()
"""


def test_a_second_one_is_refused_and_told_who_the_first_is(tmp_path):
    command = [sys.executable, "-c", HOLD, str(tmp_path)]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as first:
        assert first.stdout.readline() == "held\n"
        with pytest.raises(ConfigurationError, match=f"pid {first.pid} .*kill {first.pid}"), owned(tmp_path, "run"):
            raise AssertionError
        with owned(tmp_path, "round"):  # a round beside it is fine
            pass
        first.kill()
        first.wait()
        with owned(tmp_path, "run"):
            assert (tmp_path / "run.lock").read_text() == f"{os.getpid()}\n"


def test_it_is_free_again_once_the_owner_is_done(tmp_path):
    for _ in range(2):
        with owned(tmp_path / "new" / "data", "run"):
            pass


def test_a_folder_that_cannot_be_made_is_said_so(tmp_path):
    (tmp_path / "file").write_text("in the way")
    with pytest.raises(StoreError, match="file"), owned(tmp_path / "file" / "data", "run"):
        raise AssertionError


def test_whatever_stands_in_the_file_is_no_reason_to_refuse(tmp_path):
    (tmp_path / "run.lock").write_bytes(b"\xff" * 10_000)
    with owned(tmp_path, "run"):
        assert (tmp_path / "run.lock").read_text() == f"{os.getpid()}\n"
