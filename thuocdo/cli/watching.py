"""What a person sees while a round is measured: how far it is, and in the demo the ranking as it would be by now."""

import time
from collections.abc import Callable
from types import TracebackType
from typing import Protocol, Self

from rich.console import Console, Group, RenderableType
from rich.live import Live
from rich.progress import (
    BarColumn,
    MofNCompleteColumn,
    Progress,
    TextColumn,
    TimeElapsedColumn,
    TimeRemainingColumn,
)
from rich.text import Text

from thuocdo.core.i18n import Translate
from thuocdo.core.model import Block
from thuocdo.reports.ranking import ranking_rows
from thuocdo.reports.terminal import MOST_COMMUNES, TerminalReport
from thuocdo.score.criteria import CriteriaSet
from thuocdo.score.published import Published

LINE_SECONDS = 15.0
"""Where nothing can be drawn over, somebody who waits is told so often that it goes on."""

ANEW_SECONDS = 10.0
_LINES_AROUND_ROWS = 5  # of a table on a terminal: title, heading, borders, and what is said below
FIRST_TABLE_SECONDS = 45.0
"""What is measured by then is worth a look; a table that says nothing yet is not."""


class RoundView(Protocol):
    """Shows how far a round is; a context manager around the measuring."""

    def __enter__(self) -> Self:
        """Begin to show."""
        ...

    def __exit__(
        self, kind: type[BaseException] | None, exc: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Stop showing."""
        ...

    def update(self, stored: int, planned: int) -> None:
        """Take note of how many measurements are stored, of how many; called every second or so, in a thread."""
        ...


class ProgressBar:
    """A bar with the time left, on a terminal only."""

    def __init__(self, console: Console, translate: Translate) -> None:
        self._progress = progress_bar(console)
        self._task = self._progress.add_task(translate("Measuring"), total=None)

    def __enter__(self) -> Self:
        self._progress.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, exc: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._progress.stop()

    def update(self, stored: int, planned: int) -> None:
        """Move the bar."""
        self._progress.update(self._task, completed=stored, total=planned)


class ProvisionalRanking:
    """
    The ranking as it would be by now: drawn anew in place on a terminal, else one table and a line every 15 seconds.

    Args:
        console: where it is shown.
        translate: texts of the language.
        rank: ranks what is stored so far by a criteria set; costs some tenths of a second of CPU.
        criteria: by which the round will be ranked; until then a single run of a page will do.
        began: the instant of the monotonic clock from which time is counted.
    """

    def __init__(
        self,
        console: Console,
        translate: Translate,
        rank: Callable[[CriteriaSet], Published],
        criteria: CriteriaSet,
        began: float,
    ) -> None:
        self._console = console
        self._ = translate
        self._rank = rank
        self._lenient = criteria.model_copy(
            update={"minimum_runs": 1, "minimum_coverage_ratio": 0.0, "minimum_measured_ratio": 0.0}
        )
        self._began = began
        self._progress = progress_bar(console)
        self._task = self._progress.add_task(translate("Measuring"), total=None)
        self._live = Live(self._progress, console=console, refresh_per_second=2) if console.is_terminal else None
        self._told_at = began
        self._ranked_at = 0.0
        self._tables: list[RenderableType] = []
        self._has_printed = False

    def __enter__(self) -> Self:
        if self._live:
            self._live.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, exc: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._live:
            self._live.update(self._progress)  # what was provisional does not stay on the screen
            self._live.stop()

    def update(self, stored: int, planned: int) -> None:
        """Show how far it is, and now and then the ranking."""
        now = time.monotonic()
        self._progress.update(self._task, completed=stored, total=planned)
        if self._live:
            if now - self._ranked_at >= ANEW_SECONDS:
                self._rank_anew()
            self._live.update(Group(self._progress, *self._tables))  # what does not fit is cut off at the end
            return
        if not self._has_printed and now - self._began >= FIRST_TABLE_SECONDS:
            self._rank_anew()
            if self._tables:
                self._has_printed = True
                self._console.print(*self._tables, sep="\n")
        if now - self._told_at >= LINE_SECONDS:
            self._told_at = now
            self._console.print(self._line(stored, planned, now), soft_wrap=True)

    def _rank_anew(self) -> None:
        shown = self._rank(self._lenient)
        report = TerminalReport(self._)
        tables: list[RenderableType] = []
        for block in shown.ranking.criteria.blocks:
            rows = [row for row in ranking_rows(shown.ranking, shown.registry, self._, [block]) if row.rank is not None]
            if rows:
                most = MOST_COMMUNES if block is Block.COMMUNE else len(rows)
                fits = self._rows_that_fit(len(shown.ranking.criteria.blocks)) if self._live else most
                title = self._("{block} (provisional)").format(block=self._(f"block.{block.value}"))
                tables.append(report.table(rows[:fits], title, ("score", "homepage", "runs")))
                tables.append(Text(self._("… and {n} more").format(n=len(rows) - fits) if len(rows) > fits else ""))
        self._tables = tables
        self._ranked_at = time.monotonic()

    def _rows_that_fit(self, blocks: int) -> int:
        """Return how many rows each of so many tables may have, so that all of them and the bar are seen at once."""
        return max(1, (self._console.height - 2) // blocks - _LINES_AROUND_ROWS)

    def _line(self, stored: int, planned: int, now: float) -> str:
        minutes, seconds = divmod(int(now - self._began), 60)
        text = self._("{minutes}:{seconds:02} – {stored} of {planned} measured")
        return text.format(minutes=minutes, seconds=seconds, stored=stored, planned=planned)


def progress_bar(console: Console) -> Progress:
    """Return a progress bar with the time left, shown on a terminal only."""
    return Progress(
        TextColumn("{task.description}"),
        BarColumn(),
        MofNCompleteColumn(),
        TimeElapsedColumn(),
        TimeRemainingColumn(),
        console=console,
        disable=not console.is_terminal,
    )
