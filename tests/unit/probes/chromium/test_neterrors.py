"""Chromium's net errors as reasons."""

import pytest
from playwright.async_api import Error
from playwright.async_api import TimeoutError as PlaywrightTimeoutError

from probes.chromium.neterrors import explain, net_error, reason_of
from thuocdo.core.model import Outcome, Reason


@pytest.mark.parametrize(
    ("name", "reason"),
    [
        ("ERR_NAME_NOT_RESOLVED", Reason.DNS_FAILURE),
        ("ERR_DNS_TIMED_OUT", Reason.DNS_FAILURE),
        ("ERR_CONNECTION_REFUSED", Reason.CONNECTION_REFUSED),
        ("ERR_CONNECTION_TIMED_OUT", Reason.CONNECT_TIMEOUT),
        ("ERR_ADDRESS_UNREACHABLE", Reason.CONNECT_TIMEOUT),
        ("ERR_TIMED_OUT", Reason.TIMEOUT),
        ("ERR_SSL_PROTOCOL_ERROR", Reason.TLS_ERROR),
        ("ERR_SSL_VERSION_OR_CIPHER_MISMATCH", Reason.TLS_ERROR),
        ("ERR_CERT_DATE_INVALID", Reason.CERTIFICATE_INVALID),
        ("ERR_CERT_AUTHORITY_INVALID", Reason.CERTIFICATE_INVALID),
        ("ERR_SSL_PINNED_KEY_NOT_IN_CERT_CHAIN", Reason.CERTIFICATE_INVALID),
        ("ERR_EMPTY_RESPONSE", Reason.HTTP_ERROR),
        ("ERR_CONNECTION_RESET", Reason.HTTP_ERROR),
        ("ERR_HTTP2_PROTOCOL_ERROR", Reason.HTTP_ERROR),
        ("ERR_TOO_MANY_REDIRECTS", Reason.HTTP_ERROR),
        ("ERR_ABORTED", Reason.CONTENT_MISMATCH),
        ("ERR_INTERNET_DISCONNECTED", Reason.NO_CONNECTIVITY),
        ("ERR_PROXY_CONNECTION_FAILED", Reason.NO_CONNECTIVITY),
        ("ERR_INSUFFICIENT_RESOURCES", Reason.PROBER_SATURATED),
        ("ERR_UNSAFE_PORT", Reason.HTTP_ERROR),
        ("ERR_UNEXPECTED_PROXY_AUTH", Reason.HTTP_ERROR),
    ],
)
def test_net_error_has_its_reason(name: str, reason: Reason) -> None:
    assert (
        explain(Error(f'Page.goto: net::{name} at https://h/?sid=secret\nCall log:\n  - navigating to "x"'))[0]
        is reason
    )


def test_unknown_net_error_is_never_the_portals_fault() -> None:
    assert reason_of("ERR_INVENTED_TOMORROW").outcome is Outcome.INCONCLUSIVE


def test_detail_does_not_repeat_the_address() -> None:
    assert "secret" not in explain(Error("Page.goto: net::ERR_EMPTY_RESPONSE at https://h/?sid=secret"))[1]


@pytest.mark.parametrize(
    ("error", "reason"),
    [
        (Error("Page.evaluate: Target crashed "), Reason.PAGE_CRASH),
        (Error("Page crashed"), Reason.PAGE_CRASH),
        (Error("Page.goto: Download is starting"), Reason.CONTENT_MISMATCH),
        (PlaywrightTimeoutError("Timeout 30000ms exceeded."), Reason.TIMEOUT),
        (Error("something else"), Reason.INTERNAL_ERROR),
    ],
)
def test_message_without_net_error_has_its_reason(error: Error, reason: Reason) -> None:
    assert net_error(error) == ""
    assert explain(error)[0] is reason


@pytest.mark.parametrize(
    "message", ["Page.evaluate: Error: Nguyễn Văn An", "Page.evaluate: Error: Nguyễn Văn An crashed", "Nguyễn Văn An"]
)
def test_detail_says_nothing_that_a_page_threw(message: str) -> None:
    assert "Nguyễn" not in explain(Error(message))[1]


def test_detail_of_a_crash_is_our_own() -> None:
    assert explain(Error("Page crashed: 600 MiB, limit 500 MiB"))[1] == "600 MiB, limit 500 MiB"
