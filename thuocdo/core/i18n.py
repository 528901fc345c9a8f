"""
Texts in the user's language: gettext catalogues, read from the .po files under thuocdo/locale.

Code writes English message ids; locale/vi/*.po hold the Vietnamese (one file per room of the house, merged when loaded; those
READ_APART are read where they are needed, for they are long, and most processes never do).
Closed sets (reasons, outcomes, page kinds) have keyed ids such as "reason.timeout", in locale/en as well; kinds of probe
and their values declare their names themselves.
"""

import gettext
import io
from collections.abc import Callable, Iterator, Mapping
from functools import cache
from importlib.resources import files
from importlib.resources.abc import Traversable

from babel.messages.catalog import Catalog
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po

from thuocdo.core.kinds.kind import all_kinds

LANGUAGES = ("vi", "en")

READ_APART = frozenset(
    {"catalogue.po", "declared.po", "details.po", "errors.po", "help.po", "periods.po", "publication.po"}
)
"""Catalogues for `catalogue` alone: two thirds of what it takes to load the texts, which every process does at its start."""

Translate = Callable[[str], str]
_Text = str | list[str] | tuple[str, ...]


@cache
def translations(language: str) -> gettext.NullTranslations:
    """Return the merged catalogue of one language; its `ngettext` and `gettext` can be given to Jinja."""
    if language not in LANGUAGES:
        raise ValueError(f"language '{language}' is not one of {', '.join(LANGUAGES)}")
    merged = Catalog(locale=language)
    for entry in _files(language):
        if entry.name not in READ_APART:
            for msgid, text in _read(entry, language):
                merged.add(msgid, text)
    for key, names in _names_of_kinds():
        merged.add(key, names[language])
    compiled = io.BytesIO()
    write_mo(compiled, merged)
    compiled.seek(0)
    return gettext.GNUTranslations(compiled)


@cache
def catalogue(language: str, names: tuple[str, ...]) -> Mapping[str, str]:
    """Return the texts of some files of a language by message id; a file that the language lacks has none."""
    return {
        msgid: text
        for entry in _files(language)
        if entry.name in names
        for msgid, text in _read(entry, language)
        if isinstance(msgid, str) and isinstance(text, str)
    }


def _files(language: str) -> list[Traversable]:
    folder = files("thuocdo") / "locale" / language
    return sorted((entry for entry in folder.iterdir() if entry.name.endswith(".po")), key=lambda entry: entry.name)


def _read(entry: Traversable, language: str) -> Iterator[tuple[_Text, _Text]]:
    for message in read_po(io.BytesIO(entry.read_bytes()), locale=language):
        if message.id and message.string:
            yield message.id, message.string


def _names_of_kinds() -> Iterator[tuple[str, Mapping[str, str]]]:
    """Yield what kinds of probe and their values are called, by keyed id (`kind.<kind>`, `value.<kind>.<value>`)."""
    for kind in all_kinds().values():
        yield f"kind.{kind.name}", {"vi": kind.vi, "en": kind.en}
        for number in kind.numbers:
            yield f"value.{kind.name}.{number.name}", {"vi": number.vi, "en": number.en}


def translator(language: str) -> Translate:
    """Return the function that turns a message id into text of the language; unknown ids come back as they are."""
    return translations(language).gettext
