"""Incidents and availability: pages for people, JSON for machines."""

from datetime import datetime, timedelta
from typing import Annotated, Any

from fastapi import APIRouter, HTTPException, Query, Request
from fastapi.responses import HTMLResponse, JSONResponse

from thuocdo.core.clock import iso
from thuocdo.core.formats import Formats
from thuocdo.core.i18n import translator
from thuocdo.core.model import (
    BEFORE_AND_NOW,
    Agency,
    Block,
    Evidence,
    Incident,
    IncidentScope,
    IncidentState,
)
from thuocdo.core.yamlfile import nearest
from thuocdo.incidents.availability import availability_rule, month_of, objective_rule
from thuocdo.incidents.conflicts import CHECKED, Conflict, conflicts_between
from thuocdo.incidents.presentation import (
    TargetAvailability,
    availability_by_target,
    availability_document,
    incident_document,
    judging_gap,
)
from thuocdo.incidents.tallying import HOUR, hour_of
from thuocdo.incidents.wording import Wording
from thuocdo.web.asked import Instant, Name
from thuocdo.web.data import MOST_ROWS
from thuocdo.web.render import language, render
from thuocdo.web.site import Cache, Site

PICTURES = frozenset({"image/png", "image/jpeg", "image/webp"})
PAST = timedelta(days=90)
MOST_SHOWN = 200
MOST_CONFLICTS = 50
PAGE = 200
"""Incidents that are read from the store at once."""


def incidents(site: Site) -> APIRouter:
    """Return the routes."""
    router = APIRouter()
    contradicting: Cache[str, list[Conflict]] = Cache()

    def conflicts_now() -> list[Conflict]:
        now = site.clock()
        return contradicting.get("", None, lambda: conflicts_between(site.store, now - CHECKED, now)[:MOST_CONFLICTS])

    def show(request: Request, template: str, **values: Any) -> HTMLResponse:
        lang = language(request, site.settings.lang)
        return render(
            request,
            template,
            settings=site.settings,
            kept=site.evidence,
            section="incidents",
            now=site.clock(),
            wording=wording_of(site, lang),
            **values,
        )

    @router.get("/incidents", include_in_schema=False)
    def listed(request: Request, agency: Name = "") -> HTMLResponse:
        """List incidents, those that last first, and how available an agency's targets were."""
        chosen = _agency(site, agency) if agency else None
        lang = language(request, site.settings.lang)
        lasting = _of_agency(site, site.store.incidents.lasting(), chosen)
        past = _newest(site, chosen, MOST_SHOWN, since=site.clock() - PAST, only_ended=True)
        return show(
            request,
            "incidents.html",
            lasting=lasting,
            past=past,
            acknowledged=site.store.incidents.acknowledgements(one.id for one in (*lasting, *past)),
            days=PAST.days,
            conflicts=[] if chosen else conflicts_now(),
            gap=judging_gap(
                site.store.incidents.judged_at(), site.clock(), translator(lang), lambda at: Formats(lang).instant(at)
            ),
            agency=chosen,
            known_agencies=site.in_force.registry_at(None).agencies,
            agencies=_to_choose(site, chosen, lang),
            availability=_availability(site, chosen.id, *month_of(site.clock())) if chosen else [],
            rules=[
                availability_rule(translator(lang)),
                objective_rule(translator(lang), site.settings.incidents.objective, lang),
            ],
        )

    @router.get("/incidents/{incident_id}", include_in_schema=False)
    def shown(request: Request, incident_id: Name) -> HTMLResponse:
        """Show one incident."""
        incident = _incident(site, incident_id)
        everything = site.in_force.registry_at(None)
        return show(
            request,
            "incident.html",
            incident=incident,
            changes=site.store.incidents.changes(incident_id),
            acknowledgements=site.store.incidents.acknowledgements([incident_id]).get(incident_id, []),
            agency=everything.agencies.get(incident.agency_id),
            known_targets=everything.targets,
            pictures=_before_and_now(site, incident),
            host=everything.targets[subject].host
            if (subject := incident.subject_id) in everything.targets
            else subject,
        )

    @router.get("/api/incidents.json")
    def listed_json(
        request: Request,
        agency: Name = "",
        since: Instant | None = None,
        only_open: Annotated[bool, Query(alias="open")] = False,  # noqa: FBT002 - a query's parameter
        limit: Annotated[int, Query(ge=1, le=MOST_ROWS)] = MOST_SHOWN,
        after: Name = "",
    ) -> JSONResponse:
        """
        Give incidents, newest first; since: those that had not ended by then; open: those that last.

        No more than `limit`; a header `Link` with rel="next" leads to those after the last one, where there may be more.
        """
        chosen = _agency(site, agency) if agency else None
        before = _incident(site, after) if after else None
        if only_open:
            lasting = _of_agency(site, site.store.incidents.lasting(), chosen)
            found = [one for one in sorted(lasting, key=_place) if before is None or _place(one) > _place(before)][
                :limit
            ]
        else:
            found = _newest(site, chosen, limit, since=since, after=before)
        headers = {}
        if len(found) == limit:
            headers["Link"] = f'<{request.url.include_query_params(after=found[-1].id)}>; rel="next"'
        said = site.store.incidents.acknowledgements(one.id for one in found)
        documents = [incident_document(one, acknowledgements=said.get(one.id, ())) for one in found]
        return JSONResponse(documents, headers=headers)

    @router.get("/api/incidents/{incident_id}")
    def shown_json(incident_id: Name) -> JSONResponse:
        """Give one incident with its changes of state."""
        incident = _incident(site, incident_id)
        kept = site.store.incidents
        said = kept.acknowledgements([incident_id]).get(incident_id, ())
        return JSONResponse(incident_document(incident, kept.changes(incident_id), said))

    @router.get("/api/availability.json")
    def availability_json(
        request: Request, agency: Name = "", since: Instant | None = None, until: Instant | None = None
    ) -> JSONResponse:
        """Give how available targets were, by whole hours; without a period, of the running month."""
        now = site.clock()
        first = hour_of(since) if since else month_of(now)[0]
        last = hour_of(until) if until else hour_of(now) + HOUR
        if agency:
            _agency(site, agency)
        document = {
            "since": iso(first),
            "until": iso(last),
            "objective_ratio": site.settings.incidents.objective,
            "rule": availability_rule(translator(language(request, site.settings.lang))),
            "targets": [availability_document(row) for row in _availability(site, agency, first, last)],
        }
        return JSONResponse(document)

    return router


