"""`thuocdo round package`: the results of a round that has ended, as files that an office can send."""

from contextlib import AbstractContextManager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from thuocdo.cli.context import CliContext
from thuocdo.cli.rank import known_round, shown_ranking
from thuocdo.core.errors import BrowserUnavailableError, ConfigurationError
from thuocdo.core.i18n import translator
from thuocdo.core.retelling import reteller
from thuocdo.publication.content import RoundContent
from thuocdo.publication.issuing import load_issuing_body
from thuocdo.publication.proceedings import with_proceedings
from thuocdo.publication.reading import read_content
from thuocdo.rounds.working_days import load_calendar
from thuocdo.score.criteria import load_criteria_set
from thuocdo.sealing.results import draws_seed
from thuocdo.store import Store

if TYPE_CHECKING:
    from probes.chromium.printing import PagePrinter


def package(
    ctx: typer.Context,
    name: Annotated[str, typer.Argument(help="Name or id of a round that has ended.")],
    out: Annotated[Path, typer.Option(help="Folder to make; there must be nothing yet.")],
    issuer: Annotated[
        str | None,
        typer.Option(help="Id of the issuing body (a file of `issuing_dir`); its places stay blank without one."),
    ] = None,
    zipped: Annotated[
        bool, typer.Option("--zip", help="Write the same as one zip file beside the folder, too.")
    ] = False,
) -> None:
    """
    Pack the results of a round: workbook, report, an annex for each agency, tables for machines, badges.

    A round that is not published is a draft, and every file says so. Without a browser there are no PDF files.
    """
    from thuocdo.publication.packing import package_files, write_package  # libraries that no other command needs

    context: CliContext = ctx.obj
    content = _content(context, name, issuer)
    with page_printer(context) as printer:
        try:
            written = write_package(package_files(content, printer), out, zipped=zipped)
        except BrowserUnavailableError as exc:
            raise ConfigurationError(f"--out {out}: {exc}; nothing was written, give the command again") from exc
    text = context.translate("Package of round {label}: {files} files in {folder}.")
    context.console.print(
        text.format(label=content.round.label, files=len(written.paths), folder=written.folder), soft_wrap=True
    )
    if written.zip_file:
        text = context.translate("The same as one file: {file}.")
        context.console.print(text.format(file=written.zip_file), soft_wrap=True)
    if not content.approved:
        context.console.print(context.translate("The round is not published: every file says that it is a draft."))


def _content(context: CliContext, name: str, issuer: str | None) -> RoundContent:
    settings = context.settings
    criteria = load_criteria_set(settings.criteria_dir, settings.criteria_set)
    body = load_issuing_body(settings.issuing_dir, issuer) if issuer else None
    with Store.open(settings.store_url) as store:
        round_ = known_round(store, name)
        if round_.ended_at is None:
            raise ConfigurationError(
                f"round '{round_.label}' has not ended; a package holds the results of one that has"
            )
        shown = shown_ranking(context, store, criteria, round_id=round_.id)
        content = read_content(
            store,
            round_,
            shown.ranking,
            shown.registry,
            issuer=body,
            synthetic=settings.simulated,
            seed=draws_seed(round_.seed or None),
        )
        return with_proceedings(content, store, load_calendar(settings.calendar), translator("vi"))


def page_printer(context: CliContext) -> AbstractContextManager["PagePrinter | None"]:
    """Give what prints PDF files; None where there is no browser that starts, which is said with what to do."""
    from probes.chromium.printing import printer_if_any

    def say(error: BrowserUnavailableError) -> None:
        text = context.translate("No PDF files, all others are written: {why}. Then pack into another folder.")
        typer.echo(text.format(why=reteller(context.lang)(str(error))), err=True)

    return printer_if_any(context.settings.browser, say)
