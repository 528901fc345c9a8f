"""Marks for what takes turns: `sampled`, of the cases of a test, and `turns`, of the tests of a file."""

import math
import random
from collections import defaultdict
from collections.abc import Iterable
from typing import Any

import pytest

from testbed.sampling import of_every_kind


def kept(items: Iterable[pytest.Item], seed: str) -> set[pytest.Item]:
    """
    Choose what runs of tests that may be marked `@pytest.mark.sampled(share=0.25, each="name of a parameter")`.

    A file whose tests are each a trouble of its own and take long says `pytestmark = pytest.mark.turns(share=0.5)`: of its test
    functions a share runs, at least one; files that name the same `among="…"` take turns together. What is marked `sampled`
    besides has its cases chosen first.

    Args:
        items: tests; those without the mark all stay.
        seed: of the choice. It is drawn for each test function apart, so that one run alone takes what it takes among others.

    Returns:
        At least one of each function's cases, of each value of the parameter where one is named, and at least the share.
    """
    stay: set[pytest.Item] = set()
    marked: defaultdict[str, list[pytest.Item]] = defaultdict(list)
    for item in items:
        if item.get_closest_marker("sampled"):
            marked[item.nodeid.partition("[")[0]].append(item)
        else:
            stay.add(item)
    for function, cases in marked.items():
        stay.update(_chosen(sorted(cases, key=lambda case: case.nodeid), f"{seed} {function}"))
    return stay - _waiting(stay, seed)


def _waiting(items: Iterable[pytest.Item], seed: str) -> set[pytest.Item]:
    """Return the tests whose turn it is not: of each file or group that takes turns, the functions beyond its share."""
    files: defaultdict[str, defaultdict[str, list[pytest.Item]]] = defaultdict(lambda: defaultdict(list))
    for item in items:
        if mark := item.get_closest_marker("turns"):
            group = mark.kwargs.get("among") or item.nodeid.partition("::")[0]
            files[group][item.nodeid.partition("[")[0]].append(item)
    found: set[pytest.Item] = set()
    for file, functions in files.items():
        mark = next(iter(functions.values()))[0].get_closest_marker("turns")
        assert mark
        share, _ = _arguments(share=mark.kwargs["share"])
        number = math.ceil(round(len(functions) * share, 6))
        drawn = random.Random(f"{seed} {file}").sample(sorted(functions), number)
        found.update(case for name, cases in functions.items() if name not in drawn for case in cases)
    return found


def _chosen(cases: list[pytest.Item], seed: str) -> list[pytest.Item]:
    mark = cases[0].get_closest_marker("sampled")
    assert mark
    share, each = _arguments(**mark.kwargs)

    def number(_: object, there: int) -> int:
        return math.ceil(round(there * share, 6))  # 3 times a third are one

    return of_every_kind(
        cases, kind=lambda case: str(_parameters(case)[each]) if each else "", number=number, seed=seed
    )


def _arguments(*, share: float, each: str = "") -> tuple[float, str]:
    assert 0 < share <= 1, f"sampled(share={share}): a share is above 0, and 1 at most"
    return share, each


def _parameters(case: Any) -> dict[str, object]:
    parameters: dict[str, object] = case.callspec.params
    return parameters
