"""What `thuocdo check` prints."""

import io
from pathlib import Path

import pytest
from rich.cells import cell_len
from rich.console import Console

from thuocdo.core.i18n import LANGUAGES, translator
from thuocdo.core.model import Conditions, Evidence, Outcome, Reason
from thuocdo.reports.check import print_check, print_legend, print_repeats
from thuocdo.reports.repeats import summarise

URL = "https://example.test/"
LONGEST = {
    "certificate_leaf_expiry_seconds": 32_503_680_000.0,
    "connect_seconds": 0.00002,
    "transferred_bytes": 1_345_678.0,
}


@pytest.fixture
def printed():
    def show(repeats, lang="en", width=80):
        console = Console(file=io.StringIO(), width=width)
        print_repeats(console, URL, repeats, lang, lambda sha256: Path("/evidence") / sha256[:3])
        print_legend(console, translator(lang))
        return console.file.getvalue()

    return show


def shot(digit):
    return (Evidence(kind="screenshot", sha256=digit * 64, media_type="image/jpeg", size_bytes=1),)


@pytest.fixture
def homepage(make_measurement):
    def make(*seconds, **changes):
        return [
            make_measurement(n, kind="homepage", values={"load_seconds": s}, evidence=shot(str(n)), **changes)
            for n, s in enumerate(seconds)
        ]

    return make


def test_the_table_shows_median_p75_spread_and_number_of_runs(printed, homepage):
    text = printed([summarise(homepage(0.9, 0.2, 0.1), asked=3)])
    row = next(line for line in text.splitlines() if "load_seconds" in line and "0.9" in line)
    assert row.split() == ["load_seconds", "0.2", "0.9", "0.1", "0.9", "0.8", "3"]


def test_evidence_is_that_of_the_typical_run_and_says_so(printed, homepage):
    text = printed([summarise(homepage(0.9, 0.2, 0.1), asked=3)])
    assert "of run 2, whose load_seconds is nearest to the median" in " ".join(text.split())
    assert "Evidence (Screenshot, run 2): /evidence/111" in text
    assert "/evidence/000" not in text


def test_runs_that_ended_worse_are_counted_and_shown_with_their_evidence(printed, homepage, make_measurement):
    bad = make_measurement(
        8,
        kind="homepage",
        outcome=Outcome.FAILED,
        reason=Reason.TIMEOUT,
        detail="[late]",
        values={},
        evidence=shot("9"),
    )
    text = printed([summarise([*homepage(0.2, 0.3), bad], asked=3)])
    assert "Measured 2 of 3, Portal failed 1 of 3" in text
    assert "Timed out ([late]) ×1" in text
    assert "Evidence (Screenshot, run 3): /evidence/999" in text


def test_a_busy_prober_is_told(printed, homepage):
    busy = homepage(5.0, conditions=Conditions(saturated=True))
    text = " ".join(printed([summarise([*homepage(0.2, 0.3), *busy], asked=2)]).split())
    assert "1 of 3 runs fell on a busy prober: their times are left out. Taken again: 1." in text
    assert "times are suspect" in printed([summarise(busy, asked=1)])


def test_device_and_line_are_named_where_they_were_chosen(printed, homepage):
    assert "Tải trang chủ: Đo được 1/1 lần" in printed([summarise(homepage(1.0), asked=1)], "vi")
    text = printed([summarise(homepage(1.0, profile="mobile-weak"), asked=1)], "vi")
    assert "Tải trang chủ, Điện thoại, mạng yếu: Đo được 1/1 lần" in text


@pytest.mark.parametrize("lang", LANGUAGES)
def test_it_fits_a_narrow_terminal_and_cuts_nothing_off(printed, make_measurement, lang):
    headings = [translator(lang)(heading) for heading in ("Median", "Smallest", "Largest", "IQR", "Runs")]
    runs = [
        make_measurement(
            n, values=LONGEST | {"processing_seconds": 0.001458 + n / 10**6} | {"transferred_bytes": 1_345_678.0 + n}
        )
        for n in range(3)
    ]
    text = printed([summarise(runs, asked=3)], lang)
    assert max(cell_len(line) for line in text.splitlines()) <= 80
    assert "…" not in text
    for shown in ("certificate_", "32,503,680,000", "connect_seco", "0.000020", "1,345,680", *headings):
        assert shown in text


def test_where_all_runs_agree_one_figure_is_shown(printed, homepage):
    text = printed([summarise(homepage(0.5, 0.5), asked=2)])
    row = next(line for line in text.splitlines() if line.strip().startswith("load_seconds"))
    assert row.split() == ["load_seconds", "0.5", "2"]


def test_a_single_look_prints_every_value_and_unlabelled_evidence(make_measurement):
    console = Console(file=io.StringIO(), width=100)
    one = make_measurement(evidence=shot("1"), detail="[not markup]", outcome=Outcome.FAILED, reason=Reason.TIMEOUT)
    print_check(console, URL, [summarise([one], asked=1)], "en", lambda sha256: Path("/evidence/1"))
    text = console.file.getvalue()
    assert "total_seconds = 0.25" in text
    assert "[not markup]" in text
    assert "Evidence (Screenshot): /evidence/1" in text


def test_a_single_look_that_was_taken_again_shows_the_good_one_and_says_so(homepage):
    console = Console(file=io.StringIO(), width=100)
    runs = [*homepage(9.0, conditions=Conditions(saturated=True)), *homepage(1.5)]
    print_check(console, URL, [summarise(runs, asked=1)], "en", lambda sha256: None)
    text = console.file.getvalue()
    assert "load_seconds = 1.5" in text
    assert "Home page: 1 of 2 runs fell on a busy prober: their times are left out. Taken again: 1." in text
