from dataclasses import replace
from datetime import timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from thuocdo.core.model import OWN_REASONS, Assessment, PageKind, Reason
from thuocdo.score.criteria import CriteriaSet
from thuocdo.score.scorecard import NotMeasured

QUICK = settings(max_examples=8, deadline=None)
TIMES = st.lists(st.floats(0.2, 20.0), min_size=3, max_size=9)
RESULTS = st.lists(
    st.floats(0.2, 20.0) | st.sampled_from([Reason.TIMEOUT, Reason.HTTP_ERROR, Reason.CAPTCHA, Reason.BLOCKED]),
    min_size=1,
    max_size=9,
)


def assessment(now, points, minutes=0, **rest):
    given = {"agency_id": "a", "criteria_set_id": "small", "criterion_id": "people"} | rest
    at = now - timedelta(hours=1) + timedelta(minutes=minutes)
    return Assessment(points=points, entered_by="Lan", entered_at=at, evidence_sha256="0" * 64, **given)


def test_points_are_those_of_the_median_and_of_the_availability(score, runs):
    card = score(runs("a", [2.0, 6.0, 20.0]))["a"]
    assert card.points["load"] == pytest.approx(60 * 0.5)
    assert card.points["up"] == pytest.approx(20)
    assert card.summary("homepage.load_seconds").value == 6.0
    assert (card.points_obtained, card.measured_points, card.total_ratio) == (50.0, 80.0, 0.625)


def test_not_measured_is_none_and_never_zero(score, runs):
    cards = score(runs("a", [2.0, 2.0, 2.0]))
    assert cards["b"].points == {"load": None, "up": None, "people": None}
    assert cards["b"].total_ratio is None
    assert cards["b"].not_measured["load"] is NotMeasured.NO_MEASUREMENTS
    assert cards["a"].points["people"] is None
    assert cards["a"].not_measured == {"people": NotMeasured.NOT_ASSESSED}


def test_portal_that_always_fails_is_measured_and_earns_nothing(score, runs):
    card = score(runs("a", [Reason.TIMEOUT] * 4))["a"]
    assert (card.points["load"], card.points["up"], card.total_ratio) == (0.0, 0.0, 0.0)
    assert card.availability_ratio == 0.0
    assert card.summary("homepage.load_seconds").value is None


@pytest.mark.parametrize("reason", [Reason.NO_CONNECTIVITY, Reason.NOT_THE_PORTAL])
def test_portal_that_only_we_failed_to_measure_is_not_measured(score, runs, reason):
    card = score(runs("a", [reason] * 4))["a"]
    assert card.total_ratio is None
    assert card.not_measured["load"] is NotMeasured.NOTHING_CONCLUSIVE
    assert (card.coverage_ratio, card.availability_ratio) == (0.0, None)
    assert [(one.kind, one.reason, one.count) for one in card.reasons] == [("homepage", reason, 4)]


@pytest.mark.parametrize("reason", [Reason.CAPTCHA, Reason.REDIRECTED_ELSEWHERE])
def test_portal_that_hid_all_runs_has_nothing_for_certain_and_all_at_best(score, runs, reason):
    card = score(runs("a", [reason] * 4))["a"]
    assert (card.total_ratio, card.ci_high, card.possible_ratio, card.counted_points) == (0.0, 0.0, 1.0, 80.0)
    assert (card.points["load"], card.measured_points) == (None, 0.0)
    assert card.not_measured["load"] is NotMeasured.HIDDEN
    assert (card.coverage_ratio, card.availability_ratio) == (0.0, None)
    assert [(one.kind, one.reason, one.count) for one in card.reasons] == [("homepage", reason, 4)]


def test_failed_run_counts_as_slower_than_any_other(score, runs):
    card = score(runs("a", [1.0, 2.0, 3.0, Reason.TIMEOUT, Reason.TIMEOUT]))["a"]
    assert card.summary("homepage.load_seconds").value == 3.0
    assert card.availability_ratio == 0.6


