"""Counting requests and bytes from Chromium's events."""

import asyncio
from typing import Any

import pytest

from probes.chromium.traffic import LARGEST_PAGE_BYTES, Traffic


class Session:
    """Stands in for a CDP session: remembers who listens, and tells them."""

    def __init__(self) -> None:
        self.listeners: dict[str, Any] = {}

    def on(self, name: str, listener: Any) -> None:
        self.listeners[name.removeprefix("Network.")] = listener

    async def send(self, *_: Any) -> None:
        pass

    def sent(self, request: str, url: str = "http://h/", kind: str = "Image", loader: str = "L1", **more: Any) -> None:
        event = {"requestId": request, "request": {"url": url}, "type": kind, "frameId": "F", "loaderId": loader}
        self.listeners["requestWillBeSent"](event | {"wallTime": 1000.0, "timestamp": 5.0} | more)

    def answered(self, request: str, status: int = 200, kind: str = "Image", loader: str = "L1") -> None:
        response = {"status": status, "headers": {"retry-after": "7"}, "url": "http://h/"}
        event = {"requestId": request, "response": response, "type": kind, "frameId": "F", "loaderId": loader}
        self.listeners["responseReceived"](event)

    def received(self, request: str, encoded: int, decoded: int) -> None:
        self.listeners["dataReceived"]({"requestId": request, "encodedDataLength": encoded, "dataLength": decoded})

    def finished(self, request: str, encoded: int) -> None:
        self.listeners["loadingFinished"]({"requestId": request, "encodedDataLength": encoded})

    def failed(self, request: str, *, canceled: bool = False) -> None:
        self.listeners["loadingFailed"]({"requestId": request, "canceled": canceled})


async def watched() -> tuple[Traffic, Session]:
    traffic, session = Traffic(), Session()
    await traffic.watch(session)  # type: ignore[arg-type]
    return traffic, session


async def test_transferred_bytes_are_those_on_the_line() -> None:
    traffic, session = await watched()
    session.sent("1", redirectResponse={"encodedDataLength": 50})
    session.received("1", 0, 9000)
    assert traffic.transferred_bytes == 9050  # nothing better is known until the end
    session.finished("1", 3000)
    assert traffic.transferred_bytes == 3050
    session.sent("2", "data:image/png;base64,AA")
    assert traffic.requests == 1


async def test_broken_and_refused_requests_are_failed_and_given_up_ones_are_not() -> None:
    traffic, session = await watched()
    for request in "1234":
        session.sent(request)
    session.answered("1", 404)
    session.finished("1", 10)
    session.failed("2")
    session.failed("3", canceled=True)
    session.answered("4", 304)
    assert (traffic.requests, traffic.failed_requests, traffic.in_flight) == (4, 2, 1)


async def test_stream_that_never_ends_does_not_keep_a_page_from_being_quiet() -> None:
    traffic, session = await watched()
    session.sent("1", kind="EventSource")
    loop = asyncio.get_running_loop()
    start = loop.time()
    await traffic.quiet(0.02, until=start + 5)
    assert loop.time() - start < 4


async def test_open_request_is_waited_for_until_the_limit() -> None:
    traffic, session = await watched()
    session.sent("1")
    loop = asyncio.get_running_loop()
    start = loop.time()
    await traffic.quiet(0.001, until=start + 0.05)
    assert loop.time() - start >= 0.05


async def test_request_that_ends_starts_the_quiet_time_anew() -> None:
    traffic, session = await watched()
    session.sent("1")
    waiting = asyncio.create_task(traffic.quiet(0.01, until=asyncio.get_running_loop().time() + 600))
    await asyncio.sleep(0)
    assert not waiting.done()
    session.finished("1", 1)
    async with asyncio.timeout(60):
        await waiting


