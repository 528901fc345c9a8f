"""Whatever the code tells a person of a mistake has its Vietnamese; each message is found by reading the code."""

import csv
import errno
import gzip
import importlib
import io
import json
import os
import re
import sqlite3
import ssl
import subprocess
import sys
import tarfile
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta, timezone
from functools import cache, partial
from itertools import product
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest
from cronsim import CronSim
from pydantic import BaseModel
from pydantic_core._pydantic_core import list_all_errors

from tests.messages import Code, Message, filled
from thuocdo.core.errors import ConfigurationError
from thuocdo.core.i18n import catalogue
from thuocdo.core.retelling import retold
from thuocdo.core.yamlfile import Strict
from thuocdo.core.yamltext import compose

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
    *(f"a: the table says {what} '1', not '2'" for what in ("name", "code", "province", "valid_from")),
]

STAYS = re.compile(r"yes, no, on, off, true và false|pip install")
"""Words of YAML, and a command."""

_OTHERS_WORDS = re.compile(r"`[^`]*`|“[^”]*”|--[a-z-]+|'[^']*'|\"[^\"]*\"")
_ENGLISH = re.compile(
    r"\b(the|is|are|not|of|with|give|which|this|that|it|there|by|and|or|has|have|cannot|must|be|was|were|no|at|as|its|on)\b",
    re.I,
)


def english_in(told: str, written: str) -> str:
    """Return what is still English in a message as it is told: a little word, or two words in a row as they were written."""
    bare = _OTHERS_WORDS.sub("|", STAYS.sub("|", told))
    if found := _ENGLISH.search(bare):
        return found[0]
    words = bare.split()
    pairs = (f"{first} {second}" for first, second in zip(words, words[1:], strict=False))
    return next(
        (pair for pair in pairs if re.fullmatch(r"[A-Za-z]{2,} [a-z]{2,}[,;:.)]?", pair) and pair in written), ""
    )


def has_words(sample: str) -> bool:
    """Tell whether a message says something itself, besides its parts."""
    return len(re.findall(r"\b[a-z]{2,}\b", re.sub(r"X\d+", "", sample))) > 1


def told(line: str) -> str:
    return "\n".join(retold("vi", one) for one in line.split("\n"))


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


SAID_OF = {
    "any": (),
    "bool": ("bool_type", "bool_parsing"),
    "date": ("date_type", "date_parsing", "date_from_datetime_parsing", "date_from_datetime_inexact"),
    "datetime": ("datetime_type", "datetime_parsing", "datetime_from_date_parsing"),
    "dict": ("dict_type", "invalid_key"),
    "enum": ("enum",),
    "float": (
        "float_type",
        "float_parsing",
        "finite_number",
        "greater_than",
        "greater_than_equal",
        "less_than",
        "less_than_equal",
    ),
    "int": ("int_type", "int_parsing", "int_parsing_size", "int_from_float"),
    "list": ("list_type", "too_short", "too_long"),
    "literal": ("literal_error",),
    "model": ("model_type", "model_attributes_type", "missing", "extra_forbidden"),
    "none": ("none_required",),
    "str": ("string_type", "string_too_short", "string_too_long", "string_pattern_mismatch"),
    "tuple": ("tuple_type",),
}
"""Type of field -> what pydantic says of a value that is none."""

AROUND = frozenset(
    {
        "default",
        "definition-ref",
        "definitions",
        "function-after",
        "function-before",
        "json-or-python",
        "lax-or-strict",
        "model-field",
    }
    | {
        "model-fields",
        "nullable",
        "union",
        "function-plain",
        "with-info",
        "no-info",
        "custom-error",
        "chain",
        "is-instance",
        "function-wrap",
    }
)
"""What stands around a type in pydantic's schema, and says nothing itself: a path is a text that a function takes further."""


def schema_types(schema: Any) -> Iterator[str]:
    match schema:
        case dict():
            if isinstance(kind := schema.get("type"), str):
                yield kind
            for name, part in schema.items():
                if name not in {"metadata", "serialization", "default", "cls"}:
                    yield from schema_types(part)
        case list() | tuple():
            for part in schema:
                yield from schema_types(part)


def models_of_files(base: type[BaseModel] = Strict) -> Iterator[type[BaseModel]]:
    for model in base.__subclasses__():
        yield model
        yield from models_of_files(model)


def test_what_pydantic_says_of_our_fields_has_its_vietnamese():
    for module in (
        "probes.accessibility.advice",
        "probes.journeys.journey_file",
        "schedules.cadence",
        "schedules.maintenance",
    ):
        importlib.import_module(module)
    for module in (
        "thuocdo.core.config",
        "thuocdo.core.portals.entries",
        "thuocdo.score.criteria",
        "dashboards.owners",
    ):
        importlib.import_module(module)
    there = {kind for model in models_of_files() for kind in schema_types(model.__pydantic_core_schema__)} - AROUND
    assert there <= SAID_OF.keys(), "a new type of field: add it to SAID_OF, and what pydantic says of it to errors.po"
    templates = {error["type"]: error["message_template_python"] for error in list_all_errors()}
    missing = {}
    for template in (templates[name] for kind in there for name in SAID_OF[kind]):
        for plural, sort in product(("", "s"), ("Tuple", "List", "Dictionary")):
            said = template.replace("{expected_plural}", plural).replace("{field_type}", sort)
            said = re.sub(r"\{\w+\}", "X1", said)
            if english_in(told(said), said) or told(said) == said:
                missing[said] = told(said)
    assert missing == {}


