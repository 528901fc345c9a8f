"""
Walks a journey: the steps from a procedure's page until its declaration form can be filled in; never further.

Clocks. entry_seconds counts from the first navigation until the step named `entry` is done: the page of the procedure can be
used, or a login stands there. ready_seconds counts from the last act (`open`, `follow`, `choose` …): the time a person waits
for the form itself. What we need to find and click things between the steps is in neither.
"""

import asyncio
import time
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import replace
from fnmatch import fnmatchcase
from importlib.resources import files
from typing import Any
from urllib.parse import urlsplit

from multidict import CIMultiDict
from playwright.async_api import Error, Request, Response

from probes.chromium.cdp import call
from probes.chromium.neterrors import EMPTY_ERROR_ANSWER, reason_of
from probes.chromium.playwright_page import PlaywrightPage
from probes.chromium.recorder import Recorder
from probes.journeys import journey_end
from probes.journeys.form_ready import FormState, FormWatch
from probes.journeys.freeing import Freeing
from probes.journeys.journey_end import JourneyEnd, NoDocumentError, StopError
from probes.journeys.journey_file import JourneyStep, journey_problem, variables_of
from probes.journeys.journey_result import FormOpened, JourneyResult
from probes.journeys.needs import JourneyNeeds
from probes.journeys.questions import Questions
from probes.journeys.refusals import may_be_of_a_procedure, refusal
from probes.journeys.scrolling import Scrolling
from probes.journeys.seeking import Seeker
from probes.journeys.steps import Steps
from probes.journeys.submit_guard import SubmitGuard
from probes.manners.politeness import is_loopback
from probes.page import Judgement, judge
from probes.page_parts import PageParts
from probes.redaction import known_hosts, redact_host, redact_path
from probes.redaction.headers import kept_retry_after
from thuocdo.core.model import Job, PageKind, Reason

DEADLINE_SHARE = 0.8
"""Share of the probe's deadline for the journey; the rest is for what the probe does with the opened form."""

LOOK_SECONDS = 0.2
REFUSED_SECONDS = 2.0
"""What a page says of its procedure is believed once it has said it for so long and led nowhere."""

_LOOK = (files("probes.journeys") / "look.js").read_text(encoding="utf-8").strip()
SHELL_CHARACTERS = 200  # as probes.page.read_html: a title and perhaps "loading"


async def open_form(
    opened: PlaywrightPage,
    job: Job,
    tools: JourneyNeeds,
    *,
    recorder: Recorder | None = None,
    limit_seconds: float | None = None,
) -> JourneyResult:
    """
    Walk the journey of the job's target until its form is ready, or until it is clear why it cannot be.

    Args:
        opened: fresh, in a context of its own; it is guarded from here to its end, so the caller may keep using it.
        job: its target names the journey.
        tools: journeys and robots.
        recorder: hears what the page does, for evidence.
        limit_seconds: for all of it; None = DEADLINE_SHARE of the job's deadline.

    Returns:
        The result; a portal's fault is a reason, never an exception.

    Raises:
        Error: Playwright's own, where the page crashed or the browser is gone (the caller's `Browser.page` tells which).
    """
    limit = job.deadline_seconds * DEADLINE_SHARE if limit_seconds is None else limit_seconds
    problem = journey_problem(job.target, tools.journeys)
    if problem:
        return JourneyResult(reason=Reason.INTERNAL_ERROR, detail=problem)
    target = job.target
    if tools.journeys[target.journey or ""].allowed_posts and target.mandate is None and not is_loopback(target.host):
        detail = f"journey '{target.journey}' posts to open its form, which may leave a draft: that needs a mandate"
        return JourneyResult(reason=Reason.MANDATE_MISSING, detail=detail)
    if not await tools.robots.allows(target):
        return JourneyResult(reason=Reason.ROBOTS_DISALLOWED, detail="robots.txt forbids the eForm's address")
    return await _Walk(opened, job, tools, limit).run(recorder)


