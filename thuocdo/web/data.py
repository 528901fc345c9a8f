"""The numbers themselves: raw measurements, evidence, and tables as JSON and CSV."""

import itertools
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path
from typing import Annotated, Any, Literal, TypeVar

import structlog
from fastapi import APIRouter, HTTPException, Query, Request
from fastapi.responses import FileResponse, Response, StreamingResponse
from pydantic import BaseModel, ConfigDict, Field

from exporters.tables import csv_lines, json_array
from thuocdo.core.clock import iso
from thuocdo.core.i18n import translator
from thuocdo.core.model import Block, Measurement, MeasurementKey, Round
from thuocdo.core.wire import measurement_to_json
from thuocdo.core.yamlfile import nearest
from thuocdo.reports.ranking import communes_of_province, ranking_rows, ranking_to_csv, ranking_to_json
from thuocdo.score.criteria import CriteriaSet
from thuocdo.score.published import UnknownRoundError
from thuocdo.score.scorecard import Ranking
from thuocdo.store import MeasurementQuery
from thuocdo.web.asked import Instant, Name
from thuocdo.web.headers import EVIDENCE_POLICY
from thuocdo.web.render import language
from thuocdo.web.site import Shown, Site

MOST_ROWS = 10_000
MICROSECOND = timedelta(microseconds=1)
DEFAULT_ROWS = 1_000
ROWS_AT_ONCE = 200
"""So many are read, and sent before the store is asked again: whoever reads slowly holds up no connection of it."""

RETRY_SECONDS = 60
"""After which it is worth asking again for a ranking that is not there yet."""

CSV = "text/csv; charset=utf-8"

KEPT_SINCE = "X-Thuocdo-Kept-Since"
"""Header of raw measurements: those before this instant were let go of, but for rounds and incidents."""

_SIGNATURES: tuple[tuple[bytes, str], ...] = (
    (b"\x89PNG\r\n\x1a\n", "image/png"),
    (b"\xff\xd8\xff", "image/jpeg"),
    (b"RIFF", "image/webp"),
    (b"\x1f\x8b", "application/gzip"),
    (b"{", "application/json"),
    (b"[", "application/json"),
)
_LONGEST_SIGNATURE = 8

Row = TypeVar("Row", Measurement, Mapping[str, Any])
"""A whole measurement, or its record (`Measurements.records`)."""

log = structlog.get_logger()


class MeasurementsAsked(BaseModel):
    """Which measurements somebody asks for; since <= scheduled_at < until."""

    model_config = ConfigDict(extra="forbid")

    target: Name | None = None
    agency: Name | None = None
    kind: Name | None = None
    round: Name | None = None
    since: Instant | None = None
    until: Instant | None = None
    limit: int = Field(default=DEFAULT_ROWS, ge=1, le=MOST_ROWS)
    lang: Name | None = None

    def to_query(self, site: Site) -> MeasurementQuery:
        """Return what the store is asked, newest first."""
        return MeasurementQuery(
            target_id=self.target,
            agency_id=self.agency,
            kind=self.kind,
            round_id=site.round_id(self.round),
            since=self.since,
            until=self.until,
            newest_first=True,
        )


