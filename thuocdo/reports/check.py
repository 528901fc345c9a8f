"""What `thuocdo check` prints for one page, looked at once or several times."""

from collections import Counter
from collections.abc import Callable, Sequence
from math import floor, log10
from pathlib import Path

from rich import box
from rich.console import Console
from rich.markup import escape
from rich.table import Table
from rich.text import Text

from probes.accessibility.advice import all_advice
from thuocdo.core.formats import Formats
from thuocdo.core.i18n import Translate, translator
from thuocdo.core.kinds.kind import Nature, meaning_of
from thuocdo.core.model import FindingOutcome, Measurement, Outcome
from thuocdo.core.profiles import PLAIN_PROFILE
from thuocdo.core.retelling import Retell, reteller
from thuocdo.reports.repeats import SEVERITY, Repeats

_STYLE = {Outcome.OK: "green", Outcome.FAILED: "bold red", Outcome.INCONCLUSIVE: "yellow"}
MOST_NODES = 3
NAME_WIDTH = 12  # never less; what is longer than the room left is folded
_UNITS_BESIDE = frozenset({Nature.DURATION, Nature.SIZE})
"""Units that figures of a table do not tell by themselves."""

EvidencePath = Callable[[str], Path | None]
"""Finds a stored evidence file by its SHA-256."""


def print_check(
    console: Console,
    url: str,
    looks: Sequence[Repeats],
    lang: str,
    evidence_path: EvidencePath,
) -> None:
    """
    Print one table of what was measured, then every finding with its first places, then where the evidence lies.

    Args:
        looks: one look of every kind; two where a busy prober spoilt it, of which the better one is printed.
        lang: the reader's language.
    """
    translate, retell = translator(lang), reteller(lang)
    table = Table(title=Text(url), title_justify="left", show_lines=True)
    for heading in ("Probe", "Outcome", "Values"):
        table.add_column(translate(heading), overflow="fold")
    for one in looks:
        run = one.typical_run
        conclusion = Text.from_markup(_conclusion(run, translate, retell))
        table.add_row(_probe(run, translate, "\n"), conclusion, Text(_values(run, Formats(lang))))
    console.print(table)
    for one in looks:
        if one.spoilt and not one.suspect:
            console.print(Text.from_markup(f"  {translate(f'kind.{one.kind}')}: {_left_out(one, translate)}"))
        _print_findings(console, one.typical_run, lang)
        _print_evidence(console, one.typical_run, translate, evidence_path)


def print_repeats(
    console: Console, url: str, repeats: Sequence[Repeats], lang: str, evidence_path: EvidencePath
) -> None:
    """
    Print, for each kind, how its runs ended, a table of its values, and the findings and evidence of its typical run.

    Evidence of runs that ended worse than the typical one is shown as well; each file is labelled with its run.
    """
    translate = translator(lang)
    console.print(Text(url, style="bold"))
    for one in repeats:
        console.print()
        console.print(
            Text.from_markup(f"[bold]{_probe(one.typical_run, translate, ', ')}[/bold]: {_outcomes(one, translate)}")
        )
        for line in _notes(one, lang):
            console.print(Text.from_markup(f"  {line}"))
        if one.statistics:
            console.print(_statistics(one, translate, Formats(lang)))
        _print_findings(console, one.typical_run, lang)
        typical = SEVERITY[one.typical_run.observation.outcome]
        for number, run in enumerate(one.runs, start=1):
            if number == one.typical or SEVERITY[run.observation.outcome] > typical:
                _print_evidence(console, run, translate, evidence_path, run=number)
    console.print()


def print_legend(console: Console, translate: Translate) -> None:
    """Print once what the columns of repeated runs mean."""
    console.print(
        translate(
            "p75: three quarters of the runs do not exceed it. IQR: distance from p25 to p75, the spread of the middle half. "
            "Runs: how many the figures are made of. Where all of them agree, one figure is shown."
        ),
        style="dim",
    )


def _probe(measurement: Measurement, translate: Translate, separator: str) -> str:
    kind, profile = translate(f"kind.{measurement.key.kind}"), measurement.key.profile
    return kind if profile == PLAIN_PROFILE else kind + separator + translate(f"profile.{profile}")


def _conclusion(measurement: Measurement, translate: Translate, retell: Retell) -> str:
    seen = measurement.observation
    lines = [f"[{_STYLE[seen.outcome]}]{translate(f'outcome.{seen.outcome}')}[/]"]
    if seen.reason:
        lines += [translate(f"reason.{seen.reason}"), f"[dim]{escape(retell(seen.detail))}[/dim]"]
    if measurement.conditions.saturated:
        lines.append(f"[yellow]{translate('The prober was busy: times are suspect.')}[/yellow]")
    return "\n".join(lines)


