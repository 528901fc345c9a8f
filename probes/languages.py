"""
In which language a text is, against the one it is said to be in.

The models of lingua take 2 s and 240 MB to load, and hold the interpreter meanwhile, so that not even a thread runs beside them:
texts are judged in a process of its own (`python -m probes.languages`), which all pages of an event loop share. It is started
when first needed, ends with `close` or the loop, and sees the end of what it reads from where we are killed.

A worker process of anyio was tried (2026-11-29): what a Ctrl-C does to it while it starts is raised in our loop, and one that is
given up while it starts stays behind.
"""

import asyncio
import json
import re
import socket
import subprocess
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from itertools import accumulate

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

MOST_CHARACTERS, LEAST_CHARGED = 400_000, 200
"""All texts of one page together, each being LEAST_CHARGED at least: some 0.3 s. What a page holds beyond them is left alone."""

LOADING_SECONDS, JUDGING_SECONDS = 60.0, 10.0
"""A process that takes longer stands still: it is ended, and another one started for the next page."""

_AMBIGUOUS = "Birth registration takes place at the office of the commune where the father or the mother lives."
"""No letter tells its language, so that judging it loads the models of all that have these letters."""

_READY = b"ready\n"
_LONGEST_ANSWER = 1 << 20

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
    """The process that judges languages does not start, was ended, or stands still."""


async def hear(claims: Sequence[Claim]) -> list[Heard]:
    """
    Judge the texts of one page; of those that are too short, or beyond MOST_CHARACTERS, nothing is said.

    Whoever stops waiting gives up his own page only: models go on being loaded for the next one.

    Raises:
        LanguagesUnjudgedError: no process could be started, or it was ended meanwhile, or it stands still.

    """
    heard = [Heard()] * len(claims)
    long = [index for index, claim in enumerate(claims) if len(claim.text) >= LEAST_CHARACTERS]
    charged = accumulate(max(len(claims[index].text), LEAST_CHARGED) for index in long)
    judged = [index for index, so_far in zip(long, charged, strict=True) if so_far <= MOST_CHARACTERS]
    if judged:
        for index, one in zip(judged, await _ask([claims[index] for index in judged]), strict=True):
            heard[index] = one
    return heard


def make_ready() -> None:
    """Have the models loaded by the time they are needed."""
    _ask([])


async def close() -> None:
    """End the process of this event loop where there is one; whoever still waits for it is told."""
    kept = _queues.get(asyncio.get_running_loop())
    if kept:
        kept[1].cancel()
        await asyncio.gather(kept[1], return_exceptions=True)


_Asked = tuple[Sequence[Claim], asyncio.Future[list[Heard]]]

_queues: dict[asyncio.AbstractEventLoop, tuple[asyncio.Queue[_Asked], asyncio.Task[None]]] = {}
"""What the pages of an event loop ask, and the task that answers, as long as it runs."""


def _ask(claims: Sequence[Claim]) -> asyncio.Future[list[Heard]]:
    """Return what will be the answer, or a LanguagesUnjudgedError."""
    loop = asyncio.get_running_loop()
    if loop not in _queues or _queues[loop][1].done():  # done: cancelled before it began
        queue: asyncio.Queue[_Asked] = asyncio.Queue()
        _queues[loop] = queue, loop.create_task(_answer_all(queue))
    answer: asyncio.Future[list[Heard]] = loop.create_future()
    _queues[loop][0].put_nowait((claims, answer))
    return answer


def _refuse(answer: asyncio.Future[list[Heard]], why: str) -> None:
    if not answer.done():
        answer.set_exception(LanguagesUnjudgedError(f"languages are not judged: {why}"))
        answer.exception()  # nobody waits for the answer to `make_ready`


async def _answer_all(queue: asyncio.Queue[_Asked]) -> None:
    """Answer page after page, until this is cancelled."""
    judge: _Judge | None = None
    answer: asyncio.Future[list[Heard]] | None = None
    try:
        while True:
            claims, answer = await queue.get()
            if answer.cancelled():  # its page gave up
                continue
            try:
                if judge is None or judge.process.poll() is not None:
                    judge = await _started()
                heard = await _judged_by(judge, claims) if claims else []
            except (OSError, EOFError, RuntimeError, ValueError) as exc:
                # RuntimeError: uvloop's, of a pipe that was closed.
                await _end(judge)
                judge = None
                _refuse(answer, type(exc).__name__)
            else:
                if not answer.done():
                    answer.set_result(heard)
    finally:
        _queues.pop(asyncio.get_running_loop(), None)
        left = [answer] if answer else []
        while not queue.empty():
            left.append(queue.get_nowait()[1])
        for one in left:
            _refuse(one, "it is being ended")
        await _end(judge)


@dataclass(frozen=True, slots=True)
class _Judge:
    """The process, and the line to it."""

    process: subprocess.Popen[bytes]
    reader: asyncio.StreamReader
    writer: asyncio.StreamWriter

    async def line(self) -> bytes:
        line = await self.reader.readline()
        if not line.endswith(b"\n"):
            raise EOFError
        return line


async def _started() -> _Judge:
    """
    Start a process; a session of its own keeps a Ctrl-C, which is meant for us, away from it.

    Not by asyncio: where its `run` ends while such a start is under way, it waits for ever (cpython #125502), and so would we.
    Nothing but the line to the process is waited for here.
    """
    ours, its = socket.socketpair()
    with its:
        reader, writer = await asyncio.open_connection(sock=ours, limit=_LONGEST_ANSWER)
        try:
            process = subprocess.Popen(  # noqa: ASYNC220 - asyncio starts processes in the loop, too
                [sys.executable, "-m", "probes.languages"],
                stdin=its.fileno(),
                stdout=its.fileno(),
                stderr=subprocess.DEVNULL,
                start_new_session=True,
            )
        except BaseException:
            writer.close()
            raise
    judge = _Judge(process, reader, writer)
    try:
        async with asyncio.timeout(LOADING_SECONDS):
            if await judge.line() != _READY:
                raise EOFError
    except BaseException:
        await _end(judge)
        raise
    return judge


async def _judged_by(judge: _Judge, claims: Sequence[Claim]) -> list[Heard]:
    async with asyncio.timeout(JUDGING_SECONDS):
        judge.writer.write(json.dumps([(claim.text, claim.lang, claim.sure) for claim in claims]).encode() + b"\n")
        await judge.writer.drain()
        answer = json.loads(await judge.line())
    return [Heard(other, is_bare) for other, is_bare in answer]


async def _end(judge: _Judge | None) -> None:
    if judge is not None:
        judge.writer.close()
        judge.process.kill()
        await asyncio.to_thread(judge.process.wait)


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
    text = text.encode("utf-8", "replace").decode()  # half a letter, which a page may hold, is none
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


def _main() -> None:
    """Answer each line of claims with a line of what was heard, until nobody asks any more."""
    contradiction(_AMBIGUOUS, "vi")
    sys.stdout.buffer.write(_READY)
    sys.stdout.buffer.flush()
    for line in sys.stdin.buffer:
        heard = [
            (contradiction(text, lang, sure=sure), is_bare_vietnamese(text)) for text, lang, sure in json.loads(line)
        ]
        sys.stdout.buffer.write(json.dumps(heard).encode() + b"\n")
        sys.stdout.buffer.flush()


if __name__ == "__main__":
    _main()
