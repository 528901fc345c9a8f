"""
Where an agency's own program brings its figures: checked at once, laid down durably, answered with a receipt.

Nothing here writes to the store: the process that keeps it takes up what was accepted. What is brought is never shown as
measured.
"""

import asyncio
import errno
from collections import deque
from collections.abc import Callable
from datetime import datetime
from http import HTTPStatus
from typing import Annotated, Any

import structlog
from fastapi import APIRouter, HTTPException, Query, Request
from fastapi.responses import JSONResponse, Response

from thuocdo.core.clock import iso
from thuocdo.core.errors import ConfigurationError
from thuocdo.core.i18n import LANGUAGES
from thuocdo.core.model import IntakeToken
from thuocdo.core.retelling import retold
from thuocdo.declared.gathering import Declaring
from thuocdo.declared.grid import MOST_BYTES
from thuocdo.declared.heading import ABOUT
from thuocdo.declared.indicators import all_indicators
from thuocdo.declared.intake import Intake, Receipt
from thuocdo.declared.taking import Brought, take
from thuocdo.declared.tokens import holder
from thuocdo.web.asked import Name
from thuocdo.web.site import Site

MOST_A_MINUTE = 20
"""Files of one token; an agency has a few a month."""

RETRY_SECONDS = 60

JSON = "application/json"
ENDINGS = {
    JSON: ".json",
    "text/csv": ".csv",
    "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet": ".xlsx",
}

log = structlog.get_logger()

_Period = Annotated[Name, Query(description="Of rows that name none, such as 2026-11.")]


class Visits:
    """How often each token came within the last minute; of this process alone."""

    def __init__(self, clock: Callable[[], datetime]) -> None:
        self._clock = clock
        self._seen: dict[str, deque[datetime]] = {}

    def is_too_often(self, token: IntakeToken) -> bool:
        """Count a visit, and tell whether it is one too many."""
        now = self._clock()
        seen = self._seen.setdefault(token.digest, deque(maxlen=MOST_A_MINUTE + 1))
        while seen and (now - seen[0]).total_seconds() >= RETRY_SECONDS:
            seen.popleft()
        seen.append(now)
        return len(seen) > MOST_A_MINUTE


def intake(site: Site, clock: Callable[[], datetime]) -> APIRouter:
    """
    Return the routes.

    Args:
        site: gives settings and store.
        clock: gives the present instant.
    """
    router = APIRouter(prefix="/intake")
    lying, visits, reading = Intake(site.settings.intake_dir), Visits(clock), asyncio.Semaphore(1)

    def who(request: Request) -> IntakeToken:
        scheme, _, token = request.headers.get("authorization", "").partition(" ")
        found = holder(token.strip(), site.store.declared.tokens()) if scheme.lower() == "bearer" else None
        if found is None:
            raise HTTPException(
                HTTPStatus.UNAUTHORIZED,
                "a valid token is needed: Authorization: Bearer <token>; the national centre gives it",
                headers={"WWW-Authenticate": "Bearer"},
            )
        return found

    @router.post("/figures", openapi_extra={"requestBody": {"content": _body_schema()}})
    async def bring(request: Request, period: _Period = "", sheet: Name = "", name: Name = "") -> Response:
        """
        Bring an agency's own figures: JSON, CSV or XLSX. 202: accepted, with a receipt; 200: these were brought before.

        400 tells every mistake with its cell; then nothing is taken.
        """
        token = await asyncio.to_thread(who, request)
        if visits.is_too_often(token):
            raise _later(HTTPStatus.TOO_MANY_REQUESTS, f"more than {MOST_A_MINUTE} files in a minute; wait a minute")
        ending = ENDINGS.get(request.headers.get("content-type", "").partition(";")[0].strip().lower())
        if ending is None:
            raise HTTPException(HTTPStatus.UNSUPPORTED_MEDIA_TYPE, f"the content type is none of: {', '.join(ENDINGS)}")
        brought = Brought(
            name=name if name.lower().endswith(ending) else f"{name or 'số liệu'}{ending}",
            content=await _content(request),
            entered_by=token.name,
            received_at=clock(),
            sheet=sheet,
            period=period,
        )
        if reading.locked():
            raise _later(HTTPStatus.SERVICE_UNAVAILABLE, "another file is being read just now; try again in a minute")
        async with reading:
            return await asyncio.to_thread(_bring, site, lying, brought, token, _language(request, site))

    @router.get("/figures/{receipt}")
    def ask(request: Request, receipt: Name) -> Response:
        """Tell what became of a file: waiting, taken, known (nothing new in it), refused."""
        token = who(request)
        found = lying.receipt(receipt)
        if found is None or found.agency_id != token.agency_id:
            raise HTTPException(HTTPStatus.NOT_FOUND, "this agency has no such receipt")
        return _told(found, HTTPStatus.OK, _language(request, site))

    return router


