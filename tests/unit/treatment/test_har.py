"""A HAR of somebody's own browser: numbers alone are taken of it."""

import json

import pytest

from thuocdo.core.errors import ConfigurationError
from thuocdo.treatment.har import read_har


def entry(url, status=200, size=1000, time=100.0, **more):
    return {
        "request": {"url": url, "cookies": [{"name": "session", "value": "secret"}], "headers": []},
        "response": {"status": status, "_transferSize": size, "content": {"text": "Nguyễn Văn A"}},
        "time": time,
        "timings": {"blocked": 1, "dns": 2, "connect": 3, "ssl": -1, "send": 0, "wait": 44, "receive": 50},
    } | more


@pytest.fixture
def told(tmp_path):
    def read(*entries, pages=({"id": "p", "pageTimings": {"onLoad": 2500}},)):
        path = tmp_path / "a.har"
        path.write_text(json.dumps({"log": {"pages": list(pages), "entries": list(entries)}}), encoding="utf-8")
        return read_har(path)

    return read


def test_sizes_counts_host_status_and_times_are_told(told):
    found = told(
        entry("https://a.example/?cccd=0123", 302),
        entry("https://b.example/home?token=x"),
        entry("https://b.example/a.js"),
    )
    assert found == {
        "host": "b.example",
        "status": 200.0,
        "requests": 3.0,
        "transferred_bytes": 3000.0,
        "ttfb_seconds": pytest.approx(0.15),
        "load_seconds": 2.5,
    }


def test_nothing_that_tells_of_a_person_comes_out(told):
    text = repr(told(entry("https://a.example/?cccd=0123456789")))
    assert all(word not in text for word in ("cccd", "secret", "Nguyễn"))


def test_only_the_first_page_counts(told):
    pages = ({"id": "p", "pageTimings": {}}, {"id": "q", "pageTimings": {}})
    found = told(entry("https://a.example/", pageref="p"), entry("https://b.example/", pageref="q"), pages=pages)
    assert (found["requests"], found["host"]) == (1.0, "a.example")
    assert "load_seconds" not in found


def test_sizes_are_added_up_where_the_browser_counted_none(told):
    one = entry("https://a.example/", size=-1)
    one["response"] |= {"headersSize": 100, "bodySize": 400}
    assert told(one)["transferred_bytes"] == 500.0


@pytest.mark.parametrize(
    "text", ["", "{}", "[]", '{"log": 1}', '{"log": {"entries": []}}', '{"log": {"entries": [1]}}', "[" * 5000]
)
def test_what_is_no_har_is_told_with_the_mend(tmp_path, text):
    path = tmp_path / "a.har"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(ConfigurationError, match="is no HAR; save it from the network panel"):
        read_har(path)
