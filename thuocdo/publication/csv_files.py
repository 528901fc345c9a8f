"""
Tables for machines: CSV by RFC 4180 with a byte order mark, and the data package that describes them.

A comma parts cells and a point the decimals, whatever the country: programs read it so. Excel takes both by the country it is
set to; in Vietnam it shows each line in one cell, and changes nothing, which is better than taking 1.5 for the first of May. A
first line `sep=,` would please it and break every other reader. People get the workbook; the dictionary says how to import.
"""

import csv
import hashlib
import io
import json
from collections.abc import Iterator, Mapping
from typing import Any

from thuocdo.core.cells import cell
from thuocdo.core.clock import iso
from thuocdo.publication.content import RoundContent
from thuocdo.publication.dictionary import ColumnMeaning, TableMeaning
from thuocdo.publication.tables import FilledTable
from thuocdo.publication.texts import fixed_text

PROFILE = "https://datapackage.org/profiles/2.0"
BYTE_ORDER_MARK = "\ufeff"


def csv_bytes(table: FilledTable) -> bytes:
    """Return a table as CSV; what was not measured is an empty cell, and no text begins a formula."""
    out = io.StringIO()
    writer = csv.writer(out)
    writer.writerow(table.meaning.names)
    writer.writerows([cell(value) for value in row] for row in table.rows)
    return (BYTE_ORDER_MARK + out.getvalue()).encode("utf-8")


def csv_files(tables: Mapping[str, FilledTable]) -> Iterator[tuple[str, bytes]]:
    """Yield the path and the bytes of each table that has rows."""
    for name, table in tables.items():
        if table.rows:
            yield f"csv/{name}.csv", csv_bytes(table)


def data_package(content: RoundContent, tables: Mapping[str, FilledTable], files: Mapping[str, bytes]) -> bytes:
    """
    Return `datapackage.json`: a Data Package (version 2) of the CSV files.

    Args:
        content: says which round, method and body the tables are of.
        tables: by name.
        files: the CSV files by path.
    """
    criteria, round_ = content.criteria, content.round
    document: dict[str, Any] = {
        "$schema": f"{PROFILE}/datapackage.json",
        "name": f"thuocdo-{_slug(round_.id)}",
        "id": round_.id,
        "title": fixed_text("package.title", round=round_.label),
        "description": _marks(content) + fixed_text("package.data.about"),
        "version": f"{criteria.id}-{criteria.version}",
        "created": iso(content.made_at),
        "temporal": {"start": iso(round_.started_at), "end": iso(content.ended_at)},
        "draft": not content.approved,
        "simulated": content.synthetic,
        "criteria": {"id": criteria.id, "version": criteria.version, "digest": content.ranking.criteria_digest},
        "registry_digest": content.ranking.registry_digest,
        "method_version": content.ranking.method_version,
        "sources": [{"title": criteria.source}],
        **_issued_by(content),
        "resources": [
            _resource(tables[name], path, files[path]) for name in tables if (path := f"csv/{name}.csv") in files
        ],
    }
    return (json.dumps(document, ensure_ascii=False, indent=2) + "\n").encode("utf-8")


def _marks(content: RoundContent) -> str:
    marks = []
    if not content.approved:
        marks.append(fixed_text("package.mark.draft"))
    if content.synthetic:
        marks.append(fixed_text("package.mark.synthetic"))
    return "".join(f"{mark}. " for mark in marks)


def _issued_by(content: RoundContent) -> dict[str, Any]:
    issuer = content.issuer
    if issuer is None:
        return {}
    found: dict[str, Any] = {"contributors": [{"title": issuer.name, "roles": ["publisher"]}]}
    return found | ({"licenses": [{"name": issuer.licence}]} if issuer.licence else {})


def _slug(text: str) -> str:
    return "".join(letter if letter.isascii() and letter.isalnum() else "-" for letter in text.lower())


def _resource(table: FilledTable, path: str, content: bytes) -> dict[str, Any]:
    meaning = table.meaning
    return {
        "$schema": f"{PROFILE}/dataresource.json",
        "name": meaning.name,
        "type": "table",
        "path": path,
        "title": meaning.title_vi,
        "title_en": meaning.title_en,
        "description": meaning.about_vi,
        "description_en": meaning.about_en,
        "format": "csv",
        "mediatype": "text/csv",
        "encoding": "utf-8",
        "bytes": len(content),
        "hash": f"sha256:{hashlib.sha256(content).hexdigest()}",
        "dialect": {"delimiter": ",", "lineTerminator": "\r\n", "quoteChar": '"', "doubleQuote": True, "header": True},
        "schema": _schema(meaning),
    }


def _schema(meaning: TableMeaning) -> dict[str, Any]:
    return {
        "$schema": f"{PROFILE}/tableschema.json",
        "fields": [_field(column) for column in meaning.columns],
        "missingValues": [""],
        "primaryKey": list(meaning.key),
    }


def _field(column: ColumnMeaning) -> dict[str, Any]:
    constraints: dict[str, Any] = {"required": True} if column.required else {}
    if column.minimum is not None:
        constraints["minimum"] = column.minimum
    return {
        "name": column.name,
        "type": column.type.value,
        "title": column.title_vi,
        "title_en": column.title_en,
        "description": column.about_vi,
        "description_en": column.about_en,
        **({"unit": column.unit} if column.unit else {}),
        **({"constraints": constraints} if constraints else {}),
    }
