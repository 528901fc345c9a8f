"""
Whether a notice was due, and which outages nobody was told of: by what really happened, not by what was judged.

Due is what is true and was not told before. An outage is told once: again only when it was told to be over, or when planned
maintenance lay between. Of errors a notice is due where enough failures are left that belong to no outage which was told.
"""

from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from benchmarks.notice_days import EVERY_SECONDS, MINUTE, PLAIN, Certificate, Days, Episode, Seen
from benchmarks.notice_replay import Notice

CONFIRMED_WITHIN = 10 * MINUTE
"""A notice comes at most so long after the failures that confirm it; longer where our own fault lay between."""

TOLD_BEFORE, TOLD_AFTER = 10 * MINUTE, 15 * MINUTE
"""Failures so long before a notice of an outage, or after the notice of its end, belong to what was told."""

DAY, HOUR = 86400.0, 3600.0
LATELY = 20 * MINUTE
LEAST_RUN = 3
FAST_SHARE, SLOW_SHARE = 0.06, 0.012
"""Some below the limits of the rules: counters are read at scrapes, so a window's edges are not exact."""

VISIBLE_SECONDS = 3 * MINUTE
CADENCES = 3
TOLD_WITHIN = 10 * MINUTE
DOWN = "PortalDown"
FAST, SLOW = "ErrorBudgetBurnFast", "ErrorBudgetBurnSlow"
SLOWDOWN = "PortalDegraded"
SOON, VERY_SOON = "CertificateExpiresSoon", "CertificateExpiresVerySoon"
CERTIFICATE_LIMITS = {SOON: 21, VERY_SOON: 7}
"""Days."""

