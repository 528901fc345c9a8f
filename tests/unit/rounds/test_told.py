"""What is told of rounds has its Vietnamese, also where no test of the code can see it: in tables of texts."""

import pytest

from tests.messages import english_in, told
from tests.unit.rounds.conftest import APPROVER
from tests.unit.rounds.test_objections import receive
from thuocdo.core.i18n import LANGUAGES, translator
from thuocdo.core.model import ObjectionKind, RoundState, RoundStep, Ruling
from thuocdo.rounds.states import _DOES, _WRONG_STATE


@pytest.mark.parametrize("language", LANGUAGES)
def test_closed_sets_have_texts(language):
    translate = translator(language)
    ids = [
        *(f"round.state.{one.value}" for one in RoundState),
        *(f"round.step.{one.value}" for one in RoundStep),
        *(f"objection.kind.{one.value}" for one in ObjectionKind),
        *(f"objection.ruling.{one.value}" for one in Ruling),
    ]
    assert [one for one in ids if translate(one) == one] == []


def test_why_a_step_is_not_allowed_has_its_vietnamese(in_reply):
    in_reply.assess()
    receive(in_reply)
    low = in_reply.proceedings
    low.rules = type(low.rules)(people=low.rules.people, minimum_coverage_ratio=1.5)
    obstacles = [one.told for one in low.facts(in_reply.now).obstacles]
    assert len(obstacles) == 3
    for line in [*_WRONG_STATE.values(), *_DOES.values(), *obstacles]:
        told_line = told(f"round '2026-Q4': {line}")
        assert told_line.startswith("đợt đo “2026-Q4”: ")
        assert english_in(told_line, line) == ""


def test_a_refusal_as_a_person_reads_it(in_reply):
    with pytest.raises(Exception, match="may reply") as refused:
        in_reply.proceedings.prepare_approval(APPROVER, in_reply.now)
    assert told(str(refused.value)) == (
        "đợt đo “2026-Q4”: các cơ quan còn được giải trình đến 2026-11-23 23:59; hãy phê duyệt sau đó"
    )
