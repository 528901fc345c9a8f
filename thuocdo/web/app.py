"""The web application: pages for people, metrics and data for machines; it reads, it never writes."""

from collections.abc import Callable
from datetime import datetime
from http import HTTPStatus
from importlib.resources import files

from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import PlainTextResponse, Response
from starlette.exceptions import HTTPException
from starlette.staticfiles import StaticFiles

from thuocdo import __version__, clock
from thuocdo.config import Settings
from thuocdo.errors import StoreError
from thuocdo.store import Store
from thuocdo.web.data import data
from thuocdo.web.headers import SecurityHeaders
from thuocdo.web.incidents import incidents
from thuocdo.web.operations import ProbeNow, operations
from thuocdo.web.pages import pages
from thuocdo.web.render import render
from thuocdo.web.site import Site

_FOR_MACHINES = ("/api/", "/metrics", "/probe", "/sd/", "/-/", "/measurements/", "/evidence/", "/static/")


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
    app.add_middleware(SecurityHeaders)
    app.include_router(operations(site, probe_now))
    app.include_router(data(site))
    app.include_router(incidents(site))
    app.include_router(pages(site))
    app.mount("/static", StaticFiles(directory=str(files("thuocdo.web") / "static")), name="static")

    def problem(request: Request, status: int, detail: str) -> Response:
        """Answer in the form that was asked for: a line of text for machines, a page for people."""
        if request.url.path.startswith(_FOR_MACHINES):
            return PlainTextResponse(f"{detail}\n", status_code=status)
        return render(
            request,
            "error.html",
            settings=settings,
            kinds=site.kinds,
            status=status,
            section="",
            code=status,
            detail=detail,
        )

    @app.exception_handler(HTTPException)
    def refused(request: Request, exc: HTTPException) -> Response:
        return problem(request, exc.status_code, str(exc.detail))

    @app.exception_handler(RequestValidationError)
    def not_understood(request: Request, exc: RequestValidationError) -> Response:
        lines = [f"{'.'.join(str(part) for part in one['loc'][1:])}: {one['msg']}" for one in exc.errors()]
        return problem(request, HTTPStatus.BAD_REQUEST, "\n".join(lines))

    @app.exception_handler(StoreError)
    def store_away(request: Request, exc: StoreError) -> Response:
        return problem(request, HTTPStatus.SERVICE_UNAVAILABLE, str(exc))

    return app
