from dataclasses import replace
from datetime import timedelta

import pytest

from exporters.incidents import EndedPart
from exporters.operations import duty_families
from exporters.prometheus import render_metrics
from exporters.ranks import ShownRanking
from exporters.text import exposed, text_of
from thuocdo.core.kinds.kind import all_kinds
from thuocdo.core.model import IncidentAspect, IncidentScope, IncidentState, Reason, TargetRole
from thuocdo.core.model.figures import ending_detail, slow_detail
from thuocdo.core.reloading import mistake_of


@pytest.fixture
def render(target, now):
    def text(duty) -> str:
        return text_of(
            render_metrics(
                measurements=[],
                targets={target.id: target},
                shown=ShownRanking(criteria_set_id="survey-2023", ranking=None),
                agents=[],
                duty=duty,
                kinds=all_kinds(),
                now=now,
            )
        ).decode()

    return text


def test_an_incident_of_a_target_names_target_agency_and_reason(render, make_duty, make_incident, samples, now):
    text = render(make_duty(incidents=[make_incident()]))
    labels = {
        "scope": "target",
        "state": "down",
        "target": "da-nang-2025.home",
        "agency": "da-nang-2025",
        "family": "",
        "vantage": "",
        "reason": "connect_timeout",
    }
    assert samples(text, "thuocdo_incident_open") == [(labels, 1.0)]
    started = (now - timedelta(minutes=3)).timestamp()
    figures = {"id": "target-da-nang-2025.home", "status": "", "seconds": "", "usual_seconds": ""}
    assert samples(text, "thuocdo_incident_start_timestamp_seconds") == [(labels | figures, started)]
    assert "thuocdo_incident_end_timestamp_seconds" not in text


@pytest.mark.parametrize(
    ("reason", "detail", "figures"),
    [
        (Reason.HTTP_ERROR, "status 502", ("502", "", "")),
        (Reason.MAINTENANCE_PAGE, "maintenance page with status 503", ("503", "", "")),
        (Reason.TIMEOUT, "no answer within 10 s", ("", "", "")),
        (None, slow_detail("http", "ha-noi", 4.63, 1.5), ("", "4.6", "1.5")),
    ],
)
def test_the_figures_of_an_incident_stand_beside_its_start(
    render, make_duty, make_incident, samples, reason, detail, figures
):
    state = IncidentState.DOWN if reason else IncidentState.DEGRADED
    text = render(make_duty(incidents=[make_incident(reason=reason, detail=detail, state=state)]))
    [(labels, _)] = samples(text, "thuocdo_incident_start_timestamp_seconds")
    assert (labels["status"], labels["seconds"], labels["usual_seconds"]) == figures


def test_an_incident_that_has_just_ended_tells_its_end_and_its_length_and_is_not_open(
    render, make_duty, make_incident, samples, now
):
    over = make_incident(state=IncidentState.ENDED, ended_at=now, detail="status 502", reason=Reason.HTTP_ERROR)
    text = render(make_duty(ended=[over]))
    [(labels, ended)] = samples(text, "thuocdo_incident_end_timestamp_seconds")
    assert ended == now.timestamp()
    assert (labels["state"], labels["status"], labels["target"]) == ("down", "502", "da-nang-2025.home")
    assert samples(text, "thuocdo_incident_duration_seconds") == [(labels, 180.0)]
    assert samples(text, "thuocdo_incident_open") == []


def test_failures_that_nothing_explains_begin_at_zero(render, make_duty, samples):
    assert [value for _, value in samples(render(make_duty()), "thuocdo_probes_unexplained_total")] == [0.0]
    told = render(make_duty(unexplained={"da-nang-2025.home": 3, "gone.home": 1}))
    assert [value for _, value in samples(told, "thuocdo_probes_unexplained_total")] == [3.0]


@pytest.mark.parametrize(("scope", "label"), [(IncidentScope.FAMILY, "family"), (IncidentScope.VANTAGE, "vantage")])
def test_an_incident_of_many_names_no_target_and_no_agency(render, make_duty, make_incident, samples, scope, label):
    [(labels, _)] = samples(render(make_duty(incidents=[make_incident(scope, "x")])), "thuocdo_incident_open")
    assert {name for name, value in labels.items() if value} == {"scope", "state", label, "reason"}
    assert labels[label] == "x"


