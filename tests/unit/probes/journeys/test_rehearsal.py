"""What a rehearsal leaves on the disk."""

import stat
from pathlib import Path

from probes.journeys.rehearsal import _private_file


def test_a_trace_is_its_owners_only_before_anything_stands_in_it(tmp_path: Path) -> None:
    file = tmp_path / "new" / "trace.zip"
    _private_file(file)
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    _private_file(tmp_path / "new")  # a folder: Playwright says so


def test_a_trace_that_is_written_anew_keeps_its_place(tmp_path: Path) -> None:
    file = tmp_path / "trace.zip"
    file.write_bytes(b"old")
    file.chmod(0o644)
    _private_file(file)
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
