"""Files that a person named and that are none."""

import os
from functools import partial
from pathlib import Path

import pytest

from thuocdo.core import bounded
from thuocdo.core.bounded import read_bounded
from thuocdo.core.config import load_settings
from thuocdo.core.errors import ConfigurationError


def test_a_file_is_read_whole(tmp_path):
    (tmp_path / "a").write_bytes(b"x" * 200_000)
    assert read_bounded(tmp_path / "a", 10**6) == b"x" * 200_000


def test_a_device_without_an_end_has_one():
    assert 1_000 < len(read_bounded(Path("/dev/zero"), 1_000)) < 200_000


def test_a_pipe_is_read_to_its_end_and_one_without_a_writer_is_given_up(tmp_path, monkeypatch):
    reader, writer = os.pipe()
    os.write(writer, b"through a pipe")
    os.close(writer)
    assert read_bounded(Path(f"/dev/fd/{reader}"), 100) == b"through a pipe"
    os.close(reader)
    monkeypatch.setattr(bounded, "PATIENCE_SECONDS", 0.01)
    os.mkfifo(tmp_path / "fifo")
    with pytest.raises(OSError, match="nothing comes out of it"):
        read_bounded(tmp_path / "fifo", 100)


@pytest.mark.parametrize("place", ["/dev/zero", "/dev/full", "/proc/kmsg-is-none", "/", "fifo"])
@pytest.mark.parametrize("named", ["config", "store", "token"])
def test_settings_from_what_is_no_file_are_a_mistake_that_names_it(tmp_path, monkeypatch, place, named):
    monkeypatch.setattr(bounded, "PATIENCE_SECONDS", 0.01)
    monkeypatch.chdir(tmp_path)
    os.mkfifo("fifo")
    match named:
        case "config":
            read = partial(load_settings, Path(place))
        case "store":
            monkeypatch.setenv("THUOCDO_STORE_URL_FILE", place)
            read = load_settings
        case _:
            monkeypatch.setenv("THUOCDO_GRAFANA__TOKEN_FILE", place)
            read = load_settings().grafana.read_token
    with pytest.raises(ConfigurationError) as found:
        read()
    assert place in str(found.value)
