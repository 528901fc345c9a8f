"""Parts of PromQL that boards share: which targets and measurements the variables choose, and what a target belongs to."""

INFO = "thuocdo_target_info"

FLEET = 'agency=~"$agency",block=~"$block",region=~"$region",family=~"$family"'
"""Chooses among thuocdo_target_info, on boards that have all four variables."""

SEEN_FROM = 'vantage=~"$vantage",profile=~"$profile"'
"""Chooses among measurements."""


def of_fleet(query: str, *labels: str, where: str = FLEET) -> str:
    """
    Keep the series of the chosen targets and give them labels of thuocdo_target_info.

    Args:
        query: PromQL whose series have the label target; put into brackets where it is more than one term.
        labels: of thuocdo_target_info to add, such as "block".
        where: label matchers that choose targets.

    """
    # max by: two probers with the same registry say the same of a target; without it Prometheus refuses the join.
    known = ", ".join(("target", *labels))
    return f"{query} * on (target) group_left ({', '.join(labels)}) max by ({known}) ({INFO}{{{where}}})"


def responses(where: str) -> str:
    """Return how long the last HTTP probes took that were answered: one that gave up says nothing about speed."""
    answered = f"on (target, vantage, profile) (probe_success{{{where}}} == 1)"
    return f"(probe_duration_seconds{{{where}}} and {answered})"


def windowed(metric: str, window: str) -> str:
    """Return a target's metric over a window: 1d, 30d, or month, the calendar month in Hanoi."""
    return f'thuocdo_target_{metric}_ratio{{window="{window}"}}'


JUDGED = "thuocdo_judge_last_run_timestamp_seconds"
"""Tells that incidents were ever judged: before that nobody knows of none."""


def none_is_zero(query: str, known: str) -> str:
    """Return 0 where a count finds nothing, and nothing where that cannot be known. known: has an answer once it can be."""
    return f"({query}) or 0 * count({known})"


def age(instant: str) -> str:
    """Return how many seconds ago something was: never less than none, since clocks may disagree. instant: of Unix seconds."""
    return f"clamp_min(time() - {instant}, 0)"


def of_agency(query: str) -> str:
    """
    Give the series of agencies a label with what people call them: that of a home page of theirs, or else their id.

    Args:
        query: PromQL whose series have the label agency; one term.

    """
    named = f'topk by (agency) (1, max by (agency, name) ({INFO}{{role="homepage"}}))'
    itself = f'label_replace({query}, "name", "$1", "agency", "(.*)")'
    return f"{query} * on (agency) group_left (name) {named} or on (agency) {itself}"


FAILED, INCONCLUSIVE, OK, UNSEEN = 3, 2, 1, 0
"""How a measurement ended, as numbers; the greater is the worse to know. UNSEEN: there is none."""


def outcome(where: str) -> str:
    """Return how the last measurements ended, as one of these numbers; in brackets."""
    of = "thuocdo_measurement_outcome"
    parts = ((FAILED, "failed"), (INCONCLUSIVE, "inconclusive"), (OK, "ok"))
    return "(" + " or ".join(f'{number} * {of}{{outcome="{name}",{where}}}' for number, name in parts) + ")"


def or_unseen(query: str, label: str) -> str:
    """Return a query that has an answer always: one row that says UNSEEN, where there is nothing else. label: it is called by."""
    return f'({query}) or on () label_replace(vector({UNSEEN}), "{label}", "none", "", "")'


def open_incidents(where: str, others: str, keep: tuple[str, ...] = ()) -> str:
    """
    Return the start of every open incident, in Unix seconds, with what people want to know of it.

    Labels: scope, state, reason, id; target, agency, name and url of a target's, name alone of a family's or a vantage point's;
    figure: the HTTP status; or how slow it is, and how slow it usually is.

    Args:
        where: label matchers that choose among thuocdo_target_info.
        others: label matchers that choose incidents of families and vantage points, which lack those labels.
        keep: further labels.

    """
    start = "thuocdo_incident_start_timestamp_seconds"
    of_targets = of_fleet(f'{start}{{scope="target"}}', "name", "url", where=where)
    of_others = [
        f'label_replace({start}{{scope="{scope}",{others}}}, "name", "$1", "{scope}", "(.+)")'
        for scope in ("family", "vantage")
    ]
    found = " or ".join((of_targets, *of_others))
    found = f'label_join({found}, "both", " / ", "seconds", "usual_seconds")'
    for label, pattern, figure in (
        ("status", "(.+)", "HTTP $1"),
        ("seconds", "(.+)", "$1 s"),
        ("both", "(.+) / (.+)", "$1 s / $2 s"),
    ):
        found = f'label_replace({found}, "figure", "{figure}", "{label}", "{pattern}")'
    labels = ("scope", "state", "target", "agency", "name", "url", "reason", "figure", "id", *keep)
    return f"max by ({', '.join(labels)}) ({found})"


def open_parts(where: str) -> str:
    """
    Return since when each part of an open incident of a portal is in its state, in Unix seconds.

    Labels: target (the part), name, aspect, state, reason, id.

    Args:
        where: label matchers that choose among thuocdo_target_info.

    """
    # The label target of these series is that under which people are told of several parts.
    start = 'label_replace(thuocdo_incident_part_start_timestamp_seconds, "target", "$1", "part", "(.+)")'
    return f"max by (target, name, aspect, state, reason, id) ({of_fleet(start, 'name', where=where)})"
