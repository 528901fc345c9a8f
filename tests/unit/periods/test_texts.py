"""The fixed sentences of reports and letters: each that is asked for is there, and none is kept that nobody says."""

import re
from pathlib import Path

from thuocdo.core.i18n import catalogue

ROOMS = [Path(__file__).resolve().parents[3] / "thuocdo" / name for name in ("periods", "post")]
KNOWN = set(catalogue("vi", ("periods.po",)))
TEXT = "\n".join(path.read_text(encoding="utf-8") for room in ROOMS for path in room.glob("*.py"))
WORDS = set(re.findall(r'"(\w+)"', TEXT)) | {"month", "quarter", "year"}


def test_each_sentence_that_is_asked_for_is_there():
    named = set(re.findall(r'"((?:period|remind)\.[a-z_.]+)"', TEXT))
    columns = {f"period.column.{name}" for name in re.findall(r'_(?:column|figure)\("(\w+)"', TEXT)}
    headings = {f"period.heading.{name}" for name in re.findall(r'_heading\("(\w+)"', TEXT)}
    assert len(named | columns | headings) > 80
    assert (named | columns | headings) - KNOWN == set()


def test_no_sentence_is_kept_that_nobody_says():
    prefixes = {key.split("{")[0] for key in re.findall(r'fixed_text\(\s*f"((?:period|remind)\.[^"]*)"', TEXT)}
    assert prefixes == {"period.", "period.column.", "period.heading.", "period.rule."}
    said = set(re.findall(r"""["']((?:period|remind)\.[a-z_.]+)["']""", TEXT))
    made = KNOWN - said
    assert {key for key in made if key.removesuffix(".text").rpartition(".")[2] not in WORDS} == set()
