"""One ranking with everything in it: shared ranks, a tie-free one, agencies without a rank, an open interval."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from thuocdo.core.model import Agency, Block
from thuocdo.core.portals import Registry
from thuocdo.score.criteria import CriteriaSet, Statistic
from thuocdo.score.ranking import rank
from thuocdo.score.scorecard import MetricSummary, NotMeasured, Ranking, ReasonCount, Scorecard

NOW = datetime(2026, 11, 22, 6, 0, tzinfo=UTC)
NAMES = {
    "can-tho": (Block.PROVINCE, "Cần Thơ", "Can Tho"),
    "hue": (Block.PROVINCE, "Huế", "Hue"),
    "ha-noi": (Block.PROVINCE, "Hà Nội", "Ha Noi"),
    "ca-mau": (Block.PROVINCE, "Cà Mau", "Ca Mau"),
    "lai-chau": (Block.PROVINCE, "Lai Châu", "Lai Chau"),
    "moha": (Block.MINISTRY, "Bộ Nội vụ", "Ministry of Home Affairs"),
    "most": (Block.MINISTRY, "Bộ Khoa học và Công nghệ", "Ministry of Science and Technology"),
    "national": (Block.NATIONAL, "Cổng Dịch vụ công quốc gia", "National Public Service Portal"),
}


@pytest.fixture
def registry() -> Registry:
    agencies = {
        name: Agency(id=name, block=block, name_vi=name_vi, name_en=name_en)
        for name, (block, name_vi, name_en) in NAMES.items()
    }
    return Registry(agencies=agencies, portals={}, procedures={}, targets={}, digest="1" * 64)


def card(name: str, ratio: float, seconds: float | None, **changes: object) -> Scorecard:
    open_end = seconds is None or seconds > 5
    summaries = {
        ("homepage.load_seconds", Statistic.MEDIAN): MetricSummary(
            value=seconds,
            ci_low=seconds and seconds * 0.9,
            ci_high=None if open_end else (seconds or 0) * 1.1,
            runs=9,
            targets=1,
            smallest_runs=9,
        ),
        ("eform.ready_seconds", Statistic.MEDIAN): MetricSummary(
            value=2.5, ci_low=2.0, ci_high=3.0, runs=4, targets=1, smallest_runs=4
        ),
        ("accessibility.score", Statistic.MEDIAN): MetricSummary(
            value=81.25, ci_low=81.25, ci_high=81.25, runs=1, targets=1, smallest_runs=1
        ),
    }
    made = Scorecard(
        agency_id=name,
        block=NAMES[name][0],
        points={"speed": 40 * ratio, "people": None},
        not_measured={"people": NotMeasured.NOT_ASSESSED},
        points_obtained=40 * ratio,
        measured_points=40.0,
        machine_points=40.0,
        total_ratio=ratio,
        ci_low=ratio - 0.02,
        ci_high=min(ratio + 0.02, 1.0),
        level=None,
        summaries=summaries,
        runs=14,
        measurements=16,
        coverage_ratio=0.875,
        reached_ratio=1.0,
        possible_points={"speed": 40 * ratio},
        not_counted=("people",),
        counted_points=40.0,
        possible_ratio=ratio,
        possible_high=min(ratio + 0.02, 1.0),
        availability_ratio=0.9996,
        reasons=(ReasonCount(kind="eform", reason="captcha", count=2),),
    )
    return replace(made, **changes)


EMPTY = {
    "points": {"speed": None, "people": None},
    "not_measured": {"speed": NotMeasured.NOTHING_CONCLUSIVE, "people": NotMeasured.NOT_ASSESSED},
    "points_obtained": 0.0,
    "measured_points": 0.0,
    "machine_points": 0.0,
    "total_ratio": None,
    "ci_low": None,
    "ci_high": None,
    "summaries": {},
    "runs": 0,
    "coverage_ratio": 0.0,
    "reached_ratio": 0.0,
    "possible_points": {},
    "counted_points": 0.0,
    "possible_ratio": None,
    "possible_high": None,
    "availability_ratio": None,
}


@pytest.fixture
def ranking() -> Ranking:
    curve = {"below": 3.0, "source": "test", "confirmed": False}
    common = {"source": "test", "confirmed": False}
    criteria = CriteriaSet.model_validate(
        {
            **common,
            "id": "small",
            "version": "1",
            "title_vi": "Bộ tiêu chí nhỏ",
            "title_en": "A small set",
            "note_vi": "Ghi chú.",
            "note_en": "A note.",
            "blocks": ["ministry", "province"],
            "page_kinds_ranked": ["portal"],
            "minimum_runs": 3,
            "minimum_coverage_ratio": 0.5,
            "minimum_measured_ratio": 0.5,
            "groups": [
                {
                    **common,
                    "id": "all",
                    "title_vi": "Tất cả",
                    "title_en": "All",
                    "points": 100,
                    "criteria": [
                        {
                            **common,
                            "id": "speed",
                            "title_vi": "Nhanh",
                            "title_en": "Fast",
                            "points": 40,
                            "metric": "homepage.load_seconds",
                            "statistic": "median",
                            "curve": curve,
                        },
                        {
                            **common,
                            "id": "people",
                            "title_vi": "Người chấm",
                            "title_en": "People",
                            "points": 60,
                            "by_hand": True,
                        },
                    ],
                }
            ],
        }
    )
    cards = [
        card("can-tho", 0.9, 1.2345678),
        card("hue", 0.88, 1.5),
        card("ha-noi", 0.6, 8.0, possible_ratio=0.8, possible_high=0.87),
        card(
            "ca-mau",
            0.0,
            None,
            ci_low=0.0,
            availability_ratio=0.0,
            reasons=(ReasonCount(kind="http", reason="timeout", count=5),),
        ),
        card("lai-chau", 0.0, None, **EMPTY, reasons=(ReasonCount(kind="homepage", reason="blocked", count=16),)),
        card("moha", 0.5, 3.0),
        card("most", 0.0, 0.1, **(EMPTY | {"runs": 14}), notice=True, reasons=()),
        card("national", 0.95, 0.8),
    ]
    return Ranking(
        criteria=criteria,
        criteria_digest="2" * 64,
        registry_digest="1" * 64,
        method_version="2",
        round_id="r1",
        since=None,
        until=None,
        computed_at=NOW,
        first_at=NOW - timedelta(hours=2),
        last_at=NOW - timedelta(minutes=1),
        measurements=128,
        runs=98,
        profiles=("desktop",),
        not_counted={
            Block.MINISTRY: {"people": ("moha",)},
            Block.PROVINCE: {"people": ("can-tho", "hue", "ha-noi", "ca-mau")},
        },
        blocks={block: rank([one for one in cards if one.block is block], criteria, probed=NAMES) for block in Block},
    )
