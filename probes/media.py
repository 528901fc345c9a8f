"""
What browsers make of an answer by its headers, before they look into it: a page to show, or a file to save.

Source: Chromium's third_party/blink/common/mime_util and net/http/http_content_disposition.cc; each type was tried on
Chromium 156 (the table is tests/unit/probes/test_media.py).
"""

import re
from collections.abc import Sequence

_TOKEN = re.compile(r"[!#$%&'*+.^_`|~0-9A-Za-z-]+")
_QUOTED = re.compile(r'"[^"]*+"?+')
_GUESSED = frozenset({"unknown/unknown", "application/unknown", "*/*"})
_SHOWN = frozenset(
    f"application/{name}"
    for name in (
        *("json", "xml", "xhtml+xml", "rss+xml", "atom+xml", "pdf"),
        *("javascript", "x-javascript", "ecmascript", "x-ecmascript"),
    )
)
_SAVED_TEXTS = frozenset(
    (
        *("calendar", "x-calendar", "vcalendar", "x-vcalendar", "vcard", "x-vcard", "x-vcf", "directory", "ldif"),
        *("csv", "x-csv", "comma-separated-values", "tsv", "tab-separated-values", "rtf", "qif", "x-qif", "ofx"),
        *("vnd.sun.j2me.app-descriptor", "x-ms-iqy", "x-ms-odc"),
    )
)
_NO_MEDIA = frozenset({"image", "audio", "video"})


def content_type(values: Sequence[str]) -> str:
    """
    Return the one content type that browsers make of several: the last that is one, with the last charset that was named for it.

    Two programs behind each other often say it twice. Source: Chromium, HttpResponseHeaders::GetMimeTypeAndCharset; tried.
    """
    if len(values) == 1 and "," not in values[0]:
        return values[0]
    found = ""
    for value in ",".join(values).split(","):
        media = media_of(value)
        is_named = "charset=" in value.lower() or media != media_of(found)
        if "/" in media and media != "*/*" and is_named:
            found = value
    return found


def media_of(value: str) -> str:
    """Return the type that a content type names, in small letters."""
    return value.partition(";")[0].strip().lower()


def is_plain(media_type: str, options: str) -> bool:
    """
    Tell whether browsers show an answer letter by letter, tags and all.

    Args:
        media_type: as `content_type` gives it.
        options: value of the header X-Content-Type-Options, by which they do not look into an answer without a type.
    """
    media = media_of(media_type)
    return media == "text/plain" or (not media and options.strip().lower() == "nosniff")


def contradicts_itself(dispositions: Sequence[str]) -> bool:
    """Tell whether what is said of how to show an answer differs: browsers show an error then, it may be slipped in."""
    said = (_QUOTED.sub(lambda found: found[0].replace(",", "\0"), value) for value in dispositions)
    return len({part.strip() for value in said for part in value.split(",")}) > 1


def is_saved(media_type: str, disposition: str) -> bool:
    """
    Tell whether browsers save an answer instead of showing it.

    Args:
        media_type: as `content_type` gives it; without one, or with one that is none, they look into the answer.
        disposition: value of the header Content-Disposition, or empty.
    """
    way = media_of(disposition)
    if way != "inline" and _TOKEN.fullmatch(way):
        return True
    media = media_of(media_type)
    kind, slash, name = media.partition("/")
    if not slash or " " in kind or media in _GUESSED or kind in _NO_MEDIA:
        return False
    if kind == "text":
        return name in _SAVED_TEXTS
    return not (media in _SHOWN or media.endswith("+json") or media == "multipart/x-mixed-replace")
