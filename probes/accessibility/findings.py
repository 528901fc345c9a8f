"""What engine and acts found, as findings that are stored: redacted, the gravest first."""

from collections.abc import Iterable
from dataclasses import replace

from probes.accessibility.act import Played, all_acts
from probes.accessibility.barrier import Place, Rule
from probes.accessibility.engine import AxeReport, Places, RuleResult
from probes.accessibility.score import SEVERITIES
from probes.accessibility.stage import SHOWN_PLACES
from probes.accessibility.wcag import rule_set
from probes.redaction import redact_markup
from thuocdo.model import Evidence, EvidenceSink, Finding, FindingNode, FindingOutcome

SNIPPET_CHARACTERS = 300


def engine_findings(report: AxeReport) -> tuple[Finding, ...]:
    """Return what the engine found: barriers first, then what a person must look at; the gravest first."""
    found = [
        _of_engine(rule, places, outcome)
        for outcome, of in ((FindingOutcome.FAILED, "failed"), (FindingOutcome.REVIEW, "review"))
        for rule in report.rules
        if (places := getattr(rule, of))
    ]
    return _ordered(found)


def _of_engine(rule: RuleResult, places: Places, outcome: FindingOutcome) -> Finding:
    return Finding(
        rule=rule.id,
        layer="engine",
        rule_set=rule.rule_set,
        outcome=outcome,
        impact=places.impact,
        help=rule.help,
        wcag=rule.wcag,
        act=rule.act,
        count=places.count,
        nodes=tuple(node(**place) for place in places.places[:SHOWN_PLACES]),
        help_url=rule.help_url,
    )


def person_findings(played: Iterable[Played], sink: EvidenceSink) -> tuple[tuple[Finding, ...], tuple[Evidence, ...]]:
    """Return what the acts found, and the pictures of it, which are saved."""
    rules = {rule.id: rule for act in all_acts().values() for rule in act.rules}
    found: list[Finding] = []
    pictures: list[Evidence] = []
    for verdict in (verdict for one in played for verdict in one.verdicts):
        for outcome, places in ((FindingOutcome.FAILED, verdict.failed), (FindingOutcome.REVIEW, verdict.review)):
            if places:
                found.append(_of_person(rules[verdict.rule], places, outcome, sink, pictures))
    return _ordered(found), tuple(pictures)


def _of_person(
    rule: Rule, places: tuple[Place, ...], outcome: FindingOutcome, sink: EvidenceSink, pictures: list[Evidence]
) -> Finding:
    nodes = []
    for place in places[:SHOWN_PLACES]:
        made = node(selector=place.selector, snippet=place.snippet, message=place.message)
        if place.picture:
            pictures.append(sink.save("barrier", place.picture, "image/png"))
            made = replace(made, picture=pictures[-1].sha256)
        nodes.append(made)
    return Finding(
        rule=rule.id,
        layer="person",
        rule_set=rule_set(rule.wcag),
        outcome=outcome,
        impact=rule.impact,
        help=rule.claims,
        wcag=rule.wcag,
        act=rule.act,
        count=len(places),
        nodes=tuple(nodes),
    )


def node(*, selector: str, snippet: str, message: str) -> FindingNode:
    """Return one place as it is stored, with what could tell of a person taken out."""
    clean = [" ".join(redact_markup(text).split())[:SNIPPET_CHARACTERS] for text in (selector, snippet, message)]
    return FindingNode(selector=clean[0], snippet=clean[1], message=clean[2])


def _ordered(found: Iterable[Finding]) -> tuple[Finding, ...]:
    return tuple(
        sorted(found, key=lambda one: (one.outcome is FindingOutcome.REVIEW, -SEVERITIES[one.impact], one.rule))
    )
