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
    row = next(line for line in text.splitlines() if "Page loaded (s)" in line and "0.9" in line)
    assert row.split() == ["Page", "loaded", "(s)", "0.2", "0.9", "0.1", "0.9", "0.8", "3"]


def test_evidence_is_that_of_the_typical_run_and_says_so(printed, homepage):
    text = printed([summarise(homepage(0.9, 0.2, 0.1), asked=3)])
    assert "of run 2, whose 'Page loaded' is nearest to the median" in " ".join(text.split())
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
    names = (
        "TCP",
        "01/01/3000 07:00",
        *(("giây", "0,00002", "1.345.680") if lang == "vi" else ("0.00002", "1,345,680")),
    )
    for shown in (*names, *headings):
        assert shown in text


def test_where_all_runs_agree_one_figure_is_shown(printed, homepage):
    text = printed([summarise(homepage(0.5, 0.5), asked=2)])
    row = next(line for line in text.splitlines() if line.strip().startswith("Page loaded"))
    assert row.split() == ["Page", "loaded", "(s)", "0.5", "2"]


def test_a_single_look_prints_every_value_and_unlabelled_evidence(make_measurement):
    console = Console(file=io.StringIO(), width=100)
    one = make_measurement(evidence=shot("1"), detail="[not markup]", outcome=Outcome.FAILED, reason=Reason.TIMEOUT)
    print_check(console, URL, [summarise([one], asked=1)], "en", lambda sha256: Path("/evidence/1"))
    text = console.file.getvalue()
    assert "Total time: 0.25 seconds" in text
    assert "[not markup]" in text
    assert "Evidence (Screenshot): /evidence/1" in text


def test_a_vietnamese_reader_is_told_names_numbers_and_details_as_he_writes_them(make_measurement):
    console = Console(file=io.StringIO(), width=100)
    values = {"total_seconds": 1.25, "body_bytes": 48_211.0, "certificate_expiry_seconds": 1_795_331_100.0, "gone": 3.0}
    seen = {"outcome": Outcome.FAILED, "reason": Reason.HTTP_ERROR, "detail": "status 502", "values": values}
    print_check(console, URL, [summarise([make_measurement(**seen)], asked=1)], "vi", lambda sha256: None)
    text = console.file.getvalue()
    for told in (
        "máy chủ trả lời mã 502",
        "Tổng thời gian: 1,25 giây",
        "48 kB",
        "Hạn chứng thư số: 22/11/2026 14:05",
        "gone: 3",
    ):
        assert told in text, told


def test_why_runs_failed_is_told_in_words(printed, homepage, make_measurement):
    bad = make_measurement(
        8, kind="homepage", outcome=Outcome.FAILED, reason=Reason.TIMEOUT, detail="no answer within 30 s"
    )
    text = " ".join(printed([summarise([*homepage(0.2), bad], asked=2)], "vi").split())
    assert "Quá thời gian chờ (máy chủ không trả lời trong 30 giây) ×1" in text


def test_a_single_look_that_was_taken_again_shows_the_good_one_and_says_so(homepage):
    console = Console(file=io.StringIO(), width=100)
    runs = [*homepage(9.0, conditions=Conditions(saturated=True)), *homepage(1.5)]
    print_check(console, URL, [summarise(runs, asked=1)], "en", lambda sha256: None)
    text = console.file.getvalue()
    assert "Page loaded: 1.50 seconds" in text
    assert "Home page: 1 of 2 runs fell on a busy prober: their times are left out. Taken again: 1." in text
