"""What is never pressed or followed, as labels and addresses tell it; the script is asked the same cases in tests/integration."""

import json
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
import yaml
from hypothesis import given, settings
from hypothesis import strategies as st

from probes.forbidden_acts import Meaning, is_leading, meaning_of_address, meaning_of_words, script
from probes.forbidden_list import table

CASES = yaml.safe_load((Path(__file__).parent / "forbidden_acts_cases.yaml").read_text(encoding="utf-8"))
PIECES = [
    "x ",
    "a",
    "xóa ",
    "đăng ký ",
    "%41",
    "/a",
    "&a=",
    "_",
    "aA",
    "? ",
    "\u0301",
    "\u200b",
    "/xoa",
    "hủy bỏ ",
    "x ó a ",
]


def wrong(cases: dict[str, list[str]], asked: Callable[[str], Meaning | None]) -> list[tuple[str, str, str | None]]:
    return [
        (case, meaning, asked(case))
        for meaning, told in cases.items()
        for case in told
        if (asked(case) or "none") != meaning
    ]


def test_labels_mean_what_people_read_in_them() -> None:
    assert wrong(CASES["words"], meaning_of_words) == []


def test_addresses_mean_what_is_written_in_them() -> None:
    assert wrong(CASES["addresses"], meaning_of_address) == []


@pytest.mark.parametrize(
    ("kind", "expected"), [("controls", (True, True)), ("links", (False, True)), ("neither", (False, False))]
)
def test_only_whole_labels_lead_on(kind: str, expected: tuple[bool, bool]) -> None:
    found = {label: (is_leading(label, link=False), is_leading(label, link=True)) for label in CASES["leading"][kind]}
    assert set(found.values()) == {expected}, found


def test_there_are_cases_of_every_meaning() -> None:
    for kind in ("words", "addresses"):
        assert CASES[kind].keys() <= {*Meaning, "none"}
    assert {meaning for meaning in Meaning if not CASES["words"].get(meaning)} == {Meaning.UNREADABLE}
    assert sum(len(cases) for kind in CASES.values() for cases in kind.values()) > 500


def test_what_is_too_long_to_be_judged_counts_as_forbidden() -> None:
    assert meaning_of_words("tra cứu " * 1000) is Meaning.UNREADABLE
    assert meaning_of_words(f"{' ' * 1_000_000}Xóa{' ' * 1_000_000}") is Meaning.DELETE
    assert meaning_of_address("/tim?q=" + "a" * 20_000) is Meaning.UNREADABLE
    assert meaning_of_address("data:image/png;base64," + "a" * 200_000) is None


def test_everything_that_leads_on_is_a_word_of_sending() -> None:
    leading = [*CASES["leading"]["controls"], *CASES["leading"]["links"]]
    assert [label for label in leading if meaning_of_words(label) is None] == []


@settings(max_examples=60, deadline=None)
@given(st.text(max_size=60) | st.lists(st.sampled_from(PIECES), max_size=20).map("".join))
def test_reading_never_raises(text: str) -> None:
    meaning_of_words(text)
    meaning_of_address(text)
    is_leading(text, link=True)


def steps(asked: Callable[[str], object], text: str) -> int:
    """Count the calls that reading a text takes."""
    made = 0

    def count(*_: object) -> None:
        nonlocal made
        made += 1

    sys.setprofile(count)
    try:
        asked(text)
    finally:
        sys.setprofile(None)
    return made


@pytest.mark.parametrize("asked", [meaning_of_words, meaning_of_address])
@pytest.mark.parametrize("piece", PIECES)
def test_reading_takes_steps_in_proportion_to_the_length(asked: Callable[[str], object], piece: str) -> None:
    short, long = piece * (400 // len(piece)), piece * (1600 // len(piece))
    asked(long[1:])  # makes whatever is made once
    assert steps(asked, long) <= 5 * steps(asked, short) + 200
    assert steps(asked, piece * (12_800 // len(piece))) <= 40 * steps(asked, short) + 200


def test_the_script_is_given_the_same_table() -> None:
    source = script()
    given_table = json.loads(json.loads(source[source.rindex("\n})(") + len("\n})(") : -2]))
    assert given_table["joined"] == table().joined
    assert given_table["overrides"]["delete"] == Meaning.DELETE
