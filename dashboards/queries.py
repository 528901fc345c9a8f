"""Parts of PromQL that boards share: which targets and measurements the variables choose, and what a target belongs to."""

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
    return f"{query} * on (target) group_left ({', '.join(labels)}) max by ({known}) (thuocdo_target_info{{{where}}})"


def responses(where: str) -> str:
    """Return how long the last HTTP probes took that were answered: one that gave up says nothing about speed."""
    answered = f"on (target, vantage, profile) (probe_success{{{where}}} == 1)"
    return f"(probe_duration_seconds{{{where}}} and {answered})"


def windowed(metric: str, window: str) -> str:
    """Return a target's metric over a window: 1d, 30d, or month, the calendar month in Hanoi."""
    return f'thuocdo_target_{metric}_ratio{{window="{window}"}}'


def none_is_zero(query: str) -> str:
    """Return 0 where a count finds nothing: there it is a number, not a gap."""
    return f"({query}) or vector(0)"
