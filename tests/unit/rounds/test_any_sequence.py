"""Whatever people try, in whatever order: nothing is public without two of them, and nothing is passed over in silence."""

import shutil
import tempfile
from pathlib import Path

import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule, run_state_machine_as_test

from tests.minisign_keys import Holder
from tests.unit.rounds.conftest import APPROVER, ASSESSOR, BOTH, ENDED, ROLES, SEALER, SET, World, planned_round
from thuocdo.core.errors import ConfigurationError
from thuocdo.core.model import ObjectionKind, RoundStep, Ruling
from thuocdo.rounds import objections
from thuocdo.rounds.audit import broken_links, broken_record
from thuocdo.rounds.facts import called
from thuocdo.rounds.objections import Complaint
from thuocdo.rounds.points import counting_points, digest_of_points, points_by_person
from thuocdo.rounds.signatures import SignedStatement, verify_minisign
from thuocdo.rounds.steps import Proceedings
from thuocdo.score.kept import packed
from thuocdo.score.published import published_ranking
from thuocdo.store import Store
from thuocdo.store.ranking_versions import version_of

NAMES = st.sampled_from(sorted(ROLES))
ASSESSORS = st.one_of(st.just(ASSESSOR), st.just(ASSESSOR), NAMES)
SEALERS, APPROVERS = st.sampled_from([SEALER, SEALER, BOTH]), st.sampled_from([APPROVER, APPROVER, BOTH])
SIGNERS = st.one_of(st.just(""), st.just(""), st.just(""), NAMES)
"""Who signs: mostly whoever does the step."""


@pytest.fixture
def machine(world, monkeypatch):
    """The class of the machine; a ranking is computed once, for what people may do does not depend on its figures."""
    ranking = published_ranking(
        world.store, world.basis.registry_at, world.basis.criteria[SET], now=world.now, round_id="r1"
    ).ranking
    body = packed(ranking)

    def version(number, now, cause=""):
        return [
            (
                version_of(
                    body, round_id="r1", criteria_set_id=SET, version=number, computed_at=now, cause=cause, registry="d"
                ),
                body,
            )
        ]

    def later(store, _, round_, *, objections, cause, now):
        return version(max(one.version for one in store.ranking_versions.of("r1")) + 1, now, cause)

    monkeypatch.setattr("thuocdo.rounds.steps.draft_versions", lambda _store, _basis, _round, now: version(1, now))
    monkeypatch.setattr("thuocdo.rounds.steps.next_versions", later)
    monkeypatch.setattr("thuocdo.rounds.objections.next_versions", later)

    class Machine(AnySequence):
        surroundings = world

    return Machine


