"""The archive of a visit, as the specification wants it."""

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from probes.chromium.har import build_har
from probes.chromium.recorder import Exchange, Recorder, WireAnswer, WireHeads

TIMING = {
    "requestTime": 100.5,
    "dnsStart": 10.0,
    "dnsEnd": 30.0,
    "connectStart": 30.0,
    "connectEnd": 90.0,
    "sslStart": 50.0,
    "sslEnd": 90.0,
    "sendStart": 91.0,
    "sendEnd": 92.0,
    "receiveHeadersEnd": 192.0,
}

# Every field that the specification does not call optional, by the object it belongs to.
REQUIRED = {
    "log": {"version", "creator", "entries"},
    "creator": {"name", "version"},
    "browser": {"name", "version"},
    "page": {"startedDateTime", "id", "title", "pageTimings"},
    "entry": {"startedDateTime", "time", "request", "response", "cache", "timings"},
    "request": {"method", "url", "httpVersion", "cookies", "headers", "queryString", "headersSize", "bodySize"},
    "response": {
        *(
            "status",
            "statusText",
            "httpVersion",
            "cookies",
            "headers",
            "content",
            "redirectURL",
            "headersSize",
            "bodySize",
        )
    },
    "content": {"size", "mimeType"},
    "timings": {"send", "wait", "receive"},
    "postData": {"mimeType", "params", "text"},
}


def exchange(**changes: Any) -> Exchange:
    values: dict[str, Any] = {
        "request_id": "1",
        "url": "https://h.vn/a?x=1",
        "method": "GET",
        "type": "Document",
        "headers": {"Accept": "*/*"},
        "priority": "High",
        "has_body": False,
        "initiator_type": "parser",
        "initiator_url": "https://h.vn/",
        "sent_at": 100.0,
        "wall_time": 1_795_392_303.3,
        "ended_at": 100.8,
        "response": {
            "status": 200,
            "statusText": "OK",
            "headers": {"Content-Type": "text/html"},
            "mimeType": "text/html",
            "protocol": "h2",
            "remoteIPAddress": "[2001:db8::1]",
            "connectionId": 7,
            "timing": TIMING,
        },
        "transferred_bytes": 1_100,
        "body_bytes": 5_000,
    }
    return Exchange(**{**values, **changes})


def log_of(*exchanges: Exchange, **wires: WireHeads) -> dict[str, Any]:
    recorder = Recorder()
    recorder.exchanges.extend(exchanges)
    recorder.wires.update({name.removeprefix("of_"): wire for name, wire in wires.items()})
    log: dict[str, Any] = json.loads(build_har(recorder, versions={"thuocdo": "1", "browser": "156"}))["log"]
    return log


def assert_complete(log: dict[str, Any]) -> None:
    """Hold an archive against the fields and values that the specification requires."""
    parts = [("log", log), ("creator", log["creator"]), ("browser", log["browser"])]
    parts += [("page", page) for page in log["pages"]]
    for entry in log["entries"]:
        parts += [("entry", entry), ("content", entry["response"]["content"])]
        parts += [(name, entry[name]) for name in ("request", "response", "timings")]
        parts += [("postData", entry["request"]["postData"])] if "postData" in entry["request"] else []
        assert min(entry["timings"][name] for name in ("send", "wait", "receive")) >= 0
        assert all(taken >= 0 or taken == -1 for taken in entry["timings"].values())
        for pair in (*entry["request"]["headers"], *entry["response"]["headers"], *entry["request"]["queryString"]):
            assert set(pair) == {"name", "value"}
    for name, part in parts:
        assert REQUIRED[name] <= set(part), name
        known = REQUIRED[name] | {
            "comment",
            "browser",
            "pages",
            "pageref",
            "serverIPAddress",
            "connection",
            "compression",
        }
        known |= {"blocked", "dns", "connect", "ssl", "postData"}
        assert {field for field in part if not field.startswith("_")} <= known, name
    assert log["version"] == "1.2"


def test_an_ordinary_exchange_is_complete_and_its_phases_are_chromiums() -> None:
    log = log_of(exchange())
    assert_complete(log)
    (entry,) = log["entries"]
    assert entry["timings"] == {
        "blocked": 511.0,  # half a second before the network was asked, 10 ms in it, 1 ms before sending
        "dns": 20.0,
        "connect": 60.0,
        "ssl": 40.0,
        "send": 1.0,
        "wait": 100.0,
        "receive": 108.0,
    }
    assert entry["time"] == 800.0
    assert (entry["serverIPAddress"], entry["connection"]) == ("2001:db8::1", "7")
    assert (entry["response"]["bodySize"], entry["response"]["content"]["compression"]) == (1_100, 3_900)
    assert entry["startedDateTime"] == "2026-11-23T00:05:03.300+00:00"


def test_phases_that_did_not_happen_are_minus_one() -> None:
    reused = {**TIMING, **dict.fromkeys(("dnsStart", "dnsEnd", "connectStart", "connectEnd", "sslStart", "sslEnd"), -1)}
    response = {"status": 200, "headers": {}, "timing": reused}
    (entry,) = log_of(exchange(response=response))["entries"]
    assert (entry["timings"]["dns"], entry["timings"]["connect"], entry["timings"]["ssl"]) == (-1, -1, -1)
    assert entry["timings"]["blocked"] == 591.0


