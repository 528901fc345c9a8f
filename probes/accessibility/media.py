"""
Act: look at each audio and video as somebody who does not hear or does not see it.

What a film says is not known here: only whether captions and texts that tell of it are there. Players of other sites in frames
are not looked into.
"""

import re
from collections.abc import AsyncIterator, Callable, Mapping
from typing import Any

from probes.accessibility.act import Act
from probes.accessibility.barrier import Rule, Verdict
from probes.accessibility.rules.media import AUDIO, AUTOPLAY, CAPTIONS, DESCRIBED, RULES, SILENT, SOUND, TRANSCRIPT
from probes.accessibility.scripts import script
from probes.accessibility.stage import ActContext

WAIT_SECONDS = 1.5
SHORT_SECONDS = 3.0
"""WCAG 1.4.2: sound may play by itself for that long."""

TOLD_WORDS = 20
"""A text this long that speaks of the film or recording is taken for its text version."""


_SPEAKS_OF_IT = re.compile(
    r"video|clip|phim|film|audio|recording|speech|transcript|animation|ghi âm|ghi hình|đoạn băng|lời thoại|bản chép|bài phát biểu"
    r"|người đọc|podcast",
    re.IGNORECASE,
)
_REPEATS = re.compile(
    r"(same (information|content)|again|alternative|version of (this|the) (text|page)|nội dung (trên|này)|cũng|phiên bản)"
    r"[^.]{0,60}"
    r"(video|audio|clip|phim|recording|ghi âm|nghe|xem)|(video|audio|clip|phim|recording|ghi âm|listen|watch|nghe|xem)[^.]{0,80}"
    r"(same (information|content)|again|nội dung (trên|này|tương tự)|bằng chữ ở trên|như trên)",
    re.IGNORECASE,
)
_LINK = re.compile(
    r"transcript|text version|bản chép lời|bản chữ|nội dung (bằng chữ|video|clip)|lời thoại|bản văn bản", re.IGNORECASE
)
_CAPTIONED = re.compile(r"caption|subtitle|phụ đề|phu-?_?de|vietsub|(?<![a-z])cc(?![a-z])", re.IGNORECASE)
_FRAGMENT = re.compile(r"#t=(?P<begin>(?:\d+(?:\.\d*)?)?),(?P<end>\d+(?:\.\d*)?)")
_STOPS = re.compile(r"pause|stop|mute|sound off|tạm dừng|dừng|tắt (tiếng|âm|nhạc)", re.IGNORECASE)


async def read(stage: ActContext) -> Any:
    """Gather what is known of each; the beginning of its file is asked for."""
    return [one for frame in await stage.ask_all(script("media.js"), {"seconds": WAIT_SECONDS}) for one in frame]


async def play(stage: ActContext) -> AsyncIterator[Verdict]:
    """Judge each by what is known of it."""
    facts = stage.readings["media"]
    shown = [one for one in facts if one["shown"] and one["known"]]
    films = [one for one in shown if one["tag"] == "video" and one["picture"]]
    loud = [one for one in films if one["audio"]]
    mute = [one for one in films if one["audio"] == 0]
    yield await _judged(stage, CAPTIONS, loud, captions_outcome)
    yield await _judged(stage, TRANSCRIPT, loud, transcript_outcome)
    yield await _judged(
        stage, DESCRIBED, loud, lambda one: "passed" if one["descriptions"] or has_text(one) else "review"
    )
    yield await _judged(
        stage, SILENT, [{**one, "texts": [*one["texts"], *one["heard"]]} for one in mute], silent_outcome
    )
    recordings = [one for one in shown if one["tag"] == "audio"]
    yield await _judged(stage, AUDIO, recordings, transcript_outcome)
    sounding = [one for one in facts if one["known"] and one["autoplay"] and one["audio"] and not one["muted"]]
    yield await _judged(stage, SOUND, sounding, lambda one: "failed" if lasts(one) else "passed")
    lasting = [one for one in sounding if lasts(one)]
    in_doubt = bool(lasting) and not all(one["controls"] for one in lasting)
    if in_doubt and not stage.may_press:
        return  # a switch may be there that works
    if in_doubt:
        stage.shut()  # from here on something is pressed; this act is the last of those that only look
    stopped = in_doubt and bool(await stage.ask(script("media_try.js"), _STOPS.pattern))
    if lasting:
        stage.spoil()
    yield await _judged(stage, AUTOPLAY, lasting, lambda one: "passed" if one["controls"] or stopped else "failed")


def has_text(one: Mapping[str, Any]) -> bool:
    """Tell whether a text version of a film or recording stands beside it or is linked to."""
    texts = (text for text in one["texts"] if len(text.split()) >= TOLD_WORDS)
    return any(_SPEAKS_OF_IT.search(text) for text in texts) or any(_LINK.search(name) for name in one["links"])


def transcript_outcome(one: Mapping[str, Any]) -> str:
    """Return what is to be said of the text version of a film or recording; a longer text beside it may be one unsaid."""
    if has_text(one):
        return "passed"
    return "review" if any(len(text.split()) >= 2 * TOLD_WORDS for text in one["texts"]) else "failed"


def captions_outcome(one: Mapping[str, Any]) -> str:
    """Return what is to be said of the captions of a film with sound."""
    if one["captions"] or any(_REPEATS.search(text) for text in one["texts"]):
        return "passed"
    spoken_of = [one["file"].rsplit("/", 1)[-1], *one["texts"], *one["links"]]
    return "review" if any(_CAPTIONED.search(text) for text in spoken_of) else "failed"


def silent_outcome(one: Mapping[str, Any]) -> str:
    """Return what is to be said of a film without sound."""
    outcome = transcript_outcome(one)
    return "review" if outcome == "failed" and one["autoplay"] and not one["controls"] else outcome


def lasts(one: Mapping[str, Any]) -> bool:
    """Tell whether a recording goes on for longer than sound may that begins by itself."""
    if one["loop"] or one["seconds"] is None:
        return True
    fragment = _FRAGMENT.search(one["file"])
    seconds = float(fragment["end"]) - float(fragment["begin"] or 0) if fragment else one["seconds"]
    return bool(min(seconds, one["seconds"]) > SHORT_SECONDS)


async def _judged(
    stage: ActContext, rule: Rule, facts: list[Mapping[str, Any]], outcome: Callable[[Mapping[str, Any]], str]
) -> Verdict:
    said: dict[str, Any] = {"passed": 0, "failed": [], "review": []}
    for one in facts:
        found = outcome(one)
        if found == "passed":
            said["passed"] += 1
        else:
            said[found].append(one["place"])
    return await stage.verdict(rule, [{rule.id: said}])


ACT = Act(
    name="media",
    rules=RULES,
    seconds=6.0,
    order=30,
    play=play,
    read=read,
)
