"""
Walks a journey: the steps from a procedure's page until its declaration form can be filled in; never further.

Clocks. entry_seconds counts from the first navigation until the step named `entry` is done: the page of the procedure can be
used, or a login stands there. ready_seconds counts from the last act (`open`, `follow` or `choose`): the time a person waits
for the form itself. What we need to find and click things between the steps is in neither.
"""

import asyncio
import time
from collections.abc import Awaitable, Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field, replace
from typing import Any, TypeVar
from urllib.parse import urlsplit

from multidict import CIMultiDict
from playwright.async_api import Error, Locator, Page, Request, Response

from probes.chromium.neterrors import EMPTY_ERROR_ANSWER, explain, reason_of
from probes.journeys.form_ready import POLL_SECONDS, FormWatch
from probes.journeys.journey_file import (
    Choose,
    Follow,
    Journey,
    Step,
    Wait,
    fill,
    journey_problem,
    load_journeys,
    variables_of,
)
from probes.journeys.submit_guard import SubmitGuard
from probes.page import Document, judge
from probes.tools import Tools
from thuocdo.model import Job, PageKind, Reason

__all__ = ["DEADLINE_SHARE", "FormOpened", "Journey", "JourneyResult", "load_journeys", "open_form"]

DEADLINE_SHARE = 0.8
"""Share of the probe's deadline for the journey; the rest is for what the probe does with the opened form."""

LOOK_SECONDS = 0.2
_STAMP = """(condition) => new Promise((resolve) => {
  const drawn = (element) => element.checkVisibility({ visibilityProperty: true });
  const reads = (text) => (document.body?.textContent || "").includes(text) && document.body.innerText.includes(text);
  const met = () => {
    if (condition.selector) return [...document.querySelectorAll(condition.selector)].some(drawn);
    return condition.text ? reads(condition.text) : window.thuocdoForm("").fields >= condition.fields;
  };
  // Frames are not drawn while a stylesheet blocks them: what is not drawn cannot be used.
  const look = () => (met() ? resolve(performance.timeOrigin + performance.now()) : requestAnimationFrame(look));
  requestAnimationFrame(look);
})"""
_LOOK = """({ minimum, signs }) => {
  if (document.readyState === "loading" || !document.body) return null;
  if (window.thuocdoForm && window.thuocdoForm("").fields >= minimum) return null;
  const text = (document.title + " " + document.body.innerText).replace(/\\s+/g, " ").trim();
  const navigation = performance.getEntriesByType("navigation")[0];
  const stands = (selectors) => selectors.some((selector) => document.querySelector(selector));
  return {
    url: location.href, text: text.slice(0, 4000), links: document.links.length, scripts: document.scripts.length,
    source: text.length < 1500 ? document.documentElement.outerHTML.slice(0, 20000) : "",
    signs: { login: stands(signs.login), captcha: stands(signs.captcha) },
    usableAt: performance.timeOrigin + (navigation ? navigation.domContentLoadedEventEnd : performance.now()),
  };
}"""
SHELL_CHARACTERS = 200  # as probes.page.read_html: a title and perhaps "loading"
_MOVED = ("Execution context was destroyed", "navigat", "detached", "Cannot find context", "not attached")
_Result = TypeVar("_Result")


@dataclass(frozen=True, slots=True, kw_only=True)
class FormOpened:
    """
    A form that is ready for a person.

    ready_seconds, load_seconds: from the last act of the journey. load_seconds: None where the form came into a document
    that stood already. fields: visible and enabled, a group of radio buttons is one.
    """

    ready_seconds: float
    load_seconds: float | None
    fields: int
    required_fields: int


@dataclass(frozen=True, slots=True, kw_only=True)
class JourneyResult:
    """
    What came of a journey.

    reason: None exactly when the form is open and ready. step_seconds: step -> time it took, our own handling included; for
    people who look for the slow step, not a measurement. stopped: what the submit guard stopped, in order.
    """

    reason: Reason | None
    detail: str = ""
    page_kind: PageKind | None = None
    step_seconds: Mapping[str, float] = field(default_factory=dict)
    entry_seconds: float | None = None
    form: FormOpened | None = None
    stopped: tuple[str, ...] = ()
    retry_after: str = ""
    final_host: str = ""


