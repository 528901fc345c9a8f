"""
Made-up portals of which it is known how they treat whom: honest ones with the drift of real ones, and one for each trick.

A portal is a year-round page: news that change daily, pictures that rotate, offers that differ from visit to visit, a slow
week, a redesign that stays, an outage. A trick changes it while a round is measured, or for our address.
"""

import random
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime, timedelta
from enum import StrEnum

from probes.identity.sketch import text_sketch
from thuocdo.core.model import Outcome, PageKind, Reason, TreatmentCause
from thuocdo.treatment.visits import PageVisit

START = datetime(2026, 10, 1, tzinfo=UTC) - timedelta(hours=7)
ROUND_FROM, ROUND_DAYS, DAYS = 28, 7, 45
"""Days: four weeks of every day, a week's round, and ten days after it."""

VISITS_A_DAY = 12
CONTROL_EVERY = timedelta(hours=20)
"""One block of two hours in ten."""

CONTROL_FROM, CONTROL_DAYS = timedelta(days=25), timedelta(days=14)

_SYLLABLES = [f"{a}{b}{c}" for a in "bcdghklmnptv" for b in ("a", "i", "uô", "ơ", "e") for c in ("", "c", "n", "ng")]


class Trick(StrEnum):
    """What a portal does; a value is the cause by which it is to be found."""

    LIGHTER = "lighter page during the round"
    FAST_PATH = "fast path for our address"
    OTHER_CONTENT = "other content for our address"
    LIGHTER_FOR_US = "lighter page for our address"
    BLOCKS_OTHERS = "others are turned away"
    NOTICE = "notice page during the round"
    EMPTIED = "near-empty page during the round"


CAUSES = {
    Trick.LIGHTER: TreatmentCause.LIGHTER_IN_ROUND,
    Trick.FAST_PATH: TreatmentCause.FASTER_FOR_US,
    Trick.OTHER_CONTENT: TreatmentCause.OTHER_TEXT,
    Trick.LIGHTER_FOR_US: TreatmentCause.LIGHTER_FOR_US,
    Trick.BLOCKS_OTHERS: TreatmentCause.OTHER_ANSWER,
    Trick.NOTICE: TreatmentCause.NOTICE_IN_ROUND,
    Trick.EMPTIED: TreatmentCause.EMPTIED_IN_ROUND,
}


