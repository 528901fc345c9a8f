"""What the web process answers while the store is away and no page can be made: that it lives, and that it waits."""

from starlette.responses import PlainTextResponse
from starlette.types import ASGIApp, Receive, Scope, Send

_RETRY_SECONDS = 10


class Opening:
    """Stands in for the application until there is one; then hands everything on to it."""

    def __init__(self) -> None:
        self.app: ASGIApp | None = None

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer as the application, or with 503; only the sign of life is fine."""
        if self.app is not None:
            await self.app(scope, receive, send)
        elif scope["type"] == "http":
            await self._answer(scope["path"])(scope, receive, send)

    def _answer(self, path: str) -> PlainTextResponse:
        if path == "/-/healthy":
            return PlainTextResponse("ok\n")
        text = "the store is away; it is waited for, and pages and metrics come once it is back\n"
        return PlainTextResponse(text, status_code=503, headers={"Retry-After": str(_RETRY_SECONDS)})
