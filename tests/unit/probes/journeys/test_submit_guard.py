"""Which held requests the submit guard lets go."""

from typing import Any

import pytest

from probes.journeys.submit_guard import SubmitGuard


class Page:
    """The guard keeps the page for later; these tests never touch it."""


class Wire:
    """Notes what the guard tells the browser to do with held requests."""

    def __init__(self) -> None:
        self.sent: list[tuple[str, dict[str, Any]]] = []

    async def send(self, method: str, parameters: dict[str, Any]) -> None:
        self.sent.append((method, parameters))


def held(method: str, path: str = "/luu", kind: str = "Document") -> dict[str, Any]:
    request = {"method": method, "url": f"https://a.test{path}"}
    return {"requestId": "1", "request": request, "resourceType": kind, "frameId": "main"}


async def verdict(guard: SubmitGuard, event: dict[str, Any]) -> str:
    wire = Wire()
    await guard._judge(event, wire.send)
    return wire.sent[0][0]


def guard(**arguments: Any) -> SubmitGuard:
    page: Any = Page()
    return SubmitGuard(page, **arguments)


@pytest.mark.parametrize("method", ["POST", "PUT", "PATCH", "DELETE"])
async def test_a_request_that_could_change_something_is_aborted_and_counted(method: str) -> None:
    mine = guard()
    assert await verdict(mine, held(method, kind="XHR")) == "Fetch.failRequest"
    assert mine.stopped == [f"{method} /luu"]


@pytest.mark.parametrize("method", ["GET", "HEAD", "OPTIONS"])
async def test_a_request_that_only_reads_goes_on(method: str) -> None:
    mine = guard()
    assert await verdict(mine, held(method)) == "Fetch.continueRequest"
    assert mine.stopped == []


async def test_only_the_paths_that_opening_needs_may_be_posted_to() -> None:
    mine = guard(allowed_posts=["/api/session/*"])
    assert await verdict(mine, held("POST", "/api/session/begin?x=1")) == "Fetch.continueRequest"
    assert await verdict(mine, held("POST", "/api/luu")) == "Fetch.failRequest"


async def test_the_submission_of_a_get_form_is_aborted() -> None:
    mine = guard()
    mine._note_form({"reason": "formSubmissionGet", "url": "https://a.test/luu?ten=A"})
    assert await verdict(mine, held("GET", "/luu?ten=A")) == "Fetch.failRequest"


async def test_an_address_that_robots_txt_forbids_is_not_visited() -> None:
    async def may_visit(url: str) -> bool:
        return "sso" not in url

    mine = guard(may_visit=may_visit)
    mine._main_frame = "main"
    assert await verdict(mine, held("GET", "/sso/x")) == "Fetch.failRequest"
    assert await verdict(mine, held("GET", "/form")) == "Fetch.continueRequest"
    assert mine.stopped == []


async def test_a_page_that_talks_nonsense_to_the_guard_is_ignored() -> None:
    mine = guard()
    for payload in ("no json", "[]", '{"clicked": "x"}', "1"):
        mine._hear({"name": "thuocdoTell", "payload": payload})
    assert mine.clicked_at is None
    assert mine.stopped == []