class MadePortal:
    """
    A portal that knows the truth about itself.

    Args:
        seed: of everything about it.
        trick: None = it is honest.
    """

    def __init__(self, seed: int, trick: Trick | None = None) -> None:
        self.seed, self.trick = seed, trick
        drawn = self._random = random.Random(f"portal {seed}")
        self.id = f"portal-{self.seed:04d}.home"
        self._ttfb, self._load = drawn.lognormvariate(-1.0, 0.5), drawn.lognormvariate(0.9, 0.5)
        self._bytes, self._requests = drawn.lognormvariate(14.3, 0.6), drawn.randint(30, 160)
        self._words, self._links = drawn.randint(350, 1_500), drawn.randint(40, 220)
        self._menu = [drawn.choice(_SYLLABLES) for _ in range(int(self._words * 0.7))]
        self._offers = drawn.random() < 0.3
        self._slow_week = drawn.randrange(DAYS) if drawn.random() < 0.4 else None
        self._redesign = drawn.randrange(DAYS) if drawn.random() < 0.1 else None
        self._outage = drawn.randrange(DAYS) if drawn.random() < 0.3 else None
        self._holiday = drawn.randrange(DAYS) if drawn.random() < 0.15 else None
        self._texts: dict[tuple[int, int, bool], str] = {}

    def visits(self) -> tuple[list[PageVisit], list[PageVisit]]:
        """Return our visits, and those of a control."""
        ours = [
            self._visit(START + timedelta(days=day, hours=23 * number / VISITS_A_DAY, minutes=7), is_ours=True)
            for day in range(DAYS)
            for number in range(VISITS_A_DAY)
        ]
        controls, at = [], START + CONTROL_FROM + timedelta(hours=self._random.uniform(0, 20))
        while at < START + CONTROL_FROM + CONTROL_DAYS:
            near = min(ours, key=lambda one: abs(one.at - at))
            controls.append(self._visit(near.at + timedelta(minutes=self._random.uniform(5, 8)), is_ours=False))
            at += CONTROL_EVERY
        return ours, controls

    def _visit(self, at: datetime, *, is_ours: bool) -> PageVisit:
        day = int((at - START) / timedelta(days=1))
        drawn, tricked = self._random, self._tricked(day, is_ours=is_ours)
        if self._outage == day and drawn.random() < 0.5:
            return PageVisit(target_id=self.id, at=at, outcome=Outcome.FAILED, reason=Reason.TIMEOUT)
        if drawn.random() < 0.004:
            return PageVisit(target_id=self.id, at=at, outcome=Outcome.FAILED, reason=Reason.HTTP_ERROR)
        if tricked is Trick.NOTICE and drawn.random() < 0.6:
            return PageVisit(
                target_id=self.id,
                at=at,
                outcome=Outcome.INCONCLUSIVE,
                reason=Reason.NOT_ONLINE,
                page_kind=PageKind.NOTICE,
            )
        if tricked is Trick.BLOCKS_OTHERS:
            return PageVisit(
                target_id=self.id,
                at=at,
                outcome=Outcome.INCONCLUSIVE,
                reason=Reason.BLOCKED,
                page_kind=PageKind.BLOCKED,
            )
        return self._page(at, day, tricked, is_ours=is_ours)

    def _tricked(self, day: int, *, is_ours: bool) -> Trick | None:
        """Return the trick where it is played: in the round, on us, or (BLOCKS_OTHERS) on everybody else."""
        in_round = ROUND_FROM <= day < ROUND_FROM + ROUND_DAYS
        match self.trick:
            case Trick.LIGHTER | Trick.NOTICE | Trick.EMPTIED:
                return self.trick if in_round else None
            case Trick.FAST_PATH | Trick.OTHER_CONTENT | Trick.LIGHTER_FOR_US:
                return self.trick if is_ours else None
            case Trick.BLOCKS_OTHERS:
                return None if is_ours else self.trick
        return None

    def _page(self, at: datetime, day: int, tricked: Trick | None, *, is_ours: bool) -> PageVisit:
        drawn = self._random
        designed = self._redesign is not None and day >= self._redesign
        weight = (0.5 if designed else 1.0) * (1.3 if self._holiday == day else 1.0) * drawn.lognormvariate(0, 0.06)
        slow = 1.8 if self._slow_week is not None and self._slow_week <= day < self._slow_week + 7 else 1.0
        line = 1.0 if is_ours else 1.25  # the control's network is another one, for every portal alike
        light = (
            {Trick.LIGHTER: 0.45, Trick.LIGHTER_FOR_US: 0.5, Trick.EMPTIED: 0.3}.get(tricked, 1.0) if tricked else 1.0
        )
        fast = 0.55 if tricked is Trick.FAST_PATH else 1.0
        emptied = 0.2 if tricked is Trick.EMPTIED else 1.0
        values = {
            "ttfb_seconds": self._ttfb * slow * line * fast * drawn.lognormvariate(0, 0.25),
            "load_seconds": self._load * slow * line * fast * (0.5 + 0.5 * light) * drawn.lognormvariate(0, 0.15),
            "transferred_bytes": self._bytes * weight * light,
            "requests": round(self._requests * (0.8 if designed else 1.0) * light * drawn.uniform(0.96, 1.04)),
            "elements": round(self._words * 2.5 * (0.9 if designed else 1.0) * emptied * drawn.uniform(0.98, 1.02)),
            "text_words": round(self._words * emptied * drawn.uniform(0.96, 1.04)),
            "links": round(self._links * emptied * drawn.uniform(0.97, 1.03)),
        }
        return PageVisit(
            target_id=self.id,
            at=at,
            outcome=Outcome.OK,
            page_kind=PageKind.PORTAL,
            values=values,
            host="portal.example",
            sketch=self._sketch(day, designed=designed, other=tricked is Trick.OTHER_CONTENT),
        )

    def _sketch(self, day: int, *, designed: bool, other: bool) -> str:
        """Return the sketch of the text of a day: a menu that stays, news of the day, and perhaps one of eight offers."""
        offer = self._random.randrange(8) if self._offers else -1
        known = self._texts.get((day, offer, other))
        if known is None:
            words = list(self._menu)
            if designed:
                words = words[len(words) // 3 :] + words[: len(words) // 4]
            news = [random.Random(f"{self.seed} news {day - back}").choices(_SYLLABLES, k=24) for back in range(8)]
            words += [word for item in news for word in item]
            if offer >= 0:
                words += random.Random(f"{self.seed} offer {offer}").choices(_SYLLABLES, k=15)
            if other:
                own = random.Random(f"{self.seed} for us").choices(_SYLLABLES, k=len(words) // 2)
                words = own + words[: len(words) // 3]
            known = self._texts[day, offer, other] = text_sketch(" ".join(words))
        return known


def honest(number: int, seed: int) -> Iterator[MadePortal]:
    """Yield honest portals."""
    for at in range(number):
        yield MadePortal(seed=seed * 10_000 + at)


def with_trick(trick: Trick, seed: int) -> MadePortal:
    """Return one portal that plays a trick."""
    return MadePortal(seed=seed * 10_000 + 9_000 + list(Trick).index(trick), trick=trick)


def together(portals: Sequence[MadePortal]) -> tuple[list[PageVisit], list[PageVisit]]:
    """Return our visits and those of a control of all portals, each in order of time."""
    ours, controls = [], []
    for one in portals:
        mine, theirs = one.visits()
        ours += mine
        controls += theirs
    return sorted(ours, key=lambda one: one.at), sorted(controls, key=lambda one: one.at)
