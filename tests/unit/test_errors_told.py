"""Whatever the code tells a person of a mistake has its Vietnamese; each message is found by reading the code."""

import re
from functools import cache
from pathlib import Path

import pytest

from tests.messages import Code, Message, english_in, filled, has_words, told
from thuocdo.core.i18n import catalogue
from thuocdo.core.portals.commune_table import HEADINGS

ROOT = Path(__file__).resolve().parents[2]
FOLDERS = ("thuocdo", "probes", "schedules", "scenarios", "exporters", "dashboards")

OF_DEVELOPERS = {
    "thuocdo/core/i18n.py": "a language that no caller has",
    "thuocdo/core/model/measurement.py": "a measurement that our own code makes wrong",
    "thuocdo/store/packing.py": "numbers of our own in the store",
    "thuocdo/store/schema.py": "an instant that our own code gives without a time zone",
    "probes/chromium/first_words.py": "caught where it is raised",
    "probes/forbidden_requests.py": "caught where it is raised",
    "thuocdo/web/operations.py": "answers to programs (/probe, /-/reload), which are English as their JSON is",
}
"""Modules whose messages no person reads, and why."""

MADE_OF_PARTS = {
    "unknown X1 'X2'": "of a portal, a procedure, …: see NOUNS",
    "unknown X1 'X2'; no X3 has it, add one or correct it": "see NOUNS",
    "X1 'X2': this X3 is taken by X4; give each X5 its own": "see NOUNS",
    ": this X1 is taken by X2; give each X3 its own": "see NOUNS",
    "X1 is also that of X2 (X3), valid X4 to X5, while this one is valid X6 to X7; end one before the other begins, or "
    "remove one": "see NOUNS",
    "the X1 is missing; fill it in": "a column: see NOUNS",
    "X1:1: several columns could be the X2; say which by X3": "see NOUNS",
    "X1:1: no column for the X2 (there are: X3); say which it is by X4": "see NOUNS",
    "X1 'X2', not 'X3'": "what a table says otherwise: see NOUNS",
    "zstd says: ; free space, or use another backup": "it says something, or gives a code",
    "the browser X1 cannot be led: ": "said only of some trouble",
    "X1 is no JSON": "caught where it is raised",
}
"""Samples in which a place holds a word of ours, with what looks at them."""

NOUNS = [
    "unknown agency 'x'; no agency has it, add one or correct it",
    "unknown portal 'x'; no portal has it, add one or correct it",
    "unknown procedure 'x'; no procedure has it, add one or correct it",
    "unknown target 'x'; `thuocdo portals list --all` shows what is registered",
    *(
        f"{noun} 'x': this id is taken by a.yaml:3; give each {noun} its own"
        for noun in ("agency", "portal", "mandate")
    ),
    "procedure 'x': this code is taken by a.yaml:3; give each procedure its own",
    *(
        f"{what} is also that of portal 'x' (a.yaml:3), valid … to 2025-06-30, while this one is valid 2025-01-01 to …; end one "
        "before the other begins, or remove one"
        for what in ("this name", "this code", "this host", "this procedure on this portal", "this portal")
    ),
    *(f"the {column} is missing; fill it in" for column in ("code", "name", "province")),
    *(f"a.csv:1: several columns could be the {column}; say which by --x" for column in HEADINGS),
    *(
        f"a.csv:1: no column for the {column} (there are: nothing); say which it is by --x"
        for column in ("code", "name", "province")
    ),
    *(f"a: the table says {what} '1', not '2'" for what in ("name", "code", "province", "valid_from")),
]


@cache
def messages() -> tuple[Message, ...]:
    return tuple(Code(ROOT, FOLDERS).messages())


def test_every_message_in_the_code_has_its_vietnamese():
    missing = {}
    for message in messages():
        if message.where.rpartition(":")[0] in OF_DEVELOPERS:
            continue
        for sample in dict.fromkeys(map(filled, message.samples)):
            if has_words(sample) and sample not in MADE_OF_PARTS and english_in(told(sample), sample):
                missing[message.where] = (sample, told(sample))
    assert missing == {}


def test_the_walk_finds_what_is_raised_reported_returned_and_made_of_parts():
    said = {filled(sample) for message in messages() for sample in message.samples}
    assert {
        "--by is empty; name the person who assessed it",  # raised
        "X1: holds no *.yaml file; give the folder of a registry",  # with a place
        "an address begins with http:// or https://",  # by a validator
        "kind 'X1' has profile 'X2' twice for X3; every kind and profile has one cadence",  # a part is not always there
        'no time lies in this window; the whole day is from "00:00" to "24:00"',  # reported
        "--agency: no agency 'X1'; did you mean 'X2'?",  # with what a function returns
        "--only: kind 'X1' opens an eForm and needs --journey NAME",  # added to a list
        "the backup cannot be written",  # what was attempted
    } <= said
    assert len(messages()) > 400


@pytest.mark.parametrize("line", NOUNS)
def test_messages_made_of_parts_have_their_vietnamese(line):
    assert english_in(told(line), line) == ""
    assert told(line) != line


def test_exceptions_are_of_messages_that_there_are():
    samples = {filled(sample) for message in messages() for sample in message.samples}
    assert [one for one in MADE_OF_PARTS if one not in samples] == []
    modules = {message.where.rpartition(":")[0] for message in messages()}
    assert [one for one in OF_DEVELOPERS if one not in modules] == []


def test_a_template_that_begins_or_ends_with_a_place_is_told_so():
    """What stands in it may be the rest of a line as well: the file before, the remedy after."""
    texts = catalogue("vi", ("errors.po",))
    begins, ends = re.compile(r"^\{\w+\}"), re.compile(r"\{\w+\}$")
    wrong = [one for one, text in texts.items() if (place := begins.search(one)) and not text.startswith(place[0])]
    wrong += [one for one, text in texts.items() if (place := ends.search(one)) and place[0] in text[: -len(place[0])]]
    assert wrong == []


def test_what_is_told_has_no_place_that_its_template_lacks():
    place = re.compile(r"\{(\w+)\}")
    unknown = {
        one: sorted(set(place.findall(text)) - set(place.findall(one)))
        for one, text in catalogue("vi", ("errors.po",)).items()
        if set(place.findall(text)) - set(place.findall(one))
    }
    assert unknown == {}
