"""What is told of a barrier in words."""

import pytest

from probes.accessibility.told import engine_words, kept_fact, kept_summary


@pytest.mark.parametrize(
    ("message", "kept"),
    [
        ("2.1:1 < 4.5:1", "2.1:1 < 4.5:1"),
        ("912 px", "912 px"),
        ('autocomplete="name"', 'autocomplete="name"'),
        ("Xem thêm / Chi tiết", "Xem thêm / Chi tiết"),
        ("gọi 0912345678", ""),
        ("Lê Hoàng Long", ""),
        ("Chi tiết ≠ Lê Hoàng Long", ""),
        ("912 345 678", ""),
        ("79 20 34 56 78 90", "79 …"),
        ("79:20:34", "79:…"),
        ("#791234 #567890", ""),
        ("12 px, 345 678", "12 px, …"),
        ("", ""),
    ],
)
def test_a_fact_is_told_up_to_the_first_unknown_word(message: str, kept: str) -> None:
    assert kept_fact(message) == kept


def test_the_engines_sentences_are_told_and_what_they_quote_is_not() -> None:
    told = kept_summary(
        "Fix any of the following:\n  Element has insufficient color contrast of 1.16 (foreground color: #eeeeee)\n"
        "  Document has multiple static elements with the same id attribute: nguyen-van-a"
    )
    assert told == (
        "Fix any of the following: Element has insufficient color contrast of 1.16 (foreground color: #eeeeee) "
        "Document has multiple static elements with the same id attribute: …"
    )
    assert "nguyen" not in engine_words()
