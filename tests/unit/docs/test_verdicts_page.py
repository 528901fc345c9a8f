"""docs/verdicts.md tells every verdict, in both languages."""

import re
from pathlib import Path

import pytest

from thuocdo.core.model import Outcome, Reason

DOCS = Path(__file__).parents[3] / "docs"


@pytest.mark.parametrize("name", ["verdicts.md", "verdicts.vi.md"])
def test_every_reason_has_a_row_in_the_table_of_its_outcome(name):
    text = (DOCS / name).read_text(encoding="utf-8")
    failed, inconclusive = text.split("\n## ")[1:3]
    rows = {
        outcome: re.findall(r"^\| `(\w+)`", part, re.MULTILINE)
        for outcome, part in ((Outcome.FAILED, failed), (Outcome.INCONCLUSIVE, inconclusive))
    }
    for outcome, named in rows.items():
        assert sorted(named) == sorted(reason.value for reason in Reason if reason.outcome is outcome)
