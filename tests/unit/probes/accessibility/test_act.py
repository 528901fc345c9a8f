"""What an act reads beforehand, and that nothing is pressed in a citizen's session."""

from collections.abc import AsyncIterator
from typing import Any

import pytest

from probes.accessibility.act import NOT_PRESSED, NOT_READ, Act, all_acts, play, play_all, read_all
from probes.accessibility.barrier import Need, Rule, Verdict
from probes.accessibility.world import WorldError

RULE = Rule(
    id="r", claims="c", wcag=(), impact="minor", needs=frozenset({Need.HANDS}), false_alarms="none"
)  # fmt: skip


class Stage:
    """A stage without a page; notes what is done on it."""

    def __init__(self, *, may_press: bool = True) -> None:
        self.seconds_left = 10.0
        self.may_press = may_press
        self.readings: dict[str, Any] = {}
        self.done: list[str] = []

    def shut(self) -> None:
        self.done.append("shut")

    async def restore(self) -> None:
        """Nothing to do."""


def act(name: str = "a", *, reads: object = None, presses: bool = False) -> Act:
    async def played(stage: Any) -> AsyncIterator[Verdict]:
        stage.done.append(f"play {name}")
        yield Verdict(rule="r", passed=1)

    async def read(stage: Any) -> object:
        stage.done.append(f"read {name}")
        if isinstance(reads, Exception):
            raise reads
        return reads

    return Act(
        name=name, rules=(RULE,), seconds=1.0, play=played, read=read if reads is not None else None, presses=presses
    )


def stage(**arguments: bool) -> Any:
    return Stage(**arguments)


async def test_all_reading_comes_before_any_playing() -> None:
    mine, acts, played = stage(), [act("a", reads="x"), act("b", reads="y"), act("c")], []
    await read_all(acts, mine)
    await play_all(acts, mine, played)
    assert mine.done == ["read a", "read b", "play a", "play b", "play c"]
    assert mine.readings == {"a": "x", "b": "y"}
    assert [one.untested for one in played] == [(), (), ()]


async def test_nothing_leaves_the_page_any_more_once_the_first_act_presses() -> None:
    mine, played = stage(), []
    await play_all([act("looks"), act("presses", presses=True)], mine, played)
    assert mine.done == ["play looks", "shut", "play presses"]


def test_acts_that_press_come_after_all_others() -> None:
    presses = [act.presses for act in all_acts().values()]
    assert presses == sorted(presses)
    assert {"keyboard", "pointer", "dialogs", "forms", "bypass", "zoom"} <= {
        name for name, act in all_acts().items() if act.presses
    }


async def test_an_act_whose_reading_broke_leaves_its_rules_untested_and_says_why() -> None:
    mine, broken = stage(), act(reads=WorldError("gone"))
    await read_all([broken], mine)
    played = await play(broken, mine)
    assert (played.untested, played.why, mine.done) == (("r",), NOT_READ, ["read a"])


async def test_in_a_session_no_act_that_presses_is_read_or_played() -> None:
    mine, presses, looks, played = stage(may_press=False), act("a", reads="x", presses=True), act("b", reads="y"), []
    await read_all([presses, looks], mine)
    await play_all([presses, looks], mine, played)
    assert mine.done == ["read b", "play b"]
    assert (played[0].untested, played[0].why) == (("r",), NOT_PRESSED)


@pytest.mark.parametrize("name", ["keyboard", "dialogs", "pointer", "bypass"])
def test_acts_that_press_say_so(name: str) -> None:
    assert all_acts()[name].presses


def test_what_is_asked_of_the_portal_is_read_beforehand() -> None:
    assert {name for name, one in all_acts().items() if one.read} == {"bypass", "media", "names"}
