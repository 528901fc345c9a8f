"""What a service works by of what people wrote: a copy that was read without a mistake."""

import errno
import os
import shutil
import time
from datetime import date

import pytest

from thuocdo.core import in_force as copies
from thuocdo.core.config import IN_FORCE, Settings, bundled
from thuocdo.core.errors import ConfigurationError, StoreUnavailableError
from thuocdo.core.in_force import checked_copy, in_force, put_in_force, renewed
from thuocdo.core.portals import load_registry

DAY = date(2026, 11, 30)
AGENCY = "agencies:\n  - {{id: {0}, block: province, name_vi: {0}, name_en: {0}, source: t}}\n"


@pytest.fixture
def settings(tmp_path):
    (tmp_path / "portals").mkdir()
    (tmp_path / "portals" / "own.yaml").write_text(AGENCY.format("one"))
    return Settings(data_dir=tmp_path / "data", registry_dir=tmp_path / "portals")


@pytest.fixture
def served(settings, monkeypatch):
    monkeypatch.setenv(IN_FORCE, str(settings.data_dir / "in-force"))
    return settings


def write(settings, text):
    (settings.registry_dir / "own.yaml").write_text(text)


def agencies(settings):
    return [*load_registry(settings.registry_dir, at=DAY).agencies]


def test_whoever_serves_from_none_reads_what_people_write(settings):
    renewed(settings, agencies)
    assert in_force(settings) == settings


def test_a_copy_stays_as_it_is_until_there_is_another(served):
    assert renewed(served, agencies) == ["one"]
    write(served, AGENCY.format("two"))
    assert agencies(in_force(served)) == ["one"]
    assert renewed(served, agencies) == ["two"]
    assert agencies(in_force(served)) == ["two"]


def test_a_mistake_is_told_by_the_names_of_the_files_that_people_write_and_changes_nothing(served):
    renewed(served, agencies)
    write(served, AGENCY.format("one").replace("block", "blok"))
    with pytest.raises(ConfigurationError) as found:
        renewed(served, agencies)
    with pytest.raises(ConfigurationError) as of_the_file:
        agencies(served)
    assert found.value.problems == of_the_file.value.problems
    assert found.value.problems[0].startswith(f"{served.registry_dir}/own.yaml:2")
    assert agencies(in_force(served)) == ["one"]
    assert len([*(served.data_dir / "in-force").iterdir()]) == 2, "the copy, and what leads to it"


def test_a_file_that_cannot_be_read_is_told_as_any_other_mistake(served):
    (served.registry_dir / "folder.yaml").mkdir()
    write(served, "agencies: 3\n")
    with pytest.raises(ConfigurationError) as found:
        renewed(served, agencies)
    assert [problem.partition(": ")[0].partition(":")[0] for problem in found.value.problems] == [
        f"{served.registry_dir}/folder.yaml",
        f"{served.registry_dir}/own.yaml",
    ]


def test_a_file_that_is_written_while_it_is_copied_is_copied_again(served, monkeypatch):
    real, left = copies.read_bounded, ["agencies: [\n", AGENCY.format("two")]

    def read(path, most_bytes):
        content = real(path, most_bytes)
        if path.name == "own.yaml" and left:
            path.write_text(left.pop(0))
        return content

    monkeypatch.setattr(copies, "read_bounded", read)
    assert renewed(served, agencies) == ["two"]


def test_a_reader_of_the_old_copy_is_not_disturbed(served):
    renewed(served, agencies)
    before = in_force(served)
    write(served, AGENCY.format("two"))
    renewed(served, agencies)
    assert agencies(before) == ["one"]


def test_copies_that_nobody_reads_any_more_go(served):
    renewed(served, agencies)
    folder = served.data_dir / "in-force"
    [old] = [one for one in folder.iterdir() if one.name != "current"]
    long_ago = time.time() - 2 * copies.KEPT_SECONDS
    os.utime(old, (long_ago, long_ago))
    renewed(served, agencies)
    assert not old.exists()
    assert agencies(in_force(served)) == ["one"]


def test_all_that_is_read_again_is_in_it(served):
    def all_there(copy):
        assert copy.schedule.read_bytes() == served.schedule.read_bytes()
        assert copy.maintenance.read_bytes() == served.maintenance.read_bytes()
        assert sorted(one.name for one in copy.criteria_dir.iterdir()) == sorted(
            one.name for one in served.criteria_dir.glob("*.yaml")
        )
        return True

    assert renewed(served, all_there)
    assert in_force(served).schedule != served.schedule


def test_communes_are_in_it_and_its_registry_is_the_same_to_the_digest(served, tmp_path):
    shutil.copytree(bundled("portals"), tmp_path / "all", ignore=shutil.ignore_patterns("__*"))
    (tmp_path / "all" / "communes").mkdir(exist_ok=True)
    (tmp_path / "all" / "communes" / "x.yaml").write_text("agencies: []\n")
    there = served.model_copy(update={"registry_dir": tmp_path / "all"})
    renewed(there, lambda copy: load_registry(copy.registry_dir, at=DAY))
    assert (in_force(there).registry_dir / "communes" / "x.yaml").exists()
    assert load_registry(in_force(there).registry_dir, at=DAY).digest == load_registry(tmp_path / "all", at=DAY).digest


def test_where_nothing_can_be_written_nothing_changes(served):
    _, copy = checked_copy(served, agencies)
    shutil.rmtree(served.data_dir / "in-force")
    (served.data_dir / "in-force").write_text("no folder")
    with pytest.raises(StoreUnavailableError, match="in-force: cannot be written"):
        put_in_force(served, copy)
    with pytest.raises(StoreUnavailableError, match="cannot be written"):
        checked_copy(served, agencies)


@pytest.mark.parametrize(
    ("number", "error"),
    [(errno.EROFS, ConfigurationError), (errno.EACCES, ConfigurationError), (errno.ENOSPC, StoreUnavailableError)],
)
def test_what_no_waiting_mends_is_a_mistake_of_the_configuration(served, monkeypatch, number, error):
    def refuse(*_):
        raise OSError(number, os.strerror(number))

    monkeypatch.setattr(copies, "_copy", refuse)
    with pytest.raises(error, match="in-force: cannot be written"):
        checked_copy(served, agencies)


def test_where_the_copy_is_gone_what_people_write_is_read(served):
    renewed(served, agencies)
    shutil.rmtree(served.data_dir / "in-force")
    assert in_force(served) == served
