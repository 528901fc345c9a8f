"""
Home pages of realistic weight, whose time is known.

The critical path is document, then the blocking style sheet, then side by side the hero picture (a background that only the
style sheet names) and a late script (put in by a script, so it waits for the style sheet too). All else comes at once.
"""

import math
import random
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache

from testbed.images import noise_png
from testbed.pages import asset, render
from testbed.plan import PortalPlan
from testbed.site import CSS, PNG, SCRIPT, Resource
from testbed.texts import NEWS, SERVICE_GROUPS

DOCUMENT, STYLE, HERO, LATE = "/", "/assets/trang-chu.css", "/assets/anh-bia.png", "/assets/thong-ke.js"
SHARES: Mapping[str, float] = {DOCUMENT: 0.25, STYLE: 0.25, HERO: 0.35, LATE: 0.5}
HERO_BYTES_RATIO = 0.2
PLAIN_SCRIPTS = ("/assets/thu-vien.js", "/assets/trinh-don.js", "/assets/tim-kiem.js", "/assets/ung-dung.js")
_SCRIPT_BYTES = (60_000, 9_000, 7_000, 14_000)


@dataclass(frozen=True, slots=True, kw_only=True)
class Homepage:
    """A rendered home page and the truth about it; seconds are injected, weight is that of all resources."""

    resources: Mapping[str, Resource]
    delays_seconds: Mapping[str, float]
    first_content_seconds: float
    largest_content_seconds: float
    load_seconds: float
    body_bytes: int
    barriers: Mapping[str, int]


def build_homepage(portal: PortalPlan, *, extra_script: str = "") -> Homepage:
    """Render the home page of a portal; extra_script: code that runs when the page has loaded."""
    plan = portal.home
    delays = {path: plan.seconds * share for path, share in SHARES.items()}
    scripts = {path: _library(path, size) for path, size in zip(PLAIN_SCRIPTS, _SCRIPT_BYTES, strict=True)}
    pictures = _pictures(portal, plan.resources - len(scripts) - 5, plan.body_bytes - sum(map(len, scripts.values())))
    style = asset("site.css") + f'\n.anh-bia {{ background-image: url("{HERO}"); }}\n'.encode()
    bodies = {
        DOCUMENT: (_document(portal, sorted(pictures), extra_script), "text/html; charset=utf-8"),
        STYLE: (style, CSS),
        "/assets/in-an.css": (b"@media print { nav { display: none; } }\n", CSS),
        HERO: (_hero(portal), PNG),
        LATE: (_library(LATE, 6_000), SCRIPT),
        **{path: (body, SCRIPT) for path, body in scripts.items()},
        **{path: (body, PNG) for path, body in pictures.items()},
    }
    resources = {
        path: Resource(body=body, media_type=media_type, delay_seconds=delays.get(path, 0.0))
        for path, (body, media_type) in bodies.items()
    }
    styled = delays[DOCUMENT] + delays[STYLE]
    return Homepage(
        resources=resources,
        delays_seconds=delays,
        first_content_seconds=styled,
        largest_content_seconds=styled + delays[HERO],
        load_seconds=styled + max(delays[HERO], delays[LATE]),
        body_bytes=sum(len(resource.body) for resource in resources.values()),
        barriers=plan.barriers,
    )


def _document(portal: PortalPlan, pictures: list[str], extra_script: str) -> bytes:
    dice = random.Random(portal.id)
    return render(
        "home",
        portal_name=portal.name,
        agency_name=portal.agency.name_vi,
        address=portal.address_text,
        host=portal.host,
        stylesheet=STYLE,
        scripts=PLAIN_SCRIPTS,
        late=LATE,
        extra_script=extra_script,
        barriers=Counter(portal.home.barriers),
        groups=SERVICE_GROUPS,
        news=dice.sample(NEWS, len(NEWS)),
        pictures=pictures,
        procedure=portal.eform.procedure,
    )


def _hero(portal: PortalPlan) -> bytes:
    """Gray, so that it has more pixels for its weight and is the page's largest content."""
    height = round(math.sqrt(portal.home.body_bytes * HERO_BYTES_RATIO / 3))
    return noise_png(3 * height, height, 0, gray=True)


def _pictures(portal: PortalPlan, count: int, body_bytes: int) -> dict[str, bytes]:
    """Sizes are rounded so that portals share most pictures and the fleet starts quickly."""
    dice = random.Random(portal.id)
    mean = body_bytes * (1 - HERO_BYTES_RATIO) / count
    sides = (8 * round(math.sqrt(mean * dice.choice((0.5, 1.0, 1.5)) / 3) / 8) for _ in range(count))
    return {f"/anh/{index:02d}.png": noise_png(side, side, index % 4) for index, side in enumerate(sides)}


@cache
def _library(path: str, size: int) -> bytes:
    """Return a script of about `size` bytes that does a few milliseconds of work."""
    dice = random.Random(path)
    functions: list[str] = []
    while sum(map(len, functions)) < size:
        a, b = dice.randrange(3, 90), dice.randrange(100, 900)
        functions.append(
            f"  function buoc{len(functions)}(ds) {{ return ds.filter(function (x) {{ return x % {a}; }})"
            f".map(function (x) {{ return (x * {b} + {a}) % 9973; }}); }}\n"
        )
    calls = "".join(f"  ds = buoc{index}(ds);\n" for index in range(min(6, len(functions))))
    body = f"  var ds = [];\n  for (var i = 0; i < 4000; i++) ds.push(i);\n{calls}"
    return f'(function () {{\n  "use strict";\n{"".join(functions)}{body}}})();\n'.encode()