def test_half_of_the_runs_failed_leaves_no_median_and_no_points_for_speed(score, runs):
    card = score(runs("a", [1.0, 1.0, Reason.TIMEOUT, Reason.TIMEOUT]))["a"]
    assert card.summary("homepage.load_seconds").value is None
    assert card.points["load"] == 0.0
    assert card.points["up"] == 10.0


def test_a_saturated_run_counts_as_an_answer_but_its_time_does_not(score, runs, run):
    clean = runs("a", [2.0, 2.0, 2.0])
    card = score([*clean, run("a", 10, 30.0, saturated=True), run("a", 11, Reason.PROBER_SATURATED)])["a"]
    assert card.points == score(clean)["a"].points
    assert card.coverage_ratio == 0.8
    assert card.summary("homepage.load_seconds").runs == 3
    assert [(one.reason, one.count) for one in card.reasons] == [("prober_saturated", 2)]


def test_notice_page_shows_its_time_and_earns_nothing(score, runs):
    card = score(runs("a", [0.2, 0.2, 0.2], page_kind=PageKind.NOTICE))["a"]
    assert card.notice
    assert card.points["load"] is None
    assert card.not_measured["load"] is NotMeasured.NOTICE_PAGE
    assert card.summary("homepage.load_seconds").value == 0.2


def test_passing_notice_does_not_make_a_portal_faster(score, runs, run):
    portal = runs("a", [4.0, 4.0, 4.0])
    card = score([*portal, run("a", 10, 0.1, page_kind=PageKind.NOTICE), run("a", 11, 0.1, page_kind=PageKind.NOTICE)])[
        "a"
    ]
    assert not card.notice
    assert card.summary("homepage.load_seconds").value == 4.0
    assert card.availability_ratio == 1.0


def test_too_few_runs_give_no_points_but_are_shown(score, runs):
    card = score(runs("a", [2.0, 2.0]))["a"]
    assert card.points["load"] is None
    assert card.not_measured["load"] is NotMeasured.TOO_FEW_RUNS
    assert card.summary("homepage.load_seconds").runs == 2


def test_run_without_the_value_is_left_out(score, runs):
    card = score(runs("a", [1.0, 1.0, 1.0], values={}))["a"]
    assert card.not_measured["load"] is NotMeasured.HIDDEN
    assert card.points["up"] == 20.0


def test_agency_with_several_portals_gets_the_mean_of_their_points(score, runs):
    cards = score([*runs("c", [1.0] * 9), *runs("c2", [Reason.TIMEOUT] * 3)])
    assert cards["c"].points["load"] == 30.0
    assert cards["c"].summary("homepage.load_seconds").value is None
    assert (cards["c"].summary("homepage.load_seconds").targets, cards["c"].availability_ratio) == (2, 0.5)


def test_profiles_are_never_mixed_into_one_median(score, runs):
    desktop, mobile = runs("a", [2.0] * 5), runs("a", [8.0] * 3, profile="mobile")
    card = score([*desktop, *mobile])["a"]
    assert card.summary("homepage.load_seconds").value == 5.0


def test_points_entered_by_a_person_complete_the_set_and_give_a_level(score, runs, now):
    card = score(runs("a", [1.0] * 6), assessments=[assessment(now, 5.0), assessment(now, 20.0, minutes=1)])["a"]
    assert card.points["people"] == 20.0
    assert (card.points_obtained, card.level) == (100.0, "A")
    assert score(runs("a", [1.0] * 6))["a"].level is None


def test_entries_for_another_set_or_off_the_scale_are_left_out(score, runs, now):
    entries = [
        assessment(now, 21.0),
        assessment(now, -1.0),
        assessment(now, 5.0, criteria_set_id="other"),
        assessment(now, 5.0, criterion_id="load"),
    ]
    card = score(runs("a", [11.0] * 3), assessments=entries)["a"]
    assert card.points["people"] is None
    assert card.points["load"] == 0.0


