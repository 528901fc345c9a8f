"""Markdown of the benchmarks."""

from benchmarks.tables import heading, table


def test_table_shows_three_significant_digits_and_leaves_other_values_alone():
    assert table(["tool", "p95"], [("ours", 0.123456), ("theirs", 12)]) == (
        "| tool | p95 |\n| --- | --- |\n| ours | 0.123 |\n| theirs | 12 |\n"
    )


def test_heading_names_day_machine_and_versions():
    text = heading("Cost", {"Python": "3.11.7", "nginx": "1.22"})
    assert text.startswith("## Cost\n\n20")
    assert "cores" in text
    assert "Python 3.11.7, nginx 1.22" in text
