"""Objections: received, tested again, decided; and what becomes of the ranking."""

from dataclasses import replace
from datetime import timedelta

import pytest

from tests.unit.rounds.conftest import APPROVER, ASSESSOR, DECIDER, SEALER, SET
from thuocdo.core.errors import ConfigurationError
from thuocdo.core.model import Evidence, ObjectionKind, Round, RoundState, RoundStep, Ruling
from thuocdo.rounds import objections
from thuocdo.rounds.objections import Complaint
from thuocdo.rounds.versions import newest_versions, version_ranking
from thuocdo.score.kept import kept_of_round

CLAIM = Complaint(
    kind=ObjectionKind.WRONG_TARGET, agency_id="chi", target_id="chi.home", claim="Địa chỉ này là trang cũ của tỉnh"
)


def receive(world, complaint=CLAIM, by=SEALER):
    made, entry = objections.receive(world.proceedings, world.registry, complaint, by, world.now)
    world.later(seconds=1)
    return made, entry


def decide(world, number=1, ruling=Ruling.ACCEPTED, reason="trang cũ thật", by=DECIDER, leaves_out=False):
    found = objections.known_objection(world.proceedings, number)
    prepared = objections.prepare_decision(
        world.proceedings, found, ruling=ruling, reason=reason, by=by, leaves_out=leaves_out, now=world.now
    )
    made = objections.decide(world.proceedings, prepared, world.sign(prepared.step), world.basis)
    world.later(seconds=1)
    return made


def places(ranking):
    return {one.scorecard.agency_id: one.rank for members in ranking.blocks.values() for one in members}


def shown(world):
    return places(kept_of_round(world.store.rankings, SET, world.proceedings.round))


def test_objections_are_numbered_within_their_round_and_have_a_receipt(in_reply):
    file = Evidence(kind="objection", sha256="f" * 64, media_type="application/pdf", size_bytes=9)
    first, receipt = receive(in_reply, replace(CLAIM, evidence=(file,)))
    second, _ = receive(in_reply, replace(CLAIM, target_id=None, kind=ObjectionKind.METHOD))
    assert (first.number, second.number, first.late, first.is_open) == (1, 2, False, True)
    assert in_reply.store.objections.of("r1") == [first, second]
    assert (receipt.note.subject, receipt.note.by, receipt.note.digest) == ("2026-Q4/001", SEALER, first.digest)
    assert "f" * 64 in in_reply.store.measurements.protected_evidence()


def test_what_comes_late_is_kept_and_marked(in_reply):
    until = in_reply.proceedings.facts(in_reply.now).deadline
    in_reply.now = until
    on_time, _ = receive(in_reply)
    in_reply.now = until + timedelta(microseconds=1)
    late, _ = receive(in_reply)
    assert (on_time.late, late.late) == (False, True)
    assert [one.late for one in in_reply.store.objections.of("r1")] == [False, True]


def test_what_came_late_is_decided_before_the_round_is_approved(in_reply):
    in_reply.close_window()
    receive(in_reply)
    with pytest.raises(ConfigurationError, match="objection 2026-Q4/001 is open"):
        in_reply.approve()
    decide(in_reply, ruling=Ruling.REJECTED)
    in_reply.approve()


@pytest.mark.parametrize(
    ("changed", "said"),
    [
        ({"agency_id": "chii", "target_id": None}, "agency 'chii' is not in the registry; did you mean 'chi'?"),
        ({"target_id": "an.home"}, r"'an.home' is no target of 'chi'.*there are: chi.home"),
        ({"claim": "  "}, "--claim is empty"),
        ({"claim": "hai\ndòng"}, "--claim: the text holds a line break"),
    ],
)
def test_what_nobody_could_look_into_is_refused(in_reply, changed, said):
    with pytest.raises(ConfigurationError, match=said):
        receive(in_reply, replace(CLAIM, **changed))
    assert in_reply.store.objections.of("r1") == []


def test_nobody_objects_before_there_is_a_draft(world):
    world.seal()
    with pytest.raises(ConfigurationError, match="agencies cannot reply yet"):
        receive(world)