def test_a_slowdown_has_no_reason(render, make_duty, make_incident, samples):
    slow = make_incident(state=IncidentState.DEGRADED, reason=None)
    [(labels, _)] = samples(render(make_duty(incidents=[slow])), "thuocdo_incident_open")
    assert (labels["state"], labels["reason"]) == ("degraded", "")


def test_another_page_in_the_place_of_a_portal_is_a_state_of_its_own(render, make_duty, make_incident, samples):
    replaced = make_incident(state=IncidentState.REPLACED, reason=Reason.NOT_THE_PORTAL)
    [(labels, _)] = samples(render(make_duty(incidents=[replaced])), "thuocdo_incident_open")
    assert (labels["state"], labels["reason"]) == ("replaced", "not_the_portal")


def test_an_incident_of_a_target_that_is_not_probed_any_more_is_left_out(render, make_duty, make_incident, samples):
    gone = make_incident(subject="gone.home")
    assert samples(render(make_duty(incidents=[gone])), "thuocdo_incident_open") == []


def test_two_incidents_of_one_target_are_open_once_and_have_a_start_each(
    render, make_duty, make_incident, samples, now
):
    older = make_incident(id="older", started_at=now - timedelta(hours=1))
    text = render(make_duty(incidents=[make_incident(), older]))
    assert len(samples(text, "thuocdo_incident_open")) == 1
    assert len(samples(text, "thuocdo_incident_start_timestamp_seconds")) == 2


def test_confirmed_incidents_are_counted_from_zero_on(render, make_duty, samples):
    text = render(make_duty(confirmed={IncidentScope.TARGET: 7}))
    assert [(labels["scope"], value) for labels, value in samples(text, "thuocdo_incidents_confirmed_total")] == [
        ("target", 7.0),
        ("family", 0.0),
        ("vantage", 0.0),
    ]


def test_judged_probes_begin_at_zero_so_that_the_first_failure_is_an_increase(render, make_duty, samples):
    text = render(make_duty())
    assert [value for _, value in samples(text, "thuocdo_probes_judged_total")] == [0.0] * 4


def test_a_judge_that_never_ran_has_no_last_run(render, make_duty, samples, now):
    assert samples(render(make_duty()), "thuocdo_judge_last_run_timestamp_seconds") == []
    judged = render(make_duty(judged_at=now))
    assert samples(judged, "thuocdo_judge_last_run_timestamp_seconds") == [({}, now.timestamp())]


def test_maintenance_is_a_series_only_while_it_holds(render, make_duty, samples):
    assert samples(render(make_duty()), "thuocdo_maintenance_active") == []
    held = render(make_duty(in_maintenance={"da-nang-2025.home", "gone.home"}))
    assert samples(held, "thuocdo_maintenance_active") == [({"target": "da-nang-2025.home"}, 1.0)]


def test_buckets_of_response_times_are_cumulative(render, make_duty, samples):
    text = render(make_duty(responses={("da-nang-2025.home", "http"): ((1, 2, 0, 3, 0, 0, 4), 12.5)}))
    buckets = {labels["le"]: value for labels, value in samples(text, "thuocdo_response_seconds_bucket")}
    assert buckets == {"0.3": 1.0, "1.0": 3.0, "2.0": 3.0, "3.0": 6.0, "4.0": 6.0, "8.0": 6.0, "+Inf": 10.0}
    assert samples(text, "thuocdo_response_seconds_count")[0][1] == 10.0
    assert samples(text, "thuocdo_response_seconds_sum")[0][1] == 12.5


def test_an_unknown_availability_is_absent_and_an_overspent_budget_is_negative(render, make_duty, whole_duty, samples):
    text = render(whole_duty)
    assert samples(text, "thuocdo_target_error_budget_remaining_ratio")[0][1] == -0.5
    assert samples(render(make_duty()), "thuocdo_target_availability_ratio") == []


def test_a_failed_reload_is_told_with_the_instant_of_what_is_in_force(render, make_duty, samples, now):
    text = render(make_duty(reload_succeeded=False))
    assert samples(text, "thuocdo_config_last_reload_successful") == [({}, 0.0)]
    assert samples(text, "thuocdo_config_last_reload_success_timestamp_seconds") == [({}, now.timestamp())]