async def open_form(page: Page, job: Job, tools: Tools) -> JourneyResult:
    """
    Walk the journey of the job's target until its form is ready, or until it is clear why it cannot be.

    Args:
        page: fresh, in a context of its own; its frames are guarded from here to its end, so the caller may keep using it.
        job: its target names the journey; DEADLINE_SHARE of its deadline is the limit.
        tools: journeys and robots.

    Returns:
        The result; a portal's fault is a reason, never an exception.

    Raises:
        Error: Playwright's own, where the page crashed or the browser is gone (the caller's `Browser.page` tells which).
    """
    until = asyncio.get_running_loop().time() + job.deadline_seconds * DEADLINE_SHARE
    problem = journey_problem(job.target, tools.journeys)
    if problem:
        return JourneyResult(reason=Reason.INTERNAL_ERROR, detail=problem)
    if not await tools.robots.allows(job.target):
        return JourneyResult(reason=Reason.ROBOTS_DISALLOWED, detail="robots.txt forbids the eForm's address")
    return await _Walk(page, job, tools, until).run()


class _StopError(Exception):
    """The journey ends here, for this reason."""

    def __init__(self, reason: Reason, detail: str, page_kind: PageKind | None = None) -> None:
        super().__init__(detail)
        self.reason, self.detail, self.page_kind = reason, detail, page_kind


