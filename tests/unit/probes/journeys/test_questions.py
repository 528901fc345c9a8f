"""What a page asks on the way, and when."""

import time
from typing import Any

from probes.journeys.questions import Questions


class Session:
    def __init__(self) -> None:
        self.hear: Any = None

    async def send(self, method: str, params: dict[str, Any] | None = None) -> dict[str, Any]:
        raise NotImplementedError

    def on(self, event: str, f: Any) -> None:
        assert event == "Page.javascriptDialogOpening"
        self.hear = f


def test_only_what_wants_an_answer_is_a_question() -> None:
    session = Session()
    questions = Questions(session)
    for kind in ("alert", "beforeunload"):
        session.hear({"type": kind, "message": "x"})
    assert (len(questions), questions.told()) == (0, "")
    before = time.monotonic()
    session.hear({"type": "confirm", "message": "Nguyễn Văn An?"})
    session.hear({"type": "confirm", "message": "x"})
    assert len(questions) == 2
    assert questions.told() == "; the page asked by confirm() and was answered no"
    assert questions.since(before)
    assert not questions.since(time.monotonic() + 1)
