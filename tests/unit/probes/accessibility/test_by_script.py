"""What the browser's own tree adds to what axe-core reads."""

import pytest

from probes.accessibility.by_script import given

ATTRIBUTE = {"type": "attribute", "attribute": "aria-label", "value": {"value": "Họ và tên"}}
ELEMENTS = {"type": "relatedElement", "attribute": "aria-labelledby", "value": {"value": "Họ và tên"}}
CONTENTS = {"type": "contents", "value": {"value": "Họ và tên"}}


def node(role: str, *sources: object, name: str = "Họ và tên") -> dict[str, object]:
    return {"ignored": False, "role": {"value": role}, "name": {"value": name, "sources": list(sources)}}


@pytest.mark.parametrize("source", [ATTRIBUTE, ELEMENTS])
def test_a_role_and_a_name_that_a_script_gave_are_told(source: dict[str, object]) -> None:
    assert given(7, [node("textbox", source)]) == {"kept": 7, "role": "textbox", "name": "Họ và tên"}


def test_what_stands_in_an_element_axe_reads_itself() -> None:
    superseded = {**ATTRIBUTE, "superseded": True}
    assert given(1, [node("button", superseded, CONTENTS)]) == {"kept": 1, "role": "button", "name": ""}


def test_an_element_without_a_role_gets_none() -> None:
    assert given(1, [node("generic")]) == {"kept": 1, "role": "", "name": ""}
    assert given(1, [{**node("textbox", ATTRIBUTE), "ignored": True}]) == {"kept": 1, "role": "", "name": ""}
    assert given(1, []) == {"kept": 1, "role": "", "name": ""}
