"""The fixed sentences of a package."""

import re
from pathlib import Path

import pytest

from thuocdo.core.i18n import catalogue
from thuocdo.core.model import Block
from thuocdo.publication.texts import fixed_text

ROOM = Path(__file__).resolve().parents[3] / "thuocdo" / "publication"
KNOWN = catalogue("vi", ("publication.po",))
MADE = re.compile(r'fixed_text\(\s*f?"(package\.[^"]*)"')
NAMED = re.compile(r'"(package\.[a-z_.]+)"')


def sources():
    return "\n".join(path.read_text(encoding="utf-8") for path in [*ROOM.glob("*.py"), *ROOM.glob("templates/*")])


def test_each_sentence_that_is_asked_for_is_there():
    keys = set(NAMED.findall(sources()))
    assert len(keys) > 60
    assert keys - set(KNOWN) == set()


def test_each_column_and_sheet_that_is_named_is_there():
    columns = set(re.findall(r'_column\("(\w+)"', sources()))
    assert len(columns) > 20
    assert {f"package.column.{name}" for name in columns} - set(KNOWN) == set()


def test_no_sentence_is_kept_that_nobody_says():
    text = sources()
    prefixes = {key.split("{")[0] for key in MADE.findall(text) if "{" in key}
    assert prefixes == {
        *("package.block.", "package.block_short.", "package.column.", "package.method.", "package.not_compared."),
        *("package.scope.", "package.sheet."),
    }
    unsaid = [key for key in KNOWN if f'"{key}"' not in text and not key.startswith(tuple(prefixes))]
    assert unsaid == []
    words = set(re.findall(r'"(\w+)"', text))
    of_block = {block.value for block in Block}
    made = [key for key in KNOWN if key.startswith(tuple(prefixes)) and f'"{key}"' not in text]
    assert [key for key in made if key.rpartition(".")[2] not in words | of_block | {"too_little", "notice"}] == []


def test_a_sentence_without_its_fact_is_refused():
    with pytest.raises(KeyError):
        fixed_text("package.report.title")


def test_what_stands_in_a_fact_is_no_template():
    assert fixed_text("package.report.title", round="{0} {x}").endswith("{0} {x}")
