"""Under which names these pages may be asked for: no page elsewhere can have its own name lead here and read what it gets."""

from collections.abc import Iterable
from ipaddress import ip_address
from urllib.parse import urlsplit

from starlette.responses import PlainTextResponse
from starlette.types import ASGIApp, Receive, Scope, Send

from thuocdo.core.setting_groups import WebSettings


class AllowedHosts:
    """
    ASGI middleware that answers 400 to a request for any other host than the allowed ones.

    Nor is one answered whose length is told in two ways: what a proxy takes for one request, we would take for two.
    """

    def __init__(self, app: ASGIApp, web: WebSettings) -> None:
        self._app = app
        self._web = web

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Handle one request."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        if {b"content-length", b"transfer-encoding"} <= {name for name, _ in scope["headers"]}:
            text, close = "the length of this request is told in two ways; tell it once\n", {"Connection": "close"}
            await PlainTextResponse(text, status_code=400, headers=close)(scope, receive, send)
            return
        if is_allowed(_hosts(scope), self._web):
            await self._app(scope, receive, send)
            return
        text = "Host: these pages are not served under this name; its operator may add it to web.allowed_hosts\n"
        await PlainTextResponse(text, status_code=400)(scope, receive, send)


def is_allowed(hosts: Iterable[str], web: WebSettings) -> bool:
    """
    Tell whether a request may be answered.

    An IP address cannot be made to lead elsewhere, as a name can: this machine's are allowed, and all where all are listened on.

    Args:
        hosts: values of its Host headers, of which there must be exactly one.
        web: says where we listen, and which names are ours.
    """
    match [*hosts]:
        case [one]:
            name = _name(one)
        case _:
            return False
    if name in {"localhost", *(host.lower().rstrip(".") for host in (web.host, *web.allowed_hosts))}:
        return True
    try:
        return ip_address(name).is_loopback or ip_address(web.host).is_unspecified
    except ValueError:
        return False


def _hosts(scope: Scope) -> list[str]:
    return [value.decode("latin-1") for name, value in scope["headers"] if name == b"host"]


def _name(host: str) -> str:
    """Return the name or address in a Host header, without port; nothing for what is no host."""
    try:
        parts = urlsplit(f"//{host}")
        parts.port  # noqa: B018 - raises for a port that is none
    except ValueError:
        return ""
    return "" if parts.netloc != host or "@" in host else (parts.hostname or "").rstrip(".")
