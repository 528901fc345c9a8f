"""
The eForms of the fleet, in three families as portals have them today.

testbed-wizard: pages rendered by the server; the fields open when the form's script has come.
testbed-spa: an empty shell; the procedure, the form and its option lists come from an API, each with its own delay.
testbed-legacy: old pages with tables; the last option list is looked up when the form stands.

Each has the same three stations, as people meet them: the procedure ("Nộp trực tuyến"), the agency ("Cơ quan thực hiện",
"Tiếp tục"; one page with the procedure in the spa family) and the form ("Nộp hồ sơ", which nobody must ever press).
"""

import json
from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass, field
from typing import Any

from testbed.fields import OPTION_LISTS, Section, sections
from testbed.pages import asset, render
from testbed.plan import EFormPlan, PortalPlan, Wall
from testbed.site import CSS, HTML, JSON, SCRIPT, Resource

CHOOSE_SHARE = 0.1
"""Delay of the page on which the agency is chosen, beside the form's own."""

ENTRY_STYLE, FORM_STYLE = "/assets/site.css", "/assets/bieu-mau.css"
"""Two names for one style sheet: the first is late, and a browser's cache must not decide whether the second is."""


@dataclass(frozen=True, slots=True, kw_only=True)
class EForm:
    """
    A rendered eForm and the truth about it.

    entry_path: address where a citizen begins. steps: what is waited for in turn, as (station, what, seconds); stations are
    entry, choose (the agency) and form.
    """

    entry_path: str
    resources: Mapping[str, Resource]
    steps: tuple[tuple[str, str, float], ...]
    delays_seconds: Mapping[str, float]
    fields: int = 0
    required_fields: int = 0
    controls: int = 0
    barriers: Mapping[str, int] = field(default_factory=dict)

    @property
    def entry_seconds(self) -> float:
        """Injected time until the procedure's page can be used."""
        return sum(seconds for station, _, seconds in self.steps if station == "entry")

    @property
    def ready_seconds(self) -> float:
        """Injected time from asking for the form itself until its last field can be used."""
        return sum(seconds for station, _, seconds in self.steps if station == "form")


def build_eform(portal: PortalPlan, *, vneid_url: str) -> EForm:
    """Render the eForm of a portal; vneid_url: where the portals that need a login send people."""
    plan = portal.eform
    parts = sections(
        plan.fields,
        unlabelled_inputs=plan.barriers.get("label", 0),
        unlabelled_selects=plan.barriers.get("select-name", 0),
        seed=plan.fields,
    )
    return _FAMILIES[plan.family](portal, parts, vneid_url)


def _context(portal: PortalPlan, parts: tuple[Section, ...]) -> dict[str, Any]:
    plan = portal.eform
    return {
        "portal_name": portal.name,
        "agency_name": portal.agency.name_vi,
        "address": portal.address_text,
        "host": portal.host,
        "procedure": plan.procedure,
        "days": 3 + plan.fields % 12,
        "units": portal.units,
        "sections": parts,
        "lists": OPTION_LISTS,
        "barriers": Counter(plan.barriers),
        "hints": _hints(plan),
    }


def _hints(plan: EFormPlan) -> list[str]:
    lines = ("Kê khai chữ in hoa, có dấu.", "Tệp đính kèm không quá 10 MB.", "Các mục có dấu (*) là bắt buộc.")
    return [lines[index % len(lines)] for index in range(plan.barriers.get("color-contrast", 0))]


def _built(
    portal: PortalPlan,
    parts: tuple[Section, ...],
    entry_path: str,
    resources: dict[str, Resource],
    *,
    waits: Mapping[str, tuple[str, ...]],
) -> EForm:
    """Add up the truth. waits: station -> paths in turn; "a|b" = the slower of two that come together."""

    def seconds(paths: str) -> float:
        return max(resources[path].delay_seconds for path in paths.split("|"))

    plan = portal.eform
    fields = [field for part in parts for field in part.fields]
    return EForm(
        entry_path=entry_path,
        resources=resources,
        steps=tuple((station, paths, seconds(paths)) for station, turns in waits.items() for paths in turns),
        delays_seconds={path: resource.delay_seconds for path, resource in resources.items() if resource.delay_seconds},
        fields=len(fields),
        required_fields=sum(field.required for field in fields),
        controls=sum(field.controls for field in fields),
        barriers=plan.barriers,
    )


def _wizard(portal: PortalPlan, parts: tuple[Section, ...], vneid_url: str) -> EForm:
    plan = portal.eform
    code = plan.procedure.code
    entry, choose, form = (
        path.format(code) for path in ("/thu-tuc/{}", "/nop-ho-so/{}/co-quan", "/nop-ho-so/{}/ke-khai")
    )
    context = _context(portal, parts)
    apply_url = vneid_url if plan.wall is Wall.VNEID else choose
    script = b"" if plan.wall is Wall.NEVER_READY else asset("to-khai.js")
    resources = {
        entry: _page("procedure", plan.entry_seconds * 0.6, **context, stylesheet=ENTRY_STYLE, apply_url=apply_url),
        ENTRY_STYLE: Resource(body=asset("site.css"), media_type=CSS, delay_seconds=plan.entry_seconds * 0.4),
        FORM_STYLE: Resource(body=asset("site.css"), media_type=CSS),
        choose: _page("choose", plan.form_seconds * CHOOSE_SHARE, **context, stylesheet=FORM_STYLE, form_url=form),
        form: _page("form_wizard", plan.form_seconds * 0.55, **context, stylesheet=FORM_STYLE),
        "/assets/to-khai.js": Resource(body=script, media_type=SCRIPT, delay_seconds=plan.form_seconds * 0.45),
    }
    return _built(
        portal,
        parts,
        entry,
        resources,
        waits={"entry": (entry, ENTRY_STYLE), "choose": (choose,), "form": (form, "/assets/to-khai.js")},
    )


