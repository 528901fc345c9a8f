"""
Act: call controls by what is seen on them, and follow links of one name to see whether they lead to the same thing.

People who control by voice say what they see. Targets are only compared where they can be read: addresses of the same site, at
most six pairs, without cookies, none that the list of acts names (probes.forbidden_acts); plain ones where nobody gave leave for
more.
"""

import re
from collections.abc import AsyncIterator, Mapping
from difflib import SequenceMatcher
from functools import cache
from importlib.resources import files
from typing import Any

from probes.accents import normalized
from probes.accessibility.act import Act
from probes.accessibility.barrier import Need, Rule, Verdict
from probes.accessibility.stage import Stage

DIFFERENT = 0.5
"""Share of the words of two texts that is alike, below which they are taken for different pages."""

MOST_WORDS = 1000

# It begins where a word begins and takes nothing back, so that a text of megabytes without a fact is gone through once.
_FACT = re.compile(r"(?<![\w.+-])[\w.+-]++@[\w-]++\.[\w.]++|\d[\d() .-]{5,}\d")

LABEL = Rule(
    id="label-not-in-name",
    claims="The control's name does not hold the words that are seen on it.",
    wcag=("2.5.3",),
    act=("2ee8b8",),
    impact="serious",
    needs=frozenset({Need.HANDS, Need.NO_SIGHT}),
    false_alarms="Signs, icons drawn by a font, single letters and what stands in brackets are no words.",
)
LINKS = Rule(
    id="same-name-other-target",
    claims="Two links in one sentence have the same name and lead to pages that really differ.",
    wcag=("2.4.4",),
    act=("fd3a94",),
    impact="moderate",
    needs=frozenset({Need.NO_SIGHT, Need.COGNITION}),
    false_alarms="Both targets are read and compared; where they cannot be read, for review.",
)
LINKS_ALONE = Rule(
    id="same-name-on-page-other-target",
    claims="Two links on the page have the same name and lead to pages that really differ.",
    wcag=("2.4.9",),
    act=("b20e66",),
    impact="minor",
    needs=frozenset({Need.NO_SIGHT, Need.COGNITION}),
    false_alarms="Level AAA: shown, costs nothing.",
)
FRAMES = Rule(
    id="same-name-other-frame",
    claims="Two frames have the same name and hold pages that really differ.",
    wcag=("4.1.2",),
    act=("4b1c6c",),
    impact="moderate",
    needs=frozenset({Need.NO_SIGHT}),
    false_alarms="Both pages are read and compared; where they cannot be read, for review.",
)


async def read(stage: Stage) -> Any:
    """Read the targets of links and frames that share a name."""
    return await stage.ask(_script("names_targets.js"), {"render": stage.may_try})


async def play(stage: Stage) -> AsyncIterator[Verdict]:
    """Compare names with what is seen, and the targets of links and frames that share a name with each other."""
    frames = await stage.ask_all(_script("names.js"))
    said: dict[str, dict[str, Any]] = {rule.id: {"passed": 0, "failed": [], "review": []} for rule in ACT.rules}
    for one in (one for frame in frames for one in frame):
        fits = holds_label(one["seen"], one["name"])
        if fits:
            said[LABEL.id]["passed"] += 1
        elif fits is False:
            said[LABEL.id]["failed"].append({**one["place"], "message": f"{one['seen']} ≠ {one['name']}"})
    yield await stage.verdict(LABEL, [said])
    for pair in stage.readings["names"]:
        one, other = (target["page"] for target in pair["targets"])
        outcome = compared(one, other, titles_too=pair["kind"] == "frame" or not stage.may_try)
        rules = [FRAMES] if pair["kind"] == "frame" else [LINKS_ALONE, *([LINKS] if pair["same"] else [])]
        for rule in rules:
            if outcome == "passed":
                said[rule.id]["passed"] += 1
            else:
                said[rule.id][outcome].append(pair["targets"][1]["place"])
    for rule in (LINKS, LINKS_ALONE, FRAMES):
        yield await stage.verdict(rule, [said])


def holds_label(seen: str, name: str) -> bool | None:
    """
    Tell whether a name holds, in one piece, the words that are seen; None where no words are seen.

    A single letter is a sign ("X"), what stands in brackets a hint; a word that ends with a dot may be short for a longer one.
    """
    closed = (
        seen.rfind(")") + 1
    )  # behind it no bracket ends, and looking for its end at each of many would take the square
    label = re.sub(r"\([^)]*\)", " ", seen[:closed]) + seen[closed:]
    if not (words := _words(label)) or (len(words) == 1 and len(words[0]) == 1 and words[0].isalpha()):
        return None
    shortened = set(_words(" ".join(re.findall(r"\b\w++(?=\.(?:\s|$))", label))))
    return any(
        _runs_in(_words(one), _words(other), shortened)
        for one, other in (
            (label, name),
            (_joined(label), _joined(name)),
            (label, _joined(name)),
            (_joined(label), name),
        )
    )


def _joined(text: str) -> str:
    """Return a text with its hyphenated words in one."""
    return re.sub(r"(?<=\w)[-‐‑](?=\w)", "", text)


def _runs_in(label: list[str], name: list[str], shortened: set[str]) -> bool:
    def same(short: str, word: str) -> bool:
        return short == word or (short in shortened and word.startswith(short))

    return any(
        all(same(one, other) for one, other in zip(label, name[at:], strict=False))
        for at in range(len(name) - len(label) + 1)
    )


def compared(one: Mapping[str, str] | None, other: Mapping[str, str] | None, *, titles_too: bool) -> str:
    """
    Return "passed" where two pages are the same, "failed" where they differ, "review" where nobody can tell.

    titles_too: pages differ only where their titles do, too; of a document that was not shown, the text says less.
    """
    if one is None or other is None:
        return "review"
    if one["url"] == other["url"] or one["text"] == other["text"]:
        return "passed"
    if set(_FACT.findall(one["text"])) & set(_FACT.findall(other["text"])):
        return "review"  # the same telephone number, address or code: they may serve the same end
    differ = _alike(one["text"], other["text"]) < DIFFERENT
    if titles_too:
        differ = differ and _alike(one["title"], other["title"]) < DIFFERENT
    return "failed" if differ else "review"


def _alike(one: str, other: str) -> float:
    return SequenceMatcher(None, _words(one)[:MOST_WORDS], _words(other)[:MOST_WORDS], autojunk=False).ratio()


def _words(text: str) -> list[str]:
    folded = normalized("NFKC", text).casefold().replace("'", "").replace("’", "")
    return re.findall(r"\w+", folded)


@cache
def _script(name: str) -> str:
    return (files("probes.accessibility") / name).read_text(encoding="utf-8")


ACT = Act(name="names", rules=(LABEL, LINKS, LINKS_ALONE, FRAMES), seconds=5.0, order=10, play=play, read=read)
