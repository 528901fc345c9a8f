"""Nobody gains by hiding from the probes, and nobody by being measured, assessed or registered for more than others."""

from dataclasses import replace
from datetime import timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from thuocdo.core.model import KEPT_OUT_REASONS, OWN_REASONS, Assessment, Block, Outcome, PageKind, Reason, TargetRole
from thuocdo.score.criteria import CriteriaSet
from thuocdo.score.ranking import build_ranking
from thuocdo.score.scorecard import NotMeasured, Unranked

RESULT = st.floats(0.2, 20.0) | st.sampled_from([Reason.TIMEOUT, Reason.HTTP_ERROR, Reason.CAPTCHA])
ELSEWHERE = frozenset({Reason.REDIRECTED_ELSEWHERE, Reason.PROTOCOL_UNSUPPORTED})
WAYS = st.sampled_from([*sorted(KEPT_OUT_REASONS | ELSEWHERE), PageKind.NOTICE])
"""How a portal hides: what becomes of a run."""


@pytest.fixture(scope="module")
def with_forms(plain):
    """The small set with 30 more points for eForms, of which two runs suffice."""
    form = {
        "id": "form", "title_vi": "f", "title_en": "f", "points": 30, "source": "test", "confirmed": False,
        "metric": "eform.ready_seconds", "statistic": "median", "minimum_runs": 2,
        "curve": {"source": "test", "confirmed": False, "bands": [{"at": 1.0, "ratio": 1.0}, {"at": 9.0, "ratio": 0.0}]},
    }  # fmt: skip
    raw = plain()
    raw["groups"][0] |= {"points": 130, "criteria": [*raw["groups"][0]["criteria"], form]}
    return CriteriaSet.model_validate(raw)


def test_every_inconclusive_reason_is_ours_or_the_portals():
    inconclusive = {one for one in Reason if one.outcome is Outcome.INCONCLUSIVE}
    assert inconclusive == OWN_REASONS | KEPT_OUT_REASONS | ELSEWHERE
    assert not OWN_REASONS & KEPT_OUT_REASONS


def placed(ranking):
    """First and last place of each province; who has no rank stands behind all."""
    members = ranking.blocks[Block.PROVINCE]
    behind = (len(members) + 1,) * 2
    return {one.scorecard.agency_id: (one.rank, one.rank_to) if one.rank else behind for one in members}


def assert_nobody_gained(before, after, who):
    for end in (0, 1):
        assert after[who][end] >= before[who][end]
        assert all(after[one][end] <= before[one][end] for one in before if one != who)


@settings(max_examples=20, deadline=None)
@given(st.lists(RESULT, min_size=3, max_size=9), st.lists(RESULT, min_size=3, max_size=9), st.data())
def test_whoever_hides_runs_never_stands_better_and_nobody_else_worse(
    stored, registry, criteria, run, runs, now, mine, others, data
):
    ways = data.draw(st.lists(st.none() | WAYS, min_size=len(mine), max_size=len(mine)))
    rest = [*runs("b", others), *runs("c", others[::-1]), *runs("c2", mine)]

    def seen(index, result, way):
        if way is PageKind.NOTICE:  # hides how long its page takes, and shows that it answers: no more than it did
            return run("a", index, 0.1, page_kind=way) if isinstance(result, float) else run("a", index, result)
        return run("a", index, result if way is None else way)

    shown = runs("a", mine)
    hiding = [seen(index, *pair) for index, pair in enumerate(zip(mine, ways, strict=True))]
    before, after = (build_ranking(stored([*rest, *of_a]), registry, criteria, now=now) for of_a in (shown, hiding))
    assert_nobody_gained(placed(before), placed(after), "a")


@settings(max_examples=20, deadline=None)
@given(
    st.lists(RESULT, min_size=6, max_size=6),
    st.lists(RESULT, min_size=6, max_size=6),
    st.lists(st.floats(0.2, 20.0) | st.sampled_from([Reason.CAPTCHA]), min_size=3, max_size=3),
    st.sets(st.integers(0, 8), max_size=7),
)
def test_whatever_is_missing_from_a_round_gives_nobody_a_better_place(
    stored, registry, criteria, runs, now, mine, others, further, gone
):
    """A measurement that is taken out of a round is still due."""
    portals = {"b": others, "c": others[::-1], "c2": mine}
    rest = [
        run
        for name, results in portals.items()
        for profile in ("desktop", "mobile")
        for run in runs(name, results, round_id="r", profile=profile)
    ]
    of_a = [*runs("a", mine, round_id="r"), *runs("a", further, round_id="r", profile="mobile")]
    left = [one for index, one in enumerate(of_a) if index not in gone]
    planned = {"homepage": 6}
    before, after = (
        build_ranking(stored([*rest, *some]), registry, criteria, now=now, round_id="r", planned=planned)
        for some in (of_a, left)
    )
    assert_nobody_gained(placed(before), placed(after), "a")


