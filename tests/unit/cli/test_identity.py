"""`thuocdo identity`: the questions, and what answers do."""

import json

import pytest
from typer.testing import CliRunner

from probes.identity.known_pages import IDENTITY, KnownPages
from thuocdo.cli import app
from thuocdo.core.errors import ConfigurationError


@pytest.fixture
def cli(tmp_path, monkeypatch):
    monkeypatch.setenv("THUOCDO_DATA_DIR", str(tmp_path / "data"))
    monkeypatch.setenv("COLUMNS", "200")

    def run(*arguments, lang="vi"):
        return CliRunner().invoke(app, ["--lang", lang, "identity", *arguments])

    return run


def test_nothing_is_asked(cli):
    assert cli().output.strip() == "Không có trang nào cần người xem lại."
    assert json.loads(cli("--json").output) == []


def test_a_question_names_both_pages_and_how_to_answer(cli, tmp_path, another_page):
    another_page(tmp_path / "data", "hue.home")
    said = cli().output
    for words in (
        "hue.home",
        "Tải trang chủ",
        "30/11/2026 07:27",
        "Cổng dịch vụ công tỉnh Thử Nghiệm",
        "Nhà cái",
        "--by TÊN",
    ):
        assert words in said
    (told,) = json.loads(cli("--json").output)
    assert told | {"since": ""} == {
        "target_id": "hue.home",
        "kind": "homepage",
        "profile": "desktop",
        "since": "",
        "title_before": "Cổng dịch vụ công tỉnh Thử Nghiệm",
        "title_now": "Nhà cái",
        "picture_before": None,
        "picture_now": None,
        "answer": None,
        "answered_by": None,
    }


@pytest.mark.parametrize(("answer", "left"), [("new", 0), ("other", 1)])
def test_an_answer_is_kept_with_who_gave_it(cli, tmp_path, another_page, answer, left):
    another_page(tmp_path / "data", "hue.home")
    done = cli("answer", "hue.home", answer, "--by", "Trần  Lan")
    assert (done.exit_code, done.output.startswith("Đã ghi nhận")) == (0, True)
    assert cli().output.strip() == "Không có trang nào cần người xem lại."
    told = json.loads(cli("--all", "--json").output)
    assert len(told) == left
    assert all((one["answer"], one["answered_by"]) == ("other", "Trần Lan") for one in told)
    if answer == "new":
        (state,) = KnownPages(tmp_path / "data" / IDENTITY).all()
        assert state.known[-1].by == "Trần Lan"
    else:
        assert "không phải cổng (Trần Lan)" in cli("--all").output


def test_a_mistaken_answer_says_what_to_do(cli, tmp_path, another_page):
    another_page(tmp_path / "data", "hue.home")
    done = cli("answer", "hue.hom", "new", "--by", "Lan")
    assert isinstance(done.exception, ConfigurationError)
    assert "hue.home" in str(done.exception)
    assert "--by" in str(cli("answer", "hue.home", "new", "--by", " ").exception)
    assert cli("answer", "hue.home", "maybe", "--by", "Lan").exit_code == 2
