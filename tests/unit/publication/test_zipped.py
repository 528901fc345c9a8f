"""Zip files without times."""

import io
import zipfile

from thuocdo.publication.zipped import with_fixed_times, zip_folder


def zipped(*files):
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as target:
        for name, content in files:
            target.writestr(name, content)
    return out.getvalue()


def test_times_go_and_order_and_content_stay():
    content = with_fixed_times(zipped(("b", b"1"), ("a", b"2")))
    with zipfile.ZipFile(io.BytesIO(content)) as opened:
        assert [(one.filename, one.date_time) for one in opened.infolist()] == [
            ("b", (1980, 1, 1, 0, 0, 0)),
            ("a", (1980, 1, 1, 0, 0, 0)),
        ]
        assert opened.read("a") == b"2"
    assert with_fixed_times(content) == content


def test_large_files_are_packed_whole(tmp_path):
    (tmp_path / "big").write_bytes(b"x" * 3_000_001)
    zip_folder(tmp_path, ["big"], tmp_path / "out.zip")
    with zipfile.ZipFile(tmp_path / "out.zip") as opened:
        assert opened.testzip() is None
        assert opened.getinfo("big").file_size == 3_000_001
