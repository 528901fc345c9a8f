"""Declared figures in the store, on both engines."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

from thuocdo.core.model import DeclaredFile, DeclaredRow, RateDefinition, RowKey, Span
from thuocdo.declared.tokens import new_token

NOW = datetime(2026, 11, 5, 3, 0, tzinfo=UTC)


def row(unit="so-x", month=10, **counts):
    key = RowKey(
        unit_id=unit, span=Span.MONTH, first=date(2026, month, 1), procedure_code="1.001193", level="Toàn trình"
    )
    return DeclaredRow(
        key=key,
        counts=counts,
        published_percent=98.5,
        rate_definition=RateDefinition.ALL_DUE,
        as_of=date(2026, 10, 31),
        source_url="https://example.vn/",
        where="Số liệu!7",
    )


def file(*rows, digest="a", agency="tinh-a", minutes=0):
    return DeclaredFile(
        agency_id=agency,
        digest=digest,
        name="Bảng\x00 10.xlsx",
        entered_by="Nguyễn An",
        received_at=NOW + timedelta(minutes=minutes),
        rows=rows,
        indicators_version=1,
    )


def test_what_is_stored_comes_back(store):
    assert store.declared.add(file(row(late=3, on_time=None), row("so-y", before_due=0)))
    (found,) = store.declared.files("tinh-a")
    assert found == replace(file(row(late=3, on_time=None), row("so-y", before_due=0)), name="Bảng� 10.xlsx")


def test_the_same_bytes_are_stored_once_and_may_be_another_agencys_too(store):
    assert store.declared.add(file(row(late=3)))
    assert not store.declared.add(file(row(late=3), minutes=5))
    assert store.declared.add(file(row(late=3), agency="tinh-b"))
    assert [one.agency_id for one in store.declared.files()] == ["tinh-a", "tinh-b"]


def test_of_one_thing_the_newer_file_counts_and_the_older_stays(store):
    store.declared.add(file(row(late=3), row("so-y", late=1)))
    store.declared.add(file(row(late=4), digest="b"))
    assert [(one.key.unit_id, one.counts) for one in store.declared.in_force("tinh-a")] == [
        ("so-x", {"late": 4}),
        ("so-y", {"late": 1}),
    ]
    assert store.declared.files("tinh-a")[0].rows[0].counts == {"late": 3}


def test_tokens_are_kept_and_withdrawn_once(store):
    _, kept = new_token("tinh-a", "Phần mềm một cửa", "An", NOW)
    store.declared.add_token(kept)
    assert store.declared.tokens() == [kept]
    assert store.declared.withdraw_token(kept.digest, NOW)
    assert not store.declared.withdraw_token(kept.digest, NOW + timedelta(days=1))
    assert store.declared.tokens()[0].withdrawn_at == NOW
