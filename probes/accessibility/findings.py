"""What engine and acts found, as findings that are stored: what and where, nothing that a page's authors wrote; gravest first."""

from collections.abc import Iterable, Mapping
from dataclasses import replace

from probes.accessibility.act import Played
from probes.accessibility.barrier import Place, Rule
from probes.accessibility.engine import AxeReport, Places, RuleResult
from probes.accessibility.rules import all_rules
from probes.accessibility.score import SEVERITIES
from probes.accessibility.stage import SHOWN_PLACES
from probes.accessibility.told import kept_fact, kept_summary
from probes.accessibility.wcag import rule_set
from probes.redaction.markup import kept_selector, outline
from thuocdo.core.model import Evidence, EvidenceSink, Finding, FindingNode, FindingOutcome

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
        nodes=tuple(engine_node(place) for place in places.places[:SHOWN_PLACES]),
        help_url=rule.help_url,
    )


def person_findings(played: Iterable[Played], sink: EvidenceSink) -> tuple[tuple[Finding, ...], tuple[Evidence, ...]]:
    """Return what the acts found, and the pictures of it, which are saved."""
    rules = all_rules()
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
        made = _node(place.selector, place.snippet, kept_fact(place.message))
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


def engine_node(place: Mapping[str, str]) -> FindingNode:
    """Return one place of the engine's as it is stored."""
    return _node(place["selector"], place["snippet"], kept_summary(place["message"]))


def _node(selector: str, snippet: str, message: str) -> FindingNode:
    return FindingNode(
        selector=kept_selector(selector),
        snippet=outline(snippet)[:SNIPPET_CHARACTERS],
        message=message[:SNIPPET_CHARACTERS],
    )


def _ordered(found: Iterable[Finding]) -> tuple[Finding, ...]:
    return tuple(
        sorted(found, key=lambda one: (one.outcome is FindingOutcome.REVIEW, -SEVERITIES[one.impact], one.rule))
    )
