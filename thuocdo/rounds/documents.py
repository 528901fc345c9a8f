"""The JSON of what rounds went through: behind --json, and as files of a sealed package."""

import json
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from thuocdo.core.clock import iso
from thuocdo.core.model import Objection, Round, RoundLogEntry, RoundStep
from thuocdo.core.portals import Registry
from thuocdo.rounds.facts import called
from thuocdo.rounds.objections import ObjectionTally
from thuocdo.rounds.reminders import Reminder

OBJECTIONS, LOG = "objections.json", "log.json"
"""What they are called in a sealed package."""


def entry_document(entry: RoundLogEntry) -> dict[str, Any]:
    """Return an entry of the log as JSON values by name."""
    note = entry.note
    return {
        "number": entry.number,
        "at": iso(note.at),
        "round_id": note.round_id,
        "step": note.step.value,
        "by": note.by,
        "subject": note.subject,
        "reason": note.reason,
        "digest": note.digest,
        "signature": note.signature,
        "previous": entry.previous,
        "hash": entry.hash,
    }


def objection_document(objection: Objection, round_: Round, receipt: str = "") -> dict[str, Any]:
    """Return an objection as JSON values by name; receipt: hash of the entry of the log that took it in."""
    return {"id": called(round_, objection.number), **objection.values(), "receipt": receipt}


def tally_document(tally: ObjectionTally) -> dict[str, Any]:
    """Return what is published about a round's objections as JSON values by name."""
    return {
        "received": tally.received,
        "late": tally.late,
        "decided": tally.decided,
        "accepted": tally.accepted,
        "median_working_days": tally.median_working_days,
        "accepted_ratio": tally.accepted_ratio,
    }


def objections_document(
    round_: Round, objections: Sequence[Objection], receipts: Mapping[str, str], tally: ObjectionTally
) -> dict[str, Any]:
    """Return all objections of a round with what is counted of them; receipts: by their ids."""
    documents = [objection_document(one, round_, receipts.get(called(round_, one.number), "")) for one in objections]
    return {"round_id": round_.id, "objections": documents, "tally": tally_document(tally)}


def receipts_in(log: Iterable[RoundLogEntry]) -> dict[str, str]:
    """Return the hash of the entry that took in each objection, by its id."""
    return {entry.note.subject: entry.hash for entry in log if entry.note.step is RoundStep.OBJECT}


def public_files(
    round_: Round, log: Sequence[RoundLogEntry], objections: Sequence[Objection]
) -> list[tuple[str, bytes]]:
    """Return what a sealed package has of a round's log and objections, by path; nothing of a round without either."""
    receipts = receipts_in(log)
    documents = {
        LOG: [entry_document(one) for one in log],
        OBJECTIONS: [
            objection_document(one, round_, receipts.get(called(round_, one.number), "")) for one in objections
        ],
    }
    return [
        (name, json.dumps(found, ensure_ascii=False, indent=1).encode()) for name, found in documents.items() if found
    ]


def reminder_document(reminder: Reminder, round_: Round, registry: Registry) -> dict[str, Any]:
    """Return a reminder as JSON values by name, with what agencies are called."""
    return {
        "round_id": round_.id,
        "label": round_.label,
        "kind": reminder.kind.value,
        "due_since": iso(reminder.at),
        "deadline": iso(reminder.deadline),
        "agencies": [
            {
                "id": one,
                "name_vi": registry.agencies[one].full_name("vi") if one in registry.agencies else one,
                "name_en": registry.agencies[one].full_name("en") if one in registry.agencies else one,
            }
            for one in reminder.agencies
        ],
    }
