from dataclasses import replace
from datetime import timedelta

import pytest
from prometheus_client.parser import text_string_to_metric_families

from exporters.blackbox import MEASUREMENT_METRICS
from exporters.freshness import STALE_AFTER
from exporters.prometheus import most_series_of_target, render_metrics
from exporters.ranks import ShownRanking
from exporters.text import text_of
from thuocdo.core.kinds.kind import all_kinds
from thuocdo.core.model import AgentState, Block, Reason, TargetRole
from thuocdo.score.criteria import load_criteria_set
from thuocdo.score.scorecard import RankedAgency, Ranking, Scorecard, Unranked


@pytest.fixture
def ranking(now):
    from thuocdo.core.config import bundled

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
def render(target, now, make_duty):
    def text(*measurements, ranking=None, due_since=None, agents=(), targets=None, duty=None, silences=None) -> str:
        exposition = render_metrics(
            measurements=measurements,
            targets={target.id: target} if targets is None else targets,
            shown=ShownRanking(criteria_set_id="survey-2023", ranking=ranking, due_since=due_since),
            agents=agents,
            duty=duty or make_duty(),
            kinds=all_kinds(),
            now=now,
            names={target.id: "Thành phố Đà Nẵng"},
            silences=silences or {},
        )
        return text_of(exposition).decode()

    return text


def agent(now) -> AgentState:
    return AgentState(
        agent="agent-http",
        vantage_id="ha-noi",
        pid=7,
        seen_at=now,
        started_at=now,
        missed_starts_total=4,
        queue_length=2,
        late_starts_total=3,
        clock_offset_seconds=0.004,
        due_by_kind={"http": 40, "homepage": 8},
        missed_by_kind={"http": 4, "homepage": 0},
    )


def refused(make, wait="capped"):
    """A measurement of a host that is left alone."""
    taken = make(reason=Reason.BLOCKED)
    seen = replace(taken.observation, attributes={"refusals": "3", "left_alone": wait, "left_alone_seconds": "86400"})
    return replace(taken, observation=seen)


def contract(text: str) -> str:
    """Return helps and types as they stand, and after each family its series with their labels."""
    series = {}
    for family in text_string_to_metric_families(text):
        for sample in family.samples:
            series.setdefault(family.name, {}).setdefault(f"{sample.name}{{{','.join(sorted(sample.labels))}}}")
    lines = []
    for line in text.splitlines():
        if line.startswith("#"):
            lines.append(line)
        if line.startswith("# TYPE"):
            name = line.split()[2]
            lines += series.get(name) or series[name.removesuffix("_total")]
    return "".join(line + "\n" for line in lines)


def test_names_types_helps_and_labels_are_pinned(render, make, now, ranking, golden, whole_duty):
    everything = [make(kind) for kind in all_kinds()]
    silences = {"ha-noi": (now, timedelta(minutes=5))}
    text = render(
        *everything,
        refused(make),
        ranking=ranking,
        due_since=now,
        agents=[agent(now)],
        duty=whole_duty,
        silences=silences,
    )
    golden("tests/unit/exporters/golden/metrics.txt", contract(text))


@pytest.mark.parametrize("role", TargetRole)
def test_how_many_series_a_target_can_have_is_reckoned_from_its_kinds(render, make, whole_duty, target, role):
    kinds = [kind.name for kind in all_kinds().values() if role in kind.roles]
    duty = replace(whole_duty, responses={key: value for key, value in whole_duty.responses.items() if key[1] in kinds})
    text = render(*map(make, kinds), duty=duty, targets={target.id: replace(target, role=role)})
    series = [line for line in text.splitlines() if 'target="da-nang-2025.home"' in line]
    most = most_series_of_target(dict.fromkeys(kinds, 1), all_kinds(), steps=2)
    # What is left alone after a refusal has no values; here every kind has all of them, and no refusals.
    assert len(series) == most - len(kinds)


def test_every_profile_has_series_of_its_own():
    once, twice = (most_series_of_target({"homepage": n}, all_kinds(), steps=0) for n in (1, 2))
    assert twice - once == sum(value.metric for value in all_kinds()["homepage"].values) + len(MEASUREMENT_METRICS)