@pytest.mark.parametrize(
    "text",
    [
        "a:\n\t- b",
        "a: b: c",
        "a: 'b",
        'a: "\\q"',
        "a: [1, 2",
        "a: {b: 1",
        "a:\n  b: 1\n c: 2",
        "- a\nb: 1",
        "a: 1\n  b: 2",
        "a: @b",
        "a: `b`",
        "%FOO\n",
        "a: !x b",
        "a: &x 1",
        "a: *x",
        "a: %b",
        "--- a\n--- b\n",
        "? [a]\n: b\n",
        "a: |x\n  b",
        "a\nb: c",
        "a: 'b\n---\nc'",
        "<<: 1",
        "{a: 1}}",
        "a: ]",
        "a: 1:2:3:" + "4:" * 40 + "5",
        "a: \x07",
        "a: " + "[" * 40,
        "a: 99999999999999999999999999",
        "a: !!int b",
    ],
)
def test_what_is_no_yaml_is_told_in_vietnamese(tmp_path, text):
    path = tmp_path / "a.yaml"
    path.write_text(text)
    with pytest.raises(ConfigurationError) as caught:
        compose(path)
    line = caught.value.problems[0].removeprefix(f"{tmp_path}/")
    assert english_in(told(line), line) == "", told(line)


@pytest.mark.parametrize(
    "number",
    [
        *(
            errno.ENOENT,
            errno.EACCES,
            errno.EPERM,
            errno.EISDIR,
            errno.ENOTDIR,
            errno.EEXIST,
            errno.ENOSPC,
            errno.EDQUOT,
            errno.EFBIG,
        ),
        *(
            errno.EROFS,
            errno.EIO,
            errno.EMFILE,
            errno.ENFILE,
            errno.ENOMEM,
            errno.ENAMETOOLONG,
            errno.ELOOP,
            errno.ENOTEMPTY,
        ),
        *(errno.EBUSY, errno.EAGAIN, errno.EINVAL, errno.EXDEV, errno.EPIPE, errno.EADDRINUSE, errno.EADDRNOTAVAIL),
        *(errno.ECONNREFUSED, errno.ECONNRESET, errno.ETIMEDOUT, errno.ENETUNREACH, errno.EHOSTUNREACH, errno.ENOEXEC),
    ],
    ids=errno.errorcode.get,
)
def test_what_the_system_refuses_is_told_in_vietnamese(number):
    said = os.strerror(number)
    assert told(f"a.yaml: cannot be read ({said}); check the path and its rights") == (
        f"a.yaml: không đọc được ({told(said)}); hãy kiểm tra đường dẫn và quyền đọc"
    )
    assert told(said) != said
    assert told(f"[Errno {number}] {said}: 'a.yaml'") == told(said)


def _gzip_cut_short():
    gzip.decompress(gzip.compress(b"hello" * 1000)[:20])


def _crontab(line):
    return lambda: next(CronSim(line, datetime(2026, 1, 1, tzinfo=UTC)), None)


@pytest.mark.parametrize(
    "fails",
    [
        *(partial(json.loads, text) for text in ("", "{", '{"a"}', "[1 2]", '"abc', '"\n"', '"\\q"', '"\\u12"', "1 2")),
        *(partial(list, csv.reader([text], strict=True)) for text in ('"a', '"a"b', "x" * 200_000)),
        partial(ssl.create_default_context, cafile=__file__),
        *map(_crontab, ("61 * * * *", "0 25 * * *", "0 0 32 * *", "0 0 1 13 *", "0 0 * * 9", "0 0 1")),
        partial(tarfile.open, fileobj=io.BytesIO(b"no backup"), mode="r|gz"),
        partial(tarfile.open, fileobj=io.BytesIO(b""), mode="r|"),
        partial(tarfile.open, fileobj=io.BytesIO(b"x" * 1024), mode="r|"),
        partial(gzip.decompress, b"no backup"),
        _gzip_cut_short,
        partial(b"\xff".decode, "utf-8"),
        partial(b"\xe1\x80".decode, "utf-8"),
        partial(Path("/no").read_bytes),
        partial(subprocess.run, [sys.executable, "-c", "raise SystemExit(3)"], check=True),
        partial(sqlite3.connect, "/no/such/folder/x.sqlite"),
        partial(urlsplit, "http://[::1"),
        lambda: urlsplit("http://a:b/").port,
        lambda: urlsplit("http://a:99999/").port,
        lambda: datetime.max.replace(tzinfo=UTC).astimezone(timezone(timedelta(hours=7))),
    ],
)
def test_what_python_says_of_a_file_or_a_program_is_told_in_vietnamese(fails):
    with pytest.raises(Exception) as caught:
        fails()
    line = f"a.yaml: cannot be read ({caught.value}); check the path and its rights"
    assert english_in(told(line), line) == "", told(line)


def test_a_template_that_begins_or_ends_with_a_place_is_told_so():
    """What stands before and after it may be the rest of a line."""
    place = re.compile(r"\{\w+\}")
    wrong = [
        one
        for one, text in catalogue("vi", ("errors.po",)).items()
        if (begun := place.match(one)) and not text.startswith(begun[0])
    ]
    assert wrong == []


def test_every_place_of_a_template_is_told_or_left_out_on_purpose():
    place = re.compile(r"\{(\w+)\}")
    unknown = {
        one: sorted(set(place.findall(text)) - set(place.findall(one)))
        for one, text in catalogue("vi", ("errors.po",)).items()
        if set(place.findall(text)) - set(place.findall(one))
    }
    assert unknown == {}
