from typing import Any

import numpy as np
import pytest

from probes.accessibility.focus_shown import differs
from probes.accessibility.keyboard import Walk, jumps, lost_twice
from probes.accessibility.way_out import is_pressed, keys_told


def stop(
    at: int, *, passed: list[int] | None = None, box: tuple[int, int, int, int] = (0, 0, 10, 10)
) -> dict[str, Any]:
    return {"at": at, "passed": [at] if passed is None else passed, "shown": True, "sticky": False, "box": list(box)}


def test_the_focus_is_stolen_where_it_is_lost_twice_on_the_same_control() -> None:
    once = [stop(1), stop(-1, passed=[2]), stop(3)]
    assert lost_twice(once) == []
    assert lost_twice([*once, stop(-1, passed=[2])]) == [2]


def test_leaving_the_page_is_no_theft() -> None:
    assert lost_twice([stop(1), stop(-1, passed=[]), stop(1), stop(-1, passed=[])]) == []


def test_a_jump_back_up_counts_unless_it_goes_to_the_next_column() -> None:
    below, above, column = (
        stop(1, box=(0, 900, 100, 930)),
        stop(2, box=(0, 10, 100, 40)),
        stop(3, box=(300, 10, 400, 40)),
    )
    assert jumps([above, below]) == []
    assert jumps([below, above]) == [2]
    assert jumps([below, column]) == []


def test_a_walk_without_end_goes_round_among_the_controls_of_its_later_half() -> None:
    walk = Walk(stops=[stop(at) for at in (1, 2, 3, 4, 3, 4, 3, 4)], ended=False)
    assert walk.reached == [1, 2, 3, 4]
    assert set(walk.round) == {3, 4}


@pytest.mark.parametrize(
    ("text", "keys"),
    [
        ("Nhấn Ctrl + M để thoát.", ["Control+m"]),
        ("Bấm Esc hoặc F6", ["Escape", "F6"]),
        ("Press Escape, or Alt-Shift-x, to leave", ["Escape", "Alt+Shift+x"]),
        ("Giữ Ctrl và q", ["Control+q"]),
        ("Nhấn nút Thoát", []),
        ("Describe the F6000 model", []),
    ],
)
def test_keys_are_read_from_what_a_page_tells(text: str, keys: list[str]) -> None:
    assert keys_told(text) == keys


@pytest.mark.parametrize("keys", ["Escape", "Tab", "Shift+Tab", "F6", "Control+F6", "ArrowDown", "Control+m"])
def test_keys_for_moving_and_leaving_are_pressed(keys: str) -> None:
    assert is_pressed(keys)


@pytest.mark.parametrize(
    "text", ["Ctrl+S", "Ctrl + Enter", "Alt+Shift+x", "Ctrl-D", "F5", "Ctrl+Alt+Del", "Cmd+s", "Ctrl và q", "Alt+F4"]
)
def test_keys_that_may_do_more_are_not_pressed_whatever_a_page_tells(text: str) -> None:
    assert [keys for keys in keys_told(f"Nhấn {text} để thoát") if is_pressed(keys)] == []
    assert keys_told(f"Nhấn {text} để thoát")


def test_a_focus_shows_by_pixels_that_do_not_move_by_themselves() -> None:
    bare = np.full((20, 20, 3), 255, np.uint8)
    clock = bare.copy()
    clock[:5, :5] = 0
    ring = bare.copy()
    ring[10, :] = 0
    assert not differs(bare, bare, bare)
    assert differs(bare, bare, ring)
    assert not differs(bare, clock, bare)  # only the clock went on
    faint = bare.copy()
    faint[10, :] = 250
    assert not differs(bare, bare, faint)


def test_a_megabyte_of_keys_is_gone_through_once() -> None:
    """With the square of it this had no end within the test's time."""
    assert keys_told("ctrl+" * 200_000) == []
