"""One owner per data folder."""

import os
import socket
import subprocess
import sys

import pytest

from thuocdo.agent.folder_lock import owned
from thuocdo.core.errors import ConfigurationError, StoreError

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
            assert (tmp_path / "run.lock").read_text() == f"{os.getpid()}\n{socket.gethostname()}\n"


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
        assert (tmp_path / "run.lock").read_text() == f"{os.getpid()}\n{socket.gethostname()}\n"


def test_a_pid_of_another_container_is_not_to_be_killed_here(tmp_path):
    with owned(tmp_path, "run"):
        (tmp_path / "run.lock").write_text("7\nother-machine\n")
        with pytest.raises(ConfigurationError, match=r"pid 7 on host other-machine .*stop it there") as found:
            owned(tmp_path, "run").__enter__()
        assert "kill" not in str(found.value)


@pytest.mark.parametrize("content", [b"", b"\xff" * 100, b"\0\0", b"7", b"\n\n"])
def test_whatever_the_owner_noted_it_is_refused(tmp_path, content):
    with owned(tmp_path, "run"):
        (tmp_path / "run.lock").write_bytes(content)
        with pytest.raises(ConfigurationError, match="measures into this folder already"):
            owned(tmp_path, "run").__enter__()


def test_a_link_has_no_other_file_emptied(tmp_path):
    precious = tmp_path / "precious"
    precious.write_text("all that somebody has")
    (tmp_path / "run.lock").symlink_to(precious)
    with pytest.raises(StoreError, match=r"run\.lock"), owned(tmp_path, "run"):
        raise AssertionError
    assert precious.read_text() == "all that somebody has"