def _bring(site: Site, lying: Intake, brought: Brought, token: IntakeToken, language: str) -> Response:
    try:
        whose = Declaring(site.settings).agency(token.agency_id)
    except ConfigurationError as exc:
        log.error("figures cannot be taken in: registry or goals have mistakes", problems=list(exc.problems))  # noqa: TRY400
        raise _later(
            HTTPStatus.SERVICE_UNAVAILABLE, "nothing can be taken in just now (the log of this service says why)"
        ) from exc
    try:
        taken = take(brought, whose)
    except ConfigurationError as exc:
        told = [retold(language, one) for one in exc.problems]
        return JSONResponse({"problems": told}, status_code=HTTPStatus.BAD_REQUEST)
    try:
        receipt, is_new = lying.accept(brought, token.agency_id, len(taken.file.rows))
    except BlockingIOError as exc:
        raise _later(HTTPStatus.SERVICE_UNAVAILABLE, "too many files wait to be taken up; try again later") from exc
    except OSError as exc:
        log.error("figures cannot be laid down; nothing was kept", cause=str(exc))  # noqa: TRY400
        full = exc.errno in (errno.ENOSPC, errno.EDQUOT)
        status = HTTPStatus.INSUFFICIENT_STORAGE if full else HTTPStatus.SERVICE_UNAVAILABLE
        raise _later(status, "this machine cannot keep the file just now; nothing was kept, try again later") from exc
    return _told(receipt, HTTPStatus.ACCEPTED if is_new else HTTPStatus.OK, language)


async def _content(request: Request) -> bytes:
    """Return what was sent, of no more than is taken."""
    content = bytearray()
    async for piece in request.stream():
        content += piece
        if len(content) > MOST_BYTES:
            raise HTTPException(
                HTTPStatus.REQUEST_ENTITY_TOO_LARGE, f"more than {MOST_BYTES // 1024**2} MB; bring one month at a time"
            )
    return bytes(content)


def _told(receipt: Receipt, status: HTTPStatus, language: str) -> Response:
    told = {
        "receipt": receipt.id,
        "state": receipt.state.value,
        "rows": receipt.rows,
        "received_at": iso(receipt.received_at),
        "problems": [retold(language, one) for one in receipt.problems],
    }
    return JSONResponse(told, status_code=status, headers={"Location": f"/intake/figures/{receipt.id}"})


def _later(status: HTTPStatus, text: str) -> HTTPException:
    return HTTPException(status, text, headers={"Retry-After": str(RETRY_SECONDS)})


def _language(request: Request, site: Site) -> str:
    asked = request.headers.get("accept-language", "")[:2].lower()
    return asked if asked in LANGUAGES else site.settings.lang


def _body_schema() -> dict[str, Any]:
    """Return what may be brought, for the description of the interface; the keys of JSON are the headings of tables."""
    row = {
        "type": "object",
        "additionalProperties": False,
        "properties": {
            **{name: {"type": ["string", "number", "null"]} for name in ABOUT if name},
            **{
                one.id: {
                    "type": ["integer", "string", "null"],
                    "minimum": 0,
                    "description": f"{one.name_vi} ({one.name_en})",
                }
                for one in all_indicators().counts
            },
        },
    }
    body = {"type": "object", "required": ["rows"], "properties": {"rows": {"type": "array", "items": row}}}
    text = {"schema": {"type": "string", "format": "binary"}}
    return {media: {"schema": body} if media == JSON else text for media in ENDINGS}