def test_tls_ratio_counts_only_connections_that_came_to_a_handshake(score, plain, runs):
    bands = [{"at": 0.0, "ratio": 0.0}, {"at": 1.0, "ratio": 1.0}]
    raw = plain()
    raw["groups"][0]["criteria"][1] |= {
        "metric": "http.tls_valid_ratio",
        "curve": {"bands": bands, "source": "t", "confirmed": False},
    }
    tls = {"values": {"tls_seconds": 0.02}, "kind": "http"}
    rows = [
        *runs("a", [1.0, 1.0, 1.0], **tls),
        *runs("b", [Reason.CERTIFICATE_INVALID] * 3, kind="http"),
        *runs("c", [Reason.CONNECTION_REFUSED] * 3, kind="http"),
    ]
    cards = score(rows, criteria=CriteriaSet.model_validate(raw))
    assert [cards[name].points["up"] for name in "abc"] == [20.0, 0.0, None]
    assert cards["b"].availability_ratio == 0.0


def test_interval_of_a_score_encloses_it_and_stays_within_all_and_nothing(score, runs):
    card = score(runs("a", [0.5, 1.0, 3.0, 5.0, 8.0, 15.0, Reason.TIMEOUT]))["a"]
    assert 0.0 <= card.ci_low < card.total_ratio < card.ci_high <= 1.0


@QUICK
@given(RESULTS, st.randoms(use_true_random=False))
def test_order_of_rows_and_doubles_change_nothing(score, runs, results, random):
    rows = [*runs("a", results), *runs("b", results[::-1]), *runs("c2", results)]
    shuffled = [*rows, *rows[:3]]
    random.shuffle(shuffled)
    assert score(shuffled) == score(rows)


@QUICK
@given(RESULTS, st.sampled_from(sorted(OWN_REASONS)))
def test_adding_a_run_that_failed_for_something_at_us_changes_no_points(score, run, runs, results, reason):
    before = score(runs("a", results))["a"]
    after = score([*runs("a", results), run("a", 100, reason)])["a"]
    assert after.points == before.points
    assert after.total_ratio == before.total_ratio
    assert after.availability_ratio == before.availability_ratio


@QUICK
@given(RESULTS)
def test_adding_a_failed_run_never_raises_points(score, run, runs, results):
    counted = [one for one in results if not isinstance(one, Reason) or one.outcome == "failed"]
    if len(counted) < 3:
        return
    before = score(runs("a", results))["a"].points
    after = score([*runs("a", results), run("a", 100, Reason.TIMEOUT)])["a"].points
    assert after["load"] <= before["load"]
    assert after["up"] <= before["up"]


@QUICK
@given(TIMES, st.floats(0.1, 0.99))
def test_faster_portal_never_has_fewer_points(score, runs, times, factor):
    cards = score([*runs("a", times), *runs("b", [time * factor for time in times])])
    assert cards["b"].points["load"] >= cards["a"].points["load"]
    assert cards["b"].ci_low >= cards["a"].ci_low
    assert cards["b"].ci_high >= cards["a"].ci_high


def test_missed_starts_lower_the_coverage_and_nothing_else(score, runs, missed):
    rows = [*runs("a", [2.0, 2.0, 2.0, Reason.CAPTCHA]), *runs("b", [3.0] * 4)]
    before, after = score(rows), score(rows, missed=[missed("a", 4), missed("a", 2, profile="mobile")])
    assert (before["a"].coverage_ratio, after["a"].coverage_ratio) == (0.75, (3 / 8 + 0.0) / 2)
    assert after["a"].missed == 6
    assert replace(after["a"], coverage_ratio=0.75, reached_ratio=1.0, missed=0) == before["a"]
    assert after["b"] == before["b"]


def test_vantage_points_are_taken_together_also_in_what_was_missed(score, runs, missed):
    one, other = missed("a", 3), missed("a", 3)
    assert score(runs("a", [1.0] * 6), missed=[one, replace(other, vantage_id="hue")])["a"].coverage_ratio == 0.5


def test_who_was_never_started_has_no_coverage(score, missed):
    card = score([], missed=[missed("a", 5)])["a"]
    assert (card.coverage_ratio, card.measurements, card.missed) == (0.0, 0, 5)
