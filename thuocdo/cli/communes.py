"""`thuocdo portals import-communes`: bring a table of communes into the registry."""

from collections.abc import Iterable, Sequence
from datetime import datetime
from pathlib import Path
from typing import Annotated

import typer
from rich.table import Table

from thuocdo.cli.context import CliContext
from thuocdo.core.errors import ConfigurationError
from thuocdo.core.portals.commune_import import ProvinceImport, plan_import, write_import
from thuocdo.core.portals.commune_table import CommuneTable, read_commune_table
from thuocdo.core.retelling import reteller

MOST_DIFFERENCES = 20
FIRST_DAY = datetime(2025, 7, 1)  # noqa: DTZ001 - a day
"""On which the communes of today began."""


def import_communes(
    ctx: typer.Context,
    file: Annotated[Path, typer.Argument(metavar="FILE", help="Table of communes: CSV in UTF-8 with a heading.")],
    source: Annotated[str, typer.Option(help="Where the table comes from; written beside every commune.")],
    code_column: Annotated[str, typer.Option(help="Heading of the column with the codes (default: mã, code, …).")] = "",
    name_column: Annotated[
        str,
        typer.Option(
            help="Heading of the column with the names, “Xã …”, “Phường …”, “Đặc khu …” (default: tên, name, …)."
        ),
    ] = "",
    province_column: Annotated[
        str, typer.Option(help="Heading of the column with the provinces, by name or id (default: tỉnh, province, …).")
    ] = "",
    valid_from_column: Annotated[
        str, typer.Option(help="Heading of the column with the first days (default: từ ngày, valid_from, …).")
    ] = "",
    url_column: Annotated[
        str, typer.Option(help="Heading of the column with the home pages (default: trang chủ, url, …).")
    ] = "",
    valid_from: Annotated[
        datetime, typer.Option(formats=["%Y-%m-%d"], help="First day of communes whose row gives none.")
    ] = FIRST_DAY,
    province: Annotated[
        list[str] | None,
        typer.Option(metavar="CODE=ID", help="Whose number a code in the table is, such as 01=ha-noi; several times."),
    ] = None,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Say what would be written, and write nothing.")] = False,
) -> None:
    """Bring a table of communes into the registry, a file for each province; what is there already is not changed."""
    context: CliContext = ctx.obj
    columns = {
        "code": code_column,
        "name": name_column,
        "province": province_column,
        "valid_from": valid_from_column,
        "url": url_column,
    }
    table = read_commune_table(
        file, {name: asked for name, asked in columns.items() if asked}, valid_from=valid_from.date()
    )
    imports = plan_import(
        table, context.settings.registry_dir, source=_source(source), province_codes=_codes(province or ())
    )
    if not dry_run:
        write_import(imports)
    _tell(context, table, imports, dry_run=dry_run)


def _source(text: str) -> str:
    if not text.strip() or not text.isprintable():
        raise ConfigurationError(
            "--source: say in one line where the table comes from, such as the number of a document"
        )
    return " ".join(text.split())


def _codes(given: Iterable[str]) -> dict[str, str]:
    pairs = [one.partition("=") for one in given]
    for code, separator, province_id in pairs:
        if not (code and separator and province_id):
            raise ConfigurationError(f"--province: '{code}{separator}{province_id}' is no CODE=ID, such as 01=ha-noi")
    return {code.strip(): province_id.strip() for code, _, province_id in pairs}


def _tell(context: CliContext, table: CommuneTable, imports: Sequence[ProvinceImport], *, dry_run: bool) -> None:
    """Print what each province got, what the table says otherwise than the registry, and what to do next."""
    _, console, retell = context.translate, context.console, reteller(context.lang)
    rows = Table()
    for heading in ("Province", "New communes", "with an address", "Known already", "Differing"):
        rows.add_column(_(heading), justify="left" if heading == "Province" else "right")
    for one in imports:
        with_address = sum(bool(row.url) for _id, row in one.added)
        counts = (len(one.added), with_address, one.known, len(one.differing))
        rows.add_row(one.province.full_name(context.lang), *map(str, counts))
    console.print(rows)
    if table.filled_codes:
        text = _("{count} codes had lost their leading zeros, as spreadsheets do; they were filled up to five digits.")
        console.print(text.format(count=table.filled_codes))
    differing = [line for one in imports for line in one.differing]
    if differing:
        console.print(_("The table differs from the registry; nothing of this was changed, see which one is right:"))
        for line in differing[:MOST_DIFFERENCES]:
            console.print(f"  {retell(line)}", soft_wrap=True)
        if len(differing) > MOST_DIFFERENCES:
            console.print("  " + _("… and {n} more").format(n=len(differing) - MOST_DIFFERENCES))
    added = sum(len(one.added) for one in imports)
    if dry_run:
        text = _("Nothing was written; without --dry-run {count} communes would be added.")
    elif added:
        text = _(
            "{count} communes added. Addresses are probed once a person has opened them and written `confirmed: true`; "
            "`thuocdo portals check` looks at all files."
        )
    else:
        text = _("No new communes; nothing was written.")
    console.print(text.format(count=added), soft_wrap=True)
