import random
from collections import Counter
from types import SimpleNamespace

import pytest

from tests.sampled import kept

LOOKS = ("light", "dark", "narrow", "wide")


def cases(function, mark, **parameters):
    """The cases of a test function, as pytest collects them: what the mark looks at of each."""
    found = []
    for values in parameters["rows"]:
        spec = SimpleNamespace(params=dict(zip(("page", "look"), values, strict=True)))
        marks = {"sampled": mark.mark} if mark else {}
        nodeid = f"tests/{function}[{'-'.join(values)}]"
        found.append(Case(nodeid=nodeid, callspec=spec, get_closest_marker=marks.get))
    return found


class Case(SimpleNamespace):
    __hash__ = object.__hash__


ROWS = [(page, look) for page in "abcde" for look in LOOKS]


def names(items):
    return [item.nodeid for item in items]


@pytest.mark.parametrize(("share", "number"), [(0.01, 1), (0.25, 5), (0.5, 10), (0.51, 11), (1, 20)])
def test_at_least_the_share_stays_and_at_least_one(share, number):
    assert len(kept(cases("one", pytest.mark.sampled(share=share), rows=ROWS), "seed")) == number


def test_three_times_a_third_are_one():
    assert len(kept(cases("one", pytest.mark.sampled(share=1 / 3), rows=ROWS[:3]), "seed")) == 1


def test_what_is_not_marked_stays():
    assert len(kept(cases("one", None, rows=ROWS), "seed")) == len(ROWS)


def test_some_of_each_value_of_a_named_parameter_stay():
    for seed in map(str, range(20)):
        stay = kept(cases("one", pytest.mark.sampled(share=0.25, each="page"), rows=ROWS), seed)
        assert Counter(item.callspec.params["page"] for item in stay) == dict.fromkeys("abcde", 1)


def test_a_seed_gives_the_same_whatever_the_order_and_whatever_is_collected_beside_it():
    mark = pytest.mark.sampled(share=0.25)
    one, other = cases("one", mark, rows=ROWS), cases("other", mark, rows=ROWS)
    alone = set(names(kept(one, "seed")))
    mixed = random.Random(1).sample([*one, *other], 40)
    assert {name for name in names(kept(mixed, "seed")) if name.startswith("tests/one[")} == alone
    assert len(kept(mixed, "seed")) == 10


def test_every_case_has_its_turn():
    one = cases("one", pytest.mark.sampled(share=0.25), rows=ROWS)
    assert {item for seed in range(40) for item in kept(one, str(seed))} == set(one)


@pytest.mark.parametrize("wrong", [{"share": 0}, {"share": 25}, {}, {"share": 0.5, "of": "page"}])
def test_a_mark_that_says_something_else_is_refused(wrong):
    with pytest.raises((AssertionError, TypeError)):
        kept(cases("one", pytest.mark.sampled(**wrong), rows=ROWS), "seed")


def test_a_run_takes_the_sample_and_a_whole_run_all(pytester):
    pytester.makeini("[pytest]\nmarkers =\n    sampled:\naddopts = --strict-markers -p no:asyncio")
    pytester.makeconftest("from tests.conftest import pytest_addoption, pytest_collection_modifyitems")
    pytester.makepyfile(
        "import pytest\n@pytest.mark.sampled(share=0.25)\n@pytest.mark.parametrize('n', range(20))\ndef test_it(n): pass"
    )
    assert pytester.inline_run().countoutcomes() == [5, 0, 0]
    assert pytester.inline_run("--whole").countoutcomes() == [20, 0, 0]
    assert pytester.inline_run("-k", "test_it and 7").countoutcomes()[0] >= 1


def functions(file, number, mark, rows=ROWS[:2]):
    """The cases of a file's test functions, all under one mark of the file."""
    found = []
    for function in (f"{file}::test_{at}" for at in range(number)):
        for case in cases(function, None, rows=rows):
            case.get_closest_marker = {"turns": mark.mark}.get
            found.append(case)
    return found


@pytest.mark.parametrize(("share", "number"), [(0.01, 1), (0.5, 3), (0.51, 4), (1, 6)])
def test_of_a_file_that_takes_turns_a_share_of_the_functions_runs_whole(share, number):
    stay = kept(functions("a.py", 6, pytest.mark.turns(share=share)), "seed")
    assert Counter(Counter(name.partition("[")[0] for name in names(stay)).values()) == {2: number}


def test_all_functions_of_a_file_have_their_turn():
    items = functions("a.py", 6, pytest.mark.turns(share=0.5))
    assert set().union(*(names(kept(items, str(seed))) for seed in range(30))) == set(names(items))


def test_a_function_that_is_asked_for_alone_runs():
    for seed in map(str, range(10)):
        assert kept(functions("a.py", 1, pytest.mark.turns(share=0.5)), seed)


def test_files_of_one_group_take_turns_together():
    mark = pytest.mark.turns(share=0.5, among="others")
    items = [*functions("a.py", 1, mark), *functions("b.py", 1, mark), *functions("c.py", 2, mark)]
    stay = {name.partition("[")[0] for name in names(kept(items, "seed"))}
    assert len(stay) == 2