def _outcomes(one: Repeats, translate: Translate) -> str:
    """Return how the runs ended: `Measured 2 of 3, Portal failed 1 of 3`."""
    whole = sum(one.outcomes.values())
    counted = translate("{number} of {whole}")
    return ", ".join(
        f"[{_STYLE[outcome]}]{translate(f'outcome.{outcome}')} {counted.format(number=one.outcomes[outcome], whole=whole)}[/]"
        for outcome in sorted(one.outcomes, key=lambda outcome: SEVERITY[outcome])
    )


def _notes(one: Repeats, lang: str) -> list[str]:
    """Return what must be known about the runs: why some did not end ok, which are left out, which one is shown."""
    translate, retell, formats = translator(lang), reteller(lang), Formats(lang)
    reasons = Counter(
        f"{translate(f'reason.{seen.reason}')} ([dim]{escape(retell(seen.detail))}[/dim])"
        for seen in (run.observation for run in one.standing)
        if seen.reason
    )
    notes = [f"{text} ×{number}" for text, number in reasons.items()]
    if one.suspect:
        notes.append(f"[yellow]{translate('The prober was busy in every run counted: times are suspect.')}[/yellow]")
    elif one.spoilt:
        notes.append(_left_out(one, translate))
    shown = one.typical_run.observation
    if len(one.used) > 1 and (shown.evidence or shown.findings):
        text = (
            translate("Evidence and findings are of run {run}, whose '{value}' is nearest to the median.")
            if one.typical_by
            else translate("Evidence and findings are of run {run}, which took nearest to the median time.")
        )
        notes.append(text.format(run=one.typical, value=formats.called(f"{one.kind}.{one.typical_by}")))
    return notes


def _left_out(one: Repeats, translate: Translate) -> str:
    text = translate("{spoilt} of {taken} runs fell on a busy prober: their times are left out. Taken again: {again}.")
    again = max(0, len(one.runs) - one.asked)
    return f"[yellow]{text.format(spoilt=one.spoilt, taken=len(one.runs), again=again)}[/yellow]"


def _statistics(one: Repeats, translate: Translate, formats: Formats) -> Table:
    table = Table(box=box.SIMPLE_HEAD, pad_edge=False, collapse_padding=True)
    table.add_column(translate("Value"), overflow="fold", min_width=NAME_WIDTH)
    for heading in ("Median", "p75", "Smallest", "Largest", "IQR", "Runs"):
        table.add_column(translate(heading), justify="right", no_wrap=True)
    for name, found in one.statistics.items():
        metric = f"{one.kind}.{name}"
        meaning = meaning_of(metric)
        nature = meaning.nature if meaning else None
        if nature is Nature.INSTANT:  # a spread of instants is none
            cells = [formats.value(metric, found.median)]
        else:
            spread = (found.p75, found.min, found.max, found.iqr) if found.min < found.max else ()
            cells = [_short(number, formats) for number in (found.median, *spread)]
        unit = translate(f"unit.{nature}") if nature in _UNITS_BESIDE else ""
        table.add_row(
            formats.called(metric) + (f" ({unit})" if unit else ""), *cells, *[""] * (5 - len(cells)), str(found.n)
        )
    return table


def _values(measurement: Measurement, formats: Formats) -> str:
    values = ((f"{measurement.key.kind}.{name}", number) for name, number in measurement.observation.values.items())
    return "\n".join(f"{formats.called(metric)}: {formats.value(metric, number)}" for metric, number in values)


def _short(number: float, formats: Formats) -> str:
    """Return four digits, of what is small six behind the point, and never an exponent: five of them must fit on a line."""
    before = floor(log10(abs(number))) if number else 0
    return formats.number(number, min(6, max(0, 3 - before)))


def _print_evidence(
    console: Console,
    measurement: Measurement,
    translate: Translate,
    evidence_path: EvidencePath,
    *,
    run: int | None = None,
) -> None:
    label = "" if run is None else ", " + translate("run {run}").format(run=run)
    for evidence in measurement.observation.evidence:
        path = evidence_path(evidence.sha256)
        if path:
            key = f"evidence.{evidence.kind}"
            name = evidence.kind if translate(key) == key else translate(key)
            console.print(
                f"  {translate('Evidence')} ({name}{label}): {path}", style="dim", soft_wrap=True, markup=False
            )


def _print_findings(console: Console, measurement: Measurement, lang: str) -> None:
    translate = translator(lang)
    for finding in measurement.observation.findings:
        failed = finding.outcome is FindingOutcome.FAILED
        mark = translate("finding.failed") if failed else translate("finding.review")
        style = "red" if failed else "yellow"
        wcag = f" (WCAG {', '.join(finding.wcag)})" if finding.wcag else ""
        console.print(
            Text.assemble("  ", (mark, style), f" {finding.rule} ×{finding.count}{wcag}: "), end="", soft_wrap=True
        )
        told = all_advice().get(finding.rule)
        console.print(getattr(told, lang).title if told else finding.help, markup=False, highlight=False)
        for node in finding.nodes[:MOST_NODES]:
            console.print(f"      {node.selector}", markup=False, highlight=False, style="dim")