async def test_last_document_of_the_main_frame_is_the_answer() -> None:
    traffic, session = await watched()
    session.sent("D1", kind="Document", loader="L1")
    session.answered("D1", 200, "Document", "L1")
    session.sent("old", loader="L1")
    session.sent("inner", kind="Document", loader="L9", frameId="OTHER")
    session.sent("D2", kind="Document", loader="L2", wallTime=1002.0)
    session.answered("D2", 503, "Document", "L2")
    assert traffic.answer is not None
    assert (traffic.answer.status, traffic.answer.headers["Retry-After"]) == (503, "7")
    assert (traffic.documents, traffic.started_at, traffic.in_flight) == (2, 1000.0, 1)


async def test_page_over_the_limit_is_told_once() -> None:
    traffic, session = await watched()
    told: list[int] = []
    traffic.on_hopeless = lambda: told.append(1)
    session.sent("1")
    for _ in range(3):
        session.received("1", 0, LARGEST_PAGE_BYTES)
    assert (traffic.too_large, told) == (True, [1])


async def test_what_became_of_documents_in_frames_is_kept_by_frame() -> None:
    traffic, session = await watched()
    session.sent("D", kind="Document", loader="D")
    for frame in ("good", "bad", "gone"):
        session.sent(frame, f"http://{frame}.test/", kind="Document", loader=frame, frameId=frame)
    answer = {"headers": {}, "url": "http://x.test/", "mimeType": "application/pdf"}
    for frame, status in {"good": 200, "bad": 503}.items():
        session.listeners["responseReceived"](
            {"requestId": frame, "response": {**answer, "status": status}, "type": "Document", "frameId": frame}
        )
    session.listeners["loadingFailed"]({"requestId": "gone", "errorText": "net::ERR_FAILED", "type": "Document"})
    assert {name: (one.status, one.media, one.error) for name, one in traffic.frames.items()} == {
        "good": (200, "application/pdf", ""),
        "bad": (503, "application/pdf", ""),
        "gone": (0, "", "net::ERR_FAILED"),
    }
    assert (traffic.frames["gone"].host, traffic.answer) == ("gone.test", None)


async def test_why_a_document_did_not_come_is_kept_by_document() -> None:
    traffic, session = await watched()
    session.sent("D1", kind="Document", loader="D1")
    session.answered("D1", 200, "Document", "D1")
    session.finished("D1", 9)
    session.sent("D2", kind="Document", loader="D2")
    assert traffic.is_open("D2")
    session.listeners["loadingFailed"]({"requestId": "D2", "errorText": "net::ERR_FAILED", "type": "Document"})
    assert not traffic.is_open("D2")
    assert traffic.errors == {"D2": "net::ERR_FAILED"}
    assert not traffic.line_lost


async def test_a_request_that_ends_with_the_network_tells_that_it_went() -> None:
    traffic, session = await watched()
    session.sent("1")
    session.listeners["loadingFailed"]({"requestId": "1", "errorText": "net::ERR_NETWORK_CHANGED", "type": "Script"})
    assert traffic.line_lost


async def test_data_of_the_pages_own_host_that_did_not_come_are_told() -> None:
    traffic, session = await watched()
    session.sent("D", kind="Document", loader="D")
    session.sent("1", kind="Fetch")
    session.answered("1", 404, "Image")
    assert traffic.data_fault == ""
    session.answered("1", 500, "Fetch")
    assert traffic.data_fault == "was answered with status 500"
    other, elsewhere = await watched()
    elsewhere.sent("D", "http://other/", kind="Document", loader="D")
    elsewhere.sent("1", kind="XHR")
    elsewhere.answered("1", 500, "XHR")
    assert other.data_fault == ""


async def test_a_clock_that_is_set_between_two_documents_makes_no_visit_longer() -> None:
    for origin, wall, seconds in ((1001.95, 1002.0, 1.95), (4602.0, 4602.05, 1.95), (1002.0, 4602.0, 2.0)):
        traffic, session = await watched()
        session.sent("D1", kind="Document", wallTime=1000.0, timestamp=50.0)
        session.sent("D2", kind="Document", loader="L2", wallTime=wall, timestamp=52.0)
        assert traffic.seconds_before(origin) == pytest.approx(seconds)
