"""Journeys as people write them: what is accepted, and how every mistake is named."""

from datetime import UTC, datetime
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from probes.journeys.journey import open_form
from probes.journeys.journey_file import journey_problem, load_journeys, variables_of
from thuocdo.core.config import bundled
from thuocdo.core.errors import ConfigurationError
from thuocdo.core.model import Block, Job, Reason, Target, TargetRole

GOOD = """
family: testbed-wizard
title_vi: Thử
title_en: Test
steps:
  - name: start
    open: "{url}"
  - name: apply
    follow: {role: link, name: [Nộp trực tuyến]}
  - name: agency
    choose: {label: [Cơ quan], option: "{agency_name}"}
entry: start
form: {minimum_fields: 3}
"""


def target(**changes: Any) -> Target:
    given = {
        "id": "p.eform-1",
        "role": TargetRole.EFORM,
        "url": "https://a.test/x",
        "agency_id": "p",
        "portal_id": "p",
        "block": Block.PROVINCE,
        "journey": "good",
        "variables": {"agency_name": "Sở Tư pháp"},
    }
    return Target(**(given | changes))


def problems_of(folder: Path, text: str) -> str:
    (folder / "bad.yaml").write_text(text, encoding="utf-8")
    with pytest.raises(ConfigurationError) as caught:
        load_journeys(folder)
    return "\n".join(caught.value.problems)


def test_journeys_are_named_by_file_stem(tmp_path: Path) -> None:
    (tmp_path / "good.yaml").write_text(GOOD, encoding="utf-8")
    journeys = load_journeys(tmp_path)
    assert list(journeys) == ["good"]
    assert journeys["good"].placeholders == {"url", "agency_name"}
    assert journeys["good"].allowed_posts == ()


def test_journeys_that_ship_are_valid_and_named_as_their_family() -> None:
    journeys = load_journeys(bundled("scenarios") / "journeys")
    assert {"testbed-wizard", "testbed-spa", "testbed-legacy"} <= journeys.keys()
    assert all(journey.family == name for name, journey in journeys.items())


@pytest.mark.parametrize(
    ("old", "new", "expected"),
    [
        ("role: link, name", "role: link, naem", ["bad.yaml:9", "steps.1.follow", "'naem'", "did you mean 'name'"]),
        ("role: link", "role: lnik", ["bad.yaml:9", "steps.1.follow.role", "did you mean 'link'"]),
        ("name: agency", "name: apply", ["step 'apply' stands twice"]),
        ("entry: start", "entry: stort", ["entry 'stort'", "did you mean 'start'"]),
        ('open: "{url}"', 'open: "{url"\n    wait: {text: a}', ["bad.yaml:6", "step 'start' has open and wait"]),
        ('    open: "{url}"\n', "", ["step 'start' has no action"]),
        ('option: "{agency_name}"', "first: true, option: x", ["steps.2.choose", "give either option"]),
        ('option: "{agency_name}"', 'option: "{Agency Name}"', ["step 'agency'", "'{Agency Name}' is no placeholder"]),
        ("minimum_fields: 3", "quiet_seconds: 0.5", ["key 'minimum_fields' is missing"]),
        ("minimum_fields: 3", "minimum_fields: 3, quiet_second: 1", ["did you mean 'quiet_seconds'"]),
        (
            '    open: "{url}"\n',
            '    open: "{url}"\n    if_present: true\n',
            ["step 'start'", "if_present does not go with open"],
        ),
        ("choose: {label", "choos: {label", ["did you mean 'choose'"]),
        ("entry: start", "entry: start\nvneid: {pth: [x]}", ["vneid", "did you mean 'path'"]),
    ],
)
def test_a_mistake_is_named_with_file_line_place_and_nearest_name(
    tmp_path: Path, old: str, new: str, expected: list[str]
) -> None:
    assert old in GOOD
    found = problems_of(tmp_path, GOOD.replace(old, new))
    for part in expected:
        assert part in found


