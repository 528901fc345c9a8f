"""The tables of a package as typed rows."""

from datetime import date

import pytest

from benchmarks.made_up_round import HOSTILE_NAME
from thuocdo.publication.dictionary import ColumnType
from thuocdo.publication.tables import filled_tables, places

TYPES = {
    ColumnType.STRING: str,
    ColumnType.INTEGER: int,
    ColumnType.NUMBER: (int, float),
    ColumnType.BOOLEAN: bool,
    ColumnType.DATE: date,
}


def named(table, row):
    return dict(zip(table.meaning.names, row, strict=True))


def test_each_value_is_of_its_columns_type_and_what_is_required_is_there(tables):
    for name, table in tables.items():
        assert table.rows, name
        for row in table.rows:
            for value, column in zip(row, table.meaning.columns, strict=True):
                assert value is None or isinstance(value, TYPES[column.type]), (name, column.name, value)
                assert value is not None or not column.required, (name, column.name)


def test_keys_tell_rows_apart(tables):
    for table in tables.values():
        keys = [tuple(row[table.column(name)] for name in table.meaning.key) for row in table.rows]
        assert len(set(keys)) == len(keys), table.meaning.name


def test_the_ranking_has_every_agency_in_the_order_of_the_ranking(whole, tables):
    table = tables["xep-hang"]
    assert [row[table.column("agency_id")] for row in table.rows] == list(whole.members)


def test_an_agency_without_a_rank_says_why(tables):
    rows = [named(tables["xep-hang"], row) for row in tables["xep-hang"].rows]
    without = [row for row in rows if row["rank"] is None]
    assert without
    assert all(row["places"] is None and row["unranked_reason"] and row["unranked_vi"] for row in without)
    assert all(row["unranked_reason"] is None for row in rows if row["rank"] is not None)


def test_what_was_not_measured_is_empty_and_says_why(tables):
    rows = [named(tables["diem"], row) for row in tables["diem"].rows]
    missing = [row for row in rows if row["points"] is None]
    assert missing
    assert all(row["not_measured_reason"] for row in missing)
    assert all(row["not_measured_reason"] is None for row in rows if row["points"] is not None)


def test_sums_over_endings_count_each_run_once(whole, tables):
    table = tables["so-lieu"]
    ended = ("ok", "failed", "hidden", "spoilt")
    total = sum(row[table.column(name)] or 0 for row in table.rows for name in ended)
    assert total == sum(one.taken for one in whole.coverage) == whole.ranking.measurements


def test_agencies_that_are_not_compared_have_a_row_with_the_reason(whole, tables):
    rows = [named(tables["thoi-gian"], row) for row in tables["thoi-gian"].rows]
    left_out = [row for row in rows if row["rank"] is None]
    assert len(left_out) == sum(len(one.times.not_compared) for one in whole.comparisons) > 0
    assert all(row["not_compared_vi"] for row in left_out)


def test_marks_stand_in_each_row(tables):
    for table in tables.values():
        assert {row[-2:] for row in table.rows} == {(True, True)}


def test_text_stays_as_it_is_until_somebody_writes_it(tables):
    assert any(HOSTILE_NAME in row for row in tables["xep-hang"].rows)


def test_empty_tables_are_there_without_rows(content):
    assert filled_tables(content)["giai-trinh"].rows == []


@pytest.mark.parametrize(("first", "last", "text"), [(4, 7, "4–7"), (3, 3, "3"), (None, None, "")])
def test_places_read_as_people_write_them(first, last, text):
    assert places(first, last) == text
