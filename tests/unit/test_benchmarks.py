"""The contract of benchmark results."""

import json

from benchmarks import report
from benchmarks.report import Figure, publish


def test_figures_are_printed_and_written_with_their_limits(tmp_path, monkeypatch, capsys):
    monkeypatch.setattr(report, "OUT", tmp_path / "out")
    publish("x", [Figure(figure="cost", value=2.0, must=1.0, aim=0.5), Figure(figure="free", value=9.0)])
    rows = json.loads((tmp_path / "out" / "x.json").read_text())
    assert rows == [
        {"figure": "cost", "value": 2.0, "must": 1.0, "aim": 0.5, "holds": False},
        {"figure": "free", "value": 9.0, "must": None, "aim": None, "holds": True},
    ]
    assert "| cost | 2 | ≤ 1 | ≤ 0.5 | NO |" in capsys.readouterr().out