def test_probe_success_is_absent_when_the_probe_was_inconclusive(render, make, samples):
    text = render(make(reason=Reason.NO_CONNECTIVITY))
    assert samples(text, "probe_success") == []
    assert [labels["outcome"] for labels, _ in samples(text, "thuocdo_measurement_outcome")] == ["inconclusive"]


@pytest.mark.parametrize(("reason", "success"), [(None, 1.0), (Reason.CONNECTION_REFUSED, 0.0)])
def test_probe_success_tells_whether_the_portal_answered(render, make, reason, success, samples):
    [(labels, value)] = samples(render(make(reason=reason)), "probe_success")
    assert value == success
    assert labels == {"target": "da-nang-2025.home", "vantage": "ha-noi", "profile": "desktop"}


def test_of_a_portal_that_is_down_the_rows_of_blackbox_exporter_are_zero(render, make, samples):
    text = render(make(reason=Reason.TIMEOUT, values={"resolve_seconds": 0.01}))
    phases = {labels["phase"]: value for labels, value in samples(text, "probe_http_duration_seconds")}
    assert phases == {"resolve": 0.01, "connect": 0.0, "tls": 0.0, "processing": 0.0, "transfer": 0.0}
    for name in ("status_code", "content_length", "ssl", "version", "redirects"):
        assert [value for _, value in samples(text, f"probe_http_{name}")] == [0.0]


def test_of_an_inconclusive_probe_what_was_not_measured_is_absent_and_never_zero(render, make, samples):
    text = render(make(reason=Reason.NO_CONNECTIVITY, values={"resolve_seconds": 0.01}))
    assert [labels["phase"] for labels, _ in samples(text, "probe_http_duration_seconds")] == ["resolve"]
    for name in ("probe_http_status_code", "probe_http_content_length", "probe_http_ssl", "probe_ip_protocol"):
        assert samples(text, name) == []


@pytest.mark.parametrize("kind", [kind.name for kind in all_kinds().values() if not kind.answers])
def test_of_other_kinds_nothing_is_zero_that_was_not_measured(render, make, samples, kind):
    text = render(make(kind, reason=Reason.TIMEOUT))
    assert not [line for line in text.splitlines() if line.startswith((f"thuocdo_{kind}_", "probe_"))]


def test_the_duration_is_the_exchange_itself_or_the_time_until_giving_up(render, make, samples):
    assert samples(render(make(values={"total_seconds": 0.25})), "probe_duration_seconds")[0][1] == 0.25
    assert samples(render(make(reason=Reason.TIMEOUT)), "probe_duration_seconds")[0][1] == 1.5


def test_a_zero_that_was_measured_is_exported(render, make, samples):
    assert samples(render(make(values={"redirects": 0.0})), "probe_http_redirects")[0][1] == 0.0


def test_unknown_targets_are_left_out(render, make, samples):
    assert samples(render(make(target="gone.home")), "probe_success") == []


def test_no_error_text_or_round_stands_in_a_label_and_the_address_in_one_alone(
    render, make, ranking, target, whole_duty, samples
):
    text = render(make(reason=Reason.HTTP_ERROR, detail="secret detail"), ranking=ranking, duty=whole_duty)
    for secret in ("secret detail", "secret-round"):
        assert secret not in text
    assert [line.partition("{")[0] for line in text.splitlines() if target.host in line] == ["thuocdo_target_info"]
    [(labels, _)] = samples(text, "thuocdo_target_info")
    assert (labels["name"], labels["url"]) == ("Thành phố Đà Nẵng", target.url)


def test_an_agency_without_a_score_has_no_score_and_no_rank(render, ranking, samples):
    text = render(ranking=ranking)
    assert {labels["agency"] for labels, _ in samples(text, "thuocdo_agency_score_ratio")} == {"da-nang-2025"}
    assert samples(text, "thuocdo_agency_rank") == [
        ({"agency": "da-nang-2025", "block": "province", "criteria_set": "survey-2023"}, 1.0)
    ]


