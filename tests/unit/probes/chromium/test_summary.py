"""What a visit weighs."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from probes.chromium.recorder import Exchange, Recorder
from probes.chromium.summary import MOST_FAILURES, site, summarise
from thuocdo.core.kinds.kind import all_kinds


def exchange(
    url: str = "http://portal.danang.gov.vn/", kind: str = "Image", size: int = 100, status: int = 200, **more: object
) -> Exchange:
    return Exchange(
        request_id="1",
        url=url,
        method="GET",
        type=kind,
        headers={},
        priority="",
        has_body=False,
        initiator_type="",
        initiator_url="",
        sent_at=1.0,
        wall_time=1e9,
        response={"status": status} if status else None,
        transferred_bytes=size,
        **more,  # type: ignore[arg-type]
    )


def recorded(*exchanges: Exchange) -> Recorder:
    recorder = Recorder()
    recorder.exchanges.extend(exchanges)
    return recorder


OWN = ["portal.danang.gov.vn"]


def test_bytes_and_requests_are_summed_by_type() -> None:
    recorder = recorded(
        exchange(kind="Script", size=10),
        exchange(kind="Script", size=20),
        exchange(kind="XHR", size=1),
        exchange(kind="Fetch", size=2),
        exchange(kind="Manifest", size=5),
    )
    values = summarise(recorder, own_hosts=OWN).values
    assert (values["script_bytes"], values["script_requests"]) == (30, 2)
    assert (values["fetch_bytes"], values["fetch_requests"]) == (3, 2)
    assert (values["other_bytes"], values["font_requests"]) == (5, 0)
    declared = [value.name for value in all_kinds()["homepage"].values]
    assert list(values) == declared[-len(values) :]


def test_hosts_of_the_agency_are_no_third_parties() -> None:
    recorder = recorded(
        exchange("https://cdn.danang.gov.vn/a.js"),
        exchange("https://hue.gov.vn/logo.png", size=7),
        exchange("https://www.google-analytics.com/a.js", size=5),
        exchange("https://stats.google-analytics.com/b.js", size=5),
        exchange("https://login.other.vn/a.js"),
    )
    seen = summarise(recorder, own_hosts=[*OWN, "sso.other.vn"])
    assert seen.third_parties == ("hue.gov.vn", "stats.google-analytics.com", "www.google-analytics.com")
    assert (seen.values["third_party_requests"], seen.values["third_party_bytes"]) == (3, 17)
    assert seen.values["third_party_hosts"] == 3


@pytest.mark.parametrize(
    ("host", "registered"),
    [
        ("dichvucong.danang.gov.vn", "danang.gov.vn"),
        ("dichvucong.gov.vn", "dichvucong.gov.vn"),
        ("a.b.vnpt.vn", "vnpt.vn"),
        ("static.zdn.com.vn", "zdn.com.vn"),
        ("www.google.com", "google.com"),
        ("cdn.Jsdelivr.NET.", "jsdelivr.net"),
        ("gov.vn", "gov.vn"),
        ("dichvucong.hanoi.vn", "hanoi.vn"),
        ("localhost", "localhost"),
        ("127.0.0.1", "127.0.0.1"),
        ("::1", "::1"),
        ("", ""),
    ],
)
def test_a_site_is_what_somebody_registered(host: str, registered: str) -> None:
    assert site(host) == registered


@given(st.text(max_size=40))
def test_every_host_has_a_site_that_is_its_own_site(host: str) -> None:
    assert site(site(host)) == site(host)


def test_failures_tell_what_failed_without_its_secrets_and_not_what_the_page_gave_up() -> None:
    recorder = recorded(
        exchange("http://h.vn/a?sid=1", status=404),
        exchange("http://h.vn/b", status=0, error="net::ERR_FAILED", given_up=True),
        exchange("http://h.vn/c", status=0, error="net::ERR_CONNECTION_REFUSED"),
        exchange("http://h.vn/d", status=503, error="net::ERR_ABORTED", given_up=True),
        exchange("http://h.vn/e"),
    )
    found = summarise(recorder, own_hosts=OWN).failures
    assert [(one.url, one.status, one.error) for one in found] == [
        ("http://h.vn/a?sid=…", 404, ""),
        ("http://h.vn/c", 0, "net::ERR_CONNECTION_REFUSED"),
        ("http://h.vn/d", 503, ""),
    ]
    many = recorded(*(exchange(status=500) for _ in range(100)))
    assert len(summarise(many, own_hosts=OWN).failures) == MOST_FAILURES


def test_a_part_of_the_requests_is_not_shown_as_the_whole() -> None:
    recorder = recorded(exchange())
    recorder.left_out_requests = 1
    assert set(summarise(recorder, own_hosts=OWN).values) == {"javascript_errors", "console_errors"}
