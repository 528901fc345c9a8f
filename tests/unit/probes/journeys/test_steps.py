"""Single steps of a journey, without a browser."""

from typing import Any, cast

import pytest

from probes.journeys.journey_end import StopError
from probes.journeys.journey_file import Search
from probes.journeys.steps import Steps


class Box:
    async def wait_for(self, *, state: str) -> None: ...

    async def evaluate(self, script: str, text: str) -> str:
        return f"https://h.vn/nguyen-van-an/079203001234/xoa?q={text}"


async def test_a_search_that_is_not_made_is_told_without_what_its_address_names() -> None:
    steps = Steps(*cast("tuple[Any, ...]", (None, {}, None, None, None)))
    with pytest.raises(StopError) as stopped:
        await steps.search(cast("Any", Box()), Search(label=["Tìm"], text="1.004222"))
    assert "/…/…/" in stopped.value.detail
    assert "nguyen" not in stopped.value.detail
