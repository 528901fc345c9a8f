"""The pages of the browser benchmarks are what the benchmarks say they are."""

import urllib.request

import pytest

from benchmarks.pages import HOME, HOME_BYTES, HOME_RESOURCES, STAGED, TRUE_TBT_SECONDS, all_pages, served_pages


def test_the_home_page_has_sixty_resources_of_1_65_megabytes():
    parts = {path: one for path, one in all_pages().items() if path.startswith(HOME)}
    assert len(parts) == HOME_RESOURCES == 60
    assert sum(len(one.body) for one in parts.values()) == HOME_BYTES == 1_650_000


def test_every_part_of_the_home_page_is_asked_for_by_it():
    pages = all_pages()
    document = pages[HOME].body.decode()
    for path in pages:
        if path.startswith(f"{HOME}/"):
            assert path in document, path


def test_the_staged_page_blocks_for_half_a_second():
    assert pytest.approx(0.5) == TRUE_TBT_SECONDS


def test_pages_are_the_same_each_time_they_are_made():
    assert all_pages() == all_pages()


def test_the_server_answers_and_ends():
    with served_pages() as base, urllib.request.urlopen(base + STAGED, timeout=10) as answer:
        assert answer.status == 200
        assert answer.read() == all_pages()[STAGED].body
    with pytest.raises(OSError, match="refused"):
        urllib.request.urlopen(base + STAGED, timeout=10)
