import re
from datetime import timedelta

import pytest
from prometheus_client.parser import text_string_to_metric_families

from exporters.prometheus import MOST_SERIES_PER_TARGET, STALE_AFTER, render_metrics
from probes.kind import all_kinds
from thuocdo.model import AgentState, Block, Reason
from thuocdo.score.criteria import load_criteria_set
from thuocdo.score.scorecard import RankedAgency, Ranking, Scorecard, Unranked


@pytest.fixture
def ranking(now):
    from thuocdo.config import bundled

    criteria = load_criteria_set(bundled("criteria"), "survey-2023")

    def card(agency: str, ratio: float | None) -> Scorecard:
        return Scorecard(
            agency_id=agency,
            block=Block.PROVINCE,
            points={},
            not_measured={},
            points_obtained=100.0,
            measured_points=180.0,
            machine_points=180.0,
            total_ratio=ratio,
            ci_low=ratio,
            ci_high=ratio,
            level=None,
            summaries={},
            runs=3,
            measurements=4,
            coverage_ratio=0.75 if ratio else None,
            availability_ratio=ratio,
            reasons=(),
        )

    return Ranking(
        criteria=criteria,
        criteria_digest=criteria.digest,
        registry_digest="r",
        method_version="1",
        round_id="secret-round",
        since=None,
        until=None,
        computed_at=now,
        first_at=now,
        last_at=now,
        measurements=4,
        runs=3,
        profiles=("desktop",),
        blocks={
            Block.PROVINCE: (
                RankedAgency(scorecard=card("da-nang-2025", 0.5), rank=1, rank_to=1),
                RankedAgency(scorecard=card("hue-2025", None), unranked_reason=Unranked.NOTHING_MEASURED),
            )
        },
    )


@pytest.fixture
def render(target, now):
    def text(*measurements, ranking=None, agents=(), targets=None) -> str:
        known = {target.id: target} if targets is None else targets
        return render_metrics(
            measurements=measurements, targets=known, ranking=ranking, agents=agents, kinds=all_kinds(), now=now
        ).decode()

    return text


def samples(text: str, name: str) -> list[tuple[dict[str, str], float]]:
    return [
        (sample.labels, sample.value)
        for family in text_string_to_metric_families(text)
        for sample in family.samples
        if sample.name == name
    ]


def agent(now) -> AgentState:
    return AgentState(
        agent="agent-http", vantage_id="ha-noi", pid=7, seen_at=now, started_at=now, missed_starts_total=4
    )


def test_names_types_and_helps_are_pinned(render, make, now, ranking, golden):
    everything = [make(kind) for kind in all_kinds()]
    text = render(*everything, ranking=ranking, agents=[agent(now)])
    golden("metrics.txt", "".join(line + "\n" for line in text.splitlines() if line.startswith("#")))


def test_a_target_of_all_homepage_kinds_stays_within_the_series_budget(render, make):
    text = render(*(make(kind) for kind in all_kinds()))
    series = [line for line in text.splitlines() if 'target="da-nang-2025.home"' in line]
    of_eforms = re.compile(r'thuocdo_(eform|resilience)_|kind="(eform|resilience)"')
    homepage_kinds = [line for line in series if not of_eforms.search(line)]
    assert 40 < len(homepage_kinds) <= MOST_SERIES_PER_TARGET


def test_probe_success_is_absent_when_the_probe_was_inconclusive(render, make):
    text = render(make(reason=Reason.NO_CONNECTIVITY))
    assert samples(text, "probe_success") == []
    assert [labels["outcome"] for labels, _ in samples(text, "thuocdo_measurement_outcome")] == ["inconclusive"]


@pytest.mark.parametrize(("reason", "success"), [(None, 1.0), (Reason.CONNECTION_REFUSED, 0.0)])
def test_probe_success_tells_whether_the_portal_answered(render, make, reason, success):
    [(labels, value)] = samples(render(make(reason=reason)), "probe_success")
    assert value == success
    assert labels == {"target": "da-nang-2025.home", "vantage": "ha-noi", "profile": "desktop"}


def test_what_was_not_measured_is_absent_and_never_zero(render, make):
    text = render(make(reason=Reason.TIMEOUT, values={"resolve_seconds": 0.01}))
    assert [labels["phase"] for labels, _ in samples(text, "probe_http_duration_seconds")] == ["resolve"]
    assert samples(text, "probe_http_status_code") == []
    assert samples(text, "thuocdo_http_total_seconds") == []
    assert samples(text, "probe_http_ssl") == []


def test_the_duration_is_the_exchange_itself_or_the_time_until_giving_up(render, make):
    assert samples(render(make(values={"total_seconds": 0.25})), "probe_duration_seconds")[0][1] == 0.25
    assert samples(render(make(reason=Reason.TIMEOUT)), "probe_duration_seconds")[0][1] == 1.5


def test_a_zero_that_was_measured_is_exported(render, make):
    assert samples(render(make(values={"redirects": 0.0})), "probe_http_redirects")[0][1] == 0.0


def test_stale_results_and_unknown_targets_are_left_out(render, make):
    old = make(age=STALE_AFTER + timedelta(seconds=1))
    text = render(old, make(target="gone.home"))
    assert samples(text, "probe_success") == []


def test_no_address_error_text_or_round_stands_in_a_label(render, make, ranking, target):
    text = render(make(reason=Reason.HTTP_ERROR, detail="secret detail"), ranking=ranking)
    for secret in (target.url, target.host, "secret detail", "secret-round"):
        assert secret not in text


def test_an_agency_without_a_score_has_no_score_and_no_rank(render, ranking):
    text = render(ranking=ranking)
    assert {labels["agency"] for labels, _ in samples(text, "thuocdo_agency_score_ratio")} == {"da-nang-2025"}
    assert samples(text, "thuocdo_agency_rank") == [
        ({"agency": "da-nang-2025", "block": "province", "criteria_set": "survey-2023"}, 1.0)
    ]


def test_counters_of_agents_are_counters(render, now):
    text = render(agents=[agent(now)])
    assert "# TYPE thuocdo_agent_missed_starts_total counter" in text
    assert samples(text, "thuocdo_agent_missed_starts_total")[0][1] == 4.0


def test_target_info_joins_a_target_with_its_agency(render):
    [(labels, value)] = samples(render(), "thuocdo_target_info")
    assert value == 1.0
    assert (labels["agency"], labels["family"], labels["region"]) == (
        "da-nang-2025",
        "igate-new",
        'Duyên hải "Nam Trung Bộ"',
    )


def test_every_value_that_is_no_detail_has_a_metric(render, make):
    text = render(*(make(kind) for kind in all_kinds()))
    for kind in all_kinds().values():
        for value in kind.values:
            assert len(samples(text, f"thuocdo_{kind.name}_{value.name}")) == (not value.detail)