class _Walk:
    """One walk of one journey: the steps in one task, a watch on what the page turns out to be in another."""

    def __init__(self, page: Page, job: Job, tools: Tools, until: float) -> None:
        self._page = page
        self._target = job.target
        self._until = until
        self._limit_seconds = job.deadline_seconds * DEADLINE_SHARE
        self._journey = tools.journeys[job.target.journey or ""]
        self._variables = variables_of(job.target)
        self._robots = tools.robots
        self._guard = SubmitGuard(page, allowed_posts=self._journey.allowed_posts, may_visit=self._may_visit)
        self._answer: tuple[int, Mapping[str, str]] = (0, {})
        self._broken: asyncio.Future[Any] = asyncio.get_running_loop().create_future()
        self._kind: PageKind | None = None
        self._step = ""
        self._step_seconds: dict[str, float] = {}
        self._began_at = 0.0
        self._acted_at = 0.0
        self._entry_seconds: float | None = None

    async def run(self) -> JourneyResult:
        """Walk, and say what came of it."""
        session = await self._guard.arm()
        self._watch = FormWatch(self._page, session)
        await self._watch.begin()
        self._page.on("response", self._note_answer)
        self._page.on("requestfailed", self._note_failure)
        self._page.on("crash", lambda _: self._stop(_StopError(Reason.PAGE_CRASH, "the page crashed its renderer")))
        steps = asyncio.ensure_future(self._take_steps())
        tasks = [steps, asyncio.ensure_future(self._look_around()), self._broken]
        try:
            async with asyncio.timeout_at(self._until):
                done, _ = await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
            for task in done - {steps}:
                task.result()
            return self._result(None, "", steps.result())
        except _StopError as stop:
            self._kind = stop.page_kind or self._kind
            return self._result(stop.reason, stop.detail)
        except TimeoutError:
            return self._result(*self._why_late())
        finally:
            for task in tasks:
                task.cancel()
            await asyncio.gather(*tasks, return_exceptions=True)

    def _result(self, reason: Reason | None, detail: str, form: FormOpened | None = None) -> JourneyResult:
        return JourneyResult(
            reason=reason,
            detail=detail,
            page_kind=self._kind,
            step_seconds=self._step_seconds,
            entry_seconds=self._entry_seconds,
            form=form,
            stopped=tuple(self._guard.stopped),
            retry_after=self._answer[1].get("Retry-After", "") if reason is Reason.BLOCKED else "",
            final_host=urlsplit(self._page.url).hostname or "",
        )

    def _why_late(self) -> tuple[Reason, str]:
        limit = f"within {self._limit_seconds:.0f} s"
        document = self._watch.awaited_document
        if document:
            return Reason.TIMEOUT, f"step '{self._step}': no answer from {document} {limit}"
        if self._kind is PageKind.NOTICE:
            return Reason.REDIRECTED_ELSEWHERE, f"step '{self._step}': a notice sends people elsewhere"
        state = self._watch.latest
        found = f" ({state.fields} usable fields)" if state else ""
        pending = f", still waiting for {state.pending[0]}" if state and state.pending else ""
        return Reason.FORM_NOT_READY, f"step '{self._step}': not done {limit}{found}{pending}"

    async def _take_steps(self) -> FormOpened:
        began_at: float | None = None
        for step in self._journey.steps:
            self._step = step.name
            begun = time.monotonic()
            done_at = await self._take(step)
            began_at = self._acted_at if began_at is None else began_at
            self._step_seconds[step.name] = done_at - begun
            if step.name == self._journey.entry:
                self._entry_seconds = done_at - began_at
        self._step = "form"
        rule = self._journey.form
        state = await self._watch.wait(
            minimum_fields=rule.minimum_fields, quiet_seconds=rule.quiet_seconds, frame=rule.frame, since=self._acted_at
        )
        ready_seconds = state.quiet_since - self._acted_at
        self._step_seconds["form"] = ready_seconds
        loaded = state.loaded_at is not None and state.loaded_at >= self._acted_at
        return FormOpened(
            ready_seconds=ready_seconds,
            load_seconds=(state.loaded_at or 0.0) - self._acted_at if loaded else None,
            fields=state.fields,
            required_fields=state.required_fields,
        )

    async def _take(self, step: Step) -> float:
        """Take one step and return when it was done, seconds of time.monotonic()."""
        if step.open is not None:
            return await self._open(fill(step.open, self._variables))
        if step.wait is not None:
            return await self._wait(step.wait)
        if step.follow is not None:
            return await self._follow(step.follow)
        assert step.choose is not None
        return await self._choose(step.choose)

    async def _open(self, url: str) -> float:
        asked_at = time.monotonic()
        try:
            await self._page.goto(url, wait_until="commit")
        except Error as exc:
            self._acted_at = self._watch.navigation_after(asked_at)
            await self._explain_failure(*explain(exc))
        self._acted_at = self._watch.navigation_after(asked_at)
        return time.monotonic()

    async def _wait(self, wait: Wait) -> float:
        text, selector = (fill(value, self._variables) if value else None for value in (wait.text, wait.selector))
        condition = {"text": text, "selector": selector, "fields": wait.field_count}

        async def met() -> float:
            stamp = await self._page.evaluate(_STAMP, condition)
            return float(stamp) / 1000 + await self._watch.clock_offset()

        return await self._while_it_moves(met)

    async def _follow(self, follow: Follow) -> float:
        control = self._first_of(
            [self._page.get_by_role(follow.role, name=fill(name, self._variables)) for name in follow.name]
        )

        async def click() -> None:
            await control.wait_for(state="visible")
            if await self._guard.refuses(control):
                raise _StopError(
                    Reason.INTERNAL_ERROR,
                    f"step '{self._step}' names a control that submits; nothing was pressed, name the step before it",
                )
            offset = await self._watch.clock_offset()
            self._guard.clicked_at, self._acted_at = None, time.monotonic()
            await control.click(no_wait_after=True)
            # Playwright looks and scrolls before it clicks (60 ms); the page itself says when the click came.
            if self._guard.clicked_at is not None:
                self._acted_at = self._guard.clicked_at / 1000 + offset

        await self._while_it_moves(click)
        return time.monotonic()

    async def _choose(self, choose: Choose) -> float:
        choice = self._first_of([self._page.get_by_label(fill(label, self._variables)) for label in choose.label])

        async def select() -> None:
            await choice.wait_for(state="visible")
            if choose.option is not None:
                self._acted_at = time.monotonic()
                await choice.select_option(label=fill(choose.option, self._variables))
                return
            option = choice.locator("option[value]:not([value='']):not([disabled])").first
            await option.wait_for(state="attached")
            value = await option.get_attribute("value")
            self._acted_at = time.monotonic()
            await choice.select_option(value=value)

        await self._while_it_moves(select)
        return time.monotonic()

    async def _while_it_moves(self, act: Callable[[], Awaitable[_Result]]) -> _Result:
        """Do something with a page that may be on its way to the next document, which makes Playwright lose hold of it."""
        while True:
            try:
                return await act()
            except Error as exc:
                if not any(sign in exc.message for sign in _MOVED):
                    raise _StopError(*explain(exc)) from exc
            await asyncio.sleep(POLL_SECONDS)

    @staticmethod
    def _first_of(locators: Sequence[Locator]) -> Locator:
        together = locators[0]
        for other in locators[1:]:
            together = together.or_(other)
        return together.filter(visible=True).first

    async def _look_around(self) -> None:
        """Judge every document, and what scripts make of it, until there is a form to measure."""
        signs = {"login": self._journey.login.selector, "captcha": self._journey.captcha.selector}
        while True:
            with suppress(Error):  # on its way to the next document
                seen = await self._page.evaluate(_LOOK, {"minimum": self._journey.form.minimum_fields, "signs": signs})
                if seen:
                    await self._judge(seen)
            await asyncio.sleep(LOOK_SECONDS)

    async def _judge(self, seen: Mapping[str, Any]) -> None:
        journey = self._journey
        if seen["signs"]["login"] or journey.login.on(seen["url"], seen["text"]):
            if self._entry_seconds is None and self._acted_at:
                usable_at = seen["usableAt"] / 1000 + await self._watch.clock_offset()
                self._entry_seconds = max(0.0, usable_at - self._watch.navigation_after(0.0))
            raise _StopError(Reason.LOGIN_REQUIRED, f"step '{self._step}': a login stands before the form")
        if seen["signs"]["captcha"] or journey.captcha.on(seen["url"], seen["text"]):
            raise _StopError(Reason.CAPTCHA, f"step '{self._step}': a captcha stands before the form", PageKind.BLOCKED)
        if not seen["url"].startswith("http"):
            return
        status, headers = self._answer
        text = seen["text"]
        shell = bool(seen["scripts"]) and len(text) < SHELL_CHARACTERS
        self._conclude(
            Document(
                status=status,
                headers=headers,
                final_url=seen["url"],
                text=text,
                links=seen["links"],
                source=seen["source"],
                shell=shell,
            )
        )

    def _conclude(self, document: Document) -> None:
        judgement = judge(document, self._target)
        self._kind = judgement.page_kind
        if judgement.reason:
            raise _StopError(judgement.reason, f"step '{self._step}': {judgement.detail}", judgement.page_kind)

    async def _explain_failure(self, reason: Reason, detail: str) -> None:
        """Raise why the page got no document; an answer without a body still has a status that says more."""
        if self._broken.done():
            self._broken.result()
        status, headers = self._answer
        if status:
            self._conclude(Document(status=status, headers=headers, final_url=self._page.url, text="", links=0))
        raise _StopError(reason, f"step '{self._step}': {detail}")

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
                self._stop(_StopError(reason_of(name), f"step '{self._step}': the browser says {name}"))

    def _stop(self, stop: _StopError) -> None:
        if not self._broken.done():
            self._broken.set_exception(stop)

    async def _may_visit(self, url: str) -> bool:
        """Ask robots.txt for every address on the way; a login that we may not visit is a login all the same."""
        if await self._robots.allows(replace(self._target, url=url)):
            return True
        if self._journey.login.on(url, ""):
            self._stop(_StopError(Reason.LOGIN_REQUIRED, f"step '{self._step}': a login stands before the form"))
        else:
            path = urlsplit(url).path
            self._stop(_StopError(Reason.ROBOTS_DISALLOWED, f"step '{self._step}': robots.txt forbids {path}"))
        return False
