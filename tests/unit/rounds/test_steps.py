"""A round from its seal to its publication, over a real store, with real signatures."""

from dataclasses import replace

import pytest

from tests.minisign_keys import Holder
from tests.unit.rounds.conftest import APPROVER, ASSESSOR, BOTH, DECIDER, SEALER
from thuocdo.core.errors import ConfigurationError, StoreUnavailableError
from thuocdo.core.model import Round, RoundState, RoundStep
from thuocdo.rounds.states import ObstacleKind
from thuocdo.rounds.steps import Proceedings
from thuocdo.score.kept import kept_of_round


def steps(world):
    return [entry.note.step for entry in world.store.round_log.of("r1")]


def publish(world):
    world.close_window()
    world.approve()
    world.proceedings.publish(SEALER, world.now)


def test_a_round_goes_from_its_seal_to_its_publication(in_reply):
    assert in_reply.store.rounds.get("r1").published_at is None
    publish(in_reply)
    assert steps(in_reply) == [
        RoundStep.SEAL,
        RoundStep.DRAFT,
        RoundStep.REPLY,
        RoundStep.SILENCE,
        RoundStep.APPROVE,
        RoundStep.PUBLISH,
    ]
    found = in_reply.store.rounds.get("r1")
    assert (found.published_by, found.published_at) == (SEALER, in_reply.now)
    assert in_reply.proceedings.facts(in_reply.now).state is RoundState.PUBLISHED


def test_silence_is_recorded_before_the_approval(in_reply):
    in_reply.close_window()
    in_reply.approve()
    silence, approval = in_reply.store.round_log.of("r1")[-2:]
    assert (silence.note.step, silence.note.subject, silence.note.reason) == (RoundStep.SILENCE, "3", "an, binh, chi")
    assert (approval.note.by, approval.note.digest) == (APPROVER, "a" * 64)


def test_a_step_by_somebody_elses_key_changes_nothing(world):
    prepared = world.proceedings.prepare(RoundStep.SEAL, SEALER, world.now, digest="a" * 64)
    for signature in ("", world.sign(prepared, APPROVER), Holder(SEALER).sign(b"another statement")):
        with pytest.raises(ConfigurationError, match="--signature: "):
            world.proceedings.do(prepared, signature)
    assert world.store.round_log.all() == []
    other = world.proceedings.prepare(RoundStep.SEAL, SEALER, world.now, digest="b" * 64)
    with pytest.raises(ConfigurationError, match="it is of another text"):
        world.proceedings.do(other, world.sign(prepared))


def test_all_that_is_wrong_is_told_at_once(in_reply):
    in_reply.assess()
    with pytest.raises(ConfigurationError) as told:
        in_reply.proceedings.prepare_approval(SEALER, in_reply.now)
    assert len(told.value.problems) == 5
    for part in ("does not list", "may reply until", "are not signed", "were entered since", "two different people"):
        assert any(part in one for one in told.value.problems)
    assert all(one.startswith("round '2026-Q4': ") for one in told.value.problems)


def test_two_who_look_at_the_same_time_do_not_both_go_on(world):
    first, second = (world.proceedings.prepare(RoundStep.SEAL, SEALER, world.now, digest=one * 64) for one in "ab")
    world.proceedings.do(first, world.sign(first))
    with pytest.raises(StoreUnavailableError, match="somebody did another step of this round meanwhile"):
        world.proceedings.do(second, world.sign(second))
    assert steps(world) == [RoundStep.SEAL]


def test_points_are_signed_by_who_entered_them_and_again_after_more(world):
    world.assess("an")
    with pytest.raises(ConfigurationError, match="entered no points for it that count"):
        world.proceedings.prepare_points(DECIDER, world.now)

    def unsigned():
        return [one for one in world.proceedings.facts(world.now).standing if one.kind is ObstacleKind.UNSIGNED_POINTS]

    def sign():
        prepared = world.proceedings.prepare_points(ASSESSOR, world.now)
        world.proceedings.do(prepared, world.sign(prepared))

    assert ASSESSOR in unsigned()[0].told
    sign()
    assert unsigned() == []
    world.assess("binh")
    assert len(unsigned()) == 1
    sign()
    world.assess("an", points=1.0)
    assert len(unsigned()) == 1, "other points than those that were signed"
    sign()
    assert unsigned() == []
    world.assess("an", points=2.0, by="Somebody")
    assert sorted("Somebody" in one.told for one in unsigned()) == [False, True], "who signed has other points now"