def test_a_request_without_an_answer_has_status_0_its_error_and_its_time() -> None:
    log = log_of(exchange(response=None, error="net::ERR_CONNECTION_RESET", transferred_bytes=0, body_bytes=0))
    assert_complete(log)
    (entry,) = log["entries"]
    assert (entry["response"]["status"], entry["_error"], entry["time"]) == (0, "net::ERR_CONNECTION_RESET", 800.0)
    assert (entry["response"]["bodySize"], entry["response"]["content"]["mimeType"]) == (-1, "x-unknown")


def test_what_was_still_open_says_so() -> None:
    log = log_of(exchange(ended_at=None), exchange(ended_at=None, response=None))
    assert_complete(log)
    assert {entry["_error"] for entry in log["entries"]} == {"still open when the visit ended"}
    assert {entry["response"]["bodySize"] for entry in log["entries"]} == {-1}


def test_each_redirect_takes_its_own_head_from_the_line() -> None:
    hop = {"status": 302, "statusText": "Found", "headers": {"Location": "told"}}
    wire = WireHeads(
        requests=[{"Host": "first.vn"}, {"Host": "second.vn", "Cookie": "S=1; T=2"}],
        answers=[
            WireAnswer(
                status=302, headers={"Location": "/b?sid=9", "Set-Cookie": "S=1; Secure\nT=2; HttpOnly"}, size_bytes=80
            ),
            WireAnswer(status=200, headers={"X": "1"}, size_bytes=60),
        ],
    )
    log = log_of(exchange(response=hop, wired=True), exchange(wired=True, wall_time=1_795_392_304.0), of_1=wire)
    assert_complete(log)
    first, second = log["entries"]
    assert first["request"]["headers"] == [{"name": "Host", "value": "first.vn"}]
    assert (first["response"]["redirectURL"], first["response"]["headersSize"]) == ("/b?sid=…", 80)
    assert first["response"]["cookies"] == [
        {"name": "S", "value": "…", "httpOnly": False, "secure": True},
        {"name": "T", "value": "…", "httpOnly": True, "secure": False},
    ]
    assert [header["value"] for header in first["response"]["headers"]] == ["/b?sid=…", "…", "…"]
    assert second["request"]["cookies"] == [{"name": "S", "value": "…"}, {"name": "T", "value": "…"}]
    assert second["response"]["headersSize"] == 60


def test_a_refused_answer_has_the_status_it_had_on_the_line() -> None:
    wire = WireHeads(requests=[], answers=[WireAnswer(status=403, headers={}, size_bytes=-1)])
    (entry,) = log_of(exchange(response=None, error="net::ERR_FAILED"), of_1=wire)["entries"]
    assert (entry["response"]["status"], entry["_error"]) == (403, "net::ERR_FAILED")


def test_an_exchange_from_the_cache_takes_no_head_of_another() -> None:
    wire = WireHeads(requests=[{"Host": "other.vn"}], answers=[])
    (entry,) = log_of(exchange(from_cache=True), of_1=wire)["entries"]
    assert entry["_fromCache"] == "memory"
    assert entry["request"]["headers"] == [{"name": "Accept", "value": "*/*"}]
    assert entry["response"]["bodySize"] == -1


def test_what_was_posted_is_left_out_and_said_to_be() -> None:
    posted = exchange(method="POST", has_body=True, headers={"content-type": "application/json"})
    log = log_of(posted)
    assert_complete(log)
    (entry,) = log["entries"]
    assert entry["request"]["postData"] == {
        "mimeType": "application/json",
        "params": [],
        "text": "",
        "comment": "left out",
    }


def test_what_was_left_out_of_the_recording_is_told() -> None:
    recorder = Recorder()
    recorder.exchanges.append(exchange())
    recorder.left_out_requests = 3
    assert "3 requests beyond the first 1 are left out" in json.loads(build_har(recorder))["log"]["comment"]


def test_a_visit_that_asked_for_nothing_is_an_empty_archive() -> None:
    log = log_of()
    assert_complete(log)
    assert (log["pages"], log["entries"]) == ([], [])


def test_long_values_are_cut_and_half_a_character_does_not_spoil_the_file() -> None:
    headers = {"Server": "nginx " * 1_000, "Via": "v" * 5_000, "Vary": "\ud800"}
    (entry,) = log_of(exchange(url="https://h.vn/" + "a/" * 5_000, headers=headers))["entries"]
    values = {header["name"]: header["value"] for header in entry["request"]["headers"]}
    assert (len(values["Server"]), values["Via"], values["Vary"]) == (pytest.approx(1_000, abs=10), "…", "…")
    assert len(entry["request"]["url"]) == 2_000


TEXT = st.text(max_size=30)
HEADERS = st.dictionaries(
    st.sampled_from(["Cookie", "Set-Cookie", "Location", "Content-Type", "X-A", "Referer"]) | TEXT, TEXT
)


@given(TEXT, HEADERS, HEADERS, st.none() | st.floats(0, 1e6), st.floats(0, 1e6))
def test_whatever_a_server_sends_the_archive_is_complete(
    path: str, sent: dict[str, str], answered: dict[str, str], ended_at: float | None, shift: float
) -> None:
    timing = {name: at + shift for name, at in TIMING.items()}
    response = {"status": 200, "statusText": path, "headers": answered, "timing": timing}
    assert_complete(log_of(exchange(url=f"http://h.vn/{path}", headers=sent, response=response, ended_at=ended_at)))
