"""Errors and warnings of a page."""

import json
from typing import Any

from probes.chromium.console import MOST_MESSAGES, Console, build_console

AT = 1_795_392_303_396.677


def call(level: str, *words: Any, url: str = "http://h.vn/a.js?v=1", line: int = 4) -> dict[str, Any]:
    arguments = [word if isinstance(word, dict) else {"type": "string", "value": word} for word in words]
    frames = [{"functionName": "send", "url": url, "lineNumber": line, "columnNumber": 7}]
    return {"type": level, "args": arguments, "timestamp": AT, "stackTrace": {"callFrames": frames}}


def thrown(number: int, description: str = "TypeError: x") -> dict[str, Any]:
    exception = {"type": "object", "subtype": "error", "className": "TypeError", "description": description}
    details = {
        "exceptionId": number,
        "text": "Uncaught",
        "lineNumber": 2,
        "url": "http://h.vn/",
        "exception": exception,
    }
    return {"timestamp": AT, "exceptionDetails": details}


def entry(source: str, level: str = "error") -> dict[str, Any]:
    return {"entry": {"source": source, "level": level, "text": "Refused", "timestamp": AT, "url": "http://h.vn/?a=1"}}


def messages(console: Console) -> list[dict[str, Any]]:
    return list(json.loads(build_console(console))["messages"])


def test_errors_and_warnings_are_kept_and_mere_lines_are_not() -> None:
    console = Console()
    for level in ("log", "info", "debug", "error", "warning", "assert", "table"):
        console.take_call(call(level, "TypeError"))
    assert [message["level"] for message in messages(console)] == ["error", "warning", "error"]
    assert {message["text"] for message in messages(console)} == {"TypeError"}
    assert console.console_errors == 2


def test_a_message_tells_when_where_and_how_it_came_there() -> None:
    console = Console()
    console.take_call(call("error", "Failed to fetch: người nộp Phạm Văn Đức"))
    assert messages(console) == [
        {
            "at": "2026-11-23T00:05:03.396+00:00",
            "level": "error",
            "text": "Failed to fetch …",
            "url": "http://h.vn/a.js?v=…",
            "line": 5,
            "stack": ["send http://h.vn/a.js?v=…:5:8"],
        }
    ]


def test_objects_are_told_by_their_class_only() -> None:
    console = Console()
    preview = {"properties": [{"name": "ten", "value": "Nguyễn A"}]}
    user = {"type": "object", "className": "User", "description": "User", "preview": preview}
    nothing = {"type": "object", "subtype": "null", "value": None}
    console.take_call(call("error", "user", user, nothing, {"type": "number", "value": 5, "description": "5"}))
    assert messages(console)[0]["text"] == "… Object null …"


def test_exceptions_are_counted_and_one_that_was_caught_after_all_is_taken_back() -> None:
    console = Console()
    console.take_exception(thrown(1))
    console.take_exception(thrown(2))
    console.take_back({"exceptionId": 1})
    assert console.javascript_errors == 1
    assert [(one["level"], one["text"], one["line"]) for one in messages(console)] == [
        ("exception", "Uncaught TypeError …", 3)
    ]


def test_what_is_thrown_need_not_be_an_error() -> None:
    console = Console()
    event = thrown(1)
    event["exceptionDetails"]["exception"] = {"type": "string", "value": "token=abc"}
    console.take_exception(event)
    del event["exceptionDetails"]["exception"]
    console.take_exception(event)
    assert [one["text"] for one in messages(console)] == ["Uncaught …", "Uncaught"]


def test_a_failed_request_is_no_console_error_a_second_time() -> None:
    console = Console()
    console.take_entry(entry("network"))
    console.take_entry(entry("security"))
    console.take_entry(entry("violation", "verbose"))
    assert console.console_errors == 1
    assert [one["url"] for one in messages(console)] == ["http://h.vn/?a=…"] * 2


def test_messages_beyond_the_bound_are_counted() -> None:
    console = Console()
    for _ in range(MOST_MESSAGES + 7):
        console.take_call(call("error", "x"))
    told = json.loads(build_console(console))
    assert (len(told["messages"]), told["left_out"], console.console_errors) == (MOST_MESSAGES, 7, MOST_MESSAGES + 7)


def test_a_function_is_told_by_a_known_name_only() -> None:
    console = Console()
    told = call("error", "x")
    told["stackTrace"]["callFrames"] *= 3
    frames = [
        {**frame, "functionName": name}
        for frame, name in zip(told["stackTrace"]["callFrames"], ("", "submit", "nopHoSoCuaLan"), strict=True)
    ]
    console.take_call({**told, "stackTrace": {"callFrames": frames}})
    assert [one.split()[0] for one in messages(console)[0]["stack"]] == ["(anonymous)", "submit", "…"]


def test_half_a_character_does_not_spoil_the_file() -> None:
    console = Console()
    console.take_call(call("error", "\ud800 lone"))
    assert messages(console)[0]["text"] == "…"
