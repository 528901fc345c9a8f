"""One simulated site: what stands at which path, how late it comes, and what asks for it."""

import asyncio
from collections import Counter
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field

from aiohttp import web

HTML = "text/html; charset=utf-8"
CSS = "text/css; charset=utf-8"
SCRIPT = "text/javascript; charset=utf-8"
JSON = "application/json; charset=utf-8"
PNG = "image/png"
TEXT = "text/plain; charset=utf-8"

READING = frozenset({"GET", "HEAD", "OPTIONS"})


@dataclass(frozen=True, slots=True, kw_only=True)
class Resource:
    """What one path answers, rendered once. delay_seconds: waiting before the first byte."""

    body: bytes
    media_type: str = HTML
    delay_seconds: float = 0.0
    status: int = 200
    headers: Mapping[str, str] = field(default_factory=dict)


Handler = Callable[[web.BaseRequest], Awaitable[web.StreamResponse | None]]
"""Answers a request, or returns None to let the site's own resources answer."""

NOT_FOUND = Resource(
    status=404, body="<!doctype html><html lang=vi><title>404</title><h1>Không tìm thấy trang</h1>".encode()
)


class Site:
    """
    The resources of one host, and a count of what was asked for.

    Args:
        host: its name.
        resources: what stands at which path; the query part of a request is not looked at.
        fault: asked first, see Handler.
    """

    def __init__(self, *, host: str, resources: Mapping[str, Resource], fault: Handler | None = None) -> None:
        self.host = host
        self.resources = resources
        self.requests: Counter[tuple[str, str]] = Counter()
        self._fault = fault

    @property
    def submitted(self) -> int:
        """How many requests reached this host that would have changed something; must stay 0."""
        return sum(count for (method, _), count in self.requests.items() if method not in READING)

    async def handle(self, request: web.BaseRequest) -> web.StreamResponse:
        """Answer one request."""
        path = request.path
        self.requests[request.method, path] += 1
        if self._fault is not None:
            answer = await self._fault(request)
            if answer is not None:
                return answer
        resource = self.resources.get(path, NOT_FOUND)
        if resource.delay_seconds:
            await asyncio.sleep(resource.delay_seconds)
        return respond(resource)


def respond(resource: Resource) -> web.Response:
    """Return the answer that a resource gives; an answer can be sent only once, its bytes are shared."""
    headers = {"Content-Type": resource.media_type, **resource.headers}
    if resource.status == 200 and resource.media_type != HTML:
        headers.setdefault("Cache-Control", "max-age=3600")
    return web.Response(status=resource.status, body=resource.body, headers=headers)
