"""How often a page may be opened for one examination."""

from types import SimpleNamespace
from typing import Any, cast

import pytest
from playwright.async_api import Error

from probes.accessibility.opening import Opener
from thuocdo.core.model import Job


class Nothing:
    """A browser that must not be asked for a page."""

    def driven_page(self, *_: Any, **__: Any) -> Any:
        pytest.fail("the form was opened again")


async def test_a_form_that_left_a_draft_is_not_opened_again() -> None:
    job = cast("Job", SimpleNamespace(deadline_seconds=60.0))
    opener = Opener(job, cast("Any", None), cast("Any", Nothing()))
    opener._page = cast("Any", SimpleNamespace(gate=SimpleNamespace(let_through=["POST /luu-nhap"])))
    with pytest.raises(Error, match="another draft"):
        await opener.reopen(5.0)
