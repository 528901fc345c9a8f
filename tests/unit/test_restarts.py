import pytest

from thuocdo.core.restarts import Restarts, restarts_in


def test_restarts_are_counted_from_zero_for_whoever_reads(tmp_path):
    assert restarts_in(tmp_path) == {}
    restarts = Restarts(tmp_path, ("judge", "web"))
    assert restarts_in(tmp_path) == {"judge": 0, "web": 0}
    restarts.add("web")
    restarts.add("web")
    assert restarts_in(tmp_path) == {"judge": 0, "web": 2}
    Restarts(tmp_path, ("web",))
    assert restarts_in(tmp_path) == {"web": 0}


def test_nobody_counts_any_more(tmp_path):
    restarts = Restarts(tmp_path, ("web",))
    restarts.forget()
    restarts.forget()
    assert restarts_in(tmp_path) == {}


def test_a_count_that_cannot_be_written_is_no_reason_to_die(tmp_path):
    Restarts(tmp_path / "gone", ("web",)).add("web")
    assert restarts_in(tmp_path / "gone") == {}


@pytest.mark.parametrize("text", ["", "[1]", '{"web": "many"}', "{", "[" * 100_000, "\xff"])
def test_a_file_of_somebody_else_tells_nothing(tmp_path, text):
    (tmp_path / "restarts.json").write_text(text, encoding="latin-1")
    assert restarts_in(tmp_path) == {}