def test_an_accepted_objection_gives_a_new_version_and_the_old_one_stays(in_reply):
    before = shown(in_reply)
    receive(in_reply)
    made = decide(in_reply, leaves_out=True)
    assert (made.ruling, made.decided_by, made.leaves_out) == (Ruling.ACCEPTED, DECIDER, True)
    assert (before["chi"], shown(in_reply)["chi"]) == (3, None)
    versions = in_reply.store.ranking_versions.of("r1")
    of_set = [one for one in versions if one.criteria_set_id == SET]
    assert [(one.version, one.cause) for one in of_set] == [(1, ""), (2, "2026-Q4/001")]
    assert places(version_ranking(in_reply.store, of_set[0])) == before
    assert places(version_ranking(in_reply.store, newest_versions(versions)[SET]))["chi"] is None
    assert {name: place for name, place in shown(in_reply).items() if name != "chi"} == {"an": 1, "binh": 2}


@pytest.mark.parametrize(
    ("kind", "ruling", "count"),
    [
        (ObjectionKind.VALUE, Ruling.ACCEPTED, 2),
        (ObjectionKind.VALUE, Ruling.PARTLY, 2),
        (ObjectionKind.VALUE, Ruling.REJECTED, 1),
        (ObjectionKind.METHOD, Ruling.ACCEPTED, 1),
    ],
)
def test_what_is_rejected_or_about_the_method_gives_none(in_reply, kind, ruling, count):
    receive(in_reply, replace(CLAIM, kind=kind))
    decide(in_reply, ruling=ruling)
    assert max(one.version for one in in_reply.store.ranking_versions.of("r1")) == count


def test_who_entered_points_of_an_agency_does_not_decide_on_it(in_reply):
    in_reply.assess("chi")
    receive(in_reply)
    with pytest.raises(ConfigurationError, match="entered points of this agency, and does not decide on it"):
        decide(in_reply, by=ASSESSOR.upper())
    receive(in_reply, replace(CLAIM, agency_id="an", target_id="an.home"))
    decide(in_reply, number=2, by=ASSESSOR)


@pytest.mark.parametrize(
    ("asked", "said"),
    [
        ({"by": APPROVER}, "as somebody who decides objections"),
        ({"by": "Ai đó"}, "does not list 'Ai đó'"),
        ({"reason": " "}, "--reason is empty"),
        ({"ruling": Ruling.REJECTED, "leaves_out": True}, "nobody is left out by such a decision"),
        ({"number": 2}, "no objection '2026-Q4/002' \\(there are: 2026-Q4/001\\)"),
    ],
)
def test_a_decision_that_may_not_be_is_refused(in_reply, asked, said):
    receive(in_reply)
    with pytest.raises(ConfigurationError, match=said):
        decide(in_reply, **asked)
    assert in_reply.store.objections.of("r1")[0].is_open


def test_what_was_decided_stays_so(in_reply):
    receive(in_reply)
    decide(in_reply, ruling=Ruling.REJECTED)
    with pytest.raises(ConfigurationError, match=f"objection 2026-Q4/001 was decided by '{DECIDER}'; it stays so"):
        decide(in_reply)


def test_a_decision_by_other_files_than_those_of_the_draft_is_refused(in_reply):
    receive(in_reply)
    in_reply.basis.criteria_digests[SET] = "0" * 64
    with pytest.raises(ConfigurationError, match="its draft was computed by another criteria set"):
        decide(in_reply)
    assert in_reply.store.objections.of("r1")[0].is_open


def again(world, number, ended=True):
    measured = Round(id=f"again-{number}", label=f"Đo lại {number}", started_at=world.now)
    world.store.rounds.begin(measured)
    if ended:
        world.store.rounds.end(measured.id, world.now)
    return world.store.rounds.get(measured.id)


def retest(world, number, measured, target="chi.home"):
    found = objections.known_objection(world.proceedings, number)
    made = objections.retest(world.proceedings, found, target, measured, SEALER, world.now)
    world.later(seconds=1)
    return made


def test_a_target_is_tested_again_twice_at_most_whatever_objection_it_is_for(in_reply):
    receive(in_reply)
    receive(in_reply, replace(CLAIM, kind=ObjectionKind.VALUE))
    before = shown(in_reply)
    first = retest(in_reply, 1, again(in_reply, 1))
    retest(in_reply, 2, again(in_reply, 2))
    assert [one.measured_as for one in first.retests] == ["again-1"]
    assert in_reply.store.objections.of("r1")[0] == first
    with pytest.raises(ConfigurationError, match=r"'chi\.home' was tested again 2 times in this round"):
        retest(in_reply, 1, again(in_reply, 3))
    assert shown(in_reply) == before, "what was measured again never replaces a figure of the round"


