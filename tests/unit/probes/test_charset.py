"""The text of a body in any charset."""

import codecs
import encodings
import pkgutil

import pytest
from hypothesis import given
from hypothesis import strategies as st

from probes.charset import decoded

WORDS = "Cổng dịch vụ công"


def html(label):
    return f"text/html; charset={label}"


@pytest.mark.parametrize(
    ("label", "codec"),
    [
        *(("utf-8", "utf-8"), ("UTF8", "utf-8"), (' "utf-8" ; x=y', "utf-8"), ("utf-8;", "utf-8"), ("", "utf-8")),
        *(("utf-16le", "utf-16-le"), ("utf-16", "utf-16-le"), ("utf-16be", "utf-16-be"), ("gb18030", "gb18030")),
    ],
)
def test_a_charset_is_known_by_its_labels(label, codec):
    assert decoded(WORDS.encode(codec), html(label)) == WORDS


@pytest.mark.parametrize(
    ("label", "body", "text"),
    [
        ("windows-1258", b"C\xf4ng b\xe1o", "Công báo"),
        ("iso-8859-1", b"\x93C\xf4ng\x94", "“Công”"),  # read as windows-1252, as browsers do
        ("us-ascii", b"\xe0", "à"),
        ("koi8-r", b"\xc1", "а"),
    ],
)
def test_one_byte_is_one_sign(label, body, text):
    assert decoded(body, html(label)) == text


def test_a_byte_order_mark_counts_for_more():
    assert decoded(codecs.BOM_UTF8 + WORDS.encode(), html("windows-1258")) == WORDS
    assert decoded(codecs.BOM_UTF16_LE + WORDS.encode("utf-16-le"), html("utf-8")) == WORDS


def test_a_charset_that_hides_scripts_shows_nothing():
    assert decoded(b"hello", html("hz-gb-2312")) == "\ufffd"


def test_no_name_of_a_codec_is_an_error():
    labels = [*(module.name for module in pkgutil.iter_modules(encodings.__path__)), "x" * 60_000, "\udcff", "a\0b"]
    bodies = [b"", b"a", WORDS.encode(), bytes(range(256)), b"\xd8\x00\xdc", b"+AGE-", b"\x1b$B\xff"]
    assert all(isinstance(decoded(body, html(label)), str) for label in labels for body in bodies)


@pytest.mark.parametrize(
    "meta",
    [
        '<meta name="description" content="charset=koi8-r">',
        '<meta name="x" data-charset="koi8-r">',
        '<meta name="x" content="text/html; charset=koi8-r">',
        '<meta title="> charset=koi8-r">',
        '<meta charset="nobody-knows">',
        '<meta charset="">',
        '<metadata charset="koi8-r">',
        '<script charset="koi8-r"></script>',
    ],
)
def test_what_only_looks_like_a_charset_is_none(meta):
    assert WORDS in decoded(f"{meta}<meta charset=utf-8>{WORDS}".encode(), "text/html")


@pytest.mark.parametrize(
    "meta",
    [
        "<meta charset=koi8-r>",
        "<META CHARSET='KOI8-R'/>",
        '<meta/charset="koi8-r">',
        '<meta name=x charset = "koi8-r">',
        '<meta content="text/html; charset=koi8-r" http-equiv=Content-Type>',
        "<meta http-equiv='content-type' content='text/html;charset = \"koi8-r\"'>",
        '<meta charset="koi8-r" charset="utf-8">',
    ],
)
def test_a_document_says_its_charset_in_many_ways(meta):
    assert decoded(meta.encode() + b"\xc1", "text/html").endswith("а")


@pytest.mark.parametrize(
    ("media", "is_named"),
    [
        *(
            ("text/html; charset=koi8-r", True),
            ("TEXT/HTML; CHARSET=KOI8-R", True),
            ("text/html;\tcharset=koi8-r\t", True),
        ),
        *(
            ('text/html; charset="koi8-r"', True),
            ('text/html; charset="KOI8-R";', True),
            ('text/html; charset=" koi8-r "', True),
        ),
        *(
            ('text/html; charset="koi8-r', True),
            ('text/html; charset="koi8\\-r"', True),
            ('text/html; charset="koi8-r"x', True),
        ),
        *(
            ("text/html; charset=koi8-r;", True),
            ("text/html; charset=koi8-r ; ", True),
            ("text/html;; charset=koi8-r", True),
        ),
        *(("text/html; charset= koi8-r", True), ("text/html; charset=koi8-r, text/html", True)),
        *(("text/html; charset=koi8-r; charset=utf-8", True), ('text/html; x="; charset=utf-8"; charset=koi8-r', True)),
        *(
            ("text/html; charset='koi8-r'", False),
            ("text/html; charset='koi8-r", False),
            ('text/html; charset=koi8-r"', False),
        ),
        *(
            ("text/html; charset=koi8-r foo", False),
            ("text/html; charset =koi8-r", False),
            ("text/html charset=koi8-r", False),
        ),
        *(("text/html; charset=foo; charset=koi8-r", False), ("text/html; xcharset=koi8-r", False)),
    ],
)
def test_a_header_names_a_charset_as_browsers_read_it(media, is_named):
    """Each was asked of Chromium 156, which says by document.characterSet what it read."""
    assert (decoded(b"\xc1\xff", media)[0] == "\u0430") is is_named


