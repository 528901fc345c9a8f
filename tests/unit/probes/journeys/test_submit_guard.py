"""What the submit guard believes of what the page says."""

from types import SimpleNamespace
from typing import Any

from probes.journeys.submit_guard import SubmitGuard


async def test_a_page_that_talks_nonsense_to_the_guard_is_ignored() -> None:
    opened: Any = SimpleNamespace(gate=SimpleNamespace(stopped=[]))
    mine = SubmitGuard(opened)
    for payload in ("no json", "[]", '{"clicked": "x"}', "1"):
        mine._hear({"name": "thuocdoTell", "payload": payload})
    assert mine.clicked_at is None
    assert opened.gate.stopped == []
