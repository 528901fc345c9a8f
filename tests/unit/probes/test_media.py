"""What browsers make of an answer by its headers; each line was tried on Chromium 156."""

import pytest

from probes.media import content_type, contradicts_itself, is_plain, is_saved


@pytest.mark.parametrize(
    ("values", "media"),
    [
        (["text/html"], "text/html"),
        (["text/html; charset=utf-8"], "text/html; charset=utf-8"),
        ([], ""),
        (["text/plain", "text/html"], "text/html"),
        (["text/html; charset=windows-1258", "text/html"], "text/html; charset=windows-1258"),
        (["text/html", "text/html; charset=windows-1258"], "text/html; charset=windows-1258"),
        (["text/html; charset=utf-8", "TEXT/HTML; charset=windows-1258"], "TEXT/HTML; charset=windows-1258"),
        (["application/octet-stream", "text/html"], "text/html"),
        (["text/html", "application/octet-stream"], "application/octet-stream"),
        (["text/html", "foo"], "text/html"),
        (["text/html", "*/*"], "text/html"),
        (["text/html", ""], "text/html"),
        (["text/plain,text/html; charset=utf-8"], "text/html; charset=utf-8"),
    ],
)
def test_of_several_content_types_one_is_made_as_browsers_make_it(values, media):
    assert content_type(values) == media


@pytest.mark.parametrize(
    "media",
    [
        *(
            "",
            "html",
            "text",
            ";charset=utf-8",
            "*/*",
            "unknown/unknown",
            "application/unknown",
            "te xt/html",
            "text/html,foo",
        ),
        *(
            "text/html",
            "TEXT/HTML;",
            "text/plain",
            "text/foo",
            "text/x-php",
            "text/css",
            "text/javascript",
            "text/markdown",
        ),
        *(
            "application/json",
            "application/foo+json",
            "application/xhtml+xml",
            "application/xml",
            "application/rss+xml",
        ),
        *(
            "application/javascript",
            "image/png",
            "image/svg+xml",
            "video/mp4",
            "audio/mpeg",
            "multipart/x-mixed-replace",
        ),
    ],
)
def test_it_is_shown(media):
    assert not is_saved(media, "")


@pytest.mark.parametrize(
    "media",
    [
        *(
            "application/x-httpd-php",
            "application/x-php",
            "application/x-asp",
            "application/jsp",
            "application/x-httpd-cgi",
        ),
        *(
            "application/octet-stream",
            "binary/octet-stream",
            "application/x-octet-stream",
            "application/zip",
            "foo/bar",
        ),
        *("application/html", "application/text", "application/rtf", "application/vnd.ms-excel", "application/foo+xml"),
        *(
            "text/csv",
            "text/calendar",
            "text/vcard",
            "text/rtf",
            "multipart/mixed",
            "message/rfc822",
            "font/woff",
            "httpd/unix-directory",
        ),
    ],
)
def test_it_is_saved(media):
    assert is_saved(media, "")
    assert is_saved(f"{media}; charset=utf-8", "inline")


@pytest.mark.parametrize(
    ("disposition", "saved"),
    [
        *(("attachment", True), ("ATTACHMENT; filename=x", True), (" attachment ;filename=x", True), ("foo", True)),
        *(("form-data; name=a", True), ("inline", False), ("inline; attachment", False), ("filename=x.html", False)),
        *(('"attachment"', False), ("", False), ("; filename=x", False)),
    ],
)
def test_a_disposition_decides_first(disposition, saved):
    assert is_saved("text/html", disposition) is saved


@pytest.mark.parametrize(
    ("values", "contradict"),
    [
        ([], False),
        (["inline"], False),
        (["inline", "inline"], False),
        (["inline, inline"], False),
        (['inline; filename="a, b.html"'], False),
        (["inline", "attachment"], True),
        (["attachment, inline"], True),
        (["inline; filename=a,b.html"], True),
        (["inline,"], True),
        (["", "inline"], True),
    ],
)
def test_what_is_said_of_how_to_show_it_may_contradict_itself(values, contradict):
    assert contradicts_itself(values) is contradict


@pytest.mark.parametrize(
    ("media", "options", "plain"),
    [
        ("text/plain", "", True),
        ("TEXT/Plain; charset=utf-8", "", True),
        ("text/html", "nosniff", False),
        ("", "nosniff", True),
        ("", "", False),
    ],
)
def test_a_plain_text_is_shown_letter_by_letter(media, options, plain):
    assert is_plain(media, options) is plain
