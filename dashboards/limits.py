"""
From which value on something is bad, and in which colour that is shown: the figures that decide elsewhere, drawn where people
look.

A limit that the prober or an alert goes by is taken from there; one of a criteria set is held against it by a test.
"""

from collections.abc import Sequence

from dashboards.portal_alerts import CERTIFICATE_SOON_DAYS, CERTIFICATE_VERY_SOON_DAYS, FAST_BURN, SLOW_BURN
from dashboards.prober_alerts import (
    BROWSER_RESTARTS,
    CLOCK_OFFSET_SECONDS,
    JUDGE_SILENT_SECONDS,
    SATURATED_RATIO,
    SILENT_SECONDS,
    UNSAVED_LIMIT,
)
from probes.monitor import LAG_LIMIT_SECONDS, PRESSURE_LIMIT_RATIO

Steps = Sequence[tuple[float | None, str]]
"""Colours by value: (from which value, colour); the first one has None, which is "from the bottom"."""

GOOD, WARN, BAD, PLAIN, UNKNOWN = "green", "orange", "red", "blue", "gray"

NEUTRAL: Steps = ((None, PLAIN),)
NONE_IS_GOOD: Steps = ((None, GOOD), (1.0, BAD))
NONE_IS_USUAL: Steps = ((None, GOOD), (1.0, WARN))

RESPONSE: Steps = ((None, GOOD), (2.0, WARN), (4.0, BAD))
"""Seconds until an answer: from 4 s on a portal can be judged slow (thuocdo/incidents/rules.py); 2 s is our own."""
SLOW_RESPONSE: Steps = ((None, GOOD), (4.0, BAD))

# Criteria for state websites, May 2025 (criteria/website-2025.yaml), seconds.
FIRST_CONTENT: Steps = ((None, GOOD), (3.0, BAD))
LARGEST_CONTENT: Steps = ((None, GOOD), (4.0, BAD))
HOME_PAGE: Steps = ((None, GOOD), (3.0, WARN), (4.0, WARN), (5.8, BAD))
"""First content, largest content, loaded: the three of them in one graph."""

LAYOUT_SHIFT: Steps = ((None, GOOD), (0.1, WARN), (0.25, BAD))
"""Source: web.dev, Core Web Vitals (CLS)."""

AVAILABILITY: Steps = ((None, BAD), (0.95, WARN), (0.995, GOOD))
"""Against the objective of 99.5 % a month, which is our own."""
COVERAGE: Steps = ((None, BAD), (0.8, WARN), (0.95, GOOD))
BUDGET: Steps = ((None, BAD), (0.0, WARN), (0.25, GOOD))
SCORE: Steps = ((None, BAD), (0.5, WARN), (0.8, GOOD))
BURN: Steps = ((None, GOOD), (SLOW_BURN, WARN), (FAST_BURN, BAD))
CERTIFICATE_DAYS: Steps = ((None, BAD), (CERTIFICATE_VERY_SOON_DAYS, WARN), (CERTIFICATE_SOON_DAYS, GOOD))

LOOP_LAG: Steps = ((None, GOOD), (LAG_LIMIT_SECONDS, BAD))
CPU_PRESSURE: Steps = ((None, GOOD), (PRESSURE_LIMIT_RATIO, BAD))
SATURATED: Steps = ((None, GOOD), (SATURATED_RATIO, BAD))
RESTARTS: Steps = ((None, GOOD), (float(BROWSER_RESTARTS), WARN))
CLOCK: Steps = ((None, BAD), (-CLOCK_OFFSET_SECONDS, GOOD), (CLOCK_OFFSET_SECONDS, BAD))
SILENCE: Steps = ((None, GOOD), (SILENT_SECONDS / 2, WARN), (float(SILENT_SECONDS), BAD))
AGENT_SILENT: Steps = ((None, GOOD), (float(SILENT_SECONDS), BAD))
JUDGED_AGO: Steps = ((None, GOOD), (float(JUDGE_SILENT_SECONDS), BAD))
UNSAVED: Steps = ((None, GOOD), (UNSAVED_LIMIT / 2, WARN), (float(UNSAVED_LIMIT), BAD))
