"""What a service works by of what people wrote: a copy that was read without a mistake."""

import errno
import os
import shutil
import time
from datetime import date

import pytest

from thuocdo.core import in_force as copies
from thuocdo.core.config import Settings, bundled
from thuocdo.core.errors import ConfigurationError, StoreUnavailableError
from thuocdo.core.in_force import IN_FORCE, differing_files, renewed, settings_in_force, settings_left_in_force
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


def copies_of(settings):
    """Return the copies that are kept."""
    folder = settings.data_dir / "in-force"
    return sorted(one for one in folder.iterdir() if one.name != "current")


def grow_old(copy):
    long_ago = time.time() - 2 * copies.KEPT_SECONDS
    os.utime(copy, (long_ago, long_ago))


def agencies(settings):
    return [*load_registry(settings.registry_dir, at=DAY).agencies]


def test_whoever_serves_from_none_reads_what_people_write(settings):
    renewed(settings, agencies)
    assert settings_in_force(settings) == settings


def test_a_copy_stays_as_it_is_until_there_is_another(served):
    assert renewed(served, agencies) == ["one"]
    write(served, AGENCY.format("two"))
    assert agencies(settings_in_force(served)) == ["one"]
    assert renewed(served, agencies) == ["two"]
    assert agencies(settings_in_force(served)) == ["two"]


def test_a_mistake_is_told_by_the_names_of_the_files_that_people_write_and_changes_nothing(served):
    renewed(served, agencies)
    write(served, AGENCY.format("one").replace("block", "blok"))
    with pytest.raises(ConfigurationError) as found:
        renewed(served, agencies)
    with pytest.raises(ConfigurationError) as of_the_file:
        agencies(served)
    assert found.value.problems == of_the_file.value.problems
    assert found.value.problems[0].startswith(f"{served.registry_dir}/own.yaml:2")
    assert agencies(settings_in_force(served)) == ["one"]
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
    before = settings_in_force(served)
    write(served, AGENCY.format("two"))
    renewed(served, agencies)
    assert agencies(before) == ["one"]


def test_the_copy_just_superseded_stays_however_old_it_is_and_goes_an_hour_later(served):
    """It was made when its files were read, which may be weeks ago; somebody may read from it all the same."""
    renewed(served, agencies)
    [old] = copies_of(served)
    grow_old(old)
    before = settings_in_force(served)
    write(served, AGENCY.format("two"))
    renewed(served, agencies)
    assert agencies(before) == ["one"]
    write(served, AGENCY.format("three"))
    renewed(served, agencies)
    assert agencies(before) == ["one"], "the hour counts from when it was superseded"
    grow_old(old)
    renewed(served, agencies)
    assert old not in copies_of(served)
    assert agencies(settings_in_force(served)) == ["three"]


def test_files_that_say_what_is_in_force_make_no_copy_more(served):
    """A service that fails to start is begun every few seconds, for as long as nobody looks."""
    renewed(served, agencies)
    before = copies_of(served)
    os.utime(served.registry_dir / "own.yaml", (1, 1))
    assert renewed(served, agencies) == ["one"]
    assert copies_of(served) == before


def test_where_its_time_cannot_be_noted_the_copy_just_superseded_stays_all_the_same(served, monkeypatch):
    def refuse(*_):
        raise PermissionError

    renewed(served, agencies)
    [old] = copies_of(served)
    grow_old(old)
    write(served, AGENCY.format("two"))
    monkeypatch.setattr(copies.os, "utime", refuse)
    renewed(served, agencies)
    assert old in copies_of(served)


def test_what_cannot_be_read_when_it_is_copied_is_copied_again_once_it_can(served, monkeypatch):
    real, refusals = copies.read_bounded, ["once", "twice"]

    def read(path, most_bytes):
        if path.name == "own.yaml" and refusals:
            refusals.pop()
            raise OSError(errno.EIO, "now and then")
        return real(path, most_bytes)

    monkeypatch.setattr(copies, "read_bounded", read)
    renewed(served, agencies)
    write(served, AGENCY.format("two"))
    assert agencies(settings_in_force(served)) == ["one"], "what is in force leads to no file that people write"


def test_what_can_never_be_copied_is_a_mistake_although_it_could_be_read(served, monkeypatch):
    def refuse(path, most_bytes):
        raise OSError(errno.EIO, "now and then")

    monkeypatch.setattr(copies, "read_bounded", refuse)
    with pytest.raises(ConfigurationError) as found:
        renewed(served, agencies)
    assert any(
        one.startswith(f"{served.registry_dir}/own.yaml: can be read at one time") for one in found.value.problems
    )
    assert copies_of(served) == []