def _legacy(portal: PortalPlan, parts: tuple[Section, ...], vneid_url: str) -> EForm:
    plan = portal.eform
    code = plan.procedure.code
    entry, choose, form, late = (
        "/Pages/ThuTuc.aspx",
        "/Pages/DangKy.aspx",
        "/Pages/ToKhai.aspx",
        "/Handlers/DanhMuc.ashx",
    )
    context = _context(portal, parts)
    apply_url = vneid_url if plan.wall is Wall.VNEID else f"{choose}?ma={code}"
    rendered = {**context, "lists": {**OPTION_LISTS, "phuong-xa": ()}}
    resources = {
        entry: _page("procedure", plan.entry_seconds * 0.5, **context, stylesheet=ENTRY_STYLE, apply_url=apply_url),
        ENTRY_STYLE: Resource(body=asset("site.css"), media_type=CSS, delay_seconds=plan.entry_seconds * 0.5),
        FORM_STYLE: Resource(body=asset("site.css"), media_type=CSS),
        choose: _page(
            "choose", plan.form_seconds * CHOOSE_SHARE, **context, stylesheet=FORM_STYLE, form_url=f"{form}?ma={code}"
        ),
        form: _page("form_legacy", plan.form_seconds * 0.5, **rendered, stylesheet=FORM_STYLE),
        "/assets/danh-muc.js": Resource(body=asset("danh-muc.js"), media_type=SCRIPT),
        late: _json(OPTION_LISTS["phuong-xa"], plan.form_seconds * 0.5),
    }
    return _built(
        portal,
        parts,
        f"{entry}?ma={code}",
        resources,
        waits={"entry": (entry, ENTRY_STYLE), "choose": (choose,), "form": (form, late)},
    )


def _spa(portal: PortalPlan, parts: tuple[Section, ...], vneid_url: str) -> EForm:
    plan = portal.eform
    code = plan.procedure.code
    shell, script = f"/nop-truc-tuyen/{code}", "/app/main.js"
    api_procedure, api_form = f"/api/thu-tuc/{code}", f"/api/bieu-mau/{code}"
    context = _context(portal, parts)
    lists = sorted({field.options for part in parts for field in part.fields if field.options})
    option_delays = {name: plan.form_seconds * (0.6 - 0.5 * index / len(lists)) for index, name in enumerate(lists)}
    procedure = {
        "name": plan.procedure.name_vi,
        "level": plan.procedure.level,
        "days": context["days"],
        "portal": {"name": portal.name, "agency": portal.agency.name_vi},
        "units": [asdict(unit) for unit in portal.units],
        "login": vneid_url if plan.wall is Wall.VNEID else None,
    }
    schema = {
        "sections": [] if plan.wall is Wall.NEVER_READY else [asdict(part) for part in parts],
        "lists": lists,
        "hints": context["hints"],
        "emptyButton": bool(plan.barriers.get("button-name")),
    }
    resources = {
        shell: _page("shell", plan.entry_seconds * 0.3, **context),
        ENTRY_STYLE: Resource(body=asset("site.css"), media_type=CSS),
        script: Resource(body=asset("main.js"), media_type=SCRIPT, delay_seconds=plan.entry_seconds * 0.3),
        api_procedure: _json(procedure, plan.entry_seconds * 0.4),
        api_form: _json(schema, plan.form_seconds * 0.4),
        **{f"/api/danh-muc/{name}": _json(OPTION_LISTS[name], late) for name, late in option_delays.items()},
    }
    last = "|".join(f"/api/danh-muc/{name}" for name in lists)
    address = f"{shell}?maCoQuan={portal.units[0].code}"
    return _built(
        portal, parts, address, resources, waits={"entry": (shell, script, api_procedure), "form": (api_form, last)}
    )


def _page(template: str, delay_seconds: float, **context: Any) -> Resource:
    return Resource(body=render(template, **context), media_type=HTML, delay_seconds=delay_seconds)


def _json(value: object, delay_seconds: float) -> Resource:
    return Resource(body=json.dumps(value, ensure_ascii=False).encode(), media_type=JSON, delay_seconds=delay_seconds)


_FAMILIES: Mapping[str, Callable[[PortalPlan, tuple[Section, ...], str], EForm]] = {
    "testbed-wizard": _wizard,
    "testbed-spa": _spa,
    "testbed-legacy": _legacy,
}

FAMILIES = tuple(_FAMILIES)
"""Names of the families; journeys in scenarios/journeys carry the same names."""