SAID = b"<meta charset=koi8-r>"
HEAD = b"<!doctype html><html><head><title>x</title>"


def far(unit: bytes, size: int = 1500) -> bytes:
    return HEAD + unit * (size // len(unit) + 1)


@pytest.mark.parametrize(
    ("body", "is_read"),
    [
        *((far(b"<link rel=x href=y>") + SAID, True), (far(b"<meta name=a content=b>") + SAID, True)),
        *(
            (HEAD + b"<!--" + b"x" * 1500 + b"-->" + SAID, True),
            (HEAD + b"<script>" + b"x<y;" * 500 + b"</script>" + SAID, True),
        ),
        *(
            (far(b"<style>.x{}</style>", 60_000) + SAID, True),
            (HEAD + b"<style>" + b".x{}" * 15_000 + b"</style>" + SAID, True),
        ),
        *((b"<head><title>" + b"t" * 1500 + b"</title>" + SAID, True), (far(b"<object></object>") + SAID, True)),
        *(
            (far(b"t ") + SAID, True),
            (b"<link>" * 300 + SAID, True),
            (HEAD + b"<!--" + SAID + b"-->" + far(b"<link>") + SAID, True),
        ),
        *((far(b"<link>") + b"<meta http-equiv=content-type content='text/html; charset=koi8-r'>", True),),
        *((HEAD + b"<!--" + b"x" * (1024 - len(HEAD) - 17) + b"-->" + SAID, True),),
        *((HEAD + b"</head><body>" + b"t " * 200 + SAID, True), (HEAD + b"<template>" + SAID + b"</template>", True)),
        *(
            (HEAD + b"<noscript>" + SAID + b"</noscript>", True),
            (b"<select>" + SAID, True),
            (b"<link title=don't>" + SAID, True),
        ),
        *(
            (b"<link title='<meta charset=utf-8>'>" + SAID, True),
            (b"<script>'<meta charset=utf-8>'</script>" + SAID, True),
        ),
        *((b'<?xml version="1.0" encoding="koi8-r"?>' + HEAD, True), (b"<?xml encoding='utf-8'?>" + SAID, True)),
        *((HEAD + b"</head><body>" + b"t " * 800 + SAID, False), (far(b"<link>") + b"</head>" + SAID, False)),
        *((HEAD + b"<div></div>" + far(b"<link>") + SAID, False), (far(b"<template></template>") + SAID, False)),
        *(
            (far(b"<noscript><img src=x></noscript>") + SAID, False),
            (HEAD + b"<script>'" + SAID + b"'</script>", False),
        ),
        *((b"<title>" + SAID + b"</title>", False), (b"<textarea>" + SAID + b"</textarea>", False)),
        *((b"<style>/*" + SAID + b"*/</style>", False), (b"<xmp>" + SAID + b"</xmp>", False)),
        *((b"<noframes>" + SAID + b"</noframes>", False), (b"<?xml encoding=koi8-r?>" + HEAD, False)),
        *((b' <?xml version="1.0" encoding="koi8-r"?>' + HEAD, False), (b"<?XML ENCODING='koi8-r'?>" + HEAD, False)),
    ],
)
def test_a_document_names_its_charset_where_browsers_look_for_it(body, is_read):
    """Each was asked of Chromium 156, or is made of two that were."""
    assert (decoded(body + b">\xc1\xff", "text/html")[-2] == "\u0430") is is_read


def test_to_look_for_a_charset_takes_no_longer_than_the_document_does():
    for unit in (
        b"<",
        b"<!",
        b"<!--",
        b"<a ",
        b"<link>",
        b"<meta ",
        b"<script>",
        b"<title",
        b"</",
        b"<meta a='",
        b"<x y=",
    ):
        assert decoded(unit * (200_000 // len(unit)), "text/html")


def test_a_charset_in_a_comment_is_none():
    body = f'<!-- old: <meta charset="koi8-r"> --><meta charset="utf-8">{WORDS}'.encode()
    assert decoded(body, "text/html").endswith(WORDS)
    assert decoded(b"<!--" + b"-" * 2000 + WORDS.encode(), "text/html").endswith(WORDS)


@pytest.mark.parametrize(
    "media", ["text/html; charset=tcvn", "text/html; charset=", "text/html; xcharset=utf-8", "text/html"]
)
def test_an_unknown_charset_counts_for_as_much_as_none(media):
    assert decoded(WORDS.encode(), media) == WORDS
    assert decoded(b"\xc0\xcc", media) == "\xc0\u0300"
    said = b'<meta charset="koi8-r">'
    assert decoded(said + b"\xc1", media).endswith("\u0430")


@given(st.binary(max_size=200), st.text(max_size=60))
def test_any_header_and_any_body_give_a_text(body, content_type):
    decoded(body, content_type)
    decoded(body, html(content_type))
