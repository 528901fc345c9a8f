import pytest

from thuocdo.core.writing import write_whole


def test_a_file_is_replaced_and_nothing_else_is_left(tmp_path):
    path = tmp_path / "known.json"
    write_whole(path, b"old")
    write_whole(path, b"new")
    assert path.read_bytes() == b"new"
    assert [one.name for one in tmp_path.iterdir()] == ["known.json"]


def test_what_stood_there_still_does_when_it_cannot_be_written(tmp_path):
    path = tmp_path / "known.json"
    path.mkdir()
    (path / "inside").touch()
    with pytest.raises(OSError, match=r"known\.json"):
        write_whole(path, b"new")
    assert [one.name for one in tmp_path.iterdir()] == ["known.json"]
    assert (path / "inside").exists()


def test_a_folder_that_is_missing_is_told(tmp_path):
    with pytest.raises(FileNotFoundError):
        write_whole(tmp_path / "gone" / "known.json", b"new")
    assert not (tmp_path / "gone").exists()
