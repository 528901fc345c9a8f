"""The public JSON of a page that `thuocdo check` looked at: one object per page."""

from collections.abc import Sequence
from dataclasses import asdict
from typing import Any

from thuocdo.core.model import Measurement
from thuocdo.core.wire import measurement_to_dict
from thuocdo.reports.repeats import SEVERITY, Repeats


def page_result(url: str, measurements: Sequence[Measurement]) -> dict[str, Any]:
    """
    Return the public JSON of a page that every kind looked at once.

    outcome and reason: of the worst kind. values: `<kind>.<value>`. findings, tested, not_testable, score: of accessibility.
    """
    worst = max(measurements, key=lambda m: SEVERITY[m.observation.outcome])
    values = {f"{m.key.kind}.{name}": number for m in measurements for name, number in m.observation.values.items()}
    return {
        "url": url,
        "outcome": worst.observation.outcome.value,
        "reason": worst.observation.reason.value if worst.observation.reason else None,
        "detail": worst.observation.detail,
        "values": values,
        "findings": [finding for m in measurements for finding in measurement_to_dict(m)["observation"]["findings"]],
        "tested": [rule for m in measurements for rule in m.observation.tested],
        "not_testable": [rule for m in measurements for rule in m.observation.not_testable],
        "score": values.get("accessibility.score"),
        "versions": dict(worst.conditions.versions)
        | {k: v for m in measurements for k, v in m.observation.attributes.items() if k.endswith("_version")},
        "measurements": [_measurement(m) for m in measurements],
    }


def repeated_page_result(url: str, repeats: Sequence[Repeats]) -> dict[str, Any]:
    """
    Return the public JSON of a page that every kind looked at several times: that of a single look, and more.

    outcome and reason: of the worst run whose answer stands. values and score: medians. findings, tested, not_testable and
    measurements: of each kind's typical run (`run` is its number). New: runs_asked; statistics per value; outcomes: how many runs
    of a kind ended how; runs: every run of every kind with its values (used: it takes part in the statistics).
    """
    worst = max((run for one in repeats for run in one.standing), key=lambda m: SEVERITY[m.observation.outcome])
    statistics = {f"{one.kind}.{name}": asdict(found) for one in repeats for name, found in one.statistics.items()}
    medians = {name: found["median"] for name, found in statistics.items()}
    return page_result(url, [one.typical_run for one in repeats]) | {
        "outcome": worst.observation.outcome.value,
        "reason": worst.observation.reason.value if worst.observation.reason else None,
        "detail": worst.observation.detail,
        "values": medians,
        "score": medians.get("accessibility.score"),
        "measurements": [{"run": one.typical, **_measurement(one.typical_run)} for one in repeats],
        "runs_asked": max(one.asked for one in repeats),
        "statistics": statistics,
        "outcomes": {one.kind: {outcome.value: number for outcome, number in one.outcomes.items()} for one in repeats},
        "runs": [
            {
                "run": number,
                "used": number in one.used,
                **_measurement(run),
                "values": dict(run.observation.values),
            }
            for one in repeats
            for number, run in enumerate(one.runs, start=1)
        ],
    }


def _measurement(measurement: Measurement) -> dict[str, Any]:
    whole = measurement_to_dict(measurement)
    seen = whole["observation"]
    return {
        "kind": whole["key"]["kind"],
        "profile": whole["key"]["profile"],
        "outcome": seen["outcome"],
        "reason": seen["reason"],
        "detail": seen["detail"],
        "page_kind": seen["page_kind"],
        "started_at": whole["started_at"],
        "duration_seconds": whole["duration_seconds"],
        "attributes": seen["attributes"],
        "conditions": whole["conditions"],
        "evidence": seen["evidence"],
    }
