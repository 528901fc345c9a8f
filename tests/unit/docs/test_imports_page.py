"""The drawing of the rooms: no arrow back up, no circle."""

from graphlib import CycleError

import pytest

from docs.imports_page import floors_of, imported_rooms, imports_page


def test_the_page_of_imports_is_what_the_code_imports(golden):
    golden("docs/imports.md", imports_page())


def test_the_ground_imports_nothing_and_nothing_of_the_stages_imports_the_roof():
    rooms = imported_rooms()
    assert rooms["thuocdo.core"] == set()
    roof = {"thuocdo.cli", "thuocdo.web", "thuocdo.processes", "thuocdo.doctor", "thuocdo.__main__"}
    assert {room for room, imported in rooms.items() if imported & roof} <= roof


def test_a_circle_has_no_floors():
    with pytest.raises(CycleError):
        floors_of({"a": {"b"}, "b": {"a"}})
