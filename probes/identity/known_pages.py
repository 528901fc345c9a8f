"""
What is known of the pages of one machine's targets: a small file each, in a folder that its agents and its people share.

A page becomes known once it was seen three times, five minutes apart, with nothing wrong and the same. From then on quite another
one is a question to a person, until it is answered; what is known follows the page as it changes from day to day. A file that
cannot be used is told once, and its page is judged as if it were not known: no portal is blamed for our disk.
"""

import hashlib
import os
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from enum import StrEnum
from pathlib import Path

import structlog
from pydantic import TypeAdapter

from probes.identity.features import Features, Glance, is_alike
from probes.manners.locking import locked
from thuocdo.core.errors import StoreUnavailableError
from thuocdo.core.kinds import http
from thuocdo.core.model import Evidence, Job
from thuocdo.core.writing import write_whole

IDENTITY = "identity"
"""Name of the folder, beside what else an installation keeps."""

SIGHTINGS = 3
APART = timedelta(minutes=5)
"""Sightings count that are so far apart: what is looked at every few seconds is read as seldom as anything else."""
ASKED_AGAIN_AFTER = timedelta(minutes=10)
REFRESHED_AFTER = timedelta(minutes=20)
"""A glance is enough for so long: another page under the same title and of the same length is told within half an hour."""
HTTP_REFRESHED_AFTER = timedelta(days=1)
"""The http probe asks each minute for next to nothing, which reading would double; the home page's tells sooner."""
LOOKED_AT_AGAIN_SECONDS = 10.0
"""Another process, or a person's answer, is heard of so much later at most."""
PICTURE_BEFORE = "screenshot_before"
"""Kind of evidence: what a page looked like before another one stood there."""
MOST_KNOWN = 8
"""Versions of one page: languages, seasons, an entrance that changes."""

LAST = datetime.max.replace(tzinfo=UTC)
_DIGITS = 32
_LARGEST_BYTES = 256 * 1024

log = structlog.get_logger(__name__)


Mark = tuple[int, int]


class Answer(StrEnum):
    """What a person said of another page: NEW = it is the portal's own, from now on; OTHER = it is not the portal."""

    NEW = "new"
    OTHER = "other"


@dataclass(frozen=True, slots=True, kw_only=True)
class Known:
    """A page that is known, or is on its way to be: seen so often since then, last at. by: who said that it is the portal's."""

    features: Features
    since: datetime
    at: datetime
    sightings: int = 1
    by: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Question:
    """
    Another page than the known one, about which a person is asked.

    title_before, title_now: as they stand in the pages. before, now: pictures, where one was taken. answer: OTHER stays until the
    page changes again; NEW makes it known. by: who answered.
    """

    features: Features
    since: datetime
    at: datetime
    title_before: str = ""
    title_now: str = ""
    before: Evidence | None = None
    now: Evidence | None = None
    answer: Answer | None = None
    by: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class PageState:
    """What is known of one target by one kind of probe with one profile. picture: of the last good visit that took one."""

    target_id: str
    kind: str
    profile: str
    title: str = ""
    known: tuple[Known, ...] = ()
    candidate: Known | None = None
    question: Question | None = None
    picture: Evidence | None = None


_STATE = TypeAdapter(PageState)


@dataclass(frozen=True, slots=True, kw_only=True)
class Look:
    """One good-looking page. features: is called where a glance is not enough. title: as it stands."""

    glance: Glance
    title: str
    features: Callable[[], Features]


@dataclass(frozen=True, slots=True)
class _Read:
    """What a file told; mark: of the file as it was then, looked_at: when it was last compared."""

    mark: Mark
    state: PageState | None
    looked_at: float = 0.0


