"""The help of every command, as the real command shows it in both languages."""

import io
import re
import sys

import pytest
import typer
from typer.core import TyperArgument

from thuocdo import cli
from thuocdo.cli.help import TYPERS_OWN, HelpContext
from thuocdo.core.i18n import catalogue

STAYS = """
    http json jsonl yaml csv har playwright prometheus grafana alertmanager parquet sighup systemd eform socket thuocdo shell utf
    console log_format archive_dir file_sd tar zst post url code name province valid_from khu trang desktop mobile
    explained confirmed dismissed xlsx zip pem pub minisign manifest pdf webhook
"""
"""Names, formats, keys of the settings, headings of tables that are understood, and devices; all else may be an English word."""

LISTS = re.compile(r"debug, info, warning \w+ error|dashboards \w+ provisioning")
"""Values of an option, and names of folders."""


def tree(command, path=()):
    """Yield a command and all below it, with their names."""
    yield path, command
    for name, one in getattr(command, "commands", {}).items():
        yield from tree(one, (*path, name))


def every_command():
    yield (), typer.main.get_command(cli.app)
    for name in (*cli.COMMANDS, *cli.HIDDEN_COMMANDS):
        yield from tree(cli.load_command(name), (name,))


PATHS = [path for path, _ in every_command()]


@pytest.fixture
def shown(folder, monkeypatch, capsys):
    """Return a function that runs a command which shows its help, and gives what it showed; a line is as long as it likes."""
    monkeypatch.setattr(cli, "lose_no_interrupt", lambda: None)
    monkeypatch.setenv("COLUMNS", "1000")

    def show(*arguments, code=0):
        monkeypatch.setattr(sys, "argv", ["thuocdo", *arguments])
        with pytest.raises(SystemExit) as ended:
            cli.main()
        assert ended.value.code == code
        return capsys.readouterr().out

    return show


def said_in_english():
    """Yield each text that help is made of, with the command that says it."""
    yield from (((), text) for text in TYPERS_OWN.values())
    for path, command in every_command():
        yield from ((path, " ".join(one.split())) for one in command.help.split("\n\n"))
        context = HelpContext(command)
        for parameter in command.get_params(context):
            yield path, parameter.help
            if isinstance(parameter, TyperArgument):
                yield path, f"argument.{parameter.display_name_raw}"


def test_each_text_has_its_vietnamese():
    known = catalogue("vi", ("help.po",))
    assert {(path, text) for path, text in said_in_english() if text not in known} == set()


def test_nothing_is_kept_in_vietnamese_that_nobody_says():
    said = {text for _, text in said_in_english()}
    kept = {one for one in catalogue("vi", ("help.po",)) if len(one.split()) > 2 and one[0].isalpha()}
    assert kept - said == set()


def words(text):
    """Return the words of a help that are no names of options, choices, commands, files or other values."""
    bare = re.sub(LISTS.pattern + r"|`[^`]*`|--[\w-]+|<[^>]*\|[^>]*>|https?:\S+|[\w.-]*/[\w./-]*|\w+(-\w+)+", " ", text)
    return set(re.findall(r"\b[a-z_]{3,}\b", re.sub(r"\[[^\]]*: [^\]]*\]", " ", bare).lower()))


def choices(path):
    """Return the values among which an option or argument of a command chooses."""
    (command,) = (one for found, one in every_command() if found == path)
    return {str(value) for one in command.params for value in one.type_descriptor.choices or ()}


@pytest.mark.parametrize("path", PATHS, ids=" ".join)
def test_help_is_vietnamese_unless_english_is_asked_for(shown, path):
    vietnamese, english = shown(*path, "--help"), shown("--lang", "en", *path, "--help")
    assert "Cách dùng: thuocdo" in vietnamese
    assert "Usage: thuocdo" in english
    names = {part for one in PATHS for part in one}
    assert (words(vietnamese) & words(english)) - names - choices(path) - set(STAYS.split()) == set()
    assert not re.search(
        r"\[(default|env var|required)|<(str|int|path|bool|file|list|datetime)\b|─ (Opt|Arg|Com)", vietnamese
    )
    assert not re.search(r"mặc định: |bắt buộc|Tùy chọn|biến môi trường", english)


@pytest.mark.parametrize(
    ("arguments", "variables", "settings", "word"),
    [
        (("--help",), {}, "", "Cách dùng: "),
        (("--help", "--lang", "en"), {}, "", "Usage: "),
        (("--lang", "en", "rank", "--help"), {"THUOCDO_LANG": "vi"}, "", "Usage: "),
        (("rank", "--help"), {"THUOCDO_LANG": "en"}, "lang: vi", "Usage: "),
        (("rank", "--help"), {}, "lang: en", "Usage: "),
        (("--lang", "vi", "rank", "--help"), {}, "lang: en", "Cách dùng: "),
        (("--help",), {}, "no settings: [", "Cách dùng: "),
    ],
)
def test_the_language_of_help_is_that_of_everything_else(
    folder, shown, monkeypatch, arguments, variables, settings, word
):
    for name, value in variables.items():
        monkeypatch.setenv(name, value)
    (folder / "thuocdo.yaml").write_text(settings)
    assert f" {word}thuocdo " in shown(*arguments)


def test_help_shown_to_who_gave_nothing_is_vietnamese_too(shown):
    assert "Cách dùng: thuocdo config [TÙY CHỌN] LỆNH [THAM SỐ]..." in shown("config", code=2)


def test_where_there_are_no_letters_for_it_help_is_english(shown, monkeypatch):
    monkeypatch.setattr(sys, "stderr", io.TextIOWrapper(io.BytesIO(), encoding="ascii"))
    assert "Usage: thuocdo rank" in shown("rank", "--help")


@pytest.mark.parametrize("name", cli.COMMANDS)
def test_a_mistyped_command_leads_to_the_one_that_is_meant(said, name):
    typed = name[:-2] + name[-1]
    told = "\n".join(said(typed))
    assert f"Không có lệnh “{typed}”; có phải " in told
    assert f"'{name}'" in told


def test_no_command_that_only_run_starts_is_suggested(said):
    assert "ranker" not in "\n".join(said("rankr"))
