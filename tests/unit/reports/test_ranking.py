import csv
import io
import json
from dataclasses import replace

from thuocdo.core.i18n import translator
from thuocdo.core.model import Block
from thuocdo.reports.ranking import COLUMNS, not_measured, ranking_rows, ranking_to_csv, ranking_to_json

GOLDEN = "tests/unit/reports/golden"
VI = translator("vi")


def test_csv_is_the_public_contract(ranking, registry, golden):
    golden(f"{GOLDEN}/ranking.csv", ranking_to_csv(ranking_rows(ranking, registry, VI), simulated=True))


def test_json_is_the_public_contract(ranking, registry, golden):
    text = ranking_to_json(ranking, ranking_rows(ranking, registry, translator("en")), simulated=True)
    golden(f"{GOLDEN}/ranking.json", text)


def test_a_name_that_a_spreadsheet_would_run_is_defused(ranking, registry):
    rows = [replace(row, name_vi="=1+1", name_en="\t@x") for row in ranking_rows(ranking, registry, VI)]
    cells = list(csv.DictReader(io.StringIO(ranking_to_csv(rows), newline="")))
    assert {(row["name_vi"], row["name_en"]) for row in cells} == {("'=1+1", "'\t'@x")}


def test_not_measured_is_an_empty_cell_and_null_never_zero(ranking, registry):
    rows = ranking_rows(ranking, registry, VI)
    cells = {row["agency_id"]: row for row in csv.DictReader(io.StringIO(ranking_to_csv(rows)))}
    document = json.loads(ranking_to_json(ranking, rows))
    walled = next(row for row in document["blocks"]["province"] if row["agency_id"] == "lai-chau")
    for name in (
        "rank",
        "rank_to",
        "score",
        "homepage_load_median_seconds",
        "eform_ready_median_seconds",
        "availability_ratio",
    ):
        assert cells["lai-chau"][name] == ""
        assert walled[name] is None
    assert cells["ca-mau"]["score"] == "0.0"
    assert cells["ca-mau"]["availability_ratio"] == "0.0"


def test_rows_keep_the_order_of_the_ranking_and_the_asked_blocks(ranking, registry):
    rows = ranking_rows(ranking, registry, VI, [Block.PROVINCE])
    assert [(row.agency_id, row.rank, row.rank_to, row.shared) for row in rows] == [
        ("can-tho", 1, 2, True),
        ("hue", 1, 2, True),
        ("ha-noi", 3, 3, False),
        ("ca-mau", 4, 4, False),
        ("lai-chau", None, None, False),
    ]
    assert len(COLUMNS) == len(set(COLUMNS))


def test_reason_for_no_rank_is_said_in_the_readers_language(ranking, registry):
    for lang, text in (
        ("vi", "Trang chủ chỉ thông báo chuyển sang nơi khác"),
        ("en", "The home page only sends people elsewhere"),
    ):
        row = next(row for row in ranking_rows(ranking, registry, translator(lang)) if row.agency_id == "most")
        assert (row.unranked_reason, row.unranked_text) == ("notice_page", text)


def test_summary_names_reasons_with_their_agencies_ours_first(ranking):
    found = not_measured(ranking)
    assert [(one.unranked_reason, one.agencies) for one in found.unranked] == [
        ("nothing_measured", ("lai-chau",)),
        ("notice_page", ("most",)),
    ]
    assert [(one.reason, one.outcome, one.measurements) for one in found.reasons] == [
        ("blocked", "inconclusive", 16),
        ("captcha", "inconclusive", 8),
        ("timeout", "failed", 5),
    ]
    assert found.reasons[1].agencies == ("can-tho", "ha-noi", "hue", "moha")
    assert found.reasons[1].kinds == ("eform",)
