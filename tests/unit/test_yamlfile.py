from datetime import date
from pathlib import Path
from typing import Literal

import pytest
from pydantic import Field

from thuocdo.core.errors import ConfigurationError
from thuocdo.core.yamlfile import MOST_HINTS, MOST_PROBLEMS, Strict, hinting, load, nearest, read


class Click(Strict):
    action: Literal["click"]
    selector: str


class Type(Strict):
    action: Literal["type"]
    selector: str
    text: str = ""


class Wait(Strict):
    seconds: float


class Group(Strict):
    name: str
    points: float = 0
    by_day: dict[str, int] = Field(default_factory=dict)
    both: tuple[float, ...] = ()
    steps: tuple[Click | Type, ...] = ()


class Criteria(Strict):
    id: str
    colour: Literal["red", "green"] = "red"
    starts: date | None = None
    groups: list[Group] = Field(default_factory=list)
    anything: list[Wait | Click | str] = Field(default_factory=list)
    by_name: dict[str, Group] = Field(default_factory=dict)
    optional: Group | None = None
    window: "Window | None" = None


class Window(Strict):
    start: str = Field(alias="from")


Criteria.model_rebuild()


def problems_of(tmp_path: Path, text: str) -> list[str]:
    file = tmp_path / "file.yaml"
    file.write_text(text, encoding="utf-8")
    with pytest.raises(ConfigurationError) as caught:
        load(file, Criteria)
    return [problem.replace(str(file), "file.yaml") for problem in caught.value.problems]


def test_a_good_file_becomes_the_model(tmp_path: Path) -> None:
    file = tmp_path / "file.yaml"
    file.write_text(
        "id: a\nstarts: 2025-07-01\ngroups:\n  - {name: g, steps: [{action: type, selector: s}]}\n", encoding="utf-8"
    )
    loaded = load(file, Criteria)
    assert loaded.starts == date(2025, 7, 1)
    assert loaded.groups[0].steps[0] == Type(action="type", selector="s")


def test_an_empty_file_misses_its_keys(tmp_path: Path) -> None:
    assert problems_of(tmp_path, "# nothing\n") == ["file.yaml:1: id: key 'id' is missing; add it"]


def test_all_mistakes_come_at_once_in_the_order_of_lines(tmp_path: Path) -> None:
    text = "idd: a\ncolour: gren\ngroups:\n  - name: g\n    pionts: 3\n  - points: many\n"
    assert problems_of(tmp_path, text) == [
        "file.yaml:1: id: key 'id' is missing; add it",
        "file.yaml:1: idd: unknown key 'idd'; did you mean 'id'?",
        "file.yaml:2: colour: Input should be 'red' or 'green' (given: 'gren'); did you mean 'green'?",
        "file.yaml:5: groups.0.pionts: unknown key 'pionts'; did you mean 'points'?",
        "file.yaml:6: groups.1.name: key 'name' is missing; add it",
        "file.yaml:6: groups.1.points: Input should be a valid number, unable to parse string as a number (given: 'many')",
    ]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (
            "id: a\ngroups:\n  - name: g\n    steps:\n      - {action: click, selector: s}\n"
            "      - {action: type, selektor: s}\n",
            [
                "file.yaml:6: groups.0.steps.1.selector: key 'selector' is missing; add it",
                "file.yaml:6: groups.0.steps.1.selektor: unknown key 'selektor'; did you mean 'selector'?",
            ],
        ),
        (
            "id: a\ngroups:\n  - {name: g, steps: [{action: type, selector: s, txt: x}]}\n",
            ["file.yaml:3: groups.0.steps.0.txt: unknown key 'txt'; did you mean 'text'?"],
        ),
        (
            "id: a\nanything:\n  - plain\n  - {seconds: 1, secnds: 2}\n",
            ["file.yaml:4: anything.1.secnds: unknown key 'secnds'; did you mean 'seconds'?"],
        ),
        (
            "id: a\nby_name:\n  some name:\n    name: g\n    pionts: 1\n",
            ["file.yaml:5: by_name.some name.pionts: unknown key 'pionts'; did you mean 'points'?"],
        ),
        (
            "id: a\noptional:\n  nam: g\n",
            [
                "file.yaml:2: optional.name: key 'name' is missing; add it",
                "file.yaml:3: optional.nam: unknown key 'nam'; did you mean 'name'?",
            ],
        ),
        (
            "id: a\nwindow:\n  from: b\n  form: c\n",
            ["file.yaml:4: window.form: unknown key 'form'; did you mean 'from'?"],
        ),
        ("id: a\nanything: [{zzz: 1}]\n", ["file.yaml:2: anything.0.zzz: unknown key 'zzz'"]),
    ],
    ids=["tagged union", "tagged union only its keys", "plain union", "mapping", "optional", "alias", "nothing near"],
)
def test_unknown_keys_deep_inside_name_the_nearest_valid_one(tmp_path: Path, text: str, expected: list[str]) -> None:
    problems = problems_of(tmp_path, text)
    assert [problem for problem in problems if problem in expected] == expected


def test_of_a_union_only_the_branch_that_fits_best_is_reported(tmp_path: Path) -> None:
    assert problems_of(tmp_path, "id: a\nanything:\n  - {seconds: 1, secnds: 2}\n") == [
        "file.yaml:3: anything.0.secnds: unknown key 'secnds'; did you mean 'seconds'?"
    ]


def test_a_number_where_text_is_wanted_is_told_to_be_quoted(tmp_path: Path) -> None:
    assert problems_of(tmp_path, "id: 1.001193\n") == [
        "file.yaml:1: id: Input should be a valid string (given: 1.001193); put it in quotes"
    ]


