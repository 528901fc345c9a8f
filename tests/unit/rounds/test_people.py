"""People of a plan: as they are written, frozen, and read again."""

import pytest

from schedules.round_people import PersonRole
from schedules.round_plan import load_round_plan
from tests.minisign_keys import Holder
from thuocdo.core.errors import ConfigurationError
from thuocdo.core.kinds.kind import all_kinds
from thuocdo.core.model import Round
from thuocdo.rounds.people import PEOPLE, frozen_rules, rules_of

LAN, MINH = Holder("Lan").public_key, Holder("Minh").public_key


@pytest.fixture
def written(tmp_path):
    def write(*people):
        file = tmp_path / "q.yaml"
        lines = [f"  - {{name: {name}, roles: [{', '.join(roles)}], key: {key}}}\n" for name, roles, key in people]
        head = "id: q\nlabel: q\ntype: quick\nfrom: 2026-12-07\nvantages: [a]\ncriteria: survey-2023\npeople:\n"
        file.write_text(head + "".join(lines), encoding="utf-8")
        return load_round_plan(file, all_kinds())

    return write


def test_what_is_frozen_is_what_was_written(written):
    plan = written(("Lan", ["seals", "decides"], LAN), ("Minh", ["approves"], MINH))
    begun = Round(id="r", label="r", started_at=None, settings=frozen_rules(plan.people, 0.85))
    rules = rules_of(begun)
    assert rules.minimum_coverage_ratio == 0.85
    assert rules.person(" LAN ").roles == {PersonRole.SEALS, PersonRole.DECIDES}
    assert rules.person("Lan").key == LAN
    assert rules.those_who(PersonRole.APPROVES) == ("Minh",)
    with pytest.raises(ConfigurationError, match=r"does not list 'Lam'; did you mean 'Lan'\? \(there are: Lan, Minh\)"):
        rules.person("Lam")


def test_a_round_without_people_has_no_rules_and_one_that_cannot_be_read_says_so():
    assert rules_of(Round(id="r", label="r", started_at=None, settings={"criteria_set": "x"})) is None
    for text in ("[", '[{"name": "Lan"}]', '[{"name": "Lan", "roles": ["rules"], "key": ""}]'):
        with pytest.raises(ConfigurationError, match="its plan's people cannot be read by this version"):
            rules_of(Round(id="r", label="r", started_at=None, settings={PEOPLE: text}))


@pytest.mark.parametrize(
    ("people", "said"),
    [
        ([("Lan", ["seals"], LAN)], "nobody could publish it"),
        ([("Lan", ["seals"], LAN), ("lan ", ["approves"], MINH)], "'lan' is listed twice"),
        ([("Lan", ["seals"], LAN), ("Minh", ["approves"], LAN)], "have one key"),
        ([("Lan", ["seals", "approves"], LAN), ("Minh", ["assesses"], MINH)], "nobody could publish it"),
        ([("Lan", ["seals"], LAN), ("Minh", ["decides"], MINH)], "nobody could publish it"),
        ([("Lan", ["seals"], LAN), ("Minh", ["approve"], MINH)], "did you mean 'approves'?"),
        ([("Lan", ["seals"], "RWQ"), ("Minh", ["approves"], MINH)], "no public key of minisign"),
        ([("Lan", [], LAN), ("Minh", ["approves"], MINH)], "at least 1 item"),
    ],
)
def test_a_plan_by_which_nobody_could_publish_is_refused(written, people, said):
    with pytest.raises(ConfigurationError) as told:
        written(*people)
    assert said in str(told.value)