def data(site: Site) -> APIRouter:
    """Return the routes."""
    router = APIRouter()

    @router.get("/measurements/{target_id}/{kind}/{vantage_id}/{profile}/{scheduled_at}")
    def measurement(target_id: Name, kind: Name, vantage_id: Name, profile: Name, scheduled_at: Instant) -> Response:
        """Give one raw measurement by its natural key."""
        key = MeasurementKey(
            target_id=target_id, kind=kind, vantage_id=vantage_id, profile=profile, scheduled_at=scheduled_at
        )
        found = site.store.measurements.get(key)
        if found is None:
            raise HTTPException(404, f"there is no measurement with this key{_where_gone(site, scheduled_at)}")
        return Response(measurement_to_json(found), media_type="application/json")

    @router.get("/evidence/{sha256}")
    def evidence(sha256: Name) -> Response:
        """Give a piece of evidence; it comes from other people's pages, so the browser lets it do nothing."""
        path, kind = _kept(site, sha256)
        headers = {
            "Content-Security-Policy": EVIDENCE_POLICY,
            "Cache-Control": "public, max-age=31536000, immutable",  # the address is the content's own hash
        }
        return FileResponse(path, media_type=kind, headers=headers)

    @router.get("/api/rankings.{form}")
    def rankings(
        request: Request,
        form: Literal["json", "csv"],
        criteria: Name = "",
        round_id: Annotated[Name, Query(alias="round")] = "",
        province: Name = "",
    ) -> Response:
        """Give the rankings of all blocks by one criteria set; province: of its communes alone, by their places in it."""
        chosen, round_ = asked_ranking(site, criteria, round_id)
        ranking = _there(site.ranking(chosen, round_), round_)
        registry = site.registry_of(ranking, round_)
        if province:
            ranking = communes_of_province(ranking, registry, known_province(site, province))
        rows = ranking_rows(ranking, registry, translator(language(request, site.settings.lang)))
        if form == "csv":
            return Response(ranking_to_csv(rows, simulated=site.settings.simulated), media_type=CSV)
        return Response(
            ranking_to_json(ranking, rows, simulated=site.settings.simulated), media_type="application/json"
        )

    @router.get("/api/measurements.{form}")
    def measurements(
        form: Literal["json", "csv"],
        asked: Annotated[MeasurementsAsked, Query()],
    ) -> Response:
        """Give stored measurements, newest first; `limit` is met to the instant, so the next page begins `until` the last one."""
        query, stored = asked.to_query(site), site.store.measurements
        headers = _kept_since(site, query)
        if form == "csv":
            records = begun(in_pieces(stored.records, query, asked.limit))
            return StreamingResponse(csv_lines(records, site.kinds), media_type=CSV, headers=headers)
        rows = begun(in_pieces(stored.find, query, asked.limit))
        return StreamingResponse(json_array(rows), media_type="application/json", headers=headers)

    return router


def _where_gone(site: Site, at: datetime) -> str:
    """Return what became of a measurement of an instant, where it was let go of."""
    gone_before = site.store.retention.gone_before()
    if gone_before is None or at >= gone_before:
        return ""
    place = "in the archive and in daily roll-ups" if site.settings.archive_dir else "only in daily roll-ups"
    return f" any more: single measurements are kept for {site.settings.keep.raw_days} days, older ones are {place}"


def _kept_since(site: Site, query: MeasurementQuery) -> dict[str, str]:
    """Return the header that says from when on measurements are whole, where more is asked for than that."""
    gone_before = site.store.retention.gone_before()
    if gone_before is None or query.round_id is not None or (query.since is not None and query.since >= gone_before):
        return {}
    return {KEPT_SINCE: iso(gone_before)}


def whole_instants(find: Callable[[MeasurementQuery], Iterable[Row]], query: MeasurementQuery, limit: int) -> list[Row]:
    """Return the first rows of a query, and those that share the last one's instant: a page never cuts an instant in two."""
    rows = list(find(replace(query, limit=limit)))
    if len(rows) < limit:
        return rows
    at = _scheduled_at(rows[-1])
    whole = [row for row in rows if _scheduled_at(row) != at]
    whole.extend(find(replace(query, since=at, until=at + MICROSECOND)))
    return whole


def in_pieces(find: Callable[[MeasurementQuery], Iterable[Row]], query: MeasurementQuery, limit: int) -> Iterator[Row]:
    """Yield the first rows of a query, newest first, as `whole_instants` does; the store is asked again for each piece."""
    left = limit
    while left > 0:
        piece = whole_instants(find, query, min(left, ROWS_AT_ONCE))
        yield from piece
        left -= len(piece)
        if len(piece) < ROWS_AT_ONCE:
            return
        query = replace(query, until=_scheduled_at(piece[-1]))