class AnySequence(RuleBasedStateMachine):
    surroundings: World

    def __init__(self) -> None:
        super().__init__()
        self.folder = Path(tempfile.mkdtemp())
        self.store = Store.open(f"sqlite:///{self.folder}/thuocdo.sqlite")
        self.store.rounds.begin(planned_round())
        self.store.rounds.end("r1", ENDED)
        others = self.surroundings
        self.world = World(
            store=self.store, basis=others.basis, calendar=others.calendar, registry=others.registry, now=others.now
        )
        self.seals = 0

    def teardown(self) -> None:
        self.store.close()
        shutil.rmtree(self.folder)

    def attempt(self, do) -> None:
        try:
            do()
        except ConfigurationError:
            pass
        finally:
            self.world.later(seconds=1)

    def signed(self, prepared, signer: str) -> str:
        return Holder(signer or prepared.note.by).sign(prepared.statement.text())

    def simple(self, prepare, signer: str) -> None:
        def do() -> None:
            prepared = prepare()
            self.world.proceedings.do(prepared, self.signed(prepared, signer))

        self.attempt(do)

    @rule(by=NAMES, signer=SIGNERS)
    def seal(self, by, signer):
        self.seals += 1
        digest = f"{self.seals:064}"
        self.simple(lambda: self.world.proceedings.prepare(RoundStep.SEAL, by, self.world.now, digest=digest), signer)

    @rule(by=NAMES)
    def draft(self, by):
        self.attempt(lambda: self.world.proceedings.draft(by, self.world.basis, self.world.now))

    @rule(by=NAMES, days=st.integers(1, 3))
    def reply(self, by, days):
        self.attempt(lambda: self.world.proceedings.reply(by, days, self.world.calendar, self.world.now))

    @precondition(lambda self: not self.store.round_log.of("r1"))
    @rule(by=SEALERS)
    def well_begun(self, by=SEALER):
        """Most rounds begin as they should; so more of the steps afterwards are seen."""
        self.seal(by, "")
        self.draft(SEALER)
        self.reply(SEALER, 1)

    @precondition(lambda self: self.store.round_log.of("r1"))
    @rule(overrules=st.booleans(), by=APPROVERS, sealer=SEALERS, days=st.sampled_from([0, 6]))
    def well_ended(self, overrules, by=APPROVER, sealer=SEALER, days=6):
        """Whether it may end so depends on all that was done before; so more of what is public is seen."""
        self.wait(days)
        if self.world.proceedings.facts(self.world.now).stale:
            self.renew(SEALER)
        self.seal(sealer, "")
        for _ in self.world.proceedings.facts(self.world.now).standing if overrules else ():
            self.overrule(APPROVER, "", 0, "vì")
        self.approve(by, "")
        self.publish(SEALER)

    @rule(by=ASSESSORS, agency=st.sampled_from(["an", "binh"]), points=st.integers(0, 5))
    def assess(self, by, agency, points):
        self.world.assess(agency, points, by)

    @rule(by=ASSESSORS, signer=SIGNERS)
    def sign_points(self, by, signer):
        self.simple(lambda: self.world.proceedings.prepare_points(by, self.world.now), signer)

    @rule(by=NAMES, kind=st.sampled_from(ObjectionKind))
    def object(self, by, kind):
        complaint = Complaint(kind=kind, agency_id="an", target_id=None, claim="không đúng")
        self.attempt(
            lambda: objections.receive(self.world.proceedings, self.world.registry, complaint, by, self.world.now)
        )

    @rule(by=NAMES, signer=SIGNERS, ruling=st.sampled_from(Ruling), leaves_out=st.booleans(), number=st.integers(1, 2))
    def decide(self, by, signer, ruling, leaves_out, number):
        def do() -> None:
            prepared = objections.prepare_decision(
                self.world.proceedings,
                objections.known_objection(self.world.proceedings, number),
                ruling=ruling,
                reason="vì",
                by=by,
                leaves_out=leaves_out,
                now=self.world.now,
            )
            signature = self.signed(prepared.step, signer)
            objections.decide(self.world.proceedings, prepared, signature, self.world.basis)

        self.attempt(do)

    @rule(by=NAMES, signer=SIGNERS, place=st.integers(0, 2), reason=st.sampled_from(["", "vì"]))
    def overrule(self, by, signer, place, reason):
        standing = self.world.proceedings.facts(self.world.now).standing
        if standing:
            obstacle = standing[place % len(standing)]
            self.simple(lambda: self.world.proceedings.prepare_overruling(obstacle, by, reason, self.world.now), signer)

    @rule(by=NAMES)
    def renew(self, by):
        self.attempt(lambda: self.world.proceedings.renew(by, "vì", self.world.basis, self.world.now))

    @rule(by=st.one_of(st.just(APPROVER), NAMES), signer=SIGNERS)
    def approve(self, by, signer):
        def do() -> None:
            prepared = self.world.proceedings.prepare_approval(by, self.world.now)
            self.world.proceedings.approve(prepared, self.signed(prepared, signer))

        self.attempt(do)

    @rule(by=NAMES)
    def publish(self, by):
        self.attempt(lambda: self.world.proceedings.publish(by, self.world.now))

    @rule(by=NAMES, signer=SIGNERS)
    def correct(self, by, signer):
        def do() -> None:
            prepared = self.world.proceedings.prepare_correction(by, "vì", self.world.now)
            self.world.proceedings.correct(prepared, self.signed(prepared, signer))

        self.attempt(do)

    @rule(days=st.integers(1, 6))
    def wait(self, days):
        self.world.later(days=days)

    @rule()
    def die_and_start_again(self):
        self.store.close()
        self.store = self.world.store = Store.open(f"sqlite:///{self.folder}/thuocdo.sqlite")
        self.world.proceedings = Proceedings(self.store, self.store.rounds.get("r1"))

    @invariant()
    def the_log_is_whole(self):
        assert broken_links(self.store.round_log.all()) == []

    @invariant()
    def what_is_public_was_agreed_on(self):
        published_at = self.store.rounds.get("r1").published_at
        log = [entry.note for entry in self.store.round_log.of("r1")]
        made = [index for index, note in enumerate(log) if note.step is RoundStep.PUBLISH]
        assert len(made) == (published_at is not None)
        if published_at is None:
            return
        before = log[: made[0]]
        seal, approval = (
            next(note for note in reversed(before) if note.step is step) for step in (RoundStep.SEAL, RoundStep.APPROVE)
        )
        assert seal.by != approval.by
        assert seal.digest == approval.digest
        for note in (seal, approval):
            statement = SignedStatement(
                round_id="r1", label="2026-Q4", step=note.step, by=note.by, digest=note.digest, reason=note.reason
            )
            verify_minisign(Holder(note.by).public_key, statement.text(), note.signature)
        self._nothing_was_passed_over(before, published_at)

    def _nothing_was_passed_over(self, before, published_at):
        overruled = [note.subject for note in before if note.step is RoundStep.OVERRULE]
        assert all(note.reason for note in before if note.step is RoundStep.OVERRULE)
        for one in self.store.objections.of("r1"):
            if one.received_at < published_at:
                number = called(self.world.proceedings.round, one.number)
                is_decided = one.decided_at is not None and one.decided_at < published_at
                assert is_decided or f"open_objection {number}" in overruled
        points = counting_points([one for one in self.store.assessments.all() if one.entered_at < published_at], "r1")
        signed = {(note.by, note.digest) for note in before if note.step is RoundStep.SIGN_POINTS}
        for name, mine in points_by_person(points).items():
            digest = digest_of_points(mine)
            assert (name, digest) in signed or f"unsigned_points {digest}" in overruled


