"""A package appears whole or not at all."""

import errno
import os
import zipfile
from collections import Counter
from dataclasses import replace
from itertools import islice

import pytest

from thuocdo.core.errors import ConfigurationError
from thuocdo.publication.packing import package_files, write_package

FILES = [("a.txt", b"one"), ("b/c.txt", b"two"), ("b/d.txt", b"")]


class _Printer:
    def __init__(self):
        self.printed = []

    def pdf(self, html, made_at):
        self.printed.append((html, made_at))
        return b"%PDF"


@pytest.fixture(scope="module")
def printer():
    return _Printer()


@pytest.fixture(scope="module")
def made(whole, printer):
    return dict(package_files(whole, printer))


def left_in(folder):
    return sorted(path.name for path in folder.iterdir())


def test_a_package_has_a_file_of_each_kind(made, whole):
    kinds = Counter(path.rpartition("/")[0] + "/*." + path.rpartition(".")[2] for path in made)
    ranked = sum(one.rank is not None for one in whole.members.values())
    assert kinds == {
        "/*.xlsx": 1,
        "/*.docx": 1,
        "/*.pdf": 1,
        "phu-luc/*.docx": len(whole.members),
        "phu-luc/*.pdf": len(whole.members),
        "huy-hieu/*.svg": ranked,
        "csv/*.csv": 6,
        "/*.json": 1,
    }


def test_each_document_is_printed_as_of_the_instant_of_the_ranking(made, printer, whole):
    assert len(printer.printed) == 1 + len(whole.members)
    assert {made_at for _, made_at in printer.printed} == {whole.made_at}


def test_without_a_printer_all_else_is_there(made, whole):
    first = [path for path, _ in islice(package_files(whole, None), 4)]
    assert first == [path for path in made if not path.endswith(".pdf")][:4]


def test_the_same_results_give_the_same_bytes(made, whole):
    assert dict(package_files(whole, _Printer())) == made


def test_what_is_approved_looks_different_in_each_file(made, whole):
    few = islice(package_files(replace(whole, approved=True), None), 4)
    assert [path for path, content in few if content == made[path]] == []


def test_a_folder_and_a_zip_file_hold_the_same(tmp_path):
    written = write_package(FILES, tmp_path / "out", zipped=True)
    assert left_in(tmp_path) == ["out", "out.zip"]
    assert written.paths == ("a.txt", "b/c.txt", "b/d.txt")
    with zipfile.ZipFile(written.zip_file) as opened:
        assert {name: opened.read(name) for name in opened.namelist()} == dict(FILES)
        assert {path: (tmp_path / "out" / path).read_bytes() for path, _ in FILES} == dict(FILES)


def test_zip_files_are_the_same_wherever_and_whenever_they_are_written(tmp_path):
    first = write_package(FILES, tmp_path / "one" / "out", zipped=True)
    os.utime(tmp_path / "one" / "out" / "a.txt", (0, 0))
    second = write_package(reversed(FILES), tmp_path / "two" / "other", zipped=True)
    assert first.zip_file.read_bytes() == second.zip_file.read_bytes()


def test_an_empty_folder_is_filled(tmp_path):
    (tmp_path / "out").mkdir()
    write_package(FILES, tmp_path / "out")
    assert left_in(tmp_path / "out") == ["a.txt", "b"]


@pytest.mark.parametrize("taken", ["out/x", "out.zip"])
def test_what_is_there_stays(tmp_path, taken):
    (tmp_path / "out").mkdir()
    (tmp_path / taken).write_text("mine")
    with pytest.raises(ConfigurationError, match="something is there already"):
        write_package(FILES, tmp_path / "out", zipped=True)
    assert (tmp_path / taken).read_text() == "mine"
    assert not [name for name in left_in(tmp_path) if name.endswith(".part")]


def full_after(number):
    yield from FILES[:number]
    raise OSError(errno.ENOSPC, "No space left on device")


@pytest.mark.parametrize("number", [0, 1, 3])
def test_a_full_disk_leaves_nothing_half_written(tmp_path, number):
    with pytest.raises(
        ConfigurationError, match="the disk is full; free some space there, nothing of the package was left"
    ):
        write_package(full_after(number), tmp_path / "out", zipped=True)
    assert left_in(tmp_path) == []


def test_a_disk_that_is_full_for_the_zip_file_alone_leaves_nothing_either(tmp_path, monkeypatch):
    def full(*_):
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr("thuocdo.publication.packing.zip_folder", full)
    with pytest.raises(ConfigurationError, match="the disk is full"):
        write_package(FILES, tmp_path / "out", zipped=True)
    assert left_in(tmp_path) == []


def test_whoever_stops_it_leaves_nothing_half_written(tmp_path):
    def stopped():
        yield FILES[0]
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        write_package(stopped(), tmp_path / "out")
    assert left_in(tmp_path) == []


def test_a_place_that_is_none_is_refused_with_the_cause(tmp_path):
    (tmp_path / "file").write_text("x")
    with pytest.raises(ConfigurationError, match=r"cannot be written \(Not a directory\); choose another place"):
        write_package(FILES, tmp_path / "file" / "out")
