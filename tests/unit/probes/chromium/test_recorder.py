"""Remembering a visit from Chromium's events, within bounds."""

from collections.abc import Callable, Mapping
from typing import Any

import pytest

from probes.chromium import recorder as module
from probes.chromium.recorder import Recorder

Event = Mapping[str, Any]


class Session:
    """Stands in for a CDP session: remembers who listens and what was asked of it."""

    def __init__(self) -> None:
        self.listeners: dict[str, Callable[[Event], None]] = {}
        self.asked: list[str] = []

    def on(self, name: str, listener: Callable[[Event], None]) -> None:
        self.listeners[name] = listener

    async def send(self, method: str, params: Any = None) -> dict[str, Any]:
        self.asked.append(method)
        return {}

    def tell(self, name: str, **event: Any) -> None:
        self.listeners[name](event)

    def sent(self, request_id: str, url: str = "http://h.vn/", **more: Any) -> None:
        request = {"url": url, "method": "POST", "headers": {"A": "b"}, "hasPostData": True, "postData": "ten=A"}
        event = {"requestId": request_id, "request": request, "type": "Image", "timestamp": 10.0, "wallTime": 1e9}
        self.tell("Network.requestWillBeSent", **{**event, **more})

    def answered(self, request_id: str, **more: Any) -> None:
        response = {"status": 200, "headers": {}, "encodedDataLength": 90, **more}
        self.tell("Network.responseReceived", requestId=request_id, response=response, type="Image", hasExtraInfo=True)


async def watched() -> tuple[Recorder, Session]:
    recorder, session = Recorder(), Session()
    await recorder.watch(session)  # type: ignore[arg-type]
    return recorder, session


async def test_a_request_is_remembered_until_its_end_without_what_it_carried() -> None:
    recorder, session = await watched()
    session.sent("1")
    session.answered("1")
    session.tell("Network.dataReceived", requestId="1", encodedDataLength=0, dataLength=900)
    (exchange,) = recorder.exchanges
    assert (exchange.transferred_bytes, exchange.body_bytes, exchange.ended_at) == (900, 900, None)
    session.tell("Network.loadingFinished", requestId="1", encodedDataLength=300, timestamp=11.0)
    assert (exchange.transferred_bytes, exchange.body_bytes, exchange.ended_at) == (300, 900, 11.0)
    assert exchange.has_body
    assert "ten=A" not in repr(exchange)


async def test_a_redirect_ends_one_exchange_and_begins_the_next() -> None:
    recorder, session = await watched()
    session.sent("1", "http://h.vn/a")
    session.sent(
        "1", "http://h.vn/b", redirectResponse={"status": 302, "headers": {}, "encodedDataLength": 120}, timestamp=10.5
    )
    session.answered("1")
    first, second = recorder.exchanges
    assert (first.url, first.status, first.transferred_bytes, first.ended_at) == ("http://h.vn/a", 302, 120, 10.5)
    assert (second.url, second.status, second.ended_at) == ("http://h.vn/b", 200, None)


async def test_heads_on_the_line_may_come_before_the_request_they_belong_to() -> None:
    recorder, session = await watched()
    session.tell("Network.requestWillBeSentExtraInfo", requestId="1", headers={"Host": "h.vn"}, associatedCookies=[])
    session.tell(
        "Network.responseReceivedExtraInfo",
        requestId="1",
        headers={"X": "1"},
        statusCode=200,
        headersText="HTTP/1.1 200",
    )
    session.sent("1")
    assert recorder.wires["1"].requests == [{"Host": "h.vn"}]
    assert (recorder.wires["1"].answers[0].status, recorder.wires["1"].answers[0].size_bytes) == (200, 12)


async def test_what_a_page_holds_in_itself_is_no_request() -> None:
    recorder, session = await watched()
    session.sent("1", "data:image/png;base64,AAAA")
    session.sent("2", "blob:http://h.vn/1")
    session.tell("Network.loadingFinished", requestId="1", encodedDataLength=0, timestamp=11.0)
    assert recorder.exchanges == []


async def test_requests_beyond_the_bound_are_counted_and_not_kept(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "MOST_EXCHANGES", 50)
    recorder, session = await watched()
    for number in range(80):
        session.sent(str(number))
        session.tell("Network.requestWillBeSentExtraInfo", requestId=str(number), headers={})
        session.answered(str(number))
        session.tell("Network.loadingFailed", requestId=str(number), timestamp=11.0, errorText="")
    assert (len(recorder.exchanges), len(recorder.wires), recorder.left_out_requests) == (50, 50, 30)


async def test_long_addresses_and_headers_find_room_only_once(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "MOST_CHARACTERS", 1_000)
    recorder, session = await watched()
    session.sent("1", f"http://h.vn/{'a' * 600}")
    session.sent("2", f"http://h.vn/{'a' * 600}")
    session.sent("3")
    session.answered("3", headers={"X": "x" * 5_000})
    session.tell("Network.requestWillBeSentExtraInfo", requestId="3", headers={"X": "x" * 5_000})
    assert [exchange.request_id for exchange in recorder.exchanges] == ["1", "3"]
    assert (recorder.left_out_requests, recorder.wires) == (1, {})
    assert recorder.exchanges[1].response is None


async def test_a_console_that_never_stops_is_silenced_once() -> None:
    recorder, session = await watched()
    call = {"type": "log", "args": [], "timestamp": 1e12}
    for _ in range(1_500):
        session.tell("Runtime.consoleAPICalled", **call)
    assert recorder.console.is_full
    assert recorder._silencing is not None
    await recorder._silencing
    assert session.asked == ["Runtime.enable", "Log.enable", "Runtime.disable", "Log.disable"]


async def test_the_certificate_of_a_host_is_the_first_of_those_it_showed_that_runs_out() -> None:
    recorder, session = await watched()
    assert recorder.certificate_ends_at("h.vn") is None
    for number, (url, more) in enumerate(
        (
            ("https://h.vn/", {"securityDetails": {"validTo": 2_000}}),
            ("https://h.vn:8443/a", {"securityDetails": {"validTo": 1_500}}),
            ("https://h.vn/b", {"securityDetails": {"validTo": 100}, "fromDiskCache": True}),
            ("https://other.vn/", {"securityDetails": {"validTo": 50}}),
            ("http://h.vn/", {}),
        )
    ):
        session.sent(str(number), url)
        session.answered(str(number), **more)
    session.sent("unanswered", "https://h.vn/c")
    assert recorder.certificate_ends_at("h.vn") == 1_500
    assert recorder.certificate_ends_at("other.vn") == 50
    assert recorder.certificate_ends_at("plain.vn") is None
