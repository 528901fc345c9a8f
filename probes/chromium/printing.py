"""Prints pages of our own as PDF with tags, by the browser that is there for measuring."""

import os
import re
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from datetime import UTC, datetime
from typing import Self

from playwright.sync_api import Browser, Error, sync_playwright

from probes.chromium.executable import find_browser, missing_browser
from thuocdo.core.errors import BrowserUnavailableError
from thuocdo.core.setting_groups import BrowserSettings

_DATES = re.compile(rb"(/(?:CreationDate|ModDate) \(D:)\d{14}\+00'00'\)")


class PagePrinter:
    """A browser that prints one page after the other; see `open`. It reaches no network and runs no script."""

    def __init__(self, browser: Browser) -> None:
        self._browser = browser

    @classmethod
    @contextmanager
    def open(cls, settings: BrowserSettings) -> Iterator[Self]:
        """
        Start the browser, and end it afterwards. Not within a running event loop.

        Raises:
            BrowserUnavailableError: there is none, or it does not start; the message says what to do.
        """
        executable = find_browser(settings)
        if executable is None:
            raise BrowserUnavailableError(missing_browser(settings))
        with sync_playwright() as playwright:
            try:
                # As root Chromium refuses to start with its sandbox; everybody else keeps it.
                browser = playwright.chromium.launch(executable_path=executable, chromium_sandbox=os.geteuid() != 0)
            except Error as exc:
                raise BrowserUnavailableError(f"{executable} does not start; `thuocdo doctor` says why") from exc
            try:
                yield cls(browser)
            finally:
                browser.close()

    def pdf(self, html: str, made_at: datetime) -> bytes:
        """
        Return a page as PDF with tags and an outline, in the sizes that its style sheet gives.

        Args:
            html: the page, with all that it shows.
            made_at: the instant that the file carries, so that the same page gives the same bytes.

        Raises:
            BrowserUnavailableError: the browser died over it.
        """
        try:
            context = self._browser.new_context(offline=True, java_script_enabled=False)
            try:
                page = context.new_page()
                page.set_content(html)
                printed = page.pdf(prefer_css_page_size=True, print_background=True, tagged=True, outline=True)
            finally:
                context.close()
        except Error as exc:
            raise BrowserUnavailableError(f"the browser did not print a page ({exc.message.splitlines()[0]})") from exc
        day = f"{made_at.astimezone(UTC):%Y%m%d%H%M%S}".encode()
        # As long as what stood there: the file's table of places stays right.
        return _DATES.sub(lambda found: found[1] + day + b"+00'00')", printed)


@contextmanager
def printer_if_any(
    settings: BrowserSettings, missing: Callable[[BrowserUnavailableError], None]
) -> Iterator[PagePrinter | None]:
    """
    Give a printer, and None where no browser starts.

    Args:
        settings: of the browser.
        missing: is told why there is none.
    """
    with ExitStack() as stack:
        try:
            printer = stack.enter_context(PagePrinter.open(settings))
        except BrowserUnavailableError as exc:
            missing(exc)
            printer = None
        yield printer
