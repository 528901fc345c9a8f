"""
Who issues a report: what stands on its letters, and whom it is sent to.

One YAML file each, named by its id. Nothing is made up: number, day and signature are for people to give, and stay blank.
"""

from pathlib import Path
from typing import Annotated

from pydantic import AfterValidator, Field

from thuocdo.core.errors import ConfigurationError
from thuocdo.core.shapes import FilledLine, Id, Line
from thuocdo.core.yamlfile import Strict, load, nearest

MOST_RECIPIENTS = 60
"""Of more a list is attached; the last page of a report has room for no more."""


def _few(recipients: tuple[str, ...]) -> tuple[str, ...]:
    if not 1 <= len(recipients) <= MOST_RECIPIENTS:
        raise ValueError(f"give 1 to {MOST_RECIPIENTS} recipients; of more, name them together and attach a list")
    return recipients


class IssuingBody(Strict):
    """
    A body that issues reports, in the words of its letters.

    made_up: it exists for demonstrations alone, which every file says. parent: the body above it, empty where there is none.
    abbreviation: as it stands in numbers of documents. recipients, filed_as: of the list "Nơi nhận". contact: where an agency
    sends what it objects to. licence: under which the tables may be used, empty where nobody has decided.
    """

    id: Id
    made_up: bool = False
    parent: Line = ""
    name: FilledLine
    abbreviation: Annotated[FilledLine, Field(max_length=30)]
    place: FilledLine
    signer_title: FilledLine
    recipients: Annotated[tuple[FilledLine, ...], AfterValidator(_few)]
    filed_as: FilledLine
    contact: FilledLine
    licence: Line = ""


def issuing_body_ids(folder: Path) -> tuple[str, ...]:
    """Return the ids of all bodies in the folder, in alphabetical order."""
    return tuple(sorted(path.stem for path in folder.glob("*.yaml")))


def load_issuing_body(folder: Path, body_id: str) -> IssuingBody:
    """
    Read the profile of one issuing body.

    Raises:
        ConfigurationError: there is no such body (the message names the nearest and all there are), or it has mistakes.
    """
    ids = issuing_body_ids(folder)
    if body_id not in ids:
        raise ConfigurationError(
            f"{folder}: no issuing body '{body_id}'{nearest(body_id, ids)} (there are: {', '.join(ids) or 'none'})"
        )
    path = folder / f"{body_id}.yaml"
    loaded = load(path, IssuingBody)
    if loaded.id != body_id:
        raise ConfigurationError(
            f"{path}: id '{loaded.id}' is not the file's name; call it '{body_id}' or rename the file"
        )
    return loaded


def check_issuing_bodies(folder: Path) -> None:
    """
    Read every profile of a folder, to see whether it can be.

    Raises:
        ConfigurationError: every mistake in every file, one line each.
    """
    problems: list[str] = []
    for body_id in issuing_body_ids(folder):
        try:
            load_issuing_body(folder, body_id)
        except ConfigurationError as exc:
            problems += exc.problems
    if problems:
        raise ConfigurationError(problems)