def test_mistakes_of_all_files_are_reported_at_once(tmp_path: Path) -> None:
    (tmp_path / "another.yaml").write_text(GOOD.replace("entry: start", "entry: x"), encoding="utf-8")
    found = problems_of(tmp_path, GOOD.replace("family:", "famliy:"))
    assert "another.yaml" in found
    assert "bad.yaml" in found


@pytest.mark.parametrize("label", ["Nộp hồ sơ", "GỬI ĐI", "Xác nhận thanh toán", "Submit"])
def test_a_journey_that_names_a_submit_control_is_refused_when_it_is_loaded(tmp_path: Path, label: str) -> None:
    found = problems_of(tmp_path, GOOD.replace("role: link, name: [Nộp trực tuyến]", f"role: button, name: [{label}]"))
    assert f"'{label}' names a control that submits" in found


@pytest.mark.parametrize("label", ["Xóa hồ sơ", "Đăng xuất", "rut ho so", "Gửi", "Tải về", "Tiếp tục xóa"])
def test_nor_may_a_link_be_named_that_changes_something(tmp_path: Path, label: str) -> None:
    found = problems_of(tmp_path, GOOD.replace("Nộp trực tuyến", label))
    assert f"'{label}' names a control that submits or changes something" in found


def test_a_link_may_be_called_as_a_submit_control_is(tmp_path: Path) -> None:
    (tmp_path / "good.yaml").write_text(GOOD.replace("Nộp trực tuyến", "Nộp hồ sơ"), encoding="utf-8")
    assert load_journeys(tmp_path)


def test_variables_of_the_target_are_joined_with_its_own_facts() -> None:
    assert variables_of(target(procedure_code="1.1")) == {
        "url": "https://a.test/x",
        "host": "a.test",
        "procedure_code": "1.1",
        "agency_name": "Sở Tư pháp",
    }


def test_a_variable_the_target_lacks_is_named(tmp_path: Path) -> None:
    (tmp_path / "good.yaml").write_text(GOOD, encoding="utf-8")
    problem = journey_problem(target(variables={"agency_nam": "x"}), load_journeys(tmp_path))
    assert problem is not None
    assert "'agency_name'" in problem
    assert "did you mean 'agency_nam'" in problem


def test_placeholders_of_every_step_are_known(tmp_path: Path) -> None:
    more = """
  - name: look up
    search: {label: [Tìm kiếm], text: "{code}"}
    if_present: true
  - name: seek
    seek: {names: ["{label}", Tiếp tục], search: [Từ khóa], at_most: 3}
entry: start"""
    (tmp_path / "good.yaml").write_text(GOOD.replace("\nentry: start", more), encoding="utf-8")
    journey = load_journeys(tmp_path)["good"]
    assert journey.placeholders == {"url", "agency_name", "code", "label"}
    assert journey.steps[3].if_present


def test_a_journey_that_seeks_submit_controls_is_refused(tmp_path: Path) -> None:
    seek = "seek: {names: [Tiếp tục, Gửi, Xác nhận]}"
    found = problems_of(tmp_path, GOOD.replace("follow: {role: link, name: [Nộp trực tuyến]}", seek))
    assert "'Gửi', 'Xác nhận': names of controls that submit" in found


async def test_an_unknown_journey_is_our_fault_and_sends_nothing(tmp_path: Path) -> None:
    (tmp_path / "good.yaml").write_text(GOOD, encoding="utf-8")
    job = Job(
        target=target(journey="goood"),
        kind="eform",
        vantage_id="v",
        profile="desktop",
        scheduled_at=datetime(2026, 1, 1, tzinfo=UTC),
        deadline_seconds=1,
    )
    tools: Any = SimpleNamespace(journeys=load_journeys(tmp_path))
    untouchable: Any = None
    result = await open_form(untouchable, job, tools)
    assert result.reason is Reason.INTERNAL_ERROR
    assert "did you mean 'good'" in result.detail
