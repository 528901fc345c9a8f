"""That files are to be read again, as it is told from process to process."""

from datetime import UTC, datetime

import pytest

from thuocdo.core.errors import StoreUnavailableError
from thuocdo.core.reloading import Reload, ReloadWatch, mistake_of, tell_reload

NOW = datetime(2026, 11, 30, 3, tzinfo=UTC)


def test_each_watch_hears_it_once_and_not_what_was_told_before_it_began(tmp_path):
    tell_reload(tmp_path / "data", NOW)
    watches = [ReloadWatch(tmp_path / "data") for _ in range(2)]
    assert [one.news() for one in watches] == [None, None]
    tell_reload(tmp_path / "data", NOW, ["portals/a.yaml:3: unknown key"])
    assert [one.news() for one in watches] == [Reload(at=NOW, problems=("portals/a.yaml:3: unknown key",))] * 2
    assert [one.news() for one in watches] == [None, None]


def test_the_first_that_is_told_over_a_new_folder_is_heard(tmp_path):
    watch = ReloadWatch(tmp_path / "data")
    assert watch.news() is None
    tell_reload(tmp_path / "data", NOW)
    assert watch.news() == Reload(at=NOW)
    assert [one.name for one in (tmp_path / "data").iterdir()] == ["reload.json"]


@pytest.mark.parametrize("content", [b"", b"{}", b"\xff\xfe", b'{"at": "soon"}', b"[" * 10_000])
def test_a_file_that_tells_nothing_is_told_of_and_changes_nothing(tmp_path, content):
    watch = ReloadWatch(tmp_path)
    (tmp_path / "reload.json").write_bytes(content)
    assert watch.news() is None
    tell_reload(tmp_path, NOW)
    assert watch.news() == Reload(at=NOW)


def test_where_nothing_can_be_written_nobody_is_told(tmp_path):
    (tmp_path / "data").write_text("no folder")
    with pytest.raises(
        StoreUnavailableError, match=r"reload\.json: cannot be written, so nobody reads the files again"
    ):
        tell_reload(tmp_path / "data", NOW)


@pytest.mark.parametrize(
    ("problem", "place"),
    [
        ("fleet.yaml:3: portals.0: unknown key 'ur1'; did you mean 'url'?", ("fleet.yaml", 3, "url")),
        ("sub/fleet.yaml: portal 'hue': no home page", ("sub/fleet.yaml", None, "")),
        ("/etc/x/default.yml:12: unknown kind 'htp'; did you mean 'http'?", ("/etc/x/default.yml", 12, "http")),
        ("no criteria set 'x'; did you mean 'y'?", ("", None, "y")),
    ],
)
def test_a_mistake_has_a_place_and_maybe_a_suggestion(problem, place):
    found = mistake_of(problem)
    assert (found.file, found.line, found.suggestion, found.text) == (*place, problem)