def test_counters_of_agents_are_counters(render, now, samples):
    text = render(agents=[agent(now)])
    assert "# TYPE thuocdo_agent_missed_starts_total counter" in text
    assert samples(text, "thuocdo_agent_missed_starts_total")[0][1] == 4.0


def test_what_an_agent_was_asked_for_and_missed_is_told_by_kind(render, now, samples):
    text = render(agents=[agent(now)])
    of_agent = {"agent": "agent-http", "vantage": "ha-noi"}
    for name, http, homepage in (("due", 40.0, 8.0), ("missed", 4.0, 0.0)):
        told = samples(text, f"thuocdo_agent_kind_{name}_total")
        assert told == [({**of_agent, "kind": "homepage"}, homepage), ({**of_agent, "kind": "http"}, http)]


def test_target_info_joins_a_target_with_its_agency(render, samples):
    [(labels, value)] = samples(render(), "thuocdo_target_info")
    assert value == 1.0
    assert (labels["agency"], labels["family"], labels["region"]) == (
        "da-nang-2025",
        "igate-new",
        'Duyên hải "Nam Trung Bộ"',
    )
    assert (labels["name"], labels["url"]) == ("Thành phố Đà Nẵng", "https://dichvucong.danang.example.vn/")


def test_every_value_that_is_no_detail_has_a_metric(render, make, samples):
    text = render(*(make(kind) for kind in all_kinds()))
    for kind in all_kinds().values():
        for value in kind.values:
            expected = value.metric and not kind.answers
            assert len(samples(text, f"thuocdo_{kind.name}_{value.name}")) == expected


def test_an_agent_that_was_silent_for_a_week_is_left_out(render, now, samples):
    assert samples(render(agents=[agent(now - STALE_AFTER - timedelta(seconds=1))]), "thuocdo_agent_in_flight") == []


def test_a_clock_that_nothing_keeps_has_no_offset(render, now, samples):
    unknown = replace(agent(now), clock_offset_seconds=None)
    assert samples(render(agents=[unknown]), "thuocdo_agent_clock_offset_seconds") == []
    assert samples(render(agents=[agent(now)]), "thuocdo_agent_clock_offset_seconds")[0][1] == 0.004


@pytest.mark.parametrize("wait", ["own", "asked", "capped"])
def test_a_host_that_is_left_alone_says_after_how_many_refusals_and_who_decided(render, make, samples, wait):
    [(labels, refusals)] = samples(render(refused(make, wait)), "thuocdo_refusals")
    assert (labels["target"], labels["kind"], labels["wait"], refusals) == ("da-nang-2025.home", "http", wait, 3.0)
    assert samples(render(make()), "thuocdo_refusals") == []


def test_a_target_that_refuses_all_its_kinds_stays_within_the_reckoned_series(render, make, target, whole_duty):
    kinds = [kind.name for kind in all_kinds().values() if target.role in kind.roles]
    taken = [replace(refused(make), key=replace(refused(make).key, kind=kind)) for kind in kinds]
    series = [line for line in render(*taken, duty=whole_duty).splitlines() if 'target="da-nang-2025.home"' in line]
    assert len(series) <= most_series_of_target(dict.fromkeys(kinds, 1), all_kinds(), steps=0)


def test_stalls_and_clock_steps_of_an_agent_are_counted(render, now, samples):
    text = render(agents=[replace(agent(now), loop_stalls_total=2, clock_steps_total=1)])
    assert samples(text, "thuocdo_loop_stalls_total")[0][1] == 2.0
    assert samples(text, "thuocdo_clock_steps_total")[0][1] == 1.0


@pytest.mark.parametrize("text", ["²", "٣", "9" * 400, "1e5", "nan", "-1", "", "1.2.3"])
def test_what_a_portal_says_of_its_version_is_a_number_or_zero(render, make, samples, text):
    taken = make()
    told = replace(taken, observation=replace(taken.observation, attributes={"http_version": text}))
    assert [value for _, value in samples(render(told), "probe_http_version")] == [0.0]
