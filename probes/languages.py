"""
In which language a text is, against the one it is said to be in.

The models of lingua take 2 s to load, 240 MB, and hold the interpreter meanwhile, so that no thread runs beside them: texts are
judged in a process of its own, which the first page starts and which ends with the event loop, or with us.
"""

import asyncio
import re
import signal
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from itertools import accumulate

from anyio import BrokenWorkerProcess, to_process
from anyio.lowlevel import RunVar
from lingua import IsoCode639_1, LanguageDetector, LanguageDetectorBuilder

LANGUAGES = ("VI", "EN", "FR", "DE", "ES", "NL", "PT", "IT", "ZH", "JA", "KO", "RU", "TH", "ID", "SV")
"""Languages that are told apart; fewer make short texts surer. Others are left alone."""

LEAST_WORDS = 4
LEAST_CHARACTERS = 20
SURE = 0.6
UNLIKELY = 0.08
"""A text contradicts its `lang` where another language has SURE and the stated one at most UNLIKELY of the confidence. Ours, seen
to hold on short sentences of six languages; single words and names never reach it."""

UNKNOWN_SURE, UNKNOWN_CHARACTERS = 0.98, 200
"""Where `lang` names a language that is not told apart, a long text that is surely Vietnamese or English contradicts it: no other
language is taken for these."""

_UNMISTAKABLE = frozenset({"VI", "EN"})

MOST_CHARACTERS = 400_000
"""Of all texts of one page together, 0.3 s of judging; what a page holds beyond them is left alone."""

MOST_SECONDS = 60.0
"""A process that takes longer stands still: it is ended, and the next page starts another one."""

_BARE_TEXT = """khong nguoi duoc cua cac nhung cho trong mot voi den nay theo phai neu truoc sau khi lam viec ho so nop thu tuc
giay dich vu cong truc tuyen tinh thanh pho ngay thang nam quyet dinh thong tin dang ky"""
_BARE_SYLLABLES = frozenset(_BARE_TEXT.split())
_BARE_SHARE = 0.3


@dataclass(frozen=True, slots=True)
class Claim:
    """A plain text, and the language it is said to be in, as in HTML ("vi-VN"); sure: see `contradiction`."""

    text: str
    lang: str
    sure: float = SURE


@dataclass(frozen=True, slots=True)
class Heard:
    """What came of a claim. other: as `contradiction` returns it. is_bare: it reads like Vietnamese without its marks."""

    other: str | None = None
    is_bare: bool = False


class LanguagesUnjudgedError(Exception):
    """The process that judges languages does not start, or was ended from outside."""


async def hear(claims: Sequence[Claim]) -> list[Heard]:
    """
    Judge the texts of one page; of those beyond MOST_CHARACTERS nothing is said.

    Whoever stops waiting stops nothing: the models go on being loaded, for the next page.

    Raises:
        LanguagesUnjudgedError: no process could be started, or it was ended, or it stands still.

    """
    characters = accumulate(len(claim.text) for claim in claims)
    judged = [claim for claim, so_far in zip(claims, characters, strict=True) if so_far <= MOST_CHARACTERS]
    heard = await asyncio.shield(asyncio.ensure_future(_heard(judged)))
    return [*heard, *[Heard()] * (len(claims) - len(judged))]


async def _heard(claims: Sequence[Claim]) -> list[Heard]:
    async with _one_process():
        try:
            async with asyncio.timeout(MOST_SECONDS):
                return await to_process.run_sync(_judge, claims, cancellable=True)
        except (BrokenWorkerProcess, OSError) as exc:  # a TimeoutError, too, is an OSError
            told = "the process that judges languages does not start, was ended or stands still"
            raise LanguagesUnjudgedError(told) from exc


def contradiction(text: str, lang: str, *, sure: float = SURE) -> str | None:
    """
    Return the language (ISO 639-1) that a text is in where it is not the one it is said to be in.

    Args:
        text: plain text.
        lang: as in HTML ("vi-VN").
        sure: confidence that the other language must have, 0..1.

    Returns:
        "" where it is, None where nothing can be said: the text is too short, or the language is none of LANGUAGES.

    """
    stated = re.split(r"[-_]", lang.strip())[0].upper()
    known = stated in LANGUAGES
    least = LEAST_CHARACTERS if known else UNKNOWN_CHARACTERS
    if not re.fullmatch(r"[A-Z]{2,3}", stated) or len(text) < least or len(text.split()) < LEAST_WORDS:
        return None
    confidence = {
        one.language.iso_code_639_1.name: one.value for one in _detector().compute_language_confidence_values(text)
    }
    best = max(confidence, key=lambda code: confidence[code])
    if best == stated:
        return ""
    if not known:
        return best.lower() if best in _UNMISTAKABLE and confidence[best] >= UNKNOWN_SURE else None
    if confidence[best] >= sure and confidence[stated] <= UNLIKELY and not is_bare_vietnamese(text):
        return best.lower()
    return None


def is_bare_vietnamese(text: str) -> bool:
    """Tell whether a text reads like Vietnamese written without its marks."""
    words = re.findall(r"[a-z]+", text.casefold())
    if len(words) < 8 or not text.isascii():
        return False
    return sum(word in _BARE_SYLLABLES for word in words) / len(words) >= _BARE_SHARE


def _judge(claims: Sequence[Claim]) -> list[Heard]:
    """Judge in the process of its own; whoever presses Ctrl-C means its parent, which ends it."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    return [
        Heard(contradiction(claim.text, claim.lang, sure=claim.sure), is_bare_vietnamese(claim.text))
        for claim in claims
    ]


_turns: RunVar[asyncio.Lock] = RunVar("_turns")


def _one_process() -> asyncio.Lock:
    """Return what lets the pages of one event loop have one process together: a second one would load the models again."""
    try:
        return _turns.get()
    except LookupError:
        made = asyncio.Lock()
        _turns.set(made)
        return made


@cache
def _detector() -> LanguageDetector:
    return LanguageDetectorBuilder.from_iso_codes_639_1(*(getattr(IsoCode639_1, code) for code in LANGUAGES)).build()
