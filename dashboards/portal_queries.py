"""What alerts about portals ask Prometheus: whose portal it is, how long an incident lasts, how fast an error budget burns."""

from dashboards.filling import DURATION, EXPIRY, LEFT_AGO, PART_DURATION, PART_START, START, left_parts
from dashboards.recording import unexplained_increase, unexplained_ratio

_WHOSE = "target, owner, agency, block, family"
_INFO = f"max by ({_WHOSE}) (thuocdo_target_info)"

_OUTAGES = "PortalDown|PortalBroken|PortalReplaced|PortalFlapping"
"""Who was told of one of these knows that something is wrong."""

FAST, SLOW = "ErrorBudgetBurnFast", "ErrorBudgetBurnSlow"

_MAINTAINED = "thuocdo_maintenance_active"

_WALLS = "blocked|captcha|login_required|redirected_elsewhere"
_OWN_FAULTS = "no_connectivity|prober_saturated|internal_error"

_JUDGED_ANEW = "5m"
"""After planned maintenance: some probes, and what docs/operations.md reckons from a probe to a notice."""

_TOLD_FOR = "1m"
"""As long as the end of an incident is exported (thuocdo/web/watch.py)."""


def with_info(expr: str) -> str:
    """Return a query by target with the labels that say whose target it is."""
    return f"{expr} * on (target) group_left (owner, agency, block, family) {_INFO}"


def or_left(name: str, expr: str, before: str, by: str = _WHOSE) -> str:
    """
    Return an alert's query that also holds for a while once its target has left the registry, or belongs to another there.

    Nothing measures the target then, or it is told under other labels: without this the alert would end like one that is over.
    While it stands its texts are made anew, and say why nothing more is told. Without our metrics nobody knows who has left.

    Args:
        name: of the alert; no alert begins with that.
        expr: what it stands for.
        before: query by target of the value that it had; of several minutes, for the target's own series are gone.
        by: labels of the alert.
    """
    info = f"max by ({by}) (thuocdo_target_info"
    left = (
        f"{info} offset {LEFT_AGO}) unless on ({by}) {info}) and on ({by}) {_firing(name)} and on () thuocdo_build_info"
    )
    return f"{expr} or ({left}) * on (target) group_left () {before}"


def owned(expr: str) -> str:
    """Return a query by target with the labels that say whose target it is; in planned maintenance nobody is told."""
    return with_info(f"({expr} unless on (target) thuocdo_maintenance_active)")


def _lasting(by: str, started: str) -> str:
    """Return how many seconds something has lasted; at least 1, since clocks may disagree. started: query of its starts."""
    return f"clamp_min(time() - min by ({by}) ({started}), 1)"


def told(name: str, by: str, state: str) -> str:
    """
    Return what the alert of an incident of a family or a vantage point stands for: seconds that one is in a state.

    An alert that stands is held a minute longer when that ends: only so do its texts, which are made while it holds, tell the
    true end and length. No alert begins with that.
    """
    lasting = _lasting(by, f'{START}{{scope="{by}",state="{state}"}}')
    over = f'clamp_min(max by ({by}) ({DURATION}{{scope="{by}"}}), 1)'
    return f"({lasting} or ({over}) and on ({by}) {_firing(name)})"


def told_of_portal(name: str, state: str) -> str:
    """
    Return what the alert of a portal's incident stands for: seconds that parts of it are in a state.

    As with others it is held longer when that ends, and when planned maintenance begins or its target leaves the registry, so
    that its texts tell why nothing more is said.
    """
    lasting = _lasting("target", f'{PART_START}{{state="{state}"}}')
    lengths = (f'max by (target) ({PART_DURATION}{{state="{state}"}})', f"max by (target) ({PART_DURATION})")
    over = " or ".join(f"clamp_min({length}, 1)" for length in lengths)
    over = f"{over} or {lasting} and on (target) ({_MAINTAINED} unless on (target) {_MAINTAINED} offset {_TOLD_FOR})"
    # What lasted before the maintenance is judged anew afterwards: until then nobody knows.
    quiet = f"{lasting} unless on (target) max_over_time({_MAINTAINED}[{_JUDGED_ANEW}])"
    before = _lasting("target", left_parts(PART_START, f'state="{state}"'))
    return or_left(name, with_info(f"({quiet} or ({over}) and on (target) {_firing(name)})"), before)