@pytest.mark.parametrize("fault", [KeyboardInterrupt, StoreUnavailableError, ValueError, ConfigurationError])
def test_an_attempt_that_fails_leaves_no_copy_whatever_it_fails_with(served, fault):
    def fail(_):
        raise fault("at the check")

    with pytest.raises(fault):
        renewed(served, fail)
    assert [*(served.data_dir / "in-force").iterdir()] == []


def test_a_service_that_was_at_work_left_what_it_worked_by_for_whoever_asks(settings):
    assert settings_left_in_force(settings) is None
    renewed(settings, agencies)
    write(settings, AGENCY.format("two"))
    left = settings_left_in_force(settings)
    assert agencies(left) == ["one"]
    assert (left.schedule.read_bytes(), left.data_dir) == (settings.schedule.read_bytes(), settings.data_dir)


def test_files_that_were_changed_made_or_taken_away_differ(settings):
    gone, new = (settings.registry_dir / name for name in ("gone.yaml", "new.yaml"))
    gone.write_text("agencies: []\n")
    renewed(settings, agencies)
    left = settings_left_in_force(settings)
    assert differing_files(settings, left) == ()
    own = settings.registry_dir / "own.yaml"
    os.utime(own, (1, 1))
    assert differing_files(settings, left) == (), "it says the same"
    write(settings, AGENCY.format("two"))
    gone.unlink()
    new.write_text("agencies: []\n")
    assert differing_files(settings, left) == (gone, new, own)


def test_all_that_is_read_again_is_in_it(served):
    def all_there(copy):
        assert copy.schedule.read_bytes() == served.schedule.read_bytes()
        assert copy.maintenance.read_bytes() == served.maintenance.read_bytes()
        assert sorted(one.name for one in copy.criteria_dir.iterdir()) == sorted(
            one.name for one in served.criteria_dir.glob("*.yaml")
        )
        return True

    assert renewed(served, all_there)
    assert settings_in_force(served).schedule != served.schedule


def test_communes_are_in_it_and_its_registry_is_the_same_to_the_digest(served, tmp_path):
    shutil.copytree(bundled("portals"), tmp_path / "all", ignore=shutil.ignore_patterns("__*"))
    (tmp_path / "all" / "communes").mkdir(exist_ok=True)
    (tmp_path / "all" / "communes" / "x.yaml").write_text("agencies: []\n")
    there = served.model_copy(update={"registry_dir": tmp_path / "all"})
    renewed(there, lambda copy: load_registry(copy.registry_dir, at=DAY))
    assert (settings_in_force(there).registry_dir / "communes" / "x.yaml").exists()
    assert (
        load_registry(settings_in_force(there).registry_dir, at=DAY).digest
        == load_registry(tmp_path / "all", at=DAY).digest
    )


def test_where_nothing_can_be_written_nothing_changes(served):
    def spoil(_):
        shutil.rmtree(served.data_dir / "in-force")
        (served.data_dir / "in-force").write_text("no folder")

    for check in (spoil, agencies):
        with pytest.raises(StoreUnavailableError, match="in-force: cannot be written"):
            renewed(served, check)


def test_a_disk_that_fills_up_at_the_last_step_leaves_what_was_in_force(served, monkeypatch):
    def full(*_):
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    renewed(served, agencies)
    write(served, AGENCY.format("two"))
    with monkeypatch.context() as patched:
        patched.setattr(copies.Path, "replace", full)
        with pytest.raises(StoreUnavailableError, match="cannot be written"):
            renewed(served, agencies)
    assert agencies(settings_in_force(served)) == ["one"]
    assert len([*(served.data_dir / "in-force").iterdir()]) == 2, "the copy, and what leads to it"


@pytest.mark.parametrize(
    ("number", "error"),
    [(errno.EROFS, ConfigurationError), (errno.EACCES, ConfigurationError), (errno.ENOSPC, StoreUnavailableError)],
)
def test_what_no_waiting_mends_is_a_mistake_of_the_configuration(served, monkeypatch, number, error):
    def refuse(*_):
        raise OSError(number, os.strerror(number))

    monkeypatch.setattr(copies, "_copy", refuse)
    with pytest.raises(error, match="in-force: cannot be written"):
        renewed(served, agencies)


def test_where_the_copy_is_gone_what_people_write_is_read(served):
    renewed(served, agencies)
    shutil.rmtree(served.data_dir / "in-force")
    assert settings_in_force(served) == served
