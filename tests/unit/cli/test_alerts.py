from io import StringIO

import pytest
from rich.console import Console
from typer.testing import CliRunner

from thuocdo.cli.alerts import app
from thuocdo.cli.context import CliContext, Language
from thuocdo.cli.grafana import app as grafana
from thuocdo.core.errors import ConfigurationError

FILES = {
    "prometheus/rules/alerts.yml",
    "prometheus/rules/recording.yml",
    "alertmanager/alertmanager.yml",
    "alertmanager/thuocdo.tmpl",
}


@pytest.fixture
def write(tmp_path):
    def run(*arguments):
        context = CliContext(config_file=None, lang=Language.VI, log_level="info")
        context.console = Console(file=StringIO(), width=200)
        command = ["write", "--out", str(tmp_path / "out"), *arguments]
        result = CliRunner().invoke(app, command, obj=context, catch_exceptions=False)
        return result.exit_code, context.console.file.getvalue()

    return run


def written(folder):
    return {str(path.relative_to(folder)) for path in folder.rglob("*") if path.is_file()}


def test_files_are_written_once_and_are_then_as_they_should_be(write, tmp_path):
    assert write("--check")[0] == 1
    assert not (tmp_path / "out").exists()
    code, said = write()
    assert (code, said.count("đã ghi")) == (0, 4)
    assert written(tmp_path / "out") == FILES
    code, said = write()
    assert (code, said.count("đã ghi")) == (0, 0)
    assert write("--check") == (0, "")


def test_as_long_as_alerts_reach_nobody_it_is_said_in_one_clear_line(write, tmp_path):
    assert "CẢNH BÁO CHƯA ĐẾN TAY AI" in write()[1]
    owners = tmp_path / "owners.yaml"
    owners.write_text(
        "smtp: {smarthost: 'mail.example.vn:587', from: thuocdo@example.vn}\n"
        "central: {emails: [{to: truc-ban@example.vn}]}\ndead_man: {emails: [{to: truc-ban@example.vn}]}\n"
    )
    assert "CHƯA ĐẾN TAY AI" not in write("--owners", str(owners))[1]


def test_a_checkout_of_ours_is_never_written_into_unless_it_is_asked_for(monkeypatch, tmp_path):
    monkeypatch.chdir(tmp_path)
    for command, names in ((app, ["alertmanager", "prometheus"]), (grafana, ["alertmanager", "grafana", "prometheus"])):
        context = CliContext(config_file=None, lang=Language.VI, log_level="info")
        context.console = Console(file=StringIO(), width=200)
        CliRunner().invoke(command, ["write"], obj=context, catch_exceptions=False)
        assert [path.name for path in tmp_path.iterdir()] == ["local"]
        assert sorted(path.name for path in (tmp_path / "local").iterdir()) == names


def test_a_file_that_somebody_changed_is_told(write, tmp_path):
    write()
    (tmp_path / "out/prometheus/rules/alerts.yml").write_text("groups: []\n")
    code, said = write("--check")
    assert code == 1
    assert "alerts.yml" in said
    assert said.count("khác") == 1


def test_links_lead_where_they_are_told_to(write, tmp_path):
    write("--site-url", "https://td.example.vn/", "--grafana-url", "https://g.example.vn")
    text = (tmp_path / "out/prometheus/rules/alerts.yml").read_text()
    assert "https://td.example.vn/agencies/{{ $labels.agency }}" in text
    assert "https://td.example.vn/runbooks#portaldown" in text
    assert "https://g.example.vn/d/" in text
    assert "127.0.0.1" not in text


def test_a_team_of_nobody_we_know_is_a_mistake(write, tmp_path):
    owners = tmp_path / "owners.yaml"
    hook = "{webhooks: [{url: 'http://127.0.0.1:1/'}]}"
    owners.write_text(f"central: {hook}\ndead_man: {hook}\nowners: {{da-nang-2052: {hook}}}\n")
    with pytest.raises(ConfigurationError, match="did you mean 'da-nang-2025'"):
        write("--owners", str(owners))
