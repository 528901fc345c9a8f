"""What `thuocdo scenarios run` shows of one walk: each step with its time, what was met, and the form."""

from typing import Any

from rich.console import Console
from rich.table import Table
from rich.text import Text

from probes.journeys.journey_file import Journey
from probes.journeys.rehearsal import Rehearsal
from probes.redaction import kept_words, redact_path
from probes.redaction.headers import kept_method
from thuocdo.core.i18n import translator
from thuocdo.core.retelling import reteller


def journey_result(name: str, url: str, seen: Rehearsal) -> dict[str, Any]:
    """Return the JSON of one walk; seconds, and null where a value was not measured."""
    result = seen.result
    form = result.form
    return {
        "journey": name,
        "url": url,
        "outcome": str(result.reason.outcome) if result.reason else "ok",
        "reason": result.reason,
        "detail": result.detail,
        "met": result.met,
        "step": result.step,
        "instead": list(seen.instead),
        "draft_created": result.draft_created,
        "steps": dict(result.step_seconds),
        "entry_seconds": result.entry_seconds,
        "first_field_seconds": form.first_field_seconds if form else None,
        "load_seconds": form.load_seconds if form else None,
        "ready_seconds": form.ready_seconds if form else None,
        "fields": form.fields if form else None,
        "required_fields": form.required_fields if form else None,
        "stopped": _stopped(seen),
        "dialogs": result.questions,
    }


def print_journey(console: Console, title: str, journey: Journey, seen: Rehearsal, lang: str) -> None:
    """Print one walk for the person who writes the journey."""
    translate, retell, result = translator(lang), reteller(lang), seen.result
    console.print(Text(title, style="bold"))
    table = Table()
    table.add_column(translate("Step"), overflow="fold")
    table.add_column(translate("Seconds"), justify="right")
    for step in journey.steps:
        seconds = result.step_seconds.get(step.name)
        left_out = translate("left out") if step.if_present and result.reason is None else "–"
        table.add_row(Text(step.name), left_out if seconds is None else f"{seconds:.2f}")
    if result.form:
        table.add_row(translate("form ready"), f"{result.form.ready_seconds:.2f}")
    console.print(table)
    met = translate(f"met.{result.met}") if result.met else translate("nothing that can be told")
    console.print(f"{translate('Met')}: {met}")
    if result.form:
        text = translate("{fields} fields can be used, {required} of them required")
        console.print(text.format(fields=result.form.fields, required=result.form.required_fields))
    if result.reason:
        console.print(
            Text.assemble((translate(f"reason.{result.reason}"), "bold"), f": {retell(result.detail)}"), soft_wrap=True
        )
    if seen.instead:
        console.print(Text(f"{translate('What stands there instead')}: {'; '.join(seen.instead)}"), soft_wrap=True)
    if result.stopped:
        console.print(
            Text(f"{translate('Stopped before it was sent')}: {', '.join(map(retell, _stopped(seen)))}"), soft_wrap=True
        )
    if result.draft_created:
        console.print(translate("The portal keeps a draft of what was opened."))


def _stopped(seen: Rehearsal) -> list[str]:
    """Return what the guard stopped: methods and the known words of paths, or what our own script says."""
    told = (one.partition(" /") for one in seen.result.stopped)
    return [
        f"{kept_method(head)} {redact_path(f'/{path}')}" if is_request else kept_words(head)
        for head, is_request, path in told
    ]
