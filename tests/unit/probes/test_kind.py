"""There is one list of kinds, and everything that names a kind agrees with it."""

import re
import subprocess
import sys
from pathlib import Path

import pytest

from probes.kind import probe_of
from thuocdo.core import kinds
from thuocdo.core.kinds.kind import AVAILABILITY, Better, Engine, Nature, all_kinds, answering_kind, meaning_of

SUFFIXES = {
    Nature.DURATION: r".*_seconds",
    Nature.INSTANT: r".*(expiry|timestamp)_seconds",
    Nature.SIZE: r".*_bytes",
    Nature.SHARE: r".*_ratio",
    Nature.INDEX: r".*_ratio",
    Nature.SCORE: r"score(_.*)?",
    Nature.CODE: r".*_code",
    Nature.COUNT: r"(?!.*_(seconds|bytes|ratio|code)$).*",
}


def test_every_kind_is_listed_under_its_modules_name():
    declared = {path.stem for path in Path(kinds.__file__).parent.glob("*.py")} - {"__init__", "kind"}
    assert set(all_kinds()) == declared


def test_kinds_and_values_have_names_that_metrics_can_carry():
    for kind in all_kinds().values():
        assert re.fullmatch(r"[a-z]+", kind.name)
        assert kind.help
        assert kind.roles
        assert kind.deadline_seconds > 0
        assert kind.engine in Engine
        names = [value.name for value in kind.values]
        assert len(names) == len(set(names))
        for value in kind.values:
            assert re.fullmatch(r"[a-z][a-z0-9_]*", value.name), value.name
            assert value.help[0].isupper(), value.name
            assert not value.help.endswith("."), value.name


def test_the_name_of_a_value_agrees_with_what_it_is():
    for kind in all_kinds().values():
        for number in kind.numbers:
            assert re.fullmatch(SUFFIXES[number.nature], number.name), (kind.name, number.name)
            if number.nature is Nature.DURATION:
                assert not re.fullmatch(SUFFIXES[Nature.INSTANT], number.name), (kind.name, number.name)
                assert number.better is Better.LOWER, (kind.name, number.name)
            assert number.vi, (kind.name, number.name)
            assert number.en, (kind.name, number.name)


def test_every_kind_has_its_availability_and_one_of_them_answers():
    assert all(meaning_of(f"{name}.{AVAILABILITY}") for name in all_kinds())
    assert answering_kind().name == "http"
    assert meaning_of("http.nothing") is meaning_of("nothing.total_seconds") is meaning_of("") is None


@pytest.mark.parametrize("kind", all_kinds())
def test_every_declared_kind_has_a_probe(kind):
    assert callable(probe_of(kind).run)


def test_what_declares_a_kind_needs_nothing_that_probes():
    program = (
        "import sys\n"
        "from thuocdo.core.kinds.kind import all_kinds\n"
        "assert all_kinds()\n"
        "print([name for name in ('playwright', 'aiohttp', 'numpy', 'pandas', 'probes') if name in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert done.stdout == "[]\n"
