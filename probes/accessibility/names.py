"""
Act: call controls by what is seen on them, and follow links of one name to see whether they lead to the same thing.

People who control by voice say what they see. Targets are only compared where they can be read: addresses of the same site, at
most six pairs, without cookies, none that the list of acts names (probes.forbidden_acts); plain ones where nobody gave leave for
more.
"""

import re
from collections.abc import AsyncIterator, Mapping
from difflib import SequenceMatcher
from typing import Any

from probes.accents import normalized
from probes.accessibility.act import Act
from probes.accessibility.barrier import Verdict
from probes.accessibility.rules.names import FRAMES, LABEL, LINKS, LINKS_ALONE, RULES
from probes.accessibility.scripts import script
from probes.accessibility.stage import ActContext

DIFFERENT = 0.5
"""Share of the words of two texts that is alike, below which they are taken for different pages."""

MOST_WORDS = 1000

# It begins where a word begins and takes nothing back, so that a text of megabytes without a fact is gone through once.
_FACT = re.compile(r"(?<![\w.+-])[\w.+-]++@[\w-]++\.[\w.]++|\d[\d() .-]{5,}\d")


async def read(stage: ActContext) -> Any:
    """Read the targets of links and frames that share a name."""
    return await stage.ask(script("names_targets.js"), {"render": stage.may_try})


async def play(stage: ActContext) -> AsyncIterator[Verdict]:
    """Compare names with what is seen, and the targets of links and frames that share a name with each other."""
    frames = await stage.ask_all(script("names.js"))
    said: dict[str, dict[str, Any]] = {rule.id: {"passed": 0, "failed": [], "review": []} for rule in RULES}
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


ACT = Act(name="names", rules=RULES, seconds=5.0, order=10, play=play, read=read)
