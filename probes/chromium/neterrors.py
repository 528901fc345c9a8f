"""Chromium's net:: errors and Playwright's messages, as reasons. Source: net/base/net_error_list.h of Chromium."""

import re
from collections.abc import Mapping

from playwright.async_api import Error
from playwright.async_api import TimeoutError as PlaywrightTimeoutError

from probes.redaction.errors import kept_error
from thuocdo.core.model import Reason

EMPTY_ERROR_ANSWER = "ERR_HTTP_RESPONSE_CODE_FAILURE"
"""A 4xx or 5xx answer without a body: there is a status, but no document to navigate to."""

_NAMES: Mapping[str, Reason] = {
    "ERR_NAME_NOT_RESOLVED": Reason.DNS_FAILURE,
    "ERR_NAME_RESOLUTION_FAILED": Reason.DNS_FAILURE,
    "ERR_ICANN_NAME_COLLISION": Reason.DNS_FAILURE,
    "ERR_CONNECTION_REFUSED": Reason.CONNECTION_REFUSED,
    "ERR_CONNECTION_FAILED": Reason.CONNECTION_REFUSED,
    "ERR_CONNECTION_TIMED_OUT": Reason.CONNECT_TIMEOUT,
    # As the http probe says it: nobody there to refuse.
    "ERR_ADDRESS_UNREACHABLE": Reason.CONNECT_TIMEOUT,
    "ERR_ADDRESS_INVALID": Reason.CONNECT_TIMEOUT,
    "ERR_TIMED_OUT": Reason.TIMEOUT,
    "ERR_BAD_SSL_CLIENT_AUTH_CERT": Reason.TLS_ERROR,
    "ERR_SSL_PINNED_KEY_NOT_IN_CERT_CHAIN": Reason.CERTIFICATE_INVALID,
    "ERR_CERTIFICATE_TRANSPARENCY_REQUIRED": Reason.CERTIFICATE_INVALID,
    "ERR_SSL_OBSOLETE_VERSION": Reason.TLS_ERROR,
    "ERR_CONNECTION_RESET": Reason.HTTP_ERROR,
    "ERR_CONNECTION_CLOSED": Reason.HTTP_ERROR,
    "ERR_CONNECTION_ABORTED": Reason.HTTP_ERROR,
    "ERR_SOCKET_NOT_CONNECTED": Reason.HTTP_ERROR,  # closed right after the handshake, as for want of a client's certificate
    "ERR_EMPTY_RESPONSE": Reason.HTTP_ERROR,
    "ERR_TOO_MANY_REDIRECTS": Reason.HTTP_ERROR,
    "ERR_INVALID_REDIRECT": Reason.HTTP_ERROR,
    "ERR_UNSAFE_REDIRECT": Reason.HTTP_ERROR,
    "ERR_UNSAFE_PORT": Reason.HTTP_ERROR,  # of another protocol
    "ERR_UNKNOWN_URL_SCHEME": Reason.HTTP_ERROR,
    "ERR_UNEXPECTED_PROXY_AUTH": Reason.HTTP_ERROR,  # 407 from a server
    "ERR_INVALID_SIGNED_EXCHANGE": Reason.HTTP_ERROR,
    "ERR_INVALID_RESPONSE": Reason.HTTP_ERROR,
    "ERR_INVALID_HTTP_RESPONSE": Reason.HTTP_ERROR,
    "ERR_INVALID_CHUNKED_ENCODING": Reason.HTTP_ERROR,
    "ERR_INCOMPLETE_CHUNKED_ENCODING": Reason.HTTP_ERROR,
    "ERR_CONTENT_LENGTH_MISMATCH": Reason.HTTP_ERROR,
    "ERR_BLOCKED_BY_RESPONSE": Reason.HTTP_ERROR,
    "ERR_UNEXPECTED": Reason.HTTP_ERROR,
    EMPTY_ERROR_ANSWER: Reason.HTTP_ERROR,
    # Our line or our machine.
    "ERR_INTERNET_DISCONNECTED": Reason.NO_CONNECTIVITY,
    "ERR_NETWORK_CHANGED": Reason.NO_CONNECTIVITY,
    "ERR_NETWORK_IO_SUSPENDED": Reason.NO_CONNECTIVITY,
    "ERR_NETWORK_ACCESS_DENIED": Reason.NO_CONNECTIVITY,
    "ERR_INSUFFICIENT_RESOURCES": Reason.PROBER_SATURATED,
    "ERR_OUT_OF_MEMORY": Reason.PROBER_SATURATED,
    # 204, or something the browser would save instead of show.
    "ERR_ABORTED": Reason.CONTENT_MISMATCH,
}

_FAMILIES: tuple[tuple[str, Reason], ...] = (
    ("ERR_DNS_", Reason.DNS_FAILURE),
    ("ERR_CERT_", Reason.CERTIFICATE_INVALID),
    ("ERR_SSL_", Reason.TLS_ERROR),
    ("ERR_ECH_", Reason.TLS_ERROR),
    ("ERR_PROXY_", Reason.NO_CONNECTIVITY),
    ("ERR_TUNNEL_", Reason.NO_CONNECTIVITY),
    ("ERR_SOCKS_", Reason.NO_CONNECTIVITY),
    ("ERR_HTTP2_", Reason.HTTP_ERROR),
    ("ERR_HTTP_", Reason.HTTP_ERROR),
    ("ERR_QUIC_", Reason.HTTP_ERROR),
    ("ERR_RESPONSE_", Reason.HTTP_ERROR),
    ("ERR_CONTENT_DECODING_", Reason.HTTP_ERROR),
)

_CRASHED = "Page crashed"
_NET_ERROR = re.compile(r"net::(ERR_[A-Z0-9_]+)")


def net_error(error: Error) -> str:
    """Return Chromium's name of a failed navigation (ERR_…), or an empty string."""
    found = _NET_ERROR.search(error.message)
    return found.group(1) if found else ""


def explain(error: Error) -> tuple[Reason, str]:
    """Return the reason of a Playwright error, and one line for people without the address (it may hold a session)."""
    name = net_error(error)
    if name:
        return reason_of(name), f"the browser says {name}"
    if error.message.startswith(_CRASHED):  # what follows is ours: which limit the page broke
        return Reason.PAGE_CRASH, error.message.removeprefix(_CRASHED).removeprefix(
            ": "
        ) or "the page crashed its renderer"
    if "crashed" in error.message:
        return Reason.PAGE_CRASH, "the page crashed its renderer"
    if isinstance(error, PlaywrightTimeoutError):
        return Reason.TIMEOUT, "the page did not answer in time"
    if "Download is starting" in error.message:
        return Reason.CONTENT_MISMATCH, "the address answers with a download, not with a page"
    return (
        Reason.INTERNAL_ERROR,
        f"Playwright: {kept_error(error.message) or type(error).__name__}",
    )


def reason_of(name: str) -> Reason:
    """Return the reason of a net error by its name; one we do not know is ours to explain, never the portal's fault."""
    if name in _NAMES:
        return _NAMES[name]
    return next((reason for prefix, reason in _FAMILIES if name.startswith(prefix)), Reason.INTERNAL_ERROR)