def test_mistakes_are_told_with_their_place_the_first_of_them_and_no_longer_than_is_good(render, make_duty, samples):
    told = [
        "fleet.yaml:3: portals.0: unknown key 'ur1'; did you mean 'url'?",
        "default.yaml: unknown kind " + "x" * 400,
        "the folder is empty",
        "one more",
    ]
    found = samples(render(make_duty(mistakes=[mistake_of(one) for one in told])), "thuocdo_config_problem")
    assert [value for _, value in found] == [1.0, 2.0, 3.0]
    first, second, third = (labels for labels, _ in found)
    in_vietnamese = "fleet.yaml:3: portals.0: không có khóa nào tên “ur1”; có phải là “url” không?"
    assert first == {
        "file": "fleet.yaml",
        "line": "3",
        "suggestion": "url",
        "problem": told[0],
        "problem_vi": in_vietnamese,
    }
    assert (second["file"], second["line"], len(second["problem"])) == ("default.yaml", "", 300)
    assert (third["file"], third["problem"]) == ("", "the folder is empty")
    assert samples(render(make_duty()), "thuocdo_config_problem") == []


def test_a_part_tells_since_when_it_is_in_its_state_under_the_name_of_the_first_of_its_role(
    target, make_duty, make_incident, make_part, samples, now
):
    forms = [replace(target, id=f"f{number}", role=TargetRole.EFORM) for number in range(3)]
    broken = {"state": IncidentState.BROKEN, "worst": IncidentState.BROKEN, "reason": Reason.HTTP_ERROR}
    parts = (
        make_part("f1", ended_at=now, **broken),
        make_part(target.id, since=now, detail="status 502", reason=Reason.HTTP_ERROR),
        make_part("f2", **broken),
        make_part("f0", **broken),
    )
    incident = make_incident(subject="f1", parts=parts, target_ids=("f1", target.id, "f2", "f0"))
    duty = make_duty(incidents=[incident], ended_parts=[EndedPart(incident=incident, part=parts[0], is_withdrawn=True)])
    text = text_of(exposed(duty_families(duty, {one.id: one for one in (target, *forms)}))).decode()
    started = samples(text, "thuocdo_incident_part_start_timestamp_seconds")
    assert [(one["target"], one["part"], one["role"], one["state"], one["status"]) for one, _ in started] == [
        (target.id, target.id, "homepage", "down", "502"),
        ("f1", "f2", "eform", "broken", ""),
        ("f1", "f0", "eform", "broken", ""),
    ]
    assert [value for _, value in started] == [now.timestamp(), *[(now - timedelta(minutes=3)).timestamp()] * 2]
    [(labels, length)] = samples(text, "thuocdo_incident_part_duration_seconds")
    assert (labels["target"], labels["part"], labels["state"], length) == ("f1", "f1", "withdrawn", 180.0)


def test_the_certificate_of_a_host_is_told_once_under_the_first_of_its_forms(
    target, make_duty, make_incident, make_part, samples, now
):
    hosts = {"f0": "one", "f1": "other", "f2": "one"}
    forms = {
        name: replace(target, id=name, role=TargetRole.EFORM, url=f"https://{host}.test/{name}")
        for name, host in hosts.items()
    }
    soon = {"aspect": IncidentAspect.CERTIFICATE, "state": IncidentState.EXPIRING, "worst": IncidentState.EXPIRING}
    soon |= {"reason": None, "detail": ending_detail(now + timedelta(days=5))}
    parts = (make_part("f1"), *(make_part(name, **soon) for name in ("f2", "f1", "f0")))
    duty = make_duty(incidents=[make_incident(subject="f1", parts=parts)])
    text = text_of(exposed(duty_families(duty, forms))).decode()
    told = samples(text, "thuocdo_incident_certificate_expiry_timestamp_seconds")
    assert [(one["target"], one["part"]) for one, _ in told] == [("f2", "f2"), ("f1", "f1"), ("f2", "f0")]


def test_a_part_in_maintenance_speaks_for_no_other(target, make_duty, make_incident, make_part, samples):
    forms = {name: replace(target, id=name, role=TargetRole.EFORM) for name in ("f0", "f1")}
    incident = make_incident(subject="f0", parts=(make_part("f0"), make_part("f1")))
    duty = make_duty(incidents=[incident], in_maintenance={"f1"})
    text = text_of(exposed(duty_families(duty, forms))).decode()
    assert [one["part"] for one, _ in samples(text, "thuocdo_incident_part_start_timestamp_seconds")] == ["f0"]


def test_of_unknown_targets_nothing_is_told(whole_duty):
    text = text_of(exposed(duty_families(whole_duty, {}))).decode()
    assert whole_duty.incidents[0].subject_id not in text
