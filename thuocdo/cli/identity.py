"""`thuocdo identity`: quite another page stands where a portal's stood; a person says what it is."""

import json
from typing import Annotated, Any

import typer
from rich import box
from rich.table import Table

from probes.identity.known_pages import IDENTITY, Answer, KnownPages, PageState
from thuocdo.cli.context import CliContext
from thuocdo.core.clock import HANOI, iso
from thuocdo.core.errors import ConfigurationError
from thuocdo.core.yamlfile import nearest

app = typer.Typer(help="Home pages that are quite other ones than those known.", invoke_without_command=True)


@app.callback(invoke_without_command=True)
def list_(
    ctx: typer.Context,
    all_: Annotated[bool, typer.Option("--all", help="Also those that a person has answered.")] = False,
    as_json: Annotated[bool, typer.Option("--json", help="A JSON list instead of a table.")] = False,
) -> None:
    """List the pages about which a person is asked, the oldest question first."""
    if ctx.invoked_subcommand is not None:
        return
    context: CliContext = ctx.obj
    pages = KnownPages(context.settings.data_dir / IDENTITY)
    found = [state for state in pages.all() if state.question] if all_ else pages.questions()
    if as_json:
        typer.echo(json.dumps([_document(state) for state in found], ensure_ascii=False, indent=2))
    elif found:
        context.console.print(_table(found, context))
        context.console.print(context.translate("identity.how"))
    else:
        context.console.print(context.translate("identity.none"))


@app.command()
def answer(
    ctx: typer.Context,
    target: Annotated[str, typer.Argument(help="Id of the target.")],
    what: Annotated[Answer, typer.Argument(help="new: it is the portal's own new page; other: it is not the portal.")],
    by: Annotated[str, typer.Option(help="Who says so.")],
) -> None:
    """Say what the page is that stands where a portal's stood; measuring goes on with it at once."""
    context: CliContext = ctx.obj
    if not by.strip() or not by.isprintable():
        raise ConfigurationError("--by is empty; name the person who looked at the page")
    pages = KnownPages(context.settings.data_dir / IDENTITY)
    if not pages.answer(target, what, " ".join(by.split())):
        asked = sorted({state.target_id for state in pages.all() if state.question})
        known = ", ".join(asked) or "none"
        raise ConfigurationError(
            f"nothing is asked about target '{target}'{nearest(target, asked)}; asked about: {known}"
        )
    context.console.print(context.translate(f"identity.answered.{what.value}").format(target=target))


def _table(found: list[PageState], context: CliContext) -> Table:
    translate = context.translate
    table = Table(box=box.SIMPLE)
    for name in ("target", "kind", "since", "before", "now", "answer"):
        table.add_column(translate(f"identity.{name}"))
    for state in found:
        asked = state.question
        assert asked is not None
        said = translate(f"identity.answer.{asked.answer.value}") if asked.answer else ""
        table.add_row(
            state.target_id,
            translate(f"kind.{state.kind}"),
            f"{asked.since.astimezone(HANOI):%d/%m/%Y %H:%M}",
            asked.title_before,
            asked.title_now,
            f"{said} ({asked.by})" if said else "",
        )
    return table


def _document(state: PageState) -> dict[str, Any]:
    asked = state.question
    assert asked is not None
    return {
        "target_id": state.target_id,
        "kind": state.kind,
        "profile": state.profile,
        "since": iso(asked.since),
        "title_before": asked.title_before,
        "title_now": asked.title_now,
        "picture_before": asked.before.sha256 if asked.before else None,
        "picture_now": asked.now.sha256 if asked.now else None,
        "answer": asked.answer.value if asked.answer else None,
        "answered_by": asked.by or None,
    }
