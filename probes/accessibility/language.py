"""
Act: hear in which language the page is read out: what `lang` says against what the text is.

A screen reader reads Vietnamese with an English voice where `lang` says "en", and nobody understands it.
"""

import re
from collections.abc import AsyncIterator, Mapping
from functools import cache
from importlib.resources import files
from typing import Any

from lingua import IsoCode639_1, LanguageDetector, LanguageDetectorBuilder

from probes.accessibility.act import Act
from probes.accessibility.barrier import Need, Rule, Verdict
from probes.accessibility.stage import Stage

LANGUAGES = ("VI", "EN", "FR", "DE", "ES", "NL", "PT", "IT", "ZH", "JA", "KO", "RU", "TH", "ID", "SV")
"""Languages that are told apart; fewer make short texts surer. Others are left alone."""

LEAST_WORDS = 4
LEAST_CHARACTERS = 20
SURE = 0.6
UNLIKELY = 0.08
"""A text contradicts its `lang` where another language has SURE and the stated one at most UNLIKELY of the confidence. Ours, seen
to hold on short sentences of six languages; single words and names never reach it."""

BLOCK_SURE = 0.95

UNKNOWN_SURE, UNKNOWN_CHARACTERS = 0.98, 200
"""Where `lang` names a language that is not told apart, a long text that is surely Vietnamese or English contradicts it: no other
language is taken for these."""

_UNMISTAKABLE = frozenset({"VI", "EN"})

_READERS = frozenset({Need.NO_SIGHT, Need.COGNITION})

PAGE = Rule(
    id="page-language-wrong",
    claims="The page's text is in another language than the `lang` of its html element says.",
    wcag=("3.1.1",),
    act=("ucwvc8",),
    impact="serious",
    needs=_READERS,
    false_alarms="Short texts, names and languages that are not among the fifteen told apart are left alone.",
)
PART = Rule(
    id="part-language-wrong",
    claims="A part of the page is in another language than its own `lang` says.",
    wcag=("3.1.2",),
    act=("off6ek",),
    impact="moderate",
    needs=_READERS,
    false_alarms="As for the page; single words are left alone.",
)
MISSING = Rule(
    id="part-language-missing",
    claims="A whole paragraph is in another language than the page, and no `lang` says so.",
    wcag=("3.1.2",),
    impact="moderate",
    needs=_READERS,
    false_alarms="Only paragraphs of 80 characters and more, with 95 % confidence.",
)
BARE = Rule(
    id="vietnamese-without-diacritics",
    claims="Review: running Vietnamese text has no diacritics; it is read out as gibberish.",
    wcag=("3.1.1",),
    impact="serious",
    needs=_READERS,
    false_alarms="Lists of names and codes may look alike; hence review only.",
)
DIRECTION = Rule(
    id="direction-missing",
    claims="Review: text in a script that runs from right to left has no direction.",
    wcag=("1.3.2",),
    impact="moderate",
    needs=frozenset({Need.LOW_SIGHT, Need.COGNITION}),
    false_alarms="Single names in a left-to-right line are right; hence review only.",
)

_BARE_TEXT = """khong nguoi duoc cua cac nhung cho trong mot voi den nay theo phai neu truoc sau khi lam viec ho so nop thu tuc
giay dich vu cong truc tuyen tinh thanh pho ngay thang nam quyet dinh thong tin dang ky"""
_BARE_SYLLABLES = frozenset(_BARE_TEXT.split())
_BARE_SHARE = 0.3


async def play(stage: Stage) -> AsyncIterator[Verdict]:
    """Compare each part of the page with what it says of itself."""
    parts = [one for frame in await stage.ask_all(_script()) for one in frame]
    said = {rule.id: {"passed": 0, "failed": [], "review": []} for rule in ACT.rules}
    for one in parts:
        _judge(one, said)
    for rule in ACT.rules:
        yield await stage.verdict(rule, [said])


def _judge(one: Mapping[str, Any], said: dict[str, dict[str, Any]]) -> None:
    rule = PAGE if one["page"] else PART
    other = contradiction(one["text"], one["lang"])
    if other:
        said[rule.id]["failed"].append({**one["place"], "message": f'lang="{one["lang"]}": {other}'})
    elif other == "":
        said[rule.id]["passed"] += 1
    if one["rtl"]:
        said[DIRECTION.id]["review"].append(one["place"])
    for block in one["blocks"]:
        if is_bare_vietnamese(block["text"]):
            said[BARE.id]["review"].append({**block["place"], "message": block["text"][:80]})
    for block in () if other else one["blocks"]:
        found = contradiction(block["text"], one["lang"], sure=BLOCK_SURE)
        if found:
            said[MISSING.id]["failed"].append({**block["place"], "message": found})
        elif found == "":
            said[MISSING.id]["passed"] += 1


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


@cache
def _detector() -> LanguageDetector:
    return LanguageDetectorBuilder.from_iso_codes_639_1(*(getattr(IsoCode639_1, code) for code in LANGUAGES)).build()


@cache
def _script() -> str:
    return (files("probes.accessibility") / "language.js").read_text(encoding="utf-8")


ACT = Act(name="language", rules=(PAGE, PART, MISSING, BARE, DIRECTION), seconds=8.0, order=10, play=play)