def test_points_entered_after_the_draft_give_a_version_that_is_sealed_anew(in_reply):
    in_reply.assess("an")
    prepared = in_reply.proceedings.prepare_points(ASSESSOR, in_reply.now)
    in_reply.proceedings.do(prepared, in_reply.sign(prepared))
    in_reply.close_window()
    with pytest.raises(ConfigurationError, match="make a new version"):
        in_reply.approve()
    in_reply.proceedings.renew(SEALER, "đã kiểm tra lại chức năng", in_reply.basis, in_reply.now)
    in_reply.later(seconds=1)
    with pytest.raises(ConfigurationError, match="is not sealed"):
        in_reply.approve()
    in_reply.seal(digest="b" * 64)
    in_reply.approve()
    assert {one.version for one in in_reply.store.ranking_versions.of("r1")} == {1, 2}
    assert in_reply.store.round_log.of("r1")[-1].note.digest == "b" * 64, "what is approved is what was sealed last"


def test_low_coverage_is_overruled_by_the_approver_alone_with_a_reason(in_reply):
    rules = replace(in_reply.proceedings.rules, minimum_coverage_ratio=1.01)
    in_reply.proceedings.rules = rules
    in_reply.close_window()
    with pytest.raises(ConfigurationError, match=r"coverage is 100\.0%, and the plan asks for 101\.0%"):
        in_reply.approve()
    obstacle = in_reply.proceedings.facts(in_reply.now).standing[0]
    with pytest.raises(ConfigurationError, match="as somebody who approves the round"):
        in_reply.proceedings.prepare_overruling(obstacle, SEALER, "vì", in_reply.now)
    with pytest.raises(ConfigurationError, match="--reason is empty"):
        in_reply.proceedings.prepare_overruling(obstacle, APPROVER, " ", in_reply.now)
    prepared = in_reply.proceedings.prepare_overruling(obstacle, APPROVER, "mạng  của trung tâm hỏng", in_reply.now)
    in_reply.proceedings.do(prepared, in_reply.sign(prepared))
    in_reply.later(seconds=1)
    in_reply.approve()
    kept = [one.note for one in in_reply.store.round_log.of("r1") if one.note.step is RoundStep.OVERRULE]
    assert [(one.by, one.subject, one.reason) for one in kept] == [
        (APPROVER, "low_coverage 1.000000", "mạng của trung tâm hỏng")
    ]


def test_what_happens_between_approval_and_publication_is_looked_at(in_reply):
    in_reply.close_window()
    in_reply.approve()
    in_reply.assess()
    with pytest.raises(ConfigurationError, match="are not signed"):
        in_reply.proceedings.publish(SEALER, in_reply.now)
    assert in_reply.store.rounds.get("r1").published_at is None


def test_a_window_has_between_one_and_120_working_days(world):
    world.seal()
    world.draft()
    for days in (0, 121):
        with pytest.raises(ConfigurationError, match=f"--days: {days} is not between 1 and 120"):
            world.open_window(days)
    world.open_window(1)
    with pytest.raises(ConfigurationError, match="opened once"):
        world.open_window(1)


def test_a_round_without_people_has_no_such_steps(world):
    with pytest.raises(ConfigurationError, match=r"has no plan that lists people; it is published as it is"):
        Proceedings(world.store, Round(id="r9", label="Đợt 9", started_at=world.now))


def test_a_crash_after_the_ranking_was_kept_leaves_a_draft_that_can_be_made(world, monkeypatch):
    world.seal()

    def dies(*_, **__):
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr(world.store.ranking_versions, "save", dies)
        with pytest.raises(KeyboardInterrupt):
            world.draft()
    before = kept_of_round(world.store.rankings, "website-2025", world.proceedings.round)
    assert (before is not None, world.store.ranking_versions.of("r1")) == (True, [])
    world.draft()
    assert kept_of_round(world.store.rankings, "website-2025", world.proceedings.round) == before
    assert steps(world) == [RoundStep.SEAL, RoundStep.DRAFT]


@pytest.mark.parametrize("place", ["publishing", "_appended"])
def test_a_crash_while_it_is_published_leaves_all_or_nothing(in_reply, monkeypatch, place):
    in_reply.close_window()
    in_reply.approve()
    before = steps(in_reply)

    def dies(*_):
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr(f"thuocdo.store.audit.{place}", dies)
        with pytest.raises(KeyboardInterrupt):
            in_reply.proceedings.publish(SEALER, in_reply.now)
    assert steps(in_reply) == before
    assert in_reply.store.rounds.get("r1").published_at is None
    in_reply.proceedings.publish(SEALER, in_reply.now)
    assert in_reply.store.rounds.get("r1").published_at == in_reply.now


def test_one_who_may_do_both_seals_or_approves(world):
    world.seal(by=BOTH)
    world.draft()
    world.open_window()
    world.close_window()
    with pytest.raises(ConfigurationError, match="two different people seal and approve"):
        world.approve(by=BOTH)
    world.approve()
