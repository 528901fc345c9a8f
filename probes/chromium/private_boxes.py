"""
Which parts of a picture of a page hide what they show.

Everywhere: fields, frames that cannot be looked into, what scripts paint, identity and telephone numbers, e-mail addresses,
however they are written or split over elements. In forms: every text that is not known words; of a page that is a form that is
all its text.
"""

import re
import unicodedata
from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from probes.accents import normalized
from probes.chromium.drawn import Box, Drawn, Run
from probes.redaction.words import is_known, may_name

_BETWEEN = r"[ .\-/()|_,·;*~+'’\[\]\\>→]{0,6}|(?<=[0-9]{3}) ?: ?(?=[0-9]{3})"
_NUMBER = re.compile(rf"[0-9](?:(?:{_BETWEEN})[0-9]){{8,}}")  # telephone 10, identity card 9 or 12; hotlines (8) stay
_APART = "\x1f"
_IN_CELLS = re.compile(rf"(?<![0-9{_APART}])0[0-9]{{1,3}}(?:{_APART}[0-9]{{2,4}}){{2,4}}(?![0-9{_APART}])")
_LENGTHS = frozenset({9, 10, 12})
"""Of numbers of persons; groups of digits that stand so far apart are figures of a table, unless they make up one of these."""

_DATE = re.compile(r"(?<![0-9./-])[0-3]?[0-9]([./-])[01]?[0-9]\1(?:19|20)[0-9]{2}(?![./-]?[0-9])")
_A = r"(?:at|a[ -]?c[òo]ng)"
_DOT = r"\s{0,2}(?:\.|[(\[{<]?\s{0,2}\b(?:dot|chấm|cham)\b\s{0,2}[)\]}>]?)\s{0,2}"
_AT = re.compile(
    rf"@|[(\[{{<]\s{{0,2}}{_A}\s{{0,2}}[)\]}}>]"
    rf"|(?:[(\[]a[)\]]|\ba[ -]?c[òo]ng\b)(?=\s{{0,2}}[\w-]{{1,40}}{_DOT}\w)"
    rf"|\bat\b(?=\s{{0,2}}[\w-]{{1,40}}\s{{0,2}}[(\[{{<]?\s{{0,2}}\b(?:dot|chấm|cham)\b)",
    re.IGNORECASE,
)
_WORD = re.compile(r"[^\W\d_]+")
_USER = re.compile(r"[^\W_][\w.+-]{2,}$")
_MOST_OF_LABEL = 2_000
_MOST_OF_A_PAGE, _MANY_CHARACTERS = 0.75, 200
"""What scripts paint over most of a page that has its text elsewhere is snow before it, not a text."""
_NOTHING = frozenset(
    {"Cf", "Mn", "Me"}
)  # kinds of signs that join others: joiners, accents on their own, frames of keys
_DASHES = frozenset("‐‑‒–—―−－")
_DOTS = frozenset("•∙⋅・．。")
_AT_OF_ICONS = "\uf1fa"  # as Font Awesome has it
_GROUP = 4  # digits that are written together
_TOUCHING, _BESIDE, _CELLS = 0.2, 0.8, 4.0
"""Distances in heights of a line: within a word, between words, between cells that hold a digit or two each."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Private:
    """Boxes that hide what they show. fields: drawn as fields; texts: as bars; areas: as surfaces; view: the viewport."""

    view: Box
    fields: tuple[Box, ...]
    texts: tuple[Box, ...]
    areas: tuple[Box, ...]

    def swept(self, later: "Private") -> "Private | None":
        """Return boxes that hide the same things from one moment to a later one; None where they are not the same things."""
        if self.view != later.view:
            return None
        try:
            pairs = [
                tuple(one.around(other) for one, other in zip(before, after, strict=True))
                for before, after in ((self.fields, later.fields), (self.texts, later.texts), (self.areas, later.areas))
            ]
        except ValueError:
            return None
        return Private(view=self.view, fields=pairs[0], texts=pairs[1], areas=pairs[2])


def private_boxes(drawn: Drawn, *, form: bool) -> Private:
    """
    Return what a picture must not show.

    Args:
        drawn: what the page shows.
        form: the page is a form, so that all its text counts as a form's.

    """
    numbers = {index for chain in (*_lines(drawn.runs), *_blocks(drawn.runs)) for index in _personal(drawn.runs, chain)}
    hidden = [
        run.box
        for index, run in enumerate(drawn.runs)
        if run.typed or index in numbers or ((form or run.form) and not _is_of_a_form(run))
    ]
    labels = [
        label.box
        for label in drawn.labels
        if ((form or label.form) and not is_known(label.words)) or _is_personal(label.words)
    ]
    snow = not form and sum(len(run.text) for run in drawn.runs) >= _MANY_CHARACTERS
    made = (box for box in drawn.made if not (snow and box.area >= _MOST_OF_A_PAGE * drawn.view.area))
    areas = (*drawn.frames, *made, *(drawn.painted if form else ()))
    shown = [
        tuple(box for box in boxes if _is_seen(box, drawn.view)) for boxes in (drawn.fields, [*hidden, *labels], areas)
    ]
    return Private(view=drawn.view, fields=shown[0], texts=shown[1], areas=shown[2])


def _is_of_a_form(run: Run) -> bool:
    """Tell whether a text is a form's own; a letter or a word that stands alone may be a name, or a part of one."""
    words = _WORD.findall(normalized("NFC", run.text))
    return is_known(run.whole) and is_known(run.text) and any(len(word) > 1 and not may_name(word) for word in words)