def wording_of(site: Site, lang: str) -> Wording:
    """Return how a reader is told of incidents: targets by their names, as they were when they were last registered."""
    everything = site.in_force.registry_at(None)
    return Wording.by_names(everything, lang, now=site.clock(), instant=Formats(lang).instant)


def _to_choose(site: Site, chosen: Agency | None, lang: str) -> list[Agency]:
    """Return the agencies to choose from: communes, of which there are thousands, are reached from their own pages."""
    offered = [one for one in site.registry.agencies.values() if one.block is not Block.COMMUNE or one == chosen]
    return sorted(offered, key=lambda one: one.full_name(lang))


def _availability(site: Site, agency_id: str, since: datetime, until: datetime) -> list[TargetAvailability]:
    targets = [one.id for one in site.registry.probed_targets() if agency_id in ("", one.agency_id)]
    return availability_by_target(
        site.store.incidents,
        targets,
        since=since,
        until=until,
        objective=site.settings.incidents.objective,
        now=site.clock(),
    )


def _incident(site: Site, incident_id: str) -> Incident:
    found = site.store.incidents.get(incident_id)
    if found is None:
        raise HTTPException(404, f"no incident '{incident_id}'; /incidents lists all")
    return found


def _before_and_now(site: Site, incident: Incident) -> list[Evidence]:
    """Return the pictures of the known page and of the one in its place, as far as there are any and they are still kept."""
    kept = [one for one in incident.evidence if one.media_type in PICTURES and site.evidence.path(one.sha256)]
    found = [next((one for one in kept if one.kind == kind), None) for kind in BEFORE_AND_NOW]
    is_replaced = found[0] is not None or IncidentState.REPLACED in (incident.state, incident.worst)
    return [one for one in found if one is not None and is_replaced]


def _agency(site: Site, agency_id: str) -> Agency:
    known = site.in_force.registry_at(None).agencies
    if agency_id not in known:
        raise HTTPException(404, f"no agency '{agency_id}'{nearest(agency_id, known)}")
    return known[agency_id]


def _newest(
    site: Site, agency: Agency | None, most: int, after: Incident | None = None, **which: Any
) -> list[Incident]:
    """Return the newest incidents, and read few more than that; after, which: as `newest` of the store takes them."""
    found: list[Incident] = []
    while len(found) < most:
        page = site.store.incidents.newest(PAGE, after=after, agency_id=agency.id if agency else "", **which)
        found += _of_agency(site, page, agency)
        if len(page) < PAGE:
            break
        after = page[-1]
    return found[:most]


def _place(incident: Incident) -> tuple[float, str]:
    """Return by what incidents are in order, newest first."""
    return -incident.started_at.timestamp(), incident.id


def _of_agency(site: Site, found: list[Incident], agency: Agency | None) -> list[Incident]:
    """
    Return the incidents that hit an agency's targets; a vantage point's trouble is ours and nobody else's.

    A target's incident stays with the agency that had the target at the time.
    """
    if agency is None:
        return found
    targets = site.in_force.registry_at(None).targets
    own = {one.id for one in targets.values() if one.agency_id == agency.id}
    return [
        one
        for one in found
        if one.agency_id == agency.id
        or (not one.agency_id and one.scope is not IncidentScope.VANTAGE and own.intersection(one.target_ids))
    ]
