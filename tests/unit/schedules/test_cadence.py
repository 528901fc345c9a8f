from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

import pytest

from schedules.bundled import default_schedule
from schedules.cadence import Schedule, Window, load_schedule
from thuocdo.core.clock import HANOI
from thuocdo.core.errors import ConfigurationError
from thuocdo.core.kinds.kind import all_kinds
from thuocdo.core.model import Block, TargetRole


@dataclass(frozen=True)
class Kind:
    roles: frozenset[TargetRole]
    engine: str
    deadline_seconds: float
    needs_mandate: bool = False


HOME, EFORM = frozenset({TargetRole.HOMEPAGE}), frozenset({TargetRole.EFORM})
KINDS = {
    "http": Kind(HOME, "http", 10.0),
    "homepage": Kind(HOME, "browser", 60.0),
    "eform": Kind(EFORM, "browser", 90.0),
    "accessibility": Kind(HOME | EFORM, "browser", 120.0),
    "resilience": Kind(EFORM, "browser", 70.0, needs_mandate=True),
}
SHIPPED = Path(__file__).parents[3] / "schedules"


def written(tmp_path: Path, text: str) -> Path:
    file = tmp_path / "s.yaml"
    file.write_text(text, encoding="utf-8")
    return file


def problems_of(tmp_path: Path, text: str) -> list[str]:
    with pytest.raises(ConfigurationError) as caught:
        load_schedule(written(tmp_path, text), KINDS)
    return [problem.replace(f"{tmp_path}/", "") for problem in caught.value.problems]


def loaded(tmp_path: Path, text: str) -> Schedule:
    return load_schedule(written(tmp_path, text), KINDS)


def at(weekday: int, clock: str) -> datetime:
    """The given weekday (0 = Monday) and time in Hanoi."""
    return datetime.fromisoformat(f"2026-11-{16 + weekday}T{clock}").replace(tzinfo=HANOI)


def test_the_default_schedule_is_made_of_what_the_kinds_declare(golden: Callable[[str, str], None]) -> None:
    kinds = all_kinds()
    golden("schedules/default.yaml", default_schedule(kinds))
    schedule = load_schedule(SHIPPED / "default.yaml", kinds)
    of = {
        block: {cadence.kind: cadence.every_seconds for cadence in schedule.cadences if block in cadence.blocks}
        for block in Block
    }
    assert of[Block.PROVINCE] == {name: kind.cadence.every_seconds for name, kind in kinds.items()}
    assert of[Block.PROVINCE] == of[Block.MINISTRY] == of[Block.NATIONAL]
    assert of[Block.COMMUNE] == {
        name: kind.cadence.communes_every_seconds or kind.cadence.every_seconds for name, kind in kinds.items()
    }
    assert schedule.runs == {
        name: kind.cadence.runs_in_round for name, kind in kinds.items() if kind.cadence.runs_in_round
    }
    for cadence in schedule.cadences:
        by_night = kinds[cadence.kind].cadence.hours is None
        assert (cadence.is_open(at(0, "12:00")), cadence.is_open(at(0, "23:30"))) == (True, by_night)


def test_a_cadence_takes_deadline_and_profile_from_its_kind_unless_told(tmp_path: Path) -> None:
    text = (
        "id: a\ncadences:\n  - {kind: http, every_seconds: 60}\n"
        "  - {kind: homepage, every_seconds: 900, deadline_seconds: 30, profiles: [mobile]}\n"
    )
    http, homepage = loaded(tmp_path, text).cadences
    assert (http.deadline_seconds, http.profiles, http.engine, http.roles) == (10.0, ("desktop",), "http", HOME)
    assert not http.needs_mandate
    assert (homepage.deadline_seconds, homepage.profiles) == (30.0, ("mobile",))