@dataclass(frozen=True, slots=True)
class _Link:
    """A run in a chain, and what stands between it and the one before."""

    between: str
    index: int


def _lines(runs: Sequence[Run]) -> Iterator[list[_Link]]:
    """Yield runs as they stand side by side, whatever elements they are of."""
    order = sorted(range(len(runs)), key=lambda index: (runs[index].box.top + runs[index].box.bottom) / 2)
    line: list[int] = []
    end = 0.0
    for index in order:
        box = runs[index].box
        if line and (box.top + box.bottom) / 2 > end:
            yield from _side_by_side(runs, line)
            line = []
        end = min(end, box.bottom) if line else box.bottom  # of a text beside that is taller than several lines
        line.append(index)
    if line:
        yield from _side_by_side(runs, line)


def _side_by_side(runs: Sequence[Run], line: Iterable[int]) -> Iterator[list[_Link]]:
    chain: list[_Link] = []
    for index in sorted(line, key=lambda one: runs[one].box.left):
        between = _between(runs[chain[-1].index], runs[index]) if chain else ""
        if between is None:
            yield chain
            chain, between = [], ""
        chain.append(_Link(between, index))
    if chain:
        yield chain


def _between(before: Run, after: Run) -> str | None:
    """Return what stands between two runs of a line; None = too much for one number, _APART = for most."""
    height = max(min(before.box.height, after.box.height), 1.0)
    gap = (after.box.left - before.box.right) / height
    if gap <= _TOUCHING:
        return ""
    texts = before.text.strip(), after.text.strip()
    longest = max(map(len, texts))
    if gap <= (_CELLS if longest <= 2 else _BESIDE):
        return " "
    return _APART if gap <= _CELLS and longest <= _GROUP and all(map(str.isdigit, texts)) else None


def _blocks(runs: Sequence[Run]) -> Iterator[list[_Link]]:
    """Yield runs of one paragraph in the order of the document: numbers that go on in the next line."""
    blocks: dict[tuple[int, int], list[int]] = defaultdict(list)
    for index, run in enumerate(runs):
        blocks[run.block].append(index)
    for block in blocks.values():
        if len(block) > 1:
            yield [
                _Link("" if number == 0 or _follows(runs[block[number - 1]], runs[index]) else " ", index)
                for number, index in enumerate(block)
            ]


def _follows(before: Run, after: Run) -> bool:
    return before.whole == after.whole or abs(after.box.left - before.box.right) <= _TOUCHING * after.box.height


def _personal(runs: Sequence[Run], chain: Sequence[_Link]) -> Iterator[int]:
    """Yield the runs of a chain that hold a part of a number or an address of a person."""
    signs: list[str] = []
    owners: list[int] = []
    for link in chain:
        text = link.between + "".join(map(_plain, runs[link.index].text))
        signs.append(text)
        owners += [link.index] * len(text)
    said = "".join(signs)
    for start, end in _spans(said):
        yield from set(owners[start:end])


def _is_personal(text: str) -> bool:
    return any(_spans("".join(map(_plain, text[:_MOST_OF_LABEL]))))


def _spans(text: str) -> Iterator[tuple[int, int]]:
    without_dates = _DATE.sub(lambda found: "x" * len(found.group()), text)
    for found in _NUMBER.finditer(without_dates):
        yield found.span()
    for found in _IN_CELLS.finditer(text):
        if len(found.group().replace(_APART, "")) in _LENGTHS:
            yield found.span()
    for found in _AT.finditer(text):
        start, end = found.span()
        while start > 0 and (text[start - 1].isalnum() or text[start - 1] in "._+- ") and found.start() - start < 80:
            start -= 1
        while end < len(text) and (text[end].isalnum() or text[end] in ".-_ ") and end - found.end() < 80:
            end += 1
        # Where nothing follows, the rest stands in a line of its own.
        is_whole = start < found.start() if end > found.end() else _USER.search(text, start, found.start()) is not None
        if is_whole:
            yield start, end


def _plain(sign: str) -> str:
    """Return a sign as it is read: every digit as 0 to 9, every dash and dot as one; nothing for what is not seen."""
    if sign.isascii():
        return sign if not sign.isspace() else " "
    if unicodedata.category(sign) in _NOTHING:
        return ""
    number = unicodedata.numeric(sign, None)
    if number is not None and number in range(10):
        return str(int(number))
    if sign == _AT_OF_ICONS:
        return "@"
    if sign in _DASHES:
        return "-"
    if sign in _DOTS:
        return "."
    plain = unicodedata.normalize("NFKC", sign)
    return plain if len(plain) == 1 and not plain.isspace() else " " if sign.isspace() else sign


def _is_seen(box: Box, view: Box) -> bool:
    return (
        box.right > view.left
        and box.left < view.right
        and box.bottom > view.top
        and box.top < view.bottom
        and box.right > box.left
    )
