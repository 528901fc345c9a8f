"""The schedule that ships: every kind as often, and in the hours, that it declares."""

from collections.abc import Mapping

from thuocdo.core.kinds.kind import Kind

_HEAD = """\
# When every registered portal is measured. `thuocdo config check` tells whether it can be kept.
# Made of what the kinds declare (thuocdo/core/kinds) by `make golden`; a schedule of your own is a file beside this one.
#
# every_seconds: whole seconds. deadline_seconds: on an unshaped line, left out = the kind's own. profiles: desktop, mobile, each
# also over a shaped line (desktop-4g, mobile-3g, mobile-weak, ...); left out = desktop.
# windows: clocks in Hanoi, times in quotes; days of mon tue wed thu fri sat sun, left out = all; from "22:00" to "06:00"
# runs across midnight. No windows = always. roles: homepage, eform; left out = all that the kind applies to. blocks: ministry,
# province, commune, national; left out = all that no other cadence of the kind and profile names. Communes are thousands, and so
# are measured more seldom.
#
# One browser visit per target per 5 minutes, all browser kinds together, unless the portal's mandate says otherwise: so
# 900 s hold a home page and, once a day, its accessibility, and one profile more.
id: default
cadences:
"""


def default_schedule(kinds: Mapping[str, Kind]) -> str:
    """Return the text of schedules/default.yaml, the most frequent kind first."""
    by_frequency = sorted(kinds.values(), key=lambda kind: (kind.cadence.every_seconds, kind.name))
    runs = ", ".join(
        f"{kind.name}: {kind.cadence.runs_in_round}" for kind in by_frequency if kind.cadence.runs_in_round
    )
    of_communes = sorted(
        (kind for kind in kinds.values() if kind.cadence.communes_every_seconds),
        key=lambda kind: (kind.cadence.communes_every_seconds, kind.name),
    )
    return (
        _HEAD
        + "".join(map(_cadence, by_frequency))
        + ("  # Communes.\n" if of_communes else "")
        + "".join(map(_commune_cadence, of_communes))
        + "# How often a round (`thuocdo round NAME`) probes each target.\n"
        + f"round:\n  runs: {{{runs}}}\n"
    )


def _cadence(kind: Kind) -> str:
    mandate = " Only for portals whose owner gave a mandate." if kind.needs_mandate else ""
    text = f"  # {kind.help}.{mandate}\n  - kind: {kind.name}\n    every_seconds: {kind.cadence.every_seconds}\n"
    return text + _windows(kind)


def _commune_cadence(kind: Kind) -> str:
    text = f"  - kind: {kind.name}\n    blocks: [commune]\n    every_seconds: {kind.cadence.communes_every_seconds}\n"
    return text + _windows(kind)


def _windows(kind: Kind) -> str:
    if not kind.cadence.hours:
        return ""
    begin, end = kind.cadence.hours
    return f'    windows: [{{from: "{begin}", to: "{end}"}}]\n'
