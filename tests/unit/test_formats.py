from datetime import UTC, datetime

import pytest

from thuocdo.core.formats import Formats


@pytest.mark.parametrize(
    ("name", "value", "vi", "en"),
    [
        ("homepage.load_seconds", 1.234, "1,23 giây", "1.23 seconds"),
        ("http.resolve_seconds", 0.0042, "4,2 ms", "4.2 ms"),
        ("http.total_seconds", 0.0456, "46 ms", "46 ms"),
        ("homepage.longest_task_seconds", 0.0, "0 ms", "0 ms"),
        ("homepage.transferred_bytes", 1_654_321.0, "1,65 MB", "1.65 MB"),
        ("http.body_bytes", 48_211.0, "48 kB", "48 kB"),
        ("http.status_code", 200.0, "200", "200"),
        ("homepage.cls_ratio", 0.1234, "0,123", "0.123"),
        ("http.availability_ratio", 0.99999, "99,9%", "99.9%"),
        ("http.availability_ratio", 1.0, "100%", "100%"),
        ("eform.fields", 34.0, "34", "34"),
        ("accessibility.score", 87.06, "87,1", "87.1"),
        ("http.certificate_expiry_seconds", 1_795_331_100.0, "22/11/2026 14:05", "22/11/2026 14:05"),
        ("eform.session_expiry_timestamp_seconds", 1_795_331_100.0, "22/11/2026 14:05", "22/11/2026 14:05"),
        ("http.certificate_leaf_expiry_seconds", 1_795_331_100.0, "22/11/2026 14:05", "22/11/2026 14:05"),
    ],
)
def test_a_value_is_written_by_its_unit_and_language(name, value, vi, en):
    assert Formats("vi").value(name, value) == vi
    assert Formats("en").value(name, value) == en


def test_instants_are_hanoi_time():
    assert Formats("vi").instant(datetime(2026, 11, 22, 17, 30, tzinfo=UTC)) == "23/11/2026 00:30"


@pytest.mark.parametrize(
    ("low", "high", "expected"),
    [
        (1.2, 1.27, "1,20–1,27 giây"),
        (0.05, 1.2, "50 ms–1,20 giây"),
        (1.2, None, "1,20 giây–…"),
        (None, 1.2, "…–1,20 giây"),
    ],
)
def test_an_interval_names_its_unit_once_and_shows_an_open_end(low, high, expected):
    assert Formats("vi").interval("homepage.load_seconds", low, high) == expected


def test_numbers_that_are_equal_and_not_alike_are_told_apart():
    kept = Formats("vi")
    assert [kept.fixed(0.0), kept.fixed(-0.0), kept.fixed(0)] == ["0,00", "-0,00", "0,00"]
    assert [kept.number(1), kept.number(1.0), kept.number(1.5), Formats("en").number(1.5)] == ["1", "1", "1,5", "1.5"]


def test_a_value_is_called_by_its_name_as_long_as_a_kind_gives_it():
    assert Formats("vi").called("http.total_seconds") == "Tổng thời gian"
    assert Formats("en").called("http.total_seconds") == "Total time"
    assert Formats("vi").called("http.of_long_ago") == "of_long_ago"
