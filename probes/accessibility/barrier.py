"""What a rule is, and what it found: the values that engine and acts hand over."""

from dataclasses import dataclass
from enum import StrEnum


class Need(StrEnum):
    """Whom a barrier stops; a person may have several needs."""

    NO_SIGHT = "no_sight"
    LOW_SIGHT = "low_sight"
    NO_COLOUR = "no_colour"
    NO_HEARING = "no_hearing"
    HANDS = "hands"
    COGNITION = "cognition"
    SEIZURES = "seizures"


@dataclass(frozen=True, slots=True, kw_only=True)
class Rule:
    """
    One thing that is looked for.

    id: kebab-case, unique over engine and acts. claims: what a `failed` place says, one English sentence that a person can
    check. wcag: success criteria ("2.1.2"). act: ids of the W3C's ACT rules that it answers. impact: minor, moderate,
    serious or critical. false_alarms: when a place may be found wrongly, and what was done about it. blocks: a place on the
    way to the task keeps somebody from ending it (a trap, a required field that cannot be reached or has no label).
    """

    id: str
    claims: str
    wcag: tuple[str, ...]
    act: tuple[str, ...] = ()
    impact: str
    needs: frozenset[Need]
    false_alarms: str
    blocks: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """
    One place on the page, not yet redacted.

    selector: CSS; ` >>> ` steps into a shadow root, ` >> ` into a frame. snippet: its markup. message: the fact that was seen
    there ("aria-label: tại đây"), no sentence. picture: PNG of the place, where a picture says more.
    """

    selector: str
    snippet: str = ""
    message: str = ""
    picture: bytes | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Verdict:
    """
    What one rule found on one page.

    passed: places in order. failed, review: places that are a barrier, and those that a person must look at; review costs
    nothing. A rule without any place had nothing to test.
    """

    rule: str
    passed: int = 0
    failed: tuple[Place, ...] = ()
    review: tuple[Place, ...] = ()

    @property
    def applies(self) -> bool:
        """Whether there was anything to test."""
        return bool(self.passed or self.failed or self.review)
