"""What libraries and the system say within a message of ours has its Vietnamese, too."""

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
from functools import partial
from itertools import product
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest
from cronsim import CronSim
from pydantic import BaseModel
from pydantic_core._pydantic_core import list_all_errors

from tests.messages import english_in, told
from thuocdo.core.errors import ConfigurationError
from thuocdo.core.yamlfile import Strict
from thuocdo.core.yamltext import compose

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
        "thuocdo.core.setting_groups",
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
