"""Every rule tells people what to do, in both languages."""

from probes.accessibility.act import all_acts
from probes.accessibility.advice import all_advice

RULES = {rule.id: rule for act in all_acts().values() for rule in act.rules}


def test_every_rule_of_an_act_has_advice_and_a_claim() -> None:
    assert RULES.keys() <= all_advice().keys()
    for rule in RULES.values():
        assert rule.claims
        assert rule.false_alarms
        assert all_advice()[rule.id].vi.doubt
        assert rule.needs
        assert rule.impact in {"minor", "moderate", "serious", "critical"}


def test_no_two_acts_have_a_rule_of_the_same_name() -> None:
    names = [rule.id for act in all_acts().values() for rule in act.rules]
    assert len(names) == len(set(names))
