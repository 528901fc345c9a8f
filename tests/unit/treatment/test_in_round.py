"""Pages in a round, before and after it."""

from datetime import date, timedelta

import pytest

from benchmarks.treated_portals import CAUSES, ROUND_DAYS, ROUND_FROM, START, Trick, honest, together, with_trick
from thuocdo.core.model import Outcome, PageKind, TreatmentCause
from thuocdo.treatment.in_round import can_be_told, findings_of_round
from thuocdo.treatment.pairs import findings_of_pairs, pairs_of
from thuocdo.treatment.visits import PageVisit

ROUND = (START + timedelta(days=ROUND_FROM), START + timedelta(days=ROUND_FROM + ROUND_DAYS))


def days(number_before=28, inside=7, after=7, *, weight=None, page_kind=PageKind.PORTAL):
    """Visits thrice a day; weight: by day, counted from the round's first."""
    found = []
    for day in range(-number_before, inside + after):
        for hour in (3, 9, 15):
            one = (weight or (lambda _: 1.0))(day)
            values = {
                "transferred_bytes": 1e6 * one,
                "requests": 50 * one,
                "elements": 900 * one,
                "text_words": 600.0,
                "links": 80.0,
            }
            at = ROUND[0] + timedelta(days=day, hours=hour)
            found.append(PageVisit(target_id="a.home", at=at, outcome=Outcome.OK, page_kind=page_kind, values=values))
    return found


def causes(visits):
    return [one.cause for one in findings_of_round(visits, *ROUND)]


def light_in_round(day):
    return 0.5 if 0 <= day < 7 else 1.0


def test_lighter_in_the_round_alone_is_found():
    (found,) = findings_of_round(days(weight=light_in_round), *ROUND)
    assert found.cause is TreatmentCause.LIGHTER_IN_ROUND
    assert found.numbers["ratio"] == pytest.approx(0.5)
    assert len(found.visits) == 21


@pytest.mark.parametrize(
    "weight",
    [
        lambda _: 1.0,
        lambda day: 0.5 if day >= 0 else 1.0,  # a redesign that stays
        lambda day: 0.5 if day >= -3 else 1.0,  # one that came a little before
        lambda day: 0.5 if 0 <= day < 3 else 1.0,  # less than most of the round
        lambda day: 0.75 if 0 <= day < 7 else 1.0,  # a little lighter
        lambda day: 2.0 if 0 <= day < 7 else 1.0,  # heavier gains nobody anything
        lambda day: 0.5 if day % 7 < 2 else 1.0,  # light every weekend
    ],
)
def test_what_is_not_of_the_round_is_left_alone(weight):
    assert causes(days(weight=weight)) == []


@pytest.mark.parametrize("missing", [{"number_before": 6}, {"after": 1}, {"inside": 0}])
def test_where_too_few_days_were_seen_nothing_is_said(missing):
    assert causes(days(weight=light_in_round, **missing)) == []


def test_an_emptier_page_is_told_as_that_and_not_as_lighter():
    visits = []
    for one in days(weight=light_in_round):
        day = (one.at - ROUND[0]) // timedelta(days=1)
        if 0 <= day < 7:
            one = PageVisit(
                **{name: getattr(one, name) for name in ("target_id", "at", "outcome", "page_kind")},
                values=dict(one.values) | {"text_words": 60.0, "links": 5.0},
            )
        visits.append(one)
    assert causes(visits) == [TreatmentCause.EMPTIED_IN_ROUND]


def test_a_notice_in_the_place_of_the_page_is_found_unless_it_always_stood_there():
    inside = [one for one in days() if ROUND[0] <= one.at < ROUND[1]]
    others = [one for one in days() if one not in inside]
    shown = [
        PageVisit(target_id="a.home", at=one.at, outcome=Outcome.INCONCLUSIVE, page_kind=PageKind.NOTICE)
        for one in inside[:9]
    ]
    assert causes([*others, *shown, *inside[9:]]) == [TreatmentCause.NOTICE_IN_ROUND]
    always = [
        PageVisit(target_id="a.home", at=one.at, outcome=Outcome.INCONCLUSIVE, page_kind=PageKind.NOTICE)
        for one in days()
    ]
    assert causes(always) == []


def test_it_is_told_once_it_can_be_and_not_for_ever():
    end = ROUND[1]
    last = date.fromordinal((end + timedelta(hours=7)).date().toordinal())
    told = [days for days in range(30) if can_be_told(end, last + timedelta(days=days))]
    assert told == [3, 4, 5, 6, 7, 8, 9]


def test_each_trick_is_found_and_honest_portals_are_left_alone():
    tricky = [with_trick(trick, 3) for trick in Trick]
    ours, controls = together([*honest(15, 3), *tricky])
    found = [(one.target_id, one.cause) for one in findings_of_round(ours, *ROUND)]
    found += [(one.target_id, one.cause) for one in findings_of_pairs(pairs_of(ours, controls))]
    assert {(one.id, CAUSES[one.trick]) for one in tricky} <= set(found)
    assert [one for one in found if one[0] not in {portal.id for portal in tricky}] == []
