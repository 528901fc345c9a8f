"""The data dictionary."""

from collections import Counter

from thuocdo.publication.dictionary import all_tables


def test_columns_are_a_public_contract(golden):
    text = "".join(f"{table.name}: {', '.join(table.names)}\n" for table in all_tables())
    golden("tests/unit/publication/golden/columns.txt", text)


def test_names_are_unique_and_keys_are_columns():
    for table in all_tables():
        assert [name for name, count in Counter(table.names).items() if count > 1] == []
        assert set(table.key) <= set(table.names)


def test_each_row_says_whether_it_is_a_draft_and_whether_it_is_simulated():
    assert all(table.names[-2:] == ("draft", "simulated") for table in all_tables())


def test_both_languages_say_something_of_their_own():
    for table in all_tables():
        for column in table.columns:
            assert column.about_vi != column.about_en, column.name
            assert column.title_vi != column.title_en, column.name
