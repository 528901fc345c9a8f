"""What a text that people read has done: labels and names, word by word, against the list (forbidden_list)."""

from collections.abc import Sequence

from probes.forbidden_list import (
    FIRST_WORDS,
    LEAST_JOINED,
    LEAST_RUN,
    LEAST_UNMARKED,
    Phrases,
    Word,
    joined_to,
    table,
)

MOST_WORDS = 12
"""A part of an address, or a label written letter by letter, with more words is a sentence."""

MOST_VERBS = 4
"""Verbs and small words between the first verb of a procedure's name and what it is about ("Hủy việc đăng ký lại kết hôn")."""


def acts_of_label(words: Sequence[Word]) -> str:
    """Return the weightiest meaning of what a label says outside names of procedures; "" where none is listed."""
    known = table()
    all_bare = all(word.is_bare for word in words)
    found, at = "", 0
    while at < len(words):
        end, meaning = longest(words, at, known.labels, all_bare=all_bare)
        innocent, _ = longest(words, at, known.innocent, all_bare=all_bare)
        if innocent and innocent >= end:
            at = innocent
        elif end:
            behind_name = end_of_procedure(words, end, all_bare=all_bare)
            found = found if behind_name else known.weightier(found, meaning)
            at = behind_name or end
        else:
            at += 1
    return found


def end_of_procedure(words: Sequence[Word], at: int, *, all_bare: bool) -> int:
    """Return where the name of a procedure ends whose verb ends at `at`; 0 where none follows."""
    known = table()
    for _ in range(MOST_VERBS):
        if at >= len(words):
            break
        named, _ = longest(words, at, known.procedures, all_bare=all_bare)
        if named:
            return named
        verb, _ = longest(words, at, known.labels, all_bare=all_bare)
        if not verb and words[at].bare not in known.between:
            return 0
        at = verb or at + 1
    return 0


def longest(
    words: Sequence[Word], at: int, phrases: Phrases, *, all_bare: bool = True, by_letters: bool = False
) -> tuple[int, str]:
    """Return where the longest phrase ends that stands at a place, and its meaning; 0 where none stands there."""
    doubtful, only_marked = table().doubtful, table().only_marked
    for phrase in phrases.get(words[at].bare, ()):
        said = phrase.words
        end = at + len(said)
        if end > len(words) or (phrase.first and at >= FIRST_WORDS):
            continue
        doubted = said[0].marked in only_marked or (said[0].marked in doubtful and at > 0 and not all_bare)
        in_doubt = len(said) == 1 and doubted
        pairs = zip(said, words[at:end], strict=True)
        if all(one.bare == word.bare and (by_letters or _same(one, word, in_doubt=in_doubt)) for one, word in pairs):
            return end, phrase.meaning
    return 0, ""


def drawn_together(words: Sequence[Word]) -> list[Word]:
    """Join each letter that stands alone to the word behind it ("X óa hồ sơ")."""
    joined: list[Word] = []
    alone: Word | None = None
    for word in words:
        if alone:
            word = joined_to(alone, word)
        alone = word if alone is None and len(word.bare) == 1 and not word.bare.isdigit() else None
        if alone is None:
            joined.append(word)
    return [*joined, alone] if alone else joined


def spaced_out(words: Sequence[Word]) -> str:
    """Return the meaning of a label written letter by letter or in one ("X ó a", "Đăngxuất", "LOG-OUT")."""
    joined = table().joined
    if 1 < len(words) <= MOST_WORDS:
        together = "".join(word.bare for word in words)
        if together in joined and (all(word.is_bare for word in words) or any(len(word.bare) == 1 for word in words)):
            return joined[together]
    run = ""
    for word in (*words, Word("", "")):
        if len(word.bare) == 1:
            run += word.bare
            continue
        found = next((meaning for act, meaning in joined.items() if act in run), "") if len(run) >= LEAST_JOINED else ""
        if not found and len(word.bare) >= LEAST_RUN:
            found = joined.get(word.bare, "")
        if found:
            return found
        run = ""
    return ""


def _same(said: Word, word: Word, *, in_doubt: bool) -> bool:
    if said.marked == word.marked:
        return True
    if word.is_bare:
        return not in_doubt
    return said.is_bare and len(said.bare) >= LEAST_UNMARKED