class _Walk:
    """One walk of one journey: the steps in one task, a watch on what the page turns out to be in another."""

    def __init__(self, opened: PlaywrightPage, job: Job, tools: JourneyNeeds, limit_seconds: float) -> None:
        self._page = opened.page
        self._session = opened.session
        self._gate = opened.gate
        self._target = job.target
        self._until = asyncio.get_running_loop().time() + limit_seconds
        self._limit_seconds = limit_seconds
        self._journey = tools.journeys[job.target.journey or ""]
        self._variables = variables_of(job.target)
        self._robots = tools.robots
        self._gate.allowed_posts = self._journey.allowed_posts
        self._gate.post_hosts = {job.target.host, *job.target.own_hosts}
        self._gate.post_port = urlsplit(job.target.url).port
        self._gate.may_visit = self._may_visit
        self._guard = SubmitGuard(opened)
        self._watch = FormWatch(opened)
        self._answer: tuple[int, Mapping[str, str]] = (0, {})
        self._broken: asyncio.Future[Any] = asyncio.get_running_loop().create_future()
        self._kind: PageKind | None = None
        self._refused: tuple[float, str, StopError] | None = None
        self._read: tuple[str, StopError | None] = ("", None)
        self._judged: tuple[PageParts, Judgement] | None = None
        self._step_seconds: dict[str, float] = {}
        self._entry_seconds: float | None = None

    async def run(self, recorder: Recorder | None) -> JourneyResult:
        """Walk, and say what came of it."""
        await self._guard.arm()
        self._steps = Steps(self._page, self._variables, self._guard, self._watch, self._gate)
        self._questions = Questions(self._session)
        self._freeing = Freeing(self._page, self._watch, enters=not self._journey.allowed_posts)
        self._scrolling = Scrolling(self._watch, lambda: self._steps.name, self._is_there)
        await self._watch.begin()
        if recorder:
            await recorder.watch(self._session, self._gate.line)
        self._page.on("response", self._note_answer)
        self._page.on("requestfailed", self._note_failure)
        self._page.on("crash", lambda _: self._stop(StopError(Reason.PAGE_CRASH, "the page crashed its renderer")))
        walk = asyncio.ensure_future(self._take_steps())
        tasks = [walk, asyncio.ensure_future(self._look_around()), self._broken]
        try:
            async with asyncio.timeout_at(self._until):
                done, _ = await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
            for task in done - {walk}:
                task.result()
            return self._result(None, "", walk.result(), met=JourneyEnd.FORM)
        except StopError as stop:
            return self._stopped(self._explained(stop) if isinstance(stop, NoDocumentError) else stop)
        except TimeoutError:
            return self._stopped(self._refused[2] if self._refused else self._why_late())
        finally:
            for task in tasks:
                task.cancel()
            await asyncio.gather(*tasks, return_exceptions=True)

    def _stopped(self, stop: StopError) -> JourneyResult:
        stop = self._excused(stop)
        self._kind = stop.page_kind or self._kind
        return self._result(stop.reason, f"step '{self._steps.name}': {stop.detail}", met=stop.met)

    def _result(
        self, reason: Reason | None, detail: str, form: FormOpened | None = None, *, met: JourneyEnd | None
    ) -> JourneyResult:
        path = urlsplit(self._page.url).path
        drafted = any(fnmatchcase(path, pattern) for pattern in self._journey.draft_path)
        return JourneyResult(
            reason=reason,
            detail=detail,
            step=self._steps.name,
            page_kind=self._kind,
            met=met,
            step_seconds=self._step_seconds,
            entry_seconds=self._entry_seconds,
            form=form,
            stopped=tuple(self._gate.stopped),
            questions=len(self._questions),
            draft_created=drafted or bool(self._gate.let_through),
            retry_after=kept_retry_after(self._answer[1].get("Retry-After", "")) if reason is Reason.BLOCKED else "",
            final_host=redact_host(urlsplit(self._page.url).hostname or "", known_hosts(self._target)),
        )

    def _why_late(self) -> StopError:
        limit = f"within {self._limit_seconds:.0f} s"
        document = self._watch.awaited_document
        if document:
            return StopError(Reason.TIMEOUT, f"no answer from {redact_path(document)} {limit}")
        if self._kind is PageKind.NOTICE:
            return StopError(Reason.REDIRECTED_ELSEWHERE, "a notice sends people elsewhere", met=JourneyEnd.NOTICE)
        state = self._watch.latest
        if state and (held_back := self._freeing.held_back(state, self._journey.form.minimum_fields)):
            return StopError(Reason.INTERNAL_ERROR, held_back)
        barred = f", {state.barred} that cannot be got at" if state and state.barred else ""
        found = f" ({state.fields} usable fields{barred})" if state else ""
        pending = f", still waiting for {redact_path(state.pending[0])}" if state and state.pending else ""
        return StopError(Reason.FORM_NOT_READY, f"not done {limit}{found}{pending}")

    def _excused(self, stop: StopError) -> StopError:
        """Return another stop where no form came after we had held something back: the form may hang on that."""
        state = self._watch.latest
        if stop.reason is not Reason.FORM_NOT_READY or (state and state.fields >= self._journey.form.minimum_fields):
            return stop
        told = f"{stop.detail}{self._questions.told()}"
        if self._questions.since(self._steps.acted_at):
            return StopError(Reason.INTERNAL_ERROR, f"{told}, the form may hang on it")
        hosts = {self._target.host, urlsplit(self._page.url).hostname}
        posts = (urlsplit(url) for at, url in self._gate.held_back if at >= self._steps.acted_at)
        post = next((post.path for post in posts if post.hostname in hosts), None)
        if post is None:
            return StopError(stop.reason, told, stop.page_kind, stop.met)
        hint = "a journey may allow it (allowed_posts) with a mandate"
        return StopError(Reason.MANDATE_MISSING, f"{told}; a post to {redact_path(post)} was held back, {hint}")

    async def _take_steps(self) -> FormOpened:
        began_at: float | None = None
        for step in self._journey.steps:
            self._steps.name = step.name
            begun = time.monotonic()
            done_at = await self._take(step)
            if done_at is None:
                continue
            began_at = self._steps.acted_at if began_at is None else began_at
            idle = self._steps.idle
            self._step_seconds[step.name] = done_at - begun - idle.between(begun, done_at)
            if step.name == self._journey.entry:
                self._entry_seconds = done_at - began_at - idle.between(began_at, done_at)
        self._steps.name = "form"
        return await self._opened()

    async def _take(self, step: JourneyStep) -> float | None:
        if step.seek is None:
            return await self._steps.take(step)
        seeker = Seeker(
            self._page,
            step.seek,
            steps=self._steps,
            watch=self._watch,
            variables=self._variables,
            minimum_fields=self._journey.form.minimum_fields,
            look_further=self._scrolling.through,
            free=self._freeing.free,
        )
        await seeker.find()
        return time.monotonic()

    async def _opened(self) -> FormOpened:
        """Wait until the form is ready."""
        rule, acted_at = self._journey.form, self._steps.acted_at
        state = await self._watch.wait(
            minimum_fields=rule.minimum_fields,
            quiet_seconds=rule.quiet_seconds,
            frame=rule.frame,
            since=acted_at,
            free=self._freeing.free,
        )
        if state.fields < rule.minimum_fields:
            raise _of_status(state)
        idle = self._scrolling.idle_before(state, acted_at)
        self._step_seconds["form"] = state.quiet_since - acted_at
        loaded = state.loaded_at is not None and state.loaded_at >= acted_at
        first = state.first_field_at
        return FormOpened(
            acted_at=acted_at,
            ready_seconds=self._waited(acted_at, state.quiet_since) - idle,
            first_field_seconds=None if first is None else self._waited(acted_at, first) - idle,
            load_seconds=(state.loaded_at or 0.0) - acted_at if loaded else None,
            fields=state.fields,
            required_fields=state.required_fields,
            idle_seconds=idle,
        )

    def _waited(self, since: float, until: float) -> float:
        """Return for how long a person would have waited who closes at once what is to be closed."""
        return until - since - self._freeing.idle_between(since, until)

    async def _is_there(self) -> bool:
        return await self._watch.usable_fields() >= self._journey.form.minimum_fields

    async def _look_around(self) -> None:
        """Judge every document, and what scripts make of it, until there is a form to measure."""
        signs, minimum = journey_end.selectors_of(self._journey), self._journey.form.minimum_fields
        while True:
            with suppress(Error):  # on its way to the next document
                seen = None if self._watch.saw(minimum) else await self._seen(minimum, signs)
                if seen:
                    await self._judge(seen)
                    await self._scrolling.if_due()
                else:
                    self._refused = None
            await asyncio.sleep(LOOK_SECONDS)

    async def _seen(self, minimum: int, signs: Mapping[str, Sequence[str]]) -> Any:
        missing = minimum - await self._watch.strange_fields()
        return await call(self._session, _LOOK, {"minimum": missing, "signs": signs})

    async def _judge(self, seen: Mapping[str, Any]) -> None:
        wall = journey_end.wall(self._journey, seen["url"], seen["text"], seen["signs"])
        if wall and not self._is_way_on(wall):
            if wall.reason is Reason.LOGIN_REQUIRED and self._entry_seconds is None and self._watch.documents:
                usable_at = seen["usableAt"] / 1000 + await self._watch.clock_offset()
                self._entry_seconds = max(0.0, usable_at - self._watch.navigation_after(0.0))
            raise wall
        if not seen["url"].startswith("http"):
            return
        status, headers = self._answer
        text = seen["text"]
        document = PageParts(
            status=status,
            headers=headers,
            final_url=seen["url"],
            text=text,
            links=seen["links"],
            source=seen["source"],
            shell=bool(seen["scripts"] or seen["frames"]) and len(text) < SHELL_CHARACTERS,
        )
        refused = self._refusal(text + seen["more"])
        try:
            self._conclude(document)
        except StopError as stop:
            if stop.reason is Reason.CAPTCHA:
                refused = stop  # it may stand at the end of a form that is still being drawn
            elif refused is None or not may_be_of_a_procedure(stop.reason, status, text):
                raise
        await self._note_refusal(refused)

    def _refusal(self, text: str) -> StopError | None:
        """Return what a page says of its procedure; asked again and again of the same text, which may be long."""
        if self._read[0] != text:
            self._read = (text, refusal(self._journey, text, code=self._target.procedure_code or ""))
        return self._read[1]

    def _is_way_on(self, wall: StopError) -> bool:
        """Where the way is sought, the start may hold a login box beside everything else; it bars nothing there."""
        seeks = any(step.seek for step in self._journey.steps)
        return seeks and wall.met is JourneyEnd.LOGIN_OWN and len(self._watch.documents) <= 1

    async def _note_refusal(self, refused: StopError | None) -> None:
        """Believe what a page says of its procedure once it has rested with it and the journey has got no further."""
        now, step = time.monotonic(), self._steps.name
        if refused is None:
            self._refused = None
        elif self._refused is None or self._refused[1] != step:
            self._refused = (now, step, refused)
        elif now - self._refused[0] >= REFUSED_SECONDS and await self._watch.rests(REFUSED_SECONDS / 2):
            raise refused

    def _conclude(self, document: PageParts) -> None:
        if self._judged is None or self._judged[0] != document:  # it is looked at again and again
            self._judged = (document, judge(document, self._target))
        judgement = self._judged[1]
        self._kind = judgement.page_kind
        if judgement.reason:
            raise StopError(judgement.reason, judgement.detail, judgement.page_kind)

    def _explained(self, stop: NoDocumentError) -> StopError:
        """Return why the page got no document; an answer without a body still has a status that says more."""
        try:
            if self._broken.done():
                self._broken.result()
            status, headers = self._answer
            if status:
                self._conclude(PageParts(status=status, headers=headers, final_url=self._page.url, text="", links=0))
        except StopError as better:
            return better
        return stop

    def _note_answer(self, response: Response) -> None:
        with suppress(Error):  # a navigation's frame may not be known yet; then it is the page's own
            request = response.request
            if not request.is_navigation_request() or request.frame != self._page.main_frame:
                return
        self._answer = (response.status, CIMultiDict(response.headers))

    def _note_failure(self, request: Request) -> None:
        name = (request.failure or "").removeprefix("net::")
        with suppress(Error):
            ours = request.is_navigation_request() and request.frame == self._page.main_frame
            # A navigation that another one overtook, or that the guard stopped, is no fault of the portal.
            if ours and name not in {"ERR_ABORTED", EMPTY_ERROR_ANSWER}:
                self._stop(StopError(reason_of(name), f"the browser says {name}"))

    def _stop(self, stop: StopError) -> None:
        if not self._broken.done():
            self._broken.set_exception(stop)

    async def _may_visit(self, url: str) -> bool:
        """Ask robots.txt for every address on the way; a login that we may not visit is a login all the same."""
        if await self._robots.allows(replace(self._target, url=url)):
            return True
        barred = journey_end.wall(self._journey, url, "", {})
        path = redact_path(urlsplit(url).path)
        self._stop(barred or StopError(Reason.ROBOTS_DISALLOWED, f"robots.txt forbids {path}"))
        return False


def _of_status(state: FormState) -> StopError:
    """Return why a form that stands there is none: its document came as the answer to an error."""
    reason = Reason.BLOCKED if state.status in (403, 429) else Reason.HTTP_ERROR
    return StopError(reason, f"the document that holds the form answered with status {state.status}")
