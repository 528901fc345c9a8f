"""The page that a browser prints: the same content as the DOCX, marked up for whoever listens."""

import re
from dataclasses import replace
from html.parser import HTMLParser

import pytest

from thuocdo.publication.document import HeadingPart, ParagraphPart, TablePart
from thuocdo.publication.html_page import html_page
from thuocdo.publication.report import report


class _Tags(HTMLParser):
    def __init__(self, page):
        super().__init__()
        self.found = []
        self.text = ""
        self.feed(page)

    def handle_starttag(self, tag, attributes):
        self.found.append((tag, dict(attributes)))

    def handle_data(self, data):
        self.text += data


@pytest.fixture(scope="module")
def official(whole):
    return report(whole)


@pytest.fixture(scope="module")
def page(official):
    return html_page(official)


@pytest.fixture(scope="module")
def tags(page):
    return _Tags(page)


def test_all_that_the_document_says_is_on_the_page(official, tags):
    for part in official.parts:
        match part:
            case HeadingPart() | ParagraphPart():
                assert part.text in tags.text
            case TablePart():
                assert all(text in tags.text for row in part.rows for text in row)


def test_language_title_and_headings_are_marked_up(official, tags):
    assert ("html", {"lang": "vi"}) in tags.found
    levels = [int(tag[1]) for tag, _ in tags.found if re.fullmatch("h[1-6]", tag)]
    assert levels[0] == 1
    assert all(later - earlier <= 1 for earlier, later in zip(levels, levels[1:], strict=False))


def test_tables_have_a_caption_and_heads_of_columns_and_rows(official, tags):
    tables = [part for part in official.parts if isinstance(part, TablePart)]
    scopes = [attributes.get("scope") for tag, attributes in tags.found if tag == "th"]
    assert sum(tag == "caption" for tag, _ in tags.found) == len(tables)
    assert scopes.count("col") == sum(len(table.columns) for table in tables)
    assert scopes.count("row") == sum(len(table.rows) for table in tables)


def test_drawings_have_an_alternative(tags):
    alternatives = [attributes["alt"] for tag, attributes in tags.found if tag == "img"]
    assert len(alternatives) == 6
    assert all(len(text) > 40 for text in alternatives)


def test_nothing_is_fetched_from_anywhere(page, tags):
    sources = [attributes["src"] for _, attributes in tags.found if "src" in attributes]
    assert all(source.startswith("data:image/svg+xml;base64,") for source in sources)
    assert re.findall(r"url\('(?!data:)", page) == []
    assert not [tag for tag, _ in tags.found if tag in ("script", "link", "iframe")]


def test_what_a_portal_said_is_text(official):
    hostile = '<img src=x onerror=alert(1)> & "x"'
    page = html_page(replace(official, parts=[ParagraphPart(text=hostile)]))
    assert hostile in _Tags(page).text
    assert "<img" not in page


def test_marks_are_a_picture_that_nobody_reads_aloud(official, page):
    assert 'class="watermark" aria-hidden="true"' in page
    assert 'class="watermark"' not in html_page(replace(official, marks=()))


def test_the_same_document_gives_the_same_page(official, page):
    assert html_page(official) == page