def test_a_cadence_may_take_fewer_roles_than_its_kind_and_no_others(tmp_path: Path) -> None:
    text = "id: a\ncadences:\n  - {kind: %s, every_seconds: 60, roles: [%s]}\n"
    (cadence,) = loaded(tmp_path, text % ("accessibility", "homepage")).cadences
    assert cadence.roles == HOME
    (problem,) = problems_of(tmp_path, text % ("http", "eform"))
    assert "s.yaml:3: kind 'http' does not apply to targets of role eform; it does to homepage" in problem


def test_a_cadence_takes_the_blocks_it_names_and_else_those_that_no_other_names(tmp_path: Path) -> None:
    text = (
        "id: a\ncadences:\n  - {kind: http, every_seconds: 60}\n"
        "  - {kind: http, every_seconds: 300, blocks: [commune]}\n"
        "  - {kind: homepage, every_seconds: 900}\n"
    )
    others, communes, pages = loaded(tmp_path, text).cadences
    assert communes.blocks == {Block.COMMUNE}
    assert others.blocks == {Block.MINISTRY, Block.PROVINCE, Block.NATIONAL}
    assert pages.blocks == frozenset(Block)


def test_profiles_of_one_cadence_part_where_another_names_blocks_for_one_of_them(tmp_path: Path) -> None:
    text = (
        "id: a\ncadences:\n  - {kind: homepage, every_seconds: 1800, profiles: [desktop, mobile, mobile-4g]}\n"
        "  - {kind: homepage, every_seconds: 86400, profiles: [mobile], blocks: [commune]}\n"
    )
    told = [
        (cadence.every_seconds, cadence.profiles, len(cadence.blocks)) for cadence in loaded(tmp_path, text).cadences
    ]
    assert told == [(1800, ("desktop", "mobile-4g"), 4), (1800, ("mobile",), 3), (86400, ("mobile",), 1)]


def test_a_block_has_one_cadence_for_each_kind_and_profile(tmp_path: Path) -> None:
    text = (
        "id: a\ncadences:\n  - {kind: http, every_seconds: 60, blocks: [province, commune]}\n"
        "  - {kind: http, every_seconds: 300, blocks: [commune]}\n"
    )
    (problem,) = problems_of(tmp_path, text)
    assert problem == (
        "s.yaml:4: kind 'http' has profile 'desktop' twice for commune; every kind and profile has one cadence"
    )
    unknown = problems_of(tmp_path, "id: a\ncadences:\n  - {kind: http, every_seconds: 60, blocks: [comune]}\n")
    assert any("did you mean 'commune'?" in told for told in unknown)


def test_a_window_lets_its_start_in_and_its_end_out() -> None:
    window = Window(days=frozenset({0}), from_minute=6 * 60, to_minute=23 * 60)
    assert [window.holds(at(0, clock)) for clock in ("05:59", "06:00", "22:59", "23:00")] == [False, True, True, False]
    assert not window.holds(at(1, "12:00"))


def test_a_window_across_midnight_belongs_to_the_day_it_begins_on() -> None:
    window = Window(days=frozenset({4}), from_minute=22 * 60, to_minute=6 * 60)
    assert [window.holds(at(4, clock)) for clock in ("05:00", "21:59", "22:00", "23:59")] == [False, False, True, True]
    assert [window.holds(at(5, clock)) for clock in ("00:00", "05:59", "06:00", "22:00")] == [True, True, False, False]


def test_a_window_over_the_whole_week_across_midnight_reaches_into_monday() -> None:
    window = Window(days=frozenset({6}), from_minute=22 * 60, to_minute=6 * 60)
    assert window.holds(at(0, "03:00"))


def test_windows_are_judged_by_clocks_in_hanoi(tmp_path: Path) -> None:
    text = (
        'id: a\ncadences:\n  - {kind: http, every_seconds: 60, windows: [{days: [mon], from: "00:00", to: "24:00"}]}\n'
    )
    (cadence,) = loaded(tmp_path, text).cadences
    assert not cadence.is_open(datetime.fromisoformat("2026-11-15T16:59+00:00"))
    assert cadence.is_open(datetime.fromisoformat("2026-11-15T17:00+00:00"))
    assert cadence.is_open(datetime.fromisoformat("2026-11-16T16:59+00:00"))