def test_what_was_not_measured_apart_is_no_retest(in_reply):
    receive(in_reply)
    measured = again(in_reply, 1)
    retest(in_reply, 1, measured)
    for wrong, said in (
        (measured, "counts already"),
        (in_reply.proceedings.round, "counts already"),
        (again(in_reply, 2, ended=False), "has not ended"),
    ):
        with pytest.raises(ConfigurationError, match=said):
            retest(in_reply, 1, wrong)
    with pytest.raises(ConfigurationError, match=r"is about 'chi\.home'; test that again"):
        retest(in_reply, 1, again(in_reply, 3), target="an.home")
    decide(in_reply, ruling=Ruling.REJECTED)
    with pytest.raises(ConfigurationError, match="is decided; nothing is tested again"):
        retest(in_reply, 1, again(in_reply, 4))


def test_after_the_window_nothing_is_tested_again(in_reply):
    receive(in_reply)
    in_reply.close_window()
    with pytest.raises(ConfigurationError, match="the window for replies has closed"):
        retest(in_reply, 1, again(in_reply, 1))


def test_what_is_decided_after_the_publication_is_shown_once_it_is_corrected(in_reply):
    in_reply.close_window()
    in_reply.approve()
    in_reply.proceedings.publish(SEALER, in_reply.now)
    in_reply.later(days=1)
    before = shown(in_reply)
    receive(in_reply)
    decide(in_reply, leaves_out=True)
    assert shown(in_reply) == before, "what was published stays until somebody corrects it"
    in_reply.seal(digest="c" * 64)
    with pytest.raises(ConfigurationError, match="--reason is empty"):
        in_reply.proceedings.prepare_correction(APPROVER, "", in_reply.now)
    prepared = in_reply.proceedings.prepare_correction(APPROVER, "đo nhầm trang cũ", in_reply.now)
    in_reply.proceedings.correct(prepared, in_reply.sign(prepared))
    assert shown(in_reply)["chi"] is None
    assert in_reply.proceedings.facts(in_reply.now).state is RoundState.CORRECTED
    receive(in_reply, replace(CLAIM, agency_id="an", target_id=None))
    in_reply.proceedings.settle()
    assert shown(in_reply)["chi"] is None


def test_a_crash_before_the_new_version_is_shown_is_made_good_by_the_next_step(in_reply, monkeypatch):
    receive(in_reply)
    before = shown(in_reply)

    def dies(*_):
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr("thuocdo.rounds.steps.show_newest", dies)
        with pytest.raises(KeyboardInterrupt):
            decide(in_reply, leaves_out=True)
    assert (in_reply.store.objections.of("r1")[0].ruling, shown(in_reply)) == (Ruling.ACCEPTED, before)
    in_reply.later(seconds=1)
    in_reply.seal(digest="b" * 64)
    in_reply.close_window()
    in_reply.approve()
    assert shown(in_reply)["chi"] is None


def test_a_decision_and_its_version_are_written_together(in_reply, monkeypatch):
    receive(in_reply)

    def dies(*_):
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr("thuocdo.store.objections.insert_versions", dies)
        with pytest.raises(KeyboardInterrupt):
            decide(in_reply)
    assert in_reply.store.objections.of("r1")[0].is_open
    assert [one.note.step for one in in_reply.store.round_log.of("r1")][-1] is RoundStep.OBJECT
    decide(in_reply)


def test_objections_are_counted(in_reply):
    assert objections.tally([], in_reply.calendar).accepted_ratio is None
    for _ in range(3):
        receive(in_reply)
    in_reply.later(days=3)  # from a Monday on
    decide(in_reply, 1)
    in_reply.later(days=4)
    decide(in_reply, 2, ruling=Ruling.REJECTED)
    in_reply.close_window()
    receive(in_reply)
    found = objections.tally(in_reply.store.objections.of("r1"), in_reply.calendar)
    assert (found.received, found.late, found.decided, found.accepted) == (4, 1, 2, 1)
    assert (found.median_working_days, found.accepted_ratio) == (4.0, 0.5)
