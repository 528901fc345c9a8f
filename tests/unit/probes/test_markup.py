"""Visible text out of anything, each byte looked at a bounded number of times."""

from itertools import product

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from probes import markup
from probes.markup import MOST_CHARACTERS, WITHIN, read_markup

ENOUGH = 1500
MOST_LOOKS = 16
"""Of each byte: made lowercase, passed over, searched for tags, links, words and an end tag, tried as a run once more; twice."""
PIECES = [
    *("<", "<<", "< ", "</", "<!", "<!-", "<!--", "<!-->", "<!--->", "--!>", "<?", "<![CDATA[", "]]>", "&#", "&"),
    *(">", "'", '"', "="),
    *("<a ", "<a>", "<a\n", "<a href", "<a href=", "<a href='", "<a href='x'>", '<a b="', "<a b='>'>", "<a ="),
    *("= ", "<a/", "<A HREF"),
    *("<b>", "</b>", "<b ", "<b =", "<b ='", '<b c="d">', "<p><b a=1>", "<div>", "<div>\n</div>", "<br/>"),
    *("<table><tr><td>", "</p "),
    *("<script ", "<script>", "<script></script>", "<script/>", "</script", "</scrip", "<script><!--<script>"),
    *("</script >", "<SCRIPT>"),
    *("<style ", "<style>", "<style <svg <template ", "<noscript>", "<template>", "<template><template>"),
    *("<title ", "<title>", "</title>"),
    *("<svg", "<svg ", "<svg>", "<svg/>", "<svg></svg>", "</svg", "<svg><svg></svg>", "<title></title>"),
    *("<textarea>", "<plaintext>"),
    *(" ", "\n", "\0", "\ufeff", "ế", "<ế>", "\u0130<", "\ud800", "<\0>", "x<b>", " <", "\t=", "<b> <a>"),
    *("<i><!-->", "<b\0=\0'", "==", "=a", "='x'", "=\"'"),
]
MIXTURES = [first + second for first, second in product(("<a ", "<b>", "<!--", "<svg>", "='", "<script>"), PIECES)]


def examined(piece, size):
    return read_markup((piece * (size // len(piece) + 1))[:size], ENOUGH).examined


def most_looks(piece, size):
    """Return how often bytes may be looked at; a sign has up to four of them."""
    return MOST_LOOKS * max(len(sign.encode("utf-8", "replace")) for sign in piece) * min(size, MOST_CHARACTERS)


@pytest.mark.parametrize("size", [1024, 16 * 1024, MOST_CHARACTERS, 1024 * 1024])
def test_the_work_grows_with_the_size_and_ends_with_the_bound(size):
    assert [piece for piece in PIECES if examined(piece, size) > most_looks(piece, size)] == []


def test_mixtures_are_no_worse():
    size = 32 * 1024
    assert [piece for piece in MIXTURES if examined(piece, size) > most_looks(piece, size)] == []


@settings(max_examples=60)
@given(st.lists(st.sampled_from(PIECES), min_size=1, max_size=6), st.sampled_from([1, 50, 3000]))
def test_any_mixture_again_and_again_is_no_worse(parts, times):
    html = "".join(parts) * times
    source = html[:MOST_CHARACTERS].encode("utf-8", "replace")
    assert read_markup(html, ENOUGH).examined <= MOST_LOOKS * len(source)


def test_pieces_are_counted_as_well(monkeypatch):
    steps = []
    monkeypatch.setattr(markup._Scan, "_markup", counted(markup._Scan._markup, steps))
    for piece in PIECES:
        steps.clear()
        examined(piece, MOST_CHARACTERS)
        assert len(steps) <= markup.MOST_PIECES


def counted(method, steps):
    def wrapped(*arguments):
        steps.append(1)
        return method(*arguments)

    return wrapped


@pytest.mark.parametrize(
    ("html", "text"),
    [
        ("<p>a</p>b", "a b"),
        ("<!-- no -->a<!-->b<!---->c<!--no--!>d", f"a{WITHIN}b{WITHIN}c{WITHIN}d"),
        ("a <!-- no -->b<!-- no --> c<!-- no --><p>d", "a b c d"),
        ("<p><span>D</span>ịch v<b>ụ</b>", f"D{WITHIN}ịch v{WITHIN}ụ"),
        ("<p><b>x<i class='y'>y</i></b>z<span>D</span>i", f"x{WITHIN}y{WITHIN}z{WITHIN}D{WITHIN}i"),
        ("công<wbr>dân<br>nộp<div>hồ</div>sơ", f"công{WITHIN}dân nộp hồ sơ"),
        ("<title>t</title><p>a", "t a"),
        ('<p title="a > b">c</p>', "c"),
        ("<p title='\"'>c</p>", "c"),
        ('<p title=5">c</p>', "c"),
        ('<p a="x"">b</p>', "b"),
        ('<p a==">b</p>', "b"),
        ("<p a= >b</p><p a = 'c>d' e>f", "b f"),
        ("<p a=", ""),
        ("a < b, 1 <2", "a < b, 1 < 2"),
        ("<SCRIPT>x</Script >a", "a"),
        ("<script>x</scripty></script>a", "a"),
        ("<style>x</style\n>a", "a"),
        ("<svg>x</svg>a<svg/>b<svg>c", "a b c"),
        ("<template><p>x</p></template>a", "a"),
        ("<scripted>a", "a"),
        ("<script>the rest", ""),
        ("<?php x ?>a<!doctype html>b</>c</ x>d", "a b c d"),
        ("<a href='x", ""),
        ("<!-- the rest", ""),
        ("\u0130<p>a", "\u0130 a"),
        ("", ""),
        ("<", "<"),
        ("<p", ""),
    ],
)
def test_what_is_shown_is_read(html, text):
    assert read_markup(html, ENOUGH).text == text


@pytest.mark.parametrize(
    ("html", "links"),
    [
        ("<a href=x>a</a><A\nHREF = 'y'>b</A><a name=z>", 2),
        ("<abbr href=x><a data-href=y>", 0),
        ("<script><a href=x></script><!--<a href=x>-->", 0),
        ("<a title='x' href=x>", 1),
        ('<a/href=x><a"href=x>', 2),
    ],
)
def test_links_are_counted(html, links):
    assert read_markup(html, ENOUGH).links == links


def test_it_says_whether_anything_was_left_out():
    assert read_markup("<p>a</p>" * 20, ENOUGH).is_whole
    assert not read_markup("<p>abc</p>" * 2000, ENOUGH).is_whole
    assert not read_markup("<p>" + "x" * MOST_CHARACTERS, 10 * MOST_CHARACTERS).is_whole
    assert not read_markup("<svg></svg>" * (markup.MOST_PIECES + 1), ENOUGH).is_whole