def test_all_mistakes_come_at_once_with_line_and_nearest_name(tmp_path: Path) -> None:
    text = """\
id: a
cadences:
  - kind: htpp
    every_seconds: 60
  - kind: homepage
    every_seconds: 900
    profiles: [desktop, moblie]
  - {kind: homepage, every_seconds: 60}
  - kind: eform
    every_seconds: 900
    windows:
      - {from: "06:00", to: "06:00"}
round:
  runs: {accessibility: 1, zzz: 1}
"""
    assert problems_of(tmp_path, text) == [
        "s.yaml:3: unknown kind 'htpp'; did you mean 'http'?",
        "s.yaml:7: unknown profile 'moblie'; did you mean 'mobile'?",
        "s.yaml:8: kind 'homepage' has profile 'desktop' twice; every kind and profile has one cadence",
        's.yaml:12: no time lies in this window; the whole day is from "00:00" to "24:00"',
        "s.yaml:14: kind 'accessibility' has runs but no cadence, which gives its profiles and deadline; "
        "valid are eform, homepage, htpp",
        "s.yaml:14: kind 'zzz' has runs but no cadence, which gives its profiles and deadline; valid are eform, homepage, htpp",
    ]


def test_a_kind_without_a_browser_takes_no_other_profile_than_desktop(tmp_path: Path) -> None:
    text = "id: a\ncadences:\n  - {kind: http, every_seconds: 60, profiles: [desktop, mobile-4g]}\n"
    assert problems_of(tmp_path, text) == [
        "s.yaml:3: kind 'http' uses no browser, and so neither device nor line: "
        "profile 'mobile-4g' would not be true of its numbers; leave profiles out (it is then 'desktop')"
    ]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("cadences: []\n", "s.yaml:1: id: key 'id' is missing"),
        ("id: a\ncadences: []\n", "s.yaml:2: cadences: Tuple should have at least 1 item"),
        (
            "id: a\ncadences:\n  - {kind: http, evry_seconds: 1}\n",
            "unknown key 'evry_seconds'; did you mean 'every_seconds'?",
        ),
        (
            "id: a\ncadences:\n  - {kind: http, every_seconds: 0}\n",
            "every_seconds: Input should be greater than or equal to 1",
        ),
        ("id: a\ncadences:\n  - {kind: http, every_seconds: 0.5}\n", "every_seconds: Input should be a valid integer"),
        (
            "id: a\ncadences:\n  - {kind: http, every_seconds: 60, profiles: []}\n",
            "profiles: Tuple should have at least 1 item",
        ),
        (
            'id: a\ncadences:\n  - {kind: http, every_seconds: 60, windows: [{from: "06:00", to: 23:00}]}\n',
            "cadences.0.windows.0.to: a time is HH:MM in quotes",
        ),
        (
            'id: a\ncadences:\n  - {kind: http, every_seconds: 60, windows: [{form: "06:00", to: "23:00"}]}\n',
            "unknown key 'form'; did you mean 'from'?",
        ),
        (
            'id: a\ncadences:\n  - {kind: http, every_seconds: 60, windows: [{days: [mno], from: "06:00", to: "23:00"}]}\n',
            "did you mean 'mon'?",
        ),
        (
            "id: a\ncadences:\n  - {kind: http, every_seconds: 60}\nround: {runs: {http: -1}}\n",
            "round.runs.http: Input should be",
        ),
    ],
)
def test_a_wrong_shape_is_told_with_its_place(tmp_path: Path, text: str, expected: str) -> None:
    assert any(expected in problem for problem in problems_of(tmp_path, text)), problems_of(tmp_path, text)
