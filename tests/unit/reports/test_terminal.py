import io
from dataclasses import replace

import pytest
from rich.cells import cell_len
from rich.console import Console

from thuocdo.core.i18n import translator
from thuocdo.core.model import Reason
from thuocdo.reports.terminal import print_ranking
from thuocdo.score.scorecard import NotMeasured, Unranked


def printed(ranking, registry, lang="vi", width=100, **rest):
    console = Console(file=io.StringIO(), width=width)
    print_ranking(console, ranking, registry, translator(lang), **rest)
    return console.file.getvalue()


@pytest.mark.parametrize("lang", ["vi", "en"])
@pytest.mark.parametrize("width", [100, 120])
def test_fits_the_terminal_and_cuts_nothing_off(ranking, registry, lang, width):
    text = printed(ranking, registry, lang, width)
    assert max(cell_len(line) for line in text.splitlines()) <= width
    assert "…" not in text
    columns = (
        "Hạng Điểm Trang Tiếp Sẵn phủ đo" if lang == "vi" else "Rank Score Home eForm Access. Available Coverage Runs"
    )
    heading = next(line for line in text.splitlines() if columns.split()[0] in line)
    assert [one for one in columns.split() if one not in heading] == []


@pytest.mark.parametrize("lang", ["vi", "en"])
def test_narrow_terminal_keeps_names_and_says_what_it_leaves_out(ranking, registry, lang):
    text = printed(ranking, registry, lang, width=80)
    assert max(cell_len(line) for line in text.splitlines()) <= 80
    assert "…" not in text
    assert any(line.split()[1:3] == ["Cần", "Thơ"] or "Can Tho" in line for line in text.splitlines())
    assert "100" in next(line for line in text.splitlines() if ("terminal" if lang == "en" else "dòng lệnh") in line)


def test_ranking_is_in_vietnamese_with_vietnamese_numbers(ranking, registry):
    text = printed(ranking, registry)
    assert "Tỉnh, thành phố" in text
    assert "Hạng" in text
    assert "1,23 [1,11–1,36]" in text
    assert "22/11/2026 11:00 – 22/11/2026 12:59" in text
    assert "ranking." not in text


def test_shared_ranks_are_shown_as_a_range_of_places(ranking, registry):
    lines = [line for line in printed(ranking, registry).splitlines() if "Cần Thơ" in line or "Huế" in line]
    assert [line.split()[0] for line in lines[:2]] == ["1–2", "1–2"]


def test_open_interval_and_missing_time_are_shown_as_such(ranking, registry):
    text = printed(ranking, registry, "en")
    assert "8.00 [7.20–∞]" in text
    ca_mau = next(line for line in text.splitlines() if "Ca Mau" in line)
    assert ca_mau.split()[3:5] == ["0.0", "–"]


def test_almost_always_available_is_not_shown_as_always(ranking, registry):
    assert "99.9%" in printed(ranking, registry, "en")
    assert "100%" not in printed(ranking, registry, "en")


def test_simulated_figures_say_so_first_and_real_ones_do_not(ranking, registry):
    assert "SỐ LIỆU MÔ PHỎNG" in printed(ranking, registry, simulated=True)
    assert "SỐ LIỆU MÔ PHỎNG" not in printed(ranking, registry)


def test_unconfirmed_criteria_say_so(ranking, registry):
    assert "chưa được xác nhận" in printed(ranking, registry)


def test_nothing_measured_yet_prints_without_a_fault(ranking, registry):
    empty = replace(ranking, blocks={}, profiles=(), first_at=None, last_at=None, measurements=0, runs=0)
    assert "Every measurement gave a number." in printed(empty, registry, "en")


@pytest.mark.parametrize("lang", ["vi", "en"])
def test_every_reason_has_a_text(lang):
    translate = translator(lang)
    ids = (
        [f"unranked.{one}" for one in Unranked]
        + [f"not_measured.{one}" for one in NotMeasured]
        + [f"reason.{one}" for one in Reason]
    )
    assert [one for one in ids if translate(one) == one] == []
