"""The pages: rankings, agencies, targets, method. Each handler parses, asks and renders; the templates hold the rest."""

from collections import Counter
from typing import Annotated, Any

from fastapi import APIRouter, HTTPException, Query, Request
from fastapi.responses import HTMLResponse

from dashboards.alerts import ALERTS
from dashboards.runbooks import runbooks
from probes.accessibility.advice import all_advice
from probes.accessibility.rules import all_rules, rules_by_act
from thuocdo.core.clock import iso
from thuocdo.core.model import Agency, Block, Finding, Measurement, Reason, Round, Target, TargetRole
from thuocdo.core.portals import Registry
from thuocdo.core.yamlfile import nearest
from thuocdo.incidents.tallying import HOUR, hour_of
from thuocdo.reports.template_faults import faults
from thuocdo.score.criteria import CriteriaSet, Group
from thuocdo.score.scorecard import RankedAgency, Ranking, Scorecard
from thuocdo.store import MeasurementQuery
from thuocdo.web.asked import Instant, Name
from thuocdo.web.communes import commune_criteria, commune_section, provinces_with_communes
from thuocdo.web.data import asked_ranking, round_of, whole_instants
from thuocdo.web.incidents import wording_of
from thuocdo.web.render import language, render
from thuocdo.web.site import Site, waiting

ROWS_PER_PAGE = 50

RoundName = Annotated[Name, Query(alias="round")]