def _scheduled_at(row: Measurement | Mapping[str, Any]) -> datetime:
    at: datetime = row.key.scheduled_at if isinstance(row, Measurement) else row["scheduled_at"]
    return at


def begun(rows: Iterator[Row]) -> Iterable[Row]:
    """
    Return the rows, the first of them read: a store that does not answer is told before an answer begins.

    One that goes away in the middle leaves the answer without its last chunk, which every client takes for broken off.
    """
    return itertools.chain(list(itertools.islice(rows, 1)), rows)


def known_province(site: Site, province_id: str) -> str:
    """Return the id of a province that the registry ever held; 404 for anything else."""
    known = [one.id for one in site.in_force.registry_at(None).agencies.values() if one.block is Block.PROVINCE]
    if province_id not in known:
        raise HTTPException(404, f"no province '{province_id}'{nearest(province_id, known)}")
    return province_id


def asked_ranking(site: Site, criteria_id: str, round_id: str) -> tuple[CriteriaSet, Round | None]:
    """Return the criteria set and the round that are asked for by name, else those that are published; 404 for unknown names."""
    known = site.criteria
    criteria = known.get(criteria_id or site.settings.criteria_set)
    if criteria is None:
        raise HTTPException(
            404, f"no criteria set '{criteria_id}'{nearest(criteria_id, known)} (there are: {', '.join(known)})"
        )
    return criteria, round_of(site, round_id)


def _there(shown: Shown, round_: Round | None) -> Ranking:
    """Return the ranking; 503 where none has been computed yet."""
    if shown.ranking is not None:
        return shown.ranking
    if round_ is not None and round_.ended_at is None:
        text = f"round '{round_.id}' has not ended; its ranking is computed when it has"
    else:
        text = "this ranking has not been computed yet; it is mostly there within minutes, ask again"
    raise HTTPException(503, text, {"Retry-After": str(RETRY_SECONDS)})


def round_of(site: Site, round_id: str) -> Round | None:
    """Return the round that is asked for, or the one that is published; 404 for an unknown one."""
    try:
        return site.round(round_id)
    except UnknownRoundError as exc:
        raise HTTPException(404, f"no round '{round_id}'{nearest(round_id, exc.known)}") from exc


def media_type(path: Path) -> str:
    """Return what a file holds, by its first bytes: evidence is addressed by content alone."""
    with path.open("rb") as file:
        head = file.read(_LONGEST_SIGNATURE)
    return next((name for signature, name in _SIGNATURES if head.startswith(signature)), "text/plain; charset=utf-8")


def _kept(site: Site, sha256: str) -> tuple[Path, str]:
    """Return the file with this address and what it holds; 410, 404 or 503 where there is none to be had."""
    try:
        path = site.evidence.path(sha256)
        if path is not None:
            return path, media_type(path)
    except FileNotFoundError:  # it expired just now
        pass
    except OSError as exc:
        log.warning("a piece of evidence cannot be read", cause=str(exc))
        raise HTTPException(503, "the evidence cannot be read just now; the log of this service says why") from exc
    raise _no_evidence(site, sha256)


def _no_evidence(site: Site, sha256: str) -> HTTPException:
    """Return the answer for evidence that is not there: 410 with what it was where it has expired, else 404."""
    farewell = site.evidence.farewell(sha256)
    if farewell is None:
        return HTTPException(404, "there is no evidence with this address")
    limits = site.settings.evidence
    return HTTPException(
        410,
        f"the evidence with SHA-256 {sha256} ({farewell.size_bytes} bytes) expired at {iso(farewell.at)}: it is kept for "
        f"{limits.keep_days:g} days, as long as all of it takes no more than {limits.keep_gigabytes:g} GB; "
        "the measurement that names it stays",
    )