def kept_out(minutes: int) -> str:
    """
    Return targets of which nothing but a wall has been seen from some place for so long, planned maintenance aside.

    Who is kept out says nothing of a portal; the owner is the one who can let him in. How long is read off what was scraped, not
    off how long the alert has been pending: a restart of ours, or a missed scrape, forgets nothing. Whatever else is seen ends
    it. While it is our own fault that nothing is seen, nobody knows that the wall is gone; so one that was told still stands,
    and is not told again when it is met afterwards.
    """
    name = "PortalUnseen"

    def met(matchers: str) -> str:
        return f'thuocdo_measurement_outcome{{kind="http",{matchers}}}'

    def by_place(query: str) -> str:
        return f"max by (target, vantage) ({query})"

    walls, seen = met(f'reason=~"{_WALLS}"'), met(f'reason!~"{_WALLS}|{_OWN_FAULTS}"')
    long = (
        f"{by_place(walls)} and {by_place(f'max_over_time({walls}[2m] offset {minutes}m)')} "
        f"unless {by_place(f'max_over_time({seen}[{minutes}m])')} "
        f"unless on (target) max_over_time({_MAINTAINED}[{minutes}m])"
    )
    unseen = met(f'reason=~"{_WALLS}|{_OWN_FAULTS}"')
    told = f"max by (target) ({unseen}) and on (target) {_firing(name)}"
    standing = f"max by (target) ({_firing(name)})"
    return or_left(name, owned(f"(max by (target) ({long}) or {told})"), standing)


def burning(name: str, factor: float, long: str, short: str, least: int) -> str:
    """
    Return targets that spend their error budget by what no incident explains, at least so many times too fast.

    Over a long window and still lately, and by so many failures at least: where little was measured, one is a large share. What
    was told within the long window is not told again, nor anything to somebody who has just been told of an outage; nothing
    begins while something stands that would keep it unsaid, or it would be said once that is over.
    """
    limit = f"{factor:g} * (1 - scalar(max(thuocdo_objective_ratio)))"
    # Half of one less: what a window holds is reckoned to its edges.
    enough = f"{unexplained_increase(long)} > {least - 0.5:g}"
    recent = long if name == FAST else short
    said = f'max_over_time({_firing(name)}[{long}]) unless on (target) ALERTS{{alertname="{name}"}}'
    if name == SLOW:
        said = f"max_over_time({_firing(FAST)}[{long}]) or {said}"
    fast = (
        f"({unexplained_ratio(long)} > {limit} and {unexplained_ratio(short)} > {limit} and {enough} "
        f"unless on (target) ({said}) "
        f"unless on (target) max_over_time({_firing(_OUTAGES)}[{recent}]) "
        f"unless on () {_firing('VantageDown')})"
    )
    return or_left(name, f"{owned(fast)} unless on (family) {_firing('FamilyDown')}", unexplained_ratio(long))


def _firing(names: str) -> str:
    """Return the alerts of these names that stand now; names: joined by |."""
    return f'ALERTS{{alertname=~"{names}",alertstate="firing"}}'


def expiring(name: str, days: float) -> str:
    """Return seconds until certificates run out that are certain to do so within so many days; planned maintenance or not."""
    # 1 for what has expired already: an alert's value is above 0.
    soon = f"clamp_min(min by (target) ({EXPIRY}) - time() < {days:g} * 86400, 1)"
    before = f"clamp_min(min by (target) ({left_parts(EXPIRY, '')}) - time(), 1)"
    return or_left(name, with_info(f"({soon})"), before)
