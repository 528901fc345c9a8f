"""Pages that no portal wrote, told by their form: a listing of files, the source of a program."""

import re

_PATH = r"/[^ ]*+"
_LISTING = re.compile(
    rf"(?:directory:|files (?:for|of|in)|~|(?:directory )?listing(?: for| of|:)?(?: directory)?) \[?{_PATH}",
    re.IGNORECASE,
)
_INDEX = re.compile(r"index of [^ /]*+/[^ ]*+", re.IGNORECASE)
_NAMED_LISTING = re.compile(rf"([^ ]++ - {_PATH}) \1(?: |$)")
"""IIS: the host and the path, as title and as heading."""
_COUNTED_LISTING = re.compile(rf"({_PATH}).{{0,80}}? \d+ director(?:y|ies) \d+ files?\b", re.IGNORECASE)
_FILE = re.compile(r"<a\s+href=[\"']?(?:\./|/)?([^\"'<>\s]{1,100})[\"']?>\s{0,9}\1\s{0,9}</a>", re.IGNORECASE)
"""A link that is called as the file that it leads to."""
_TO_PARENT = "[to parent directory]"
_PROGRAM = ("<?php", "<?=", "<!--?php", "<%@", "<jsp:", "#!/usr/bin/", "#!/bin/")
_MARKUP = ("<!doctype html", "<html>", "<html ", "<head>", "<body")


def is_listing(title: str, text: str, source: str) -> bool:
    """
    Tell whether a document is a server's listing of files, however many there are.

    Args:
        title: as it is read, perhaps empty.
        text: all that is read, the title first.
        source: in which the names of links and where they lead are the same.
    """
    if any(pattern.match(text) for pattern in (_NAMED_LISTING, _COUNTED_LISTING)) or _TO_PARENT in text[:500].lower():
        return True
    if _LISTING.fullmatch(title) or _INDEX.fullmatch(title):
        return True
    if title:
        return False
    return bool(_LISTING.match(text) or _INDEX.match(text)) or 0 < len(_FILE.findall(source)) == source.lower().count(
        "<a "
    )


def is_program(source: str, text: str) -> bool:
    """Tell whether a document is the source of a program, which the server should have run."""
    return source.lstrip()[:20].lower().startswith(_PROGRAM) or text.startswith(_PROGRAM)


def is_source(text: str) -> bool:
    """Tell whether what is to be read of a document is its own source: the server calls it a plain text."""
    return text.startswith("<") and text[:20].lower().startswith(_MARKUP)