def test_a_run_that_is_taken_again_in_a_round_is_not_due_twice(stored, registry, criteria, runs, run, now):
    spoilt = run("a", 50, Reason.PROBER_SATURATED, round_id="r")
    planned = {"homepage": 3}
    ranking = build_ranking(
        stored([*runs("a", [2.0] * 3, round_id="r"), spoilt]),
        registry,
        criteria,
        now=now,
        round_id="r",
        planned=planned,
    )
    card = ranking.blocks[Block.PROVINCE][0].scorecard
    assert card.total_ratio == card.possible_ratio


def test_hidden_runs_are_told_as_what_is_certain_and_what_is_possible(score, runs):
    card = score(runs("a", [2.0, 3.0, 4.0, 5.0, 6.0] + [Reason.BLOCKED] * 4))["a"]
    assert card.summary("homepage.load_seconds").value == 4.0
    assert card.points == {"load": pytest.approx(30.0), "up": pytest.approx(20 * 5 / 9), "people": None}
    assert card.possible_points == {"load": pytest.approx(54.0), "up": 20.0}
    more = score(runs("a", [2.0] * 5 + [Reason.BLOCKED] * 6))["a"]
    assert (more.points["load"], more.possible_points["load"]) == (0.0, 60.0)


@pytest.fixture(scope="module")
def forms_of(registry):
    """Register a form for some portals: forms_of("ab")."""

    def make(portals):
        more = {
            f"{one}.form": replace(registry.targets[f"{one}.home"], id=f"{one}.form", role=TargetRole.EFORM)
            for one in portals
        }
        return replace(registry, targets={**registry.targets, **more})

    return make


ALL = ("a", "b", "c", "m", "n")


def form_runs(runs, portal, results, **rest):
    values = {"values": {"ready_seconds": rest.pop("seconds")}} if "seconds" in rest else {}
    return runs(portal, results, kind="eform", **values, **rest)


def test_a_form_behind_a_captcha_is_no_gain(stored, forms_of, with_forms, runs, now):
    """Ninety of the points that are left are no more than a hundred of all."""
    forms = [*form_runs(runs, "b", [3.0] * 6, seconds=5.0), *form_runs(runs, "a", [Reason.CAPTCHA] * 6)]
    rows = [*runs("a", [1.0] * 6), *runs("b", [1.0] * 6), *forms]
    first, second = build_ranking(stored(rows), forms_of(ALL), with_forms, now=now).blocks[Block.PROVINCE][:2]
    assert (first.scorecard.agency_id, second.scorecard.agency_id) == ("b", "a")
    assert second.scorecard.total_ratio == round(80 / 110, 9)
    assert (second.scorecard.possible_ratio, second.best_rank, second.worst_rank) == (1.0, 1, 2)
    assert second.scorecard.not_measured["form"] is NotMeasured.HIDDEN


def test_what_something_at_us_kept_from_being_measured_moves_nobody_else(stored, forms_of, with_forms, runs, now):
    """Whoever lacks it has no rank until it is measured; what counts stays the same for all others."""
    rows = [row for name in "abc" for row in runs(name, [{"a": 2.0, "b": 3.0, "c": 4.0}[name]] * 6)]
    rows += runs("c2", [4.0] * 6)
    forms = {"a": 9.0, "b": 1.0, "c": 2.0}

    def ranking(lost=""):
        taken = [
            row
            for name, seconds in forms.items()
            for row in form_runs(
                runs, name, [Reason.BROWSER_UNAVAILABLE if name == lost else seconds] * 6, seconds=seconds
            )
        ]
        return build_ranking(stored([*rows, *taken]), forms_of(ALL), with_forms, now=now)

    whole, without = ranking(), ranking(lost="a")
    assert [one_of(whole, name).not_counted for name in "abc"] == [("people",)] * 3
    assert one_of(without, "b") == one_of(whole, "b")
    assert [(one.scorecard.agency_id, one.unranked_reason) for one in without.blocks[Block.PROVINCE]][-1] == (
        "a",
        Unranked.TOO_LITTLE_MEASURED,
    )
    while_it_runs = build_ranking(
        stored([*rows, *form_runs(runs, "b", [1.0] * 6, seconds=1.0), *form_runs(runs, "c", [1.0] * 6, seconds=1.0)]),
        forms_of(ALL),
        with_forms,
        now=now,
        provisional=True,
    )
    assert one_of(while_it_runs, "a").possible_ratio - one_of(while_it_runs, "a").total_ratio == pytest.approx(30 / 110)
    assert placed(while_it_runs)["a"] != (4, 4)


