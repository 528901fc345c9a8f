"""`thuocdo round package` on the command line."""

import json
import zipfile

import pytest
from docx import Document

from thuocdo.core.errors import ConfigurationError
from thuocdo.store import Store


@pytest.fixture(autouse=True)
def no_browser(monkeypatch):
    """PDF files take a browser: the integration tests have them."""
    monkeypatch.setenv("THUOCDO_BROWSER", "/nonexistent/chromium")


@pytest.fixture
def out(tmp_path):
    return tmp_path / "goi"


def test_a_round_becomes_a_folder_and_a_zip_file(call, out):
    result = call("--lang", "vi", "round", "package", "Đợt 1", "--out", str(out), "--issuer", "co-quan-mau", "--zip")
    assert result.exit_code == 0, result.output
    paths = sorted(str(path.relative_to(out)) for path in out.rglob("*") if path.is_file())
    assert {"bao-cao.docx", "phu-luc.xlsx", "phu-luc/nhanh.docx", "csv/xep-hang.csv", "datapackage.json"} <= set(paths)
    with zipfile.ZipFile(f"{out}.zip") as opened:
        assert sorted(opened.namelist()) == paths
    told = " ".join(result.stdout.split())
    assert f"Bộ tệp kết quả của Đợt 1: {len(paths)} tệp trong {out}" in told
    assert "mọi tệp đều ghi là dự thảo" in told


def test_without_a_browser_all_else_is_written_and_it_is_said_what_is_missing(call, out):
    result = call("--lang", "vi", "round", "package", "Đợt 1", "--out", str(out))
    assert result.exit_code == 0
    assert "Không có tệp PDF, các tệp khác vẫn được ghi" in result.stderr
    assert "/nonexistent/chromium" in result.stderr
    assert not list(out.rglob("*.pdf"))
    assert len(list(out.rglob("*.docx"))) == 1 + 4


def test_a_round_is_a_draft_until_it_is_published(call, out, config, tmp_path):
    call("round", "package", "Đợt 1", "--out", str(out))
    assert call("round", "publish", "Đợt 1", "--by", "Trần Thị Lan").exit_code == 0
    result = call("round", "package", "r1", "--out", str(tmp_path / "sau"))
    assert "not published" not in result.stdout
    drafts = [json.loads((folder / "datapackage.json").read_text())["draft"] for folder in (out, tmp_path / "sau")]
    assert drafts == [True, False]


def test_simulated_figures_say_so(call, out, config):
    config.write_text(config.read_text() + "simulated: true\n", encoding="utf-8")
    call("round", "package", "Đợt 1", "--out", str(out))
    texts = [paragraph.text for paragraph in Document(str(out / "bao-cao.docx")).paragraphs]
    assert any(text.startswith("SỐ LIỆU GIẢ LẬP") for text in texts)
    assert json.loads((out / "datapackage.json").read_text())["simulated"] is True


def test_a_package_is_the_same_each_time(call, out, tmp_path):
    assert call("round", "publish", "Đợt 1", "--by", "Lan").exit_code == 0  # from then on nothing moves
    for folder in (out, tmp_path / "lai"):
        call("round", "package", "Đợt 1", "--out", str(folder), "--zip")
    assert (tmp_path / "goi.zip").read_bytes() == (tmp_path / "lai.zip").read_bytes()


@pytest.mark.parametrize(
    ("arguments", "problem"),
    [
        (("Đợt 9",), "no round 'Đợt 9'"),
        (("Đợt 1", "--issuer", "co-quan-mao"), "no issuing body 'co-quan-mao'; did you mean 'co-quan-mau'?"),
    ],
)
def test_what_is_not_there_is_named(call, out, arguments, problem):
    result = call("round", "package", *arguments, "--out", str(out))
    assert isinstance(result.exception, ConfigurationError)
    assert problem in str(result.exception)
    assert not out.exists()


def test_a_round_that_runs_is_refused(call, out, config):
    with Store.open(f"sqlite:///{config.parent}/data/thuocdo.sqlite") as store:
        [round_] = store.rounds.all()
        store.rounds.begin(type(round_)(id="r2", label="Đợt 2", started_at=round_.started_at))
    result = call("round", "package", "Đợt 2", "--out", str(out))
    assert "round 'Đợt 2' has not ended" in str(result.exception)


def test_what_is_there_already_stays(call, out):
    out.mkdir()
    (out / "cua-toi").write_text("x")
    result = call("round", "package", "Đợt 1", "--out", str(out))
    assert "something is there already" in str(result.exception)
    assert [path.name for path in out.iterdir()] == ["cua-toi"]