ENDING_WITHIN = 15 * MINUTE
BROKEN, FLAPPING, UNSEEN = "PortalBroken", "PortalFlapping", "PortalUnseen"
FLAPPING_LEAST, FLAPPING_SPAN = 5, 45 * MINUTE
"""Failures within the probes that tell it, and how far apart these may lie."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Verdicts:
    """
    wrong: notices to owners that were not due, with why. missed: outages that nobody was told of, of `outages`. late:
    certificates and limits, of `ending`, of which nobody was told soon enough.
    """

    notices: Sequence[Notice]
    wrong: Sequence[tuple[Notice, str]]
    outages: Sequence[Episode]
    missed: Sequence[Episode]
    ending: Sequence[tuple[str, Certificate, str]] = ()
    late: Sequence[tuple[str, Certificate, str]] = ()


class Truth:
    """
    What really happened.

    Args:
        world: what befell whom.
        seen: all that probes saw.
        notices: all that was told, whoever was told, in order.
    """

    def __init__(self, world: Days, seen: Iterable[Seen], notices: Sequence[Notice]) -> None:
        self._world, self._notices = world, notices
        self._failed: dict[str, list[float]] = {name: [] for name in world.targets}
        self._probed: dict[str, list[float]] = {name: [] for name in world.targets}
        for one in seen:
            name = one.reading.key.target_id
            if one.reading.key.kind == PLAIN and not world.is_maintained(name, one.at):
                self._probed[name].append(one.at)
                if one.is_own_failure:
                    self._failed[name].append(one.at)

    def verdicts(self, until: float) -> Verdicts:
        """Return what is wrong with what was told; until: outages that end later are left out."""
        mine = [one for one in self._notices if "owner" in one.labels]
        wrong = [(one, why) for one in mine if (why := self._why_not(one))]
        outages = [one for one in self._outages() if one.end < until - HOUR]
        missed = [one for one in outages if not self._is_told(one)]
        ending = [*self._ending(until)]
        late = [one for one in ending if not self._is_told_in_time(*one)]
        return Verdicts(notices=mine, wrong=wrong, outages=outages, missed=missed, ending=ending, late=late)

    def _why_not(self, notice: Notice) -> str:
        """Return why a notice was not due; empty = it was."""
        name = notice.labels["target"]
        if notice.alert in CERTIFICATE_LIMITS:  # told in maintenance as well
            return self._why_not_ending(notice, name)
        if self._world.is_maintained(name, notice.at):
            return "in maintenance"
        if notice.alert in (FAST, SLOW):
            return self._why_not_burning(notice, name)
        if notice.alert == SLOWDOWN:
            slow = self._episodes(name, "slow")
            return "" if any(one.start < notice.at < one.end + HOUR for one in slow) else "it was not slow"
        if notice.alert == UNSEEN:
            kept_out = self._episodes(name, "wall")
            return "" if any(one.start < notice.at < one.end + HOUR for one in kept_out) else "nobody was kept out"
        if notice.alert == FLAPPING:
            since = notice.at - FLAPPING_SPAN - self._blind_before(notice.at)
            failed = _within(self._failed[name], since, notice.at)
            return "" if len(failed) >= FLAPPING_LEAST else f"{len(failed)} failures lately"
        if notice.alert == BROKEN:
            return "" if self._is_down(name, notice.at) else "it worked"
        if self._world.targets[name].id.endswith(".home"):
            return self._why_not_down(notice, name)
        return "" if self._is_down(name, notice.at) else "it was not down"

    def _why_not_ending(self, notice: Notice, name: str) -> str:
        mine = [one for one in self._world.certificates.get(name, ()) if one.start <= notice.at < one.end + HOUR]
        soon = [one for one in mine if one.ends_at - notice.at < CERTIFICATE_LIMITS[notice.alert] * DAY]
        if not soon:
            return "no certificate runs out so soon"
        repeats = [one for one in self._earlier(notice, notice.alert) if one.at >= soon[-1].start + HOUR]
        return "told before" if repeats else ""

    def _ending(self, until: float) -> Iterator[tuple[str, Certificate, str]]:
        """Yield target, certificate and alert of what must be told: one in use came below the limit, and that is news."""
        for name, certificates in self._world.certificates.items():
            for before, one in zip((None, *certificates), certificates, strict=False):
                for alert, days in CERTIFICATE_LIMITS.items():
                    begins = max(one.start, one.ends_at - days * DAY)
                    sooner = alert == SOON and begins >= one.ends_at - CERTIFICATE_LIMITS[VERY_SOON] * DAY
                    is_known = before is not None and before.ends_at - begins < days * DAY
                    if HOUR < begins < min(one.end, until) - HOUR and not sooner and not is_known:
                        yield name, one, alert

    def _is_told_in_time(self, name: str, certificate: Certificate, alert: str) -> bool:
        begins = max(certificate.start, certificate.ends_at - CERTIFICATE_LIMITS[alert] * DAY)
        told = [one.at for one in self._notices if one.alert == alert and one.labels.get("target") == name]
        at, seen = begins, 0.0  # what is not seen, or kept unsaid by something worse, is not counted
        while seen < ENDING_WITHIN:
            hidden = self._world.is_blind(at) or self._world.is_maintained(name, at) or self._is_down(name, at)
            hidden = hidden or bool(_within(self._failed[name], at - 5 * MINUTE, at))
            seen, at = seen + (0.0 if hidden else MINUTE), at + MINUTE
        return any(begins <= one <= at for one in told)

    def _why_not_down(self, notice: Notice, name: str) -> str:
        since = notice.at - CONFIRMED_WITHIN - self._blind_before(notice.at)
        told = [one.ended_at - 5 * MINUTE for one in self._earlier(notice, DOWN) if one.ended_at is not None]
        failed = _within(self._failed[name], max([since, *told]), notice.at)
        return "" if len(failed) >= LEAST_RUN else f"{len(failed)} failures that were not told"

    def _why_not_burning(self, notice: Notice, name: str) -> str:
        span, least, share = (1.5 * HOUR, 4, FAST_SHARE) if notice.alert == FAST else (DAY + HOUR, 10, SLOW_SHARE)
        left = [at for at in _within(self._failed[name], notice.at - span, notice.at) if not self._was_told(name, at)]
        probed = _within(self._probed[name], notice.at - (HOUR if notice.alert == FAST else DAY), notice.at)
        if len(left) < max(least, share * len(probed)):
            return f"{len(left)} failures of {len(probed)} that were not told"
        if notice.alert == FAST and notice.at - left[-1] > LATELY + self._blind_before(notice.at):
            return f"the last failure was {notice.at - left[-1]:.0f} s ago"
        before = [one for one in self._earlier(notice, FAST, SLOW) if one.alert == FAST or notice.alert == SLOW]
        repeats = [one for one in before if notice.at - one.at < (HOUR if notice.alert == FAST else DAY)]
        return "told before" if repeats else ""

    def _was_told(self, name: str, at: float) -> bool:
        return any(
            one.labels.get("target") == name
            and one.alert not in (FAST, SLOW, *CERTIFICATE_LIMITS)
            and one.at - TOLD_BEFORE <= at
            and (one.ended_at is None or at < one.ended_at + TOLD_AFTER)
            for one in self._notices
        )

    def _earlier(self, notice: Notice, *alerts: str) -> list[Notice]:
        name = notice.labels["target"]
        return [
            one
            for one in self._notices
            if one.alert in alerts and one.labels.get("target") == name and one.at < notice.at
        ]

    def _blind_before(self, at: float) -> float:
        """Return how long our own faults had kept us from telling, just before."""
        probe, blind = at, 0.0
        while at - probe < HOUR:
            probe -= MINUTE
            blind = at - probe if self._world.is_blind(probe) else blind
            if at - probe > CONFIRMED_WITHIN + blind:
                break
        return blind

    def _is_down(self, name: str, at: float) -> bool:
        return any(one.start < at < one.end + HOUR for one in self._episodes(name, "outage"))

    def _episodes(self, name: str, what: str) -> list[Episode]:
        return [
            one
            for (target, _), life in self._world.episodes.items()
            if target == name
            for one in life
            if one.what == what
        ]

    def _outages(self) -> list[Episode]:
        """Return the outages that somebody must be told of: seen for long enough without maintenance and faults of ours."""
        return [
            one
            for life in self._world.episodes.values()
            for one in life
            if one.what == "outage" and self._longest_visible(one) > _must(one.kind)
        ]

    def _longest_visible(self, outage: Episode) -> float:
        longest = begun = 0.0
        at, step = outage.start, 5.0
        begun = at
        while at < outage.end:
            if self._world.is_blind(at) or self._world.is_maintained(outage.target_id, at):
                begun = at + step
            at += step
            longest = max(longest, min(at, outage.end) - begun)
        return longest

    def _is_told(self, outage: Episode) -> bool:
        target = self._world.targets[outage.target_id]
        late = TOLD_WITHIN if outage.kind == PLAIN else CADENCES * EVERY_SECONDS[outage.kind]
        for one in self._notices:
            mine = one.labels.get("target") == target.id or (
                one.alert == "FamilyDown" and one.labels["family"] == target.family
            )
            lasted = one.ended_at is None or one.ended_at > outage.start
            if (
                mine
                and one.alert not in (FAST, SLOW, SLOWDOWN, *CERTIFICATE_LIMITS)
                and one.at < outage.end + late
                and lasted
            ):
                return True
        return False


def _must(kind: str) -> float:
    return VISIBLE_SECONDS if kind == PLAIN else CADENCES * EVERY_SECONDS[kind]


def _within(instants: Sequence[float], since: float, until: float) -> Sequence[float]:
    return instants[bisect_left(instants, since) : bisect_right(instants, until)]