def test_whoever_fails_where_others_are_measured_gains_nothing(stored, plain, registry, runs, now):
    """A value that is no time: a visit that fails has it as bad as can be; one that shows none has hidden it."""
    score = {
        "id": "access", "title_vi": "a", "title_en": "a", "points": 20, "source": "test", "confirmed": False,
        "metric": "accessibility.score", "statistic": "median", "minimum_runs": 1,
        "curve": {"source": "test", "confirmed": False, "bands": [{"at": 0.0, "ratio": 0.0}, {"at": 100.0, "ratio": 1.0}]},
    }  # fmt: skip
    raw = plain()
    raw["groups"][0] |= {"points": 120, "criteria": [*raw["groups"][0]["criteria"], score]}
    criteria = CriteriaSet.model_validate(raw)
    home = [*runs("a", [2.0] * 6), *runs("b", [2.0] * 6)]
    good = runs("b", [1.0] * 2, kind="accessibility", values={"score": 90.0})

    def of_a(rows):
        ranking = build_ranking(stored([*home, *good, *rows]), registry, criteria, now=now)
        assert "access" not in one_of(ranking, "b").not_counted
        return one_of(ranking, "a")

    bad = of_a(runs("a", [1.0] * 2, kind="accessibility", values={"score": 40.0}))
    assert (bad.points["access"], bad.possible_points["access"]) == (8.0, 8.0)
    failed = of_a(runs("a", [Reason.HTTP_ERROR] * 2, kind="accessibility"))
    assert (failed.points["access"], failed.possible_points["access"]) == (0.0, 0.0)
    hidden = of_a(runs("a", [1.0] * 2, kind="accessibility", values={}))
    assert (hidden.points["access"], hidden.possible_points["access"], hidden.total_ratio) == (None, 20.0, 0.74)


def assessed(now, *agencies):
    return [
        Assessment(
            agency_id=one, criteria_set_id="small", criterion_id="people", points=20.0, entered_by="Lan",
            entered_at=now - timedelta(hours=1), evidence_sha256="0" * 64,
        )
        for one in agencies
    ]  # fmt: skip


def test_points_that_a_person_gave_to_one_agency_alone_move_nobody(stored, registry, criteria, runs, now):
    rows = [*runs("a", [2.0] * 6), *runs("b", [1.5] * 6)]

    def ranking(*agencies):
        return build_ranking(stored(rows, assessed(now, *agencies)), registry, criteria, now=now)

    nobody, one, all_ = ranking(), ranking("a"), ranking("a", "b")
    assert placed(nobody) == placed(one)
    assert one_of(one, "a").points["people"] == 20.0
    assert one_of(one, "a").total_ratio == one_of(nobody, "a").total_ratio
    assert one.not_counted[Block.PROVINCE] == {"people": ("b",)}
    assert (all_.not_counted[Block.PROVINCE], one_of(all_, "a").counted_points) == ({}, 100.0)


def test_an_eform_that_is_registered_for_one_agency_alone_moves_nobody(stored, forms_of, with_forms, runs, now):
    rows = [*runs("a", [2.0] * 6), *runs("b", [1.5] * 6)]
    form = form_runs(runs, "a", [3.0] * 6, seconds=1.0)
    without, alone = (
        build_ranking(stored(some), forms_of("a"), with_forms, now=now) for some in (rows, [*rows, *form])
    )
    assert placed(without) == placed(alone)
    assert one_of(alone, "a").points["form"] == 30.0
    assert alone.not_counted[Block.PROVINCE] == {"people": ("a", "b"), "form": ("b", "c")}


def test_where_nothing_counts_nobody_has_a_rank(stored, forms_of, with_forms, runs, now):
    forms = forms_of(ALL)
    only_forms = replace(forms, targets={name: one for name, one in forms.targets.items() if name != "a.home"})
    only_forms = replace(only_forms, targets={k: v for k, v in only_forms.targets.items() if k in ("a.form", "b.home")})
    rows = [*form_runs(runs, "a", [3.0] * 6, seconds=1.0), *runs("b", [1.5] * 6)]
    ranking = build_ranking(stored(rows), only_forms, with_forms, now=now)
    shown = {one.scorecard.agency_id: one for one in ranking.blocks[Block.PROVINCE]}
    assert shown["a"].rank is None
    assert shown["b"].rank == 1


def one_of(ranking, agency_id):
    return next(one.scorecard for one in ranking.blocks[Block.PROVINCE] if one.scorecard.agency_id == agency_id)
