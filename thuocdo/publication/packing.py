"""
Packs the results of a round: a folder that appears whole or not at all, and the same as one zip file.

The files are made one after the other, so that no more than one document is in memory at a time.
"""

import errno
import os
import secrets
import shutil
from collections.abc import Iterable, Iterator
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Protocol

from thuocdo.core.errors import ConfigurationError
from thuocdo.publication.annex import annex
from thuocdo.publication.badge import badge_svg
from thuocdo.publication.content import RoundContent
from thuocdo.publication.csv_files import csv_files, data_package
from thuocdo.publication.document import OfficialDocument
from thuocdo.publication.docx_file import docx_bytes
from thuocdo.publication.html_page import html_page
from thuocdo.publication.report import report
from thuocdo.publication.tables import filled_tables
from thuocdo.publication.workbook import workbook_bytes
from thuocdo.publication.zipped import zip_folder


class PrintsPages(Protocol):
    """A browser that prints pages; see probes.chromium.printing."""

    def pdf(self, html: str, made_at: datetime) -> bytes:
        """Return a page as PDF."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class WrittenPackage:
    """What was written: paths below the folder, in order; zip_file: the same as one file, None where it was not asked for."""

    folder: Path
    paths: tuple[str, ...]
    zip_file: Path | None = None


def package_files(content: RoundContent, printer: PrintsPages | None) -> Iterator[tuple[str, bytes]]:
    """
    Yield the files of a package: path below its folder, and bytes; the same content gives the same bytes.

    Args:
        content: all results of the round.
        printer: prints what becomes PDF; None = there are no PDF files.

    Raises:
        BrowserUnavailableError: the printer's browser died.
    """
    tables = filled_tables(content)
    yield "phu-luc.xlsx", workbook_bytes(content, tables)
    yield from document_files("bao-cao", report(content), printer)
    for agency_id in content.members:
        yield from document_files(f"phu-luc/{agency_id}", annex(content, agency_id), printer)
        badge = badge_svg(content, agency_id)
        if badge is not None:
            yield f"huy-hieu/{agency_id}.svg", badge.encode("utf-8")
    written = dict(csv_files(tables))
    yield from written.items()
    yield "datapackage.json", data_package(content, tables, written)


def document_files(path: str, official: OfficialDocument, printer: PrintsPages | None) -> Iterator[tuple[str, bytes]]:
    """Yield a document as DOCX, and as PDF where there is a printer; path: of both, without an ending."""
    yield f"{path}.docx", docx_bytes(official)
    if printer is not None:
        yield f"{path}.pdf", printer.pdf(html_page(official), official.made_at)


def write_package(files: Iterable[tuple[str, bytes]], folder: Path, *, zipped: bool = False) -> WrittenPackage:
    """
    Write files into a new folder, which appears whole or not at all; the zip file beside it has the folder's name.

    Args:
        files: path below the folder, and bytes, as `package_files` yields them.
        folder: is made; there must be nothing yet, or an empty folder.
        zipped: write the zip file as well.

    Raises:
        ConfigurationError: something is there already, or it cannot be written; nothing half written is left.
    """
    whole = folder.absolute()
    zip_file = whole.with_name(f"{whole.name}.zip") if zipped else None
    _refuse_what_is_there(whole, zip_file)
    unfinished = whole.with_name(f".{whole.name}-{os.getpid()}-{secrets.token_hex(4)}.part")
    unfinished_zip = unfinished.with_suffix(".zip.part")
    try:
        paths = _written(files, unfinished)
        if zip_file:
            zip_folder(unfinished, paths, unfinished_zip)
        _put_in_place(unfinished, whole, unfinished_zip, zip_file)
    except OSError as exc:
        raise ConfigurationError(_cannot(folder, exc)) from exc
    finally:
        shutil.rmtree(unfinished, ignore_errors=True)
        with suppress(OSError):
            unfinished_zip.unlink()
    return WrittenPackage(folder=whole, paths=tuple(paths), zip_file=zip_file)


def _put_in_place(unfinished: Path, whole: Path, unfinished_zip: Path, zip_file: Path | None) -> None:
    unfinished.replace(whole)  # an empty folder gives way
    if zip_file:
        try:
            unfinished_zip.replace(zip_file)
        except OSError:
            shutil.rmtree(whole, ignore_errors=True)
            raise


def _written(files: Iterable[tuple[str, bytes]], folder: Path) -> list[str]:
    folder.mkdir(parents=True)
    paths = []
    for path, content in files:
        target = folder / path
        target.parent.mkdir(exist_ok=True)
        target.write_bytes(content)
        paths.append(path)
    return paths


def _refuse_what_is_there(folder: Path, zip_file: Path | None) -> None:
    try:
        is_taken = folder.exists() and not (folder.is_dir() and not any(folder.iterdir()))
    except OSError as exc:
        raise ConfigurationError(_cannot(folder, exc)) from exc
    for taken in [folder] * is_taken + ([zip_file] if zip_file and zip_file.exists() else []):
        raise ConfigurationError(f"--out {taken}: something is there already; choose another place, or move it away")


def _cannot(folder: Path, error: OSError) -> str:
    if error.errno in (errno.ENOSPC, errno.EDQUOT):
        return f"--out {folder}: the disk is full; free some space there, nothing of the package was left behind"
    return f"--out {folder}: cannot be written ({error.strerror or error}); choose another place"
