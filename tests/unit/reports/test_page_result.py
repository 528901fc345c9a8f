"""The JSON of `thuocdo check`: a public contract."""

import json

from thuocdo.core.model import Evidence, Finding, FindingOutcome, Outcome, Reason
from thuocdo.reports.page_result import page_result, repeated_page_result
from thuocdo.reports.repeats import summarise

URL = "https://example.test/"
SINGLE_KEYS = [
    "url", "outcome", "reason", "detail", "values", "findings", "tested", "not_testable", "score", "versions", "measurements",
]  # fmt: skip
MEASUREMENT_KEYS = [
    "kind", "profile", "outcome", "reason", "detail", "page_kind", "started_at", "duration_seconds", "attributes",
    "conditions", "evidence",
]  # fmt: skip


def shot(digit):
    return (Evidence(kind="screenshot", sha256=digit * 64, media_type="image/jpeg", size_bytes=1),)


def finding(rule):
    return Finding(rule=rule, layer="axe", outcome=FindingOutcome.FAILED, impact="serious", help=rule)


def test_a_single_look_has_the_keys_it_always_had(make_measurement):
    result = page_result(URL, [make_measurement(kind="accessibility", values={"score": 80.0}), make_measurement()])
    assert list(result) == SINGLE_KEYS
    assert [list(one) for one in result["measurements"]] == [MEASUREMENT_KEYS] * 2
    assert result["values"] == {"accessibility.score": 80.0, "http.total_seconds": 0.25}
    assert result["score"] == 80.0


def test_several_looks_add_keys_and_take_none_away(make_measurement):
    repeats = [summarise([make_measurement(n) for n in range(3)], asked=3)]
    result = repeated_page_result(URL, repeats)
    assert list(result) == [*SINGLE_KEYS, "runs_asked", "statistics", "outcomes", "runs"]
    assert [list(one) for one in result["measurements"]] == [["run", *MEASUREMENT_KEYS]]
    assert [list(one) for one in result["runs"]] == [["run", "used", *MEASUREMENT_KEYS, "values"]] * 3
    json.dumps(result, allow_nan=False)


def test_values_are_medians_and_evidence_is_of_the_typical_run(make_measurement):
    runs = [
        make_measurement(n, kind="homepage", values={"load_seconds": seconds}, evidence=shot(str(n)))
        for n, seconds in enumerate((9.0, 2.0, 1.0))
    ]
    result = repeated_page_result(URL, [summarise(runs, asked=3)])
    assert result["values"] == {"homepage.load_seconds": 2.0}
    assert result["statistics"] == {
        "homepage.load_seconds": {"median": 2.0, "p75": 9.0, "min": 1.0, "max": 9.0, "iqr": 8.0, "n": 3}
    }
    assert (result["measurements"][0]["run"], result["measurements"][0]["evidence"][0]["sha256"]) == (2, "1" * 64)
    assert [run["evidence"][0]["sha256"][0] for run in result["runs"]] == ["0", "1", "2"]


def test_one_bad_run_of_three_is_the_outcome_and_is_counted(make_measurement):
    bad = make_measurement(2, outcome=Outcome.FAILED, reason=Reason.TIMEOUT, detail="no answer", values={})
    result = repeated_page_result(URL, [summarise([make_measurement(0), make_measurement(1), bad], asked=3)])
    assert (result["outcome"], result["reason"], result["detail"]) == ("failed", "timeout", "no answer")
    assert result["outcomes"] == {"http": {"ok": 2, "failed": 1}}
    assert [run["used"] for run in result["runs"]] == [True, True, False]


def test_findings_are_those_of_one_run_and_the_score_is_the_median(make_measurement):
    runs = [
        make_measurement(n, kind="accessibility", values={"score": score}, findings=(finding(f"rule-{n}"),))
        for n, score in enumerate((70.0, 90.0))
    ]
    result = repeated_page_result(URL, [summarise(runs, asked=2)])
    assert [found["rule"] for found in result["findings"]] == ["rule-0"]
    assert result["score"] == 80.0
