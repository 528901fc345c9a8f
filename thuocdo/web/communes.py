"""
The pages of communes: their ranking over the country, a page at a time, and that of one province.

There are thousands of them, so no page ever holds them all, and what they are ranked by need not be what ministries and
provinces are ranked by.
"""

from collections.abc import Mapping
from typing import Annotated, Any

from fastapi import APIRouter, HTTPException, Query, Request
from fastapi.responses import HTMLResponse

from thuocdo.core.model import Agency, Block
from thuocdo.core.portals import Registry
from thuocdo.core.yamlfile import nearest
from thuocdo.reports.ranking import communes_of_province
from thuocdo.score.criteria import CriteriaSet
from thuocdo.score.scorecard import RankedAgency
from thuocdo.web.asked import Name
from thuocdo.web.data import asked_ranking, round_of
from thuocdo.web.render import render
from thuocdo.web.site import Site, waiting

ROWS_PER_PAGE = 50
MOST_OF_A_PROVINCE = 200
"""That a province's own page shows; the largest provinces have fewer."""

MOST_PAGES = 10_000


def communes(site: Site) -> APIRouter:
    """Return the routes."""
    router = APIRouter(default_response_class=HTMLResponse, include_in_schema=False)

    @router.get("/communes")
    def listed(
        request: Request,
        criteria: Name = "",
        round_id: Annotated[Name, Query(alias="round")] = "",
        province: Name = "",
        page: Annotated[int, Query(ge=1, le=MOST_PAGES)] = 1,
    ) -> HTMLResponse:
        """Show communes by their places in the country, or in one province."""
        chosen = commune_criteria(site, criteria)
        round_ = round_of(site, round_id)
        kept = site.ranking(chosen, round_) if chosen else None
        ranking = kept.ranking if kept else None
        registry = site.registry_of(ranking, round_)
        provinces = provinces_with_communes(registry)
        if province and province not in provinces:
            raise HTTPException(404, f"no province '{province}' with communes{nearest(province, provinces)}")
        if ranking and province:
            ranking = communes_of_province(ranking, registry, province)
        rows = ranking.blocks.get(Block.COMMUNE, ()) if ranking else ()
        return render(
            request,
            "communes.html",
            settings=site.settings,
            section="rankings",
            criteria=chosen,
            criteria_sets=[one for one in site.criteria.values() if Block.COMMUNE in one.blocks],
            agencies=registry.agencies,
            provinces=provinces,
            province=registry.agencies[province] if province else None,
            asked_round=round_id,
            rounds=site.store.rounds.all()[::-1],
            number=len(rows),
            ranked_number=sum(1 for one in rows if one.rank is not None),
            rows=rows[(page - 1) * ROWS_PER_PAGE : page * ROWS_PER_PAGE],
            page=page,
            pages=max(1, -(-len(rows) // ROWS_PER_PAGE)),
            ranking=ranking,
            round=round_,
            **(waiting(site, kept) if kept else {"due_since": None, "late": False}),
        )

    return router


def commune_criteria(site: Site, criteria_id: str = "") -> CriteriaSet | None:
    """
    Return the set that communes are ranked by: the one that is asked for, else the settings', else the first that ranks them.

    None where no set does; 404 for one that is asked for and does not.
    """
    sets = {name: one for name, one in site.criteria.items() if Block.COMMUNE in one.blocks}
    if criteria_id:
        if criteria_id not in sets:
            known = ", ".join(sets) or "none"
            raise HTTPException(
                404,
                f"no criteria set '{criteria_id}' that ranks communes{nearest(criteria_id, sets)} (there are: {known})",
            )
        return sets[criteria_id]
    return sets.get(site.settings.criteria_set) or next(iter(sets.values()), None)


def provinces_with_communes(registry: Registry) -> Mapping[str, tuple[Agency, int]]:
    """Return the provinces that have communes in the registry, by id, with their numbers; by name."""
    counts: dict[str, int] = {}
    for agency in registry.agencies.values():
        if agency.parent_id:
            counts[agency.parent_id] = counts.get(agency.parent_id, 0) + 1
    found = sorted((registry.agencies[province_id] for province_id in counts), key=lambda agency: agency.name_vi)
    return {province.id: (province, counts[province.id]) for province in found}


def commune_section(site: Site, province: Agency, round_id: str) -> Mapping[str, Any] | None:
    """Return what a province's page shows of its communes; None where the registry holds none, or no set ranks them."""
    chosen = commune_criteria(site) if province.block is Block.PROVINCE else None
    if chosen is None:
        return None
    _, round_ = asked_ranking(site, chosen.id, round_id)
    kept = site.ranking(chosen, round_)
    registry = site.registry_of(kept.ranking, round_)
    if not registry.communes_of(province.id):
        return None
    if kept.ranking is None:
        return {"criteria": chosen, "ranking": None, "agencies": registry.agencies, "rows": (), "number": 0}
    ranking = kept.ranking
    rows: tuple[RankedAgency, ...] = communes_of_province(ranking, registry, province.id).blocks[Block.COMMUNE]
    return {
        "criteria": chosen,
        "ranking": ranking,
        "agencies": registry.agencies,
        "rows": rows[:MOST_OF_A_PROVINCE],
        "number": len(rows),
    }
