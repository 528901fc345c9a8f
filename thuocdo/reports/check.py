"""What `thuocdo check` prints for one page."""

from collections.abc import Callable, Sequence
from pathlib import Path

from rich.console import Console
from rich.table import Table

from thuocdo.i18n import Translate
from thuocdo.model import FindingOutcome, Measurement, Outcome

_STYLE = {Outcome.OK: "green", Outcome.FAILED: "bold red", Outcome.INCONCLUSIVE: "yellow"}
MOST_NODES = 3


def print_check(
    console: Console,
    url: str,
    measurements: Sequence[Measurement],
    translate: Translate,
    evidence_path: Callable[[str], Path | None],
) -> None:
    """
    Print one table of what was measured, then every finding with its first places.

    Args:
        evidence_path: finds a stored evidence file by its SHA-256.
    """
    table = Table(title=url, title_justify="left", show_lines=True)
    for heading in ("Probe", "Outcome", "Values"):
        table.add_column(translate(heading), overflow="fold")
    for measurement in measurements:
        table.add_row(
            translate(f"kind.{measurement.key.kind}"), _conclusion(measurement, translate), _values(measurement)
        )
    console.print(table)
    for measurement in measurements:
        _print_findings(console, measurement, translate)
        for evidence in measurement.observation.evidence:
            path = evidence_path(evidence.sha256)
            if path:
                console.print(f"  {translate('Evidence')} ({evidence.kind}): {path}", style="dim")


def _conclusion(measurement: Measurement, translate: Translate) -> str:
    seen = measurement.observation
    lines = [f"[{_STYLE[seen.outcome]}]{translate(f'outcome.{seen.outcome}')}[/]"]
    if seen.reason:
        lines += [translate(f"reason.{seen.reason}"), f"[dim]{seen.detail}[/dim]"]
    if measurement.conditions.saturated:
        lines.append(f"[yellow]{translate('The prober was busy: times are suspect.')}[/yellow]")
    return "\n".join(lines)


def _values(measurement: Measurement) -> str:
    return "\n".join(f"{name} = {number:,.6g}" for name, number in measurement.observation.values.items())


def _print_findings(console: Console, measurement: Measurement, translate: Translate) -> None:
    for finding in measurement.observation.findings:
        failed = finding.outcome is FindingOutcome.FAILED
        mark = translate("finding.failed") if failed else translate("finding.review")
        style = "red" if failed else "yellow"
        wcag = f" (WCAG {', '.join(finding.wcag)})" if finding.wcag else ""
        console.print(f"  [{style}]{mark}[/] {finding.rule} ×{finding.count}{wcag}: ", end="")
        console.print(finding.help, markup=False, highlight=False)
        for node in finding.nodes[:MOST_NODES]:
            console.print(f"      {node.selector}", markup=False, highlight=False, style="dim")