def pages(site: Site) -> APIRouter:
    """Return the routes."""
    router = APIRouter(default_response_class=HTMLResponse, include_in_schema=False)

    def show(request: Request, template: str, section: str, **values: Any) -> HTMLResponse:
        return render(
            request,
            template,
            settings=site.settings,
            kept=site.evidence,
            section=section,
            **values,
        )

    @router.get("/")
    def rankings(request: Request, criteria: Name = "", round_id: RoundName = "") -> HTMLResponse:
        """Show both rankings."""
        chosen, round_ = asked_ranking(site, criteria, round_id)
        shown = site.ranking(chosen, round_)
        ranking = shown.ranking
        return show(
            request,
            "rankings.html",
            "rankings",
            ranking=ranking,
            **waiting(site, shown),
            round=round_,
            asked_round=round_id,
            rounds=site.store.rounds.all()[::-1],
            criteria=ranking.criteria if ranking else chosen,
            criteria_sets=site.criteria,
            agencies=site.registry_of(ranking, round_).agencies if ranking else {},
            blocks=[_block(block, ranking) for block in ranking.criteria.blocks] if ranking else [],
            has_communes=bool(provinces_with_communes(site.registry_of(ranking, round_))),
            empty_groups=_empty_groups(ranking) if ranking else (),
            points_of=_points_of,
        )

    @router.get("/agencies")
    def agencies(request: Request) -> HTMLResponse:
        """List the agencies; communes by their provinces alone."""
        members = sorted(site.registry.agencies.values(), key=lambda agency: agency.name_vi)
        blocks = {
            block: [one for one in members if one.block is block] for block in Block if block is not Block.COMMUNE
        }
        provinces = provinces_with_communes(site.registry)
        return show(request, "agencies.html", "agencies", blocks=blocks, provinces=provinces)

    @router.get("/agencies/{agency_id}")
    def agency(request: Request, agency_id: Name, criteria: Name = "", round_id: RoundName = "") -> HTMLResponse:
        """Show one agency: its place, its targets, and what was last seen of them."""
        found = _agency(site, agency_id)
        own_set = None if criteria or found.block is not Block.COMMUNE else commune_criteria(site)
        chosen, round_ = asked_ranking(site, own_set.id if own_set else criteria, round_id)
        shown = site.ranking(chosen, round_)
        ranking = shown.ranking
        everything = site.in_force.registry_at(None)
        targets = [target for target in everything.targets.values() if target.agency_id == agency_id]
        block = ranking.blocks.get(found.block, ()) if ranking else ()
        latest = _with_latest(targets, site.latest())
        return show(
            request,
            "agency.html",
            "agencies",
            agency=found,
            agencies=everything.agencies,
            procedures=everything.procedures,
            portals=[portal for portal in everything.portals.values() if portal.agency_id == agency_id],
            ranking=ranking,
            **waiting(site, shown),
            round=round_,
            criteria=ranking.criteria if ranking else chosen,
            ranked=next((one for one in block if one.scorecard.agency_id == agency_id), None),
            ranked_number=sum(1 for one in block if one.rank),
            ranked_in_province=_ranked_in_province(found, block, everything),
            communes=commune_section(site, found, round_id),
            targets=latest,
            faults=faults(_findings_by_page(latest)),
        )

    @router.get("/agencies/{agency_id}/measurements")
    def agency_measurements(
        request: Request,
        agency_id: Name,
        kind: Name = "",
        round_id: RoundName = "",
        until: Instant | None = None,
    ) -> HTMLResponse:
        """List the stored measurements of an agency, newest first."""
        found, lang = _agency(site, agency_id), language(request, site.settings.lang)
        query = _query(site, kind, round_id, until, agency_id=agency_id)
        return show(
            request,
            "measurements.html",
            "agencies",
            **_page_of(site, query, newest=until is None),
            agency=found,
            target=None,
            missed=_missed(site, agency_id=agency_id),
            called=wording_of(site, lang).part_called,
            heading=found.full_name(lang),
            address=("agencies", agency_id, "measurements"),
            scope={"agency": agency_id},
        )

    @router.get("/targets/{target_id}")
    def target(
        request: Request,
        target_id: Name,
        kind: Name = "",
        round_id: RoundName = "",
        until: Instant | None = None,
    ) -> HTMLResponse:
        """List the stored measurements of a target, newest first."""
        everything = site.in_force.registry_at(None)
        if target_id not in everything.targets:
            raise HTTPException(404, f"no target '{target_id}'{nearest(target_id, everything.targets)}")
        found, wording = everything.targets[target_id], wording_of(site, language(request, site.settings.lang))
        is_home = found.role is TargetRole.HOMEPAGE  # else its name has its procedure
        query = _query(site, kind, round_id, until, target_id=target_id)
        return show(
            request,
            "measurements.html",
            "agencies",
            **_page_of(site, query, newest=until is None),
            agency=everything.agencies[found.agency_id],
            target=found,
            missed=_missed(site, target_id=target_id),
            heading=wording.called(target_id) + (f": {wording.part_called(target_id)}" if is_home else ""),
            address=("targets", target_id),
            scope={"target": target_id},
        )

    @router.get("/method")
    def method(request: Request, criteria: Name = "") -> HTMLResponse:
        """Show how things are measured and judged."""
        chosen: CriteriaSet | None = site.criteria.get(criteria or site.settings.criteria_set)
        if chosen is None:
            raise HTTPException(404, f"no criteria set '{criteria}'{nearest(criteria, site.criteria)}")
        return show(
            request, "method.html", "method", criteria=chosen, criteria_sets=site.criteria, reasons=list(Reason)
        )

    @router.get("/rules")
    def rules(request: Request) -> HTMLResponse:
        """Show every accessibility rule, what it says and how to mend its barrier."""
        return show(request, "rules.html", "method", rules_by_act=_rules_by_act())

    @router.get("/runbooks")
    def runbook(request: Request) -> HTMLResponse:
        """Show what to do about each alert; notices lead here, and whoever is on duty may have no Internet."""
        books = runbooks(language(request, site.settings.lang))
        return show(request, "runbooks.html", "incidents", books=books, alerts=ALERTS)

    return router


def _rules_by_act() -> dict[str, list[Any]]:
    """Return the rules of the engine, of which the id is known, and of each act."""
    of_engine = [{"id": rule} for rule in all_advice() if rule not in all_rules()]
    return {"engine": of_engine, **{act: list(rules) for act, rules in rules_by_act().items()}}


def _block(block: Block, ranking: Ranking) -> dict[str, Any]:
    """Return what the page of rankings shows of a block; of communes the first, the rest stands on pages of its own."""
    members: tuple[RankedAgency, ...] = ranking.blocks.get(block, ())
    most = ROWS_PER_PAGE if block is Block.COMMUNE else len(members)
    return {
        "id": block,
        "ranked": [one for one in members if one.rank is not None][:most],
        "unranked": [one for one in members if one.rank is None] if block is not Block.COMMUNE else [],
        "number": len(members),
        "not_counted": [
            (ranking.criteria.criterion(name), agencies) for name, agencies in ranking.told_not_counted(block).items()
        ],
    }


