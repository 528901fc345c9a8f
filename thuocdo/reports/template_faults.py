"""Barriers that pages of one agency have in common: faults of a template, to be mended in one place and counted once."""

import re
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from thuocdo.core.model import Finding, FindingOutcome

_VALUE = re.compile(r'(?<!class=)(?<!role=)(?<!type=)"[^"]*"|\d+')
_TELLING = (' class="', ' id="', ' name="')
"""Markup is stored without texts: without any of these it is that of many elements."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Fault:
    """
    One fault.

    finding: it, as it was found first. pages: that have it, in order; several = it lies in a template. places: on all pages.
    """

    finding: Finding
    pages: tuple[str, ...]
    places: int

    @property
    def is_in_template(self) -> bool:
        """Whether pages have it in common."""
        return len(self.pages) > 1


def faults(findings: Mapping[str, Sequence[Finding]]) -> tuple[Fault, ...]:
    """
    Return each fault of some pages once, those of templates first, the most common first.

    The same rule that failed at the same kind of place is the same fault: a selector that pages have in common, or markup with a
    class, id or name that is the same but for other attributes' values and numbers. Only places that are stored can be compared.

    Args:
        findings: of each page, by a name of it.

    """
    of_place: dict[tuple[str, str], dict[str, Finding]] = defaultdict(dict)
    for page, found in findings.items():
        for finding in (one for one in found if one.outcome is FindingOutcome.FAILED):
            for trait in _traits(finding):
                of_place[finding.rule, trait].setdefault(page, finding)
    # Several places that the same pages have in common are one fault.
    shared = {(rule, tuple(pages)): pages for (rule, _), pages in of_place.items() if len(pages) > 1}
    made = [_fault(pages) for pages in shared.values()]
    in_template = {(rule, page) for rule, pages in shared for page in pages}
    for page, found in findings.items():
        alone = (one for one in found if one.outcome is FindingOutcome.FAILED and (one.rule, page) not in in_template)
        made += [_fault({page: one}) for one in alone]
    return tuple(sorted(made, key=lambda fault: (-len(fault.pages), fault.finding.rule)))


def _traits(finding: Finding) -> set[str]:
    markup = {_VALUE.sub("", node.snippet) for node in finding.nodes if any(sign in node.snippet for sign in _TELLING)}
    return markup | {f"at {node.selector}" for node in finding.nodes}


def _fault(pages: Mapping[str, Finding]) -> Fault:
    found = list(pages.values())
    return Fault(finding=found[0], pages=tuple(pages), places=sum(one.count for one in found))