def test_no_sequence_of_steps_publishes_what_was_not_agreed_on(machine, is_whole):
    class Watched(machine):
        def teardown(self):
            assert broken_record(self.store, self.world.proceedings.round) == []
            super().teardown()

    examples = 400 if is_whole else 60
    run_state_machine_as_test(Watched, settings=settings(max_examples=examples, stateful_step_count=30, deadline=None))


def test_the_machine_comes_to_a_publication_and_says_what_is_wrong_with_one(machine, monkeypatch):
    """Else it would see nothing of what it is for."""
    round_ = machine()
    round_.well_begun()
    round_.object(SEALER, ObjectionKind.VALUE)
    round_.well_ended(overrules=False)
    assert round_.store.rounds.get("r1").published_at is None
    round_.well_ended(overrules=True)
    assert round_.store.rounds.get("r1").published_at is not None
    round_.what_is_public_was_agreed_on()
    round_.teardown()
    monkeypatch.setattr("thuocdo.rounds.states._of_two_people", lambda _: [])
    monkeypatch.setattr("thuocdo.rounds.states._of_result", lambda _: [])
    wrong = machine()
    wrong.well_begun()
    wrong.object(SEALER, ObjectionKind.VALUE)
    wrong.well_ended(overrules=False)
    with pytest.raises(AssertionError):
        wrong.what_is_public_was_agreed_on()
    wrong.teardown()