def _ranked_in_province(agency: Agency, block: tuple[RankedAgency, ...], registry: Registry) -> int:
    """Return how many communes of an agency's province have a place."""
    if agency.parent_id is None:
        return 0
    members = {one.id for one in registry.communes_of(agency.parent_id)}
    return sum(1 for one in block if one.rank is not None and one.scorecard.agency_id in members)


def _empty_groups(ranking: Ranking) -> frozenset[str]:
    """Return the groups for which no agency has points: they are named once below the tables instead of in empty columns."""
    cards = [one.scorecard for members in ranking.blocks.values() for one in members]
    return frozenset(
        group.id
        for group in ranking.criteria.groups
        if all(card.points[criterion.id] is None for card in cards for criterion in group.criteria)
    )


def _points_of(card: Scorecard, group: Group) -> tuple[float, float]:
    """Return the points obtained in a group, and how many of its points were measured."""
    points = {criterion: card.points[criterion.id] for criterion in group.criteria}
    measured = {criterion: obtained for criterion, obtained in points.items() if obtained is not None}
    return sum(measured.values()), sum(criterion.points for criterion in measured)


def _agency(site: Site, agency_id: str) -> Agency:
    known = site.in_force.registry_at(None).agencies
    if agency_id not in known:
        raise HTTPException(404, f"no agency '{agency_id}'{nearest(agency_id, known)}")
    return known[agency_id]


def _with_latest(targets: list[Target], latest: list[Measurement]) -> list[tuple[Target, list[Measurement]]]:
    """Return each target with its newest measurements; those with findings last, next to the table of their findings."""
    return [
        (
            target,
            sorted(
                (one for one in latest if one.key.target_id == target.id),
                key=lambda one: bool(one.observation.findings),
            ),
        )
        for target in targets
    ]


def _findings_by_page(targets: list[tuple[Target, list[Measurement]]]) -> dict[str, list[Finding]]:
    """Return the newest findings of each page; a page may be looked at with several profiles."""
    pages: dict[str, list[Finding]] = {}
    for target, latest in targets:
        pages.setdefault(target.url, []).extend(one for seen in latest for one in seen.observation.findings)
    return pages


def _query(
    site: Site,
    kind: str,
    round_id: str,
    until: Instant | None,
    *,
    agency_id: str | None = None,
    target_id: str | None = None,
) -> MeasurementQuery:
    if kind and kind not in site.kinds:
        raise HTTPException(404, f"no kind '{kind}'{nearest(kind, site.kinds)} (there are: {', '.join(site.kinds)})")
    return MeasurementQuery(
        agency_id=agency_id,
        target_id=target_id,
        kind=kind or None,
        round_id=site.round_id(round_id),
        until=until,
        newest_first=True,
    )


def _missed(site: Site, *, target_id: str | None = None, agency_id: str | None = None) -> dict[str, int]:
    """Return how many starts of each kind were missed in the last 24 hours, this one included."""
    this = hour_of(site.clock())
    counted: Counter[str] = Counter()
    for one in site.store.missed.totals(this - 23 * HOUR, this + HOUR, target_id=target_id, agency_id=agency_id):
        counted[one.kind] += one.missed
    return {kind: counted[kind] for kind in site.kinds if counted[kind]}


def _page_of(site: Site, query: MeasurementQuery, *, newest: bool) -> dict[str, Any]:
    """Return one page of measurements and where the older ones begin."""
    rows = whole_instants(site.store.measurements.find, query, ROWS_PER_PAGE)
    round_: Round | None = round_of(site, query.round_id) if query.round_id else None
    is_last = len(rows) < ROWS_PER_PAGE
    return {
        "rows": rows,
        # Where the list ends because older ones were let go; rounds are kept whole.
        "gone_before": site.store.retention.gone_before() if is_last and not query.round_id else None,
        "kept_days": site.settings.keep.raw_days,
        "is_archived": site.settings.archive_dir is not None,
        "newest": newest,
        "older": None if is_last else iso(rows[-1].key.scheduled_at),
        "kinds": tuple(site.kinds),
        "kind": query.kind or "",
        "round": round_,
    }