def test_a_day_that_no_calendar_has_is_a_mistake_with_its_line(tmp_path: Path) -> None:
    (problem,) = problems_of(tmp_path, "id: a\nstarts: 2025-02-30\n")
    assert problem.startswith("file.yaml:2: starts: Input should be a valid date")
    assert "2025-02-30" in problem


def test_a_key_that_stands_twice_is_a_mistake(tmp_path: Path) -> None:
    assert problems_of(tmp_path, "id: a\ncolour: red\nid: b\n") == [
        "file.yaml:3: key 'id' stands twice (first in line 1); remove one"
    ]


@pytest.mark.parametrize(
    ("text", "part"),
    [
        ("id: [a\n", "file.yaml:2: no valid YAML (column 1: "),
        ("id: 0x_\n", "file.yaml:1: no valid YAML (column 5: '0x_' is no number)"),
        ("id: a\x00b\n", "file.yaml:1: no valid YAML"),
    ],
)
def test_what_is_no_yaml_is_said_in_one_line(tmp_path: Path, text: str, part: str) -> None:
    (problem,) = problems_of(tmp_path, text)
    assert problem.startswith(part)


@pytest.mark.parametrize("value", ["yes", "no", "true", "off"])
@pytest.mark.parametrize("place", ["points: {}", "by_day: {{mon: {}}}", "both: [1, {}]"])
def test_a_truth_is_no_number(tmp_path: Path, place: str, value: str) -> None:
    (problem,) = problems_of(tmp_path, f"id: a\ngroups:\n  - name: g\n    {place.format(value)}\n")
    assert problem.startswith("file.yaml:4: groups.0.")
    assert "yes, no, on, off, true and false are no number; give the number" in problem


@pytest.mark.parametrize("value", [".inf", "-.inf", ".nan", "1e400", "1.0e+400"])
def test_a_number_is_finite(tmp_path: Path, value: str) -> None:
    (problem,) = problems_of(tmp_path, f"id: a\ngroups:\n  - name: g\n    points: {value}\n")
    assert problem.startswith("file.yaml:4: groups.0.points: Input should be a ")


def test_a_number_is_no_day(tmp_path: Path) -> None:
    assert problems_of(tmp_path, "id: a\nstarts: 0\n") == [
        "file.yaml:2: starts: a number is no day; write it as 2026-12-31 (given: 0)"
    ]


def test_a_message_is_one_line_of_readable_length_whatever_the_file_holds(tmp_path: Path) -> None:
    (problem,) = problems_of(tmp_path, f'id: a\n? "x\\n\\u202e{"y" * 5_000}"\n: 1\n')
    assert "\\n\\u202eyyyy" in problem
    assert len(problem) < 1_200
    assert problem.isprintable()


def test_a_file_that_cannot_be_read_is_said_so(tmp_path: Path) -> None:
    with pytest.raises(ConfigurationError, match="cannot be read"):
        load(tmp_path / "missing.yaml", Criteria)
    (tmp_path / "latin.yaml").write_bytes(b"id: \xe9\n")
    with pytest.raises(ConfigurationError, match="UTF-8"):
        load(tmp_path / "latin.yaml", Criteria)


def test_a_part_is_checked_under_the_name_a_person_knows_it_by(tmp_path: Path) -> None:
    file = tmp_path / "file.yaml"
    file.write_text("id: a\ngroups:\n  - name: g\n    pionts: 1\n  - name: h\n    points: x\n", encoding="utf-8")
    document = read(file)
    assert document.check(Group, ("groups", 0), "group 'g'") is None
    assert document.check(Group, ("groups", 1), "group 'h'") is None
    document.report(("groups", 1, "name"), "group 'h': is not known elsewhere")
    assert [problem.removeprefix(f"{file}:") for problem in document.problems] == [
        "4: group 'g': unknown key 'pionts'; did you mean 'points'?",
        "5: group 'h': is not known elsewhere",
        "6: group 'h': points: Input should be a valid number, unable to parse string as a number (given: 'x')",
    ]


def test_the_line_of_a_part_that_is_missing_is_that_of_the_part_around_it(tmp_path: Path) -> None:
    file = tmp_path / "file.yaml"
    file.write_text("id: a\ngroups:\n  - name: g\n", encoding="utf-8")
    document = read(file)
    assert document.line(("groups", 0, "points")) == 3
    assert document.line(("nothing",)) == 1


def test_nearest_is_silent_where_nothing_is_near() -> None:
    assert nearest("hompage", ["homepage", "eform"]) == "; did you mean 'homepage'?"
    assert nearest("zzz", ["homepage", "eform"]) == ""


@pytest.mark.parametrize(
    "text",
    [
        "".join(f"a{n}: 1\n" for n in range(3000)),
        "id: a\n" * 3000,
        "groups:\n" + "  - {name: g, pionts: 1}\n" * 3000,
        "anything:\n" + "  - {secnds: 1}\n" * 3000,
    ],
)
def test_of_very_many_mistakes_the_first_are_told(tmp_path: Path, text: str, monkeypatch: pytest.MonkeyPatch) -> None:
    hints = []
    monkeypatch.setattr("thuocdo.core.yamlfile.nearest", lambda name, _valid: hints.append(name) or "")
    problems = problems_of(tmp_path, text)
    assert len(problems) == MOST_PROBLEMS + 1
    assert problems[-1].endswith(" more mistakes; mend these first")
    assert len(hints) <= MOST_PROBLEMS


def test_hints_are_looked_for_for_the_first_mistakes_only() -> None:
    near = hinting(["homepage", "eform"])
    told = [near("hompage") for _ in range(10 * MOST_HINTS)]
    assert told == ["; did you mean 'homepage'?"] * MOST_HINTS + [""] * 9 * MOST_HINTS
