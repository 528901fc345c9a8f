"""
The success criteria of WCAG 2.2, with level and the version that brought them; and the sets of them that may be asked for.

Source: W3C, Web Content Accessibility Guidelines 2.2 (4.1.1 Parsing is obsolete there and left out).
"""

from collections.abc import Iterable, Mapping
from enum import StrEnum

_LEVELS: Mapping[str, str] = {
    "A 2.0": "1.1.1 1.2.1 1.2.2 1.2.3 1.3.1 1.3.2 1.3.3 1.4.1 1.4.2 2.1.1 2.1.2 2.2.1 2.2.2 2.3.1 2.4.1 2.4.2 2.4.3 2.4.4 "
    "3.1.1 3.2.1 3.2.2 3.3.1 3.3.2 4.1.2",
    "AA 2.0": "1.2.4 1.2.5 1.4.3 1.4.4 1.4.5 2.4.5 2.4.6 2.4.7 3.1.2 3.2.3 3.2.4 3.3.3 3.3.4",
    "AAA 2.0": "1.2.6 1.2.7 1.2.8 1.2.9 1.4.6 1.4.7 1.4.8 1.4.9 2.1.3 2.2.3 2.2.4 2.2.5 2.3.2 2.4.8 2.4.9 2.4.10 3.1.3 3.1.4 "
    "3.1.5 3.1.6 3.2.5 3.3.5 3.3.6",
    "A 2.1": "2.1.4 2.5.1 2.5.2 2.5.3 2.5.4",
    "AA 2.1": "1.3.4 1.3.5 1.4.10 1.4.11 1.4.12 1.4.13 4.1.3",
    "AAA 2.1": "1.3.6 2.2.6 2.3.3 2.5.5 2.5.6",
    "A 2.2": "3.2.6 3.3.7",
    "AA 2.2": "2.4.11 2.5.7 2.5.8 3.3.8",
    "AAA 2.2": "2.4.12 2.4.13 3.3.9",
}


class RuleSet(StrEnum):
    """What a rule belongs to, levels A and AA; each set holds the one before it, the last level AAA and good practice too."""

    WCAG20 = "wcag20"
    WCAG21 = "wcag21"
    WCAG22 = "wcag22"
    BEST_PRACTICE = "best_practice"


CRITERIA: Mapping[str, tuple[str, str]] = {
    criterion: (level.split()[0], level.split()[1]) for level, listed in _LEVELS.items() for criterion in listed.split()
}
"""Criterion -> (level, version)."""

_SETS: Mapping[str, RuleSet] = {"2.0": RuleSet.WCAG20, "2.1": RuleSet.WCAG21, "2.2": RuleSet.WCAG22}


def rule_set(criteria: Iterable[str]) -> RuleSet:
    """Return the first set that a rule for these criteria belongs to; without one of level A or AA it is good practice."""
    versions = sorted(
        version for level, version in (CRITERIA[one] for one in criteria if one in CRITERIA) if level != "AAA"
    )
    return _SETS[versions[0]] if versions else RuleSet.BEST_PRACTICE


def holds(wanted: RuleSet, one: RuleSet) -> bool:
    """Tell whether a rule of one set counts where another is asked for."""
    order = list(RuleSet)
    return order.index(one) <= order.index(wanted)