class KnownPages:
    """
    All that is known, in a folder.

    Args:
        folder: where the files stand; made when something is to be written.
    """

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._read: dict[str, _Read] = {}
        self._told: set[str] = set()

    def look(self, job: Job, seen: Look, now: datetime) -> Question | None:
        """
        Take note of a page with which nothing else is wrong; return what is to be asked where it is another one than is known.

        Args:
            job: whose target, kind and profile it is.
            seen: the page.
            now: instant.
        """
        name = _name_of(job.target.id, job.kind, job.profile)
        state = self._state(name) or PageState(target_id=job.target.id, kind=job.kind, profile=job.profile)
        later = after(state, seen, now)
        if later is not state and not self._write(name, later):
            return None
        return later.question

    def pictured(self, job: Job, picture: Evidence) -> tuple[Evidence, ...]:
        """
        Keep the picture of a page that is known, or is asked about.

        Returns:
            The picture of before, where another page stands there now.
        """
        name = _name_of(job.target.id, job.kind, job.profile)
        state = self._state(name)
        if state is None or not state.known:
            return ()
        asked = state.question
        if asked is None:
            self._write(name, replace(state, picture=picture))
            return ()
        if asked.now is None:
            self._write(name, replace(state, question=replace(asked, now=picture)))
        return (replace(asked.before, kind=PICTURE_BEFORE),) if asked.before else ()

    def all(self) -> Iterator[PageState]:
        """Yield what is known of every page."""
        try:
            names = sorted(entry.name for entry in os.scandir(self._folder) if entry.name.endswith(".json"))
        except OSError:
            return
        for name in names:
            state = self._state(name)
            if state is not None:
                yield state

    def questions(self) -> list[PageState]:
        """Return the pages about which a person is asked and has not answered, the oldest question first."""
        asked = [state for state in self.all() if state.question and state.question.answer is None]
        return sorted(asked, key=lambda state: (state.question.since if state.question else LAST, state.target_id))

    def answer(self, target_id: str, answer: Answer, by: str) -> int:
        """
        Store what a person says of all pages of a target that are asked about; by: who.

        Returns:
            How many there were.

        Raises:
            StoreUnavailableError: it cannot be written.
        """
        answered = 0
        for state in list(self.all()):
            if state.target_id != target_id or state.question is None:
                continue
            name = _name_of(state.target_id, state.kind, state.profile)
            if not self._write(name, answered_with(state, answer, by)):
                raise StoreUnavailableError(f"{self._folder / name}: the answer cannot be written; look at the log")
            answered += 1
        return answered

    def _state(self, name: str) -> PageState | None:
        kept = self._read.get(name)
        if kept is not None and time.monotonic() - kept.looked_at < LOOKED_AT_AGAIN_SECONDS:
            return kept.state
        path = self._folder / name
        try:
            mark = _mark(path)
            if mark is None:
                return None
            if kept is None or kept.mark != mark:
                kept = _Read(mark, self._found(path))
        except OSError as exc:
            self._tell(path, exc)
            return None
        self._read[name] = replace(kept, looked_at=time.monotonic())
        return kept.state

    def _found(self, path: Path) -> PageState | None:
        """Return what a file tells; where it tells nothing it may be written anew."""
        with path.open("rb") as file:
            told = file.read(_LARGEST_BYTES)
        try:
            return _STATE.validate_json(told)
        except (ValueError, RecursionError) as exc:
            self._tell(path, exc)
            return None

    def _write(self, name: str, state: PageState) -> bool:
        """Write what is known, unless somebody else has written since it was read; returns whether it stands there."""
        path = self._folder / name
        try:
            self._folder.mkdir(parents=True, exist_ok=True)
            with locked(str(self._folder / "lock"), os.O_RDWR | os.O_CREAT):
                kept = self._read.get(name)
                if _mark(path) != (kept.mark if kept else None):
                    self._read.pop(name, None)
                    return False
                write_whole(path, _STATE.dump_json(state))
                mark = _mark(path)
        except OSError as exc:
            self._tell(path, exc)
            return False
        if mark:
            self._read[name] = _Read(mark, state, time.monotonic())
        return True

    def _tell(self, path: Path, exc: Exception) -> None:
        if str(path) not in self._told:
            self._told.add(str(path))
            log.warning("what is known of a page cannot be used; it is judged without", file=str(path), cause=str(exc))


def _mark(path: Path) -> Mark | None:
    """Return by what a file is known to be unchanged, None where there is none; raises OSError."""
    try:
        about = path.stat()
    except FileNotFoundError:
        return None
    return about.st_mtime_ns, about.st_ino


def after(state: PageState, seen: Look, now: datetime) -> PageState:
    """Return what is known after a page was seen; the same object where nothing is to be kept."""
    if not state.known:
        return _on_its_way(state, seen, now)
    fresh = next((one for one in state.known if is_alike(seen.glance, one.features.glance)), None)
    if fresh is not None and state.question is None and now - fresh.at < _glance_holds(state.kind):
        return state
    features = seen.features()
    same = next((one for one in state.known if features.resembles(one.features)), None)
    if same is not None:
        newer = replace(same, features=features.kept(), at=now, sightings=same.sightings + 1)
        known = tuple(newer if one is same else one for one in state.known)
        return replace(state, known=known, title=seen.title, question=None)
    asked = state.question
    if asked is not None and features.resembles(asked.features):
        return state if now - asked.at < ASKED_AGAIN_AFTER else replace(state, question=replace(asked, at=now))
    question = Question(
        features=features.kept(),
        since=now,
        at=now,
        title_before=state.title,
        title_now=seen.title,
        before=state.picture,
    )
    return replace(state, question=question)


def _glance_holds(kind: str) -> timedelta:
    return HTTP_REFRESHED_AFTER if kind == http.KIND.name else REFRESHED_AFTER


def answered_with(state: PageState, answer: Answer, by: str) -> PageState:
    """Return what is known after a person has answered; raises ValueError where nothing was asked."""
    asked = state.question
    if asked is None:
        raise ValueError(f"{state.target_id}: nothing was asked")
    if answer is Answer.OTHER:
        return replace(state, question=replace(asked, answer=answer, by=by))
    new = Known(features=asked.features, since=asked.since, at=asked.at, by=by)
    known = (*state.known, new)[-MOST_KNOWN:]
    return replace(state, known=known, title=asked.title_now, question=None, picture=asked.now or state.picture)


def _on_its_way(state: PageState, seen: Look, now: datetime) -> PageState:
    """Return the state of a page that is not known yet after one more sighting."""
    candidate = state.candidate
    if candidate is not None and is_alike(seen.glance, candidate.features.glance) and now - candidate.at < APART:
        return state
    features = seen.features().kept()
    if candidate is None or not features.resembles(candidate.features):
        return replace(state, candidate=Known(features=features, since=now, at=now), title=seen.title)
    if now - candidate.at < APART:
        return state
    candidate = replace(candidate, features=features, at=now, sightings=candidate.sightings + 1)
    if candidate.sightings >= SIGHTINGS:
        return replace(state, candidate=None, known=(candidate,), title=seen.title)
    return replace(state, candidate=candidate, title=seen.title)


def _name_of(target_id: str, kind: str, profile: str) -> str:
    return hashlib.sha256(f"{target_id}\n{kind}\n{profile}".encode()).hexdigest()[:_DIGITS] + ".json"
