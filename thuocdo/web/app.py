"""
The web application: pages for people, metrics and data for machines; it reads the store, it never writes to it.

What agencies bring is laid down beside the store, for the process that keeps it.
"""

from collections.abc import Callable, Mapping
from datetime import datetime
from http import HTTPStatus
from importlib.resources import files
from typing import Any

import structlog
from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import PlainTextResponse, Response
from starlette.exceptions import HTTPException
from starlette.staticfiles import StaticFiles

from thuocdo.core import clock
from thuocdo.core.config import Settings
from thuocdo.core.errors import StoreError
from thuocdo.core.version import __version__
from thuocdo.store import Store
from thuocdo.web.communes import communes
from thuocdo.web.data import data
from thuocdo.web.headers import SecurityHeaders
from thuocdo.web.hosts import AllowedHosts
from thuocdo.web.incidents import incidents
from thuocdo.web.intake import intake
from thuocdo.web.metrics import metrics
from thuocdo.web.operations import ProbeNow, operations
from thuocdo.web.pages import pages
from thuocdo.web.render import render
from thuocdo.web.site import Site

STORE_AWAY = "the store does not answer just now; nothing is lost, try again (the log of this service says why)"
"""Without the error's own text, which holds the path or the address of the database."""

MOST_MISTAKES = 20
LONGEST_NAME = 100

log = structlog.get_logger()

_FOR_MACHINES = ("/api/", "/metrics", "/probe", "/sd/", "/-/", "/intake/", "/measurements/", "/evidence/", "/static/")


def create_app(
    settings: Settings,
    *,
    store: Store,
    probe_now: ProbeNow | None,
    clock: Callable[[], datetime] = clock.now,
) -> FastAPI:
    """
    Return the application.

    Args:
        settings: of this process.
        store: open; the caller closes it.
        probe_now: probes one target over HTTP at once, for `/probe`; None = only stored results are told.
        clock: gives the present instant.

    Raises:
        ConfigurationError: registry or criteria have mistakes; all of them are named.

    """
    site = Site(settings, store, clock)
    app = FastAPI(title="Thước Đo", version=__version__, docs_url=None, redoc_url=None, openapi_url="/api/openapi.json")
    app.add_middleware(AllowedHosts, web=settings.web)
    app.add_middleware(SecurityHeaders)  # added last, so outermost: it also covers what the other refuses
    app.include_router(operations(site, probe_now))
    app.include_router(metrics(site))
    app.include_router(data(site))
    app.include_router(incidents(site))
    app.include_router(pages(site))
    app.include_router(communes(site))
    app.include_router(intake(site, clock))
    app.mount("/static", StaticFiles(directory=str(files("thuocdo.web") / "static")), name="static")

    def problem(request: Request, status: int, detail: str) -> Response:
        """Answer in the form that was asked for: a line of text for machines, a page for people."""
        if request.url.path.startswith(_FOR_MACHINES):
            return PlainTextResponse(f"{detail}\n", status_code=status)
        return render(
            request,
            "error.html",
            settings=settings,
            status=status,
            section="",
            code=status,
            detail=detail,
        )

    @app.exception_handler(HTTPException)
    def refused(request: Request, exc: HTTPException) -> Response:
        answer = problem(request, exc.status_code, str(exc.detail))
        answer.headers.update(exc.headers or {})
        return answer

    @app.exception_handler(RequestValidationError)
    def not_understood(request: Request, exc: RequestValidationError) -> Response:
        return problem(request, HTTPStatus.BAD_REQUEST, "\n".join(map(_told, exc.errors()[:MOST_MISTAKES])))

    @app.exception_handler(StoreError)
    def store_away(request: Request, exc: StoreError) -> Response:
        log.warning("the store does not answer a page; what was asked for is refused", problem=str(exc))
        return problem(request, HTTPStatus.SERVICE_UNAVAILABLE, STORE_AWAY)

    return app


def _told(mistake: Mapping[str, Any]) -> str:
    """Return what is wrong with one parameter, without what was given for it."""
    name = ".".join(str(part) for part in mistake["loc"][1:])
    return f"{name[:LONGEST_NAME]}: {mistake['msg'].removeprefix('Value error, ')}"
