"""Files of goals: every mistake with its line."""

from datetime import date

import pytest

from thuocdo.core.errors import ConfigurationError
from thuocdo.core.model import Agency, Block
from thuocdo.declared.goals import load_goals, of_agency
from thuocdo.declared.units import GoalSide

AGENCIES = {
    name: Agency(id=name, block=Block.PROVINCE, name_vi=f"Tỉnh {name}", name_en=name) for name in ("tinh-a", "tinh-b")
}
UNITS = """agency: tinh-a
units:
  - {id: so-x, kind: Sở, name_vi: Sở X, name_en: X}
  - {id: so-y, kind: Sở, name_vi: Sở Y, name_en: Y, valid_to: 2026-06-30, carried_to: so-x}
"""
GOAL = (
    "{{{whose}indicator: online_share, percent: 80, first: 2026-01-01, due: 2026-12-31, decision: 766/QĐ-UBND, "
    "decided_on: 2026-01-15{more}}}"
)


@pytest.fixture
def loaded(tmp_path):
    def load(text, name="tinh-a.yaml"):
        (tmp_path / name).write_text(text, encoding="utf-8")
        return load_goals(tmp_path, AGENCIES)

    return load


def goals(*entries):
    return UNITS + "goals:\n" + "".join(f"  - {one}\n" for one in entries)


def test_a_goal_of_a_kind_is_one_of_each_of_its_units(loaded):
    found = loaded(goals(GOAL.format(whose="kind: Sở, ", more=""), GOAL.format(whose="", more=", side: at_most")))[
        "tinh-a"
    ]
    assert [(one.unit_id, one.side) for one in found.goals] == [
        ("so-x", GoalSide.AT_LEAST),
        ("so-y", GoalSide.AT_LEAST),
        ("", GoalSide.AT_MOST),
    ]
    assert found.goals[0].due == date(2026, 12, 31)


def test_an_agency_without_a_file_has_neither_units_nor_goals(loaded):
    found = of_agency(loaded(UNITS), AGENCIES["tinh-b"])
    assert (found.units, found.goals) == ({}, ())


def test_a_folder_without_files_has_none(tmp_path):
    assert load_goals(tmp_path / "none", AGENCIES) == {}


@pytest.mark.parametrize(
    ("text", "line", "told"),
    [
        (UNITS.replace("tinh-a", "tinh-c"), 1, "agency: 'tinh-c' is not registered; did you mean"),
        (UNITS.replace("tinh-a", "tinh-b"), 1, "the file must be called tinh-b.yaml"),
        (UNITS.replace("id: so-y", "id: so-x"), 4, "this id stands twice"),
        (UNITS.replace("name_vi: Sở Y", "name_vi: Sở X"), 4, "its name stands twice"),
        (UNITS.replace("carried_to: so-x", "carried_to: so-z"), 4, "no unit 'so-z'; did you mean"),
        (UNITS.replace("valid_to: 2026-06-30, ", ""), 4, "give valid_to, its last day"),
        (UNITS.replace("carried_to: so-x", "carried_to: so-y"), 4, "carried on to itself"),
        (goals(GOAL.format(whose="unit: so-z, ", more="")), 6, "goal: no unit 'so-z'"),
        (goals(GOAL.format(whose="kind: Xã, ", more="")), 6, "goal: no unit is of kind 'Xã'"),
        (goals(GOAL.format(whose="unit: so-x, kind: Sở, ", more="")), 6, "not both"),
        (
            goals(GOAL.format(whose="", more="").replace("online_share", "onlin_share")),
            6,
            "did you mean 'online_share'?",
        ),
        (goals(GOAL.format(whose="", more="").replace("2026-12-31", "2025-12-31")), 6, "lies before first"),
        (goals(GOAL.format(whose="", more=", valid_to: 2025-12-31")), 6, "leave the goal out instead"),
        (goals(GOAL.format(whose="", more="").replace("80", "180")), 6, "percent"),
        (goals(GOAL.format(whose="", more=", colour: red")), 6, "colour"),
        (goals(GOAL.format(whose="", more=", decision_sha256: abc")), 6, "decision_sha256"),
    ],
)
def test_mistakes_are_told_with_their_line(loaded, text, line, told):
    with pytest.raises(ConfigurationError) as found:
        loaded(text)
    assert any(f"tinh-a.yaml:{line}:" in one and told in one for one in found.value.problems), found.value.problems


def test_mistakes_of_all_files_come_together(loaded):
    with pytest.raises(ConfigurationError):
        loaded("agency: tinh-x\n", "tinh-x.yaml")
    with pytest.raises(ConfigurationError) as found:
        loaded("agency: [", "tinh-b.yaml")
    assert {one.rpartition("/")[2].partition(":")[0] for one in found.value.problems} == {"tinh-b.yaml", "tinh-x.yaml"}
