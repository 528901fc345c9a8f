"""What a finding says, in the reader's language."""

from typing import Any

from thuocdo.core.clock import HANOI, iso
from thuocdo.core.formats import Formats
from thuocdo.core.i18n import translator
from thuocdo.core.model import TreatmentFinding, TreatmentNote
from thuocdo.core.portals import Registry
from thuocdo.store.treatment import state_of


def finding_sentence(finding: TreatmentFinding, registry: Registry, lang: str) -> str:
    """Return what was noticed of whom, with its numbers; and what the agency has declared of our addresses."""
    translate, numbers = translator(lang), finding.numbers
    formats = Formats(lang)
    facts: dict[str, Any] = {
        "target": called(finding, registry, lang),
        "since": f"{finding.first_at.astimezone(HANOI):%d/%m/%Y}",
        "until": f"{finding.last_at.astimezone(HANOI):%d/%m/%Y}",
        **{name: formats.number(value) for name, value in numbers.items()},
    }
    for name in ("ratio", "likeness", "inside", "before", "links_ratio"):
        if name in numbers:
            facts[f"{name}_percent"] = formats.percent(numbers[name])
    text = translate(f"treatment.{finding.cause.value}").format(**facts)
    target = registry.targets.get(finding.target_id)
    portal = registry.portals.get(target.portal_id) if target else None
    if portal and portal.allowlisted_since:
        day = f"{portal.allowlisted_since:%d/%m/%Y}"
        text += " " + translate("treatment.allowlisted").format(day=day)
    return text


def called(finding: TreatmentFinding, registry: Registry, lang: str) -> str:
    """Return what people call the target, its id where the registry knows it no more."""
    target = registry.targets.get(finding.target_id)
    return registry.called(target, lang) if target else finding.target_id


def finding_document(
    number: int, finding: TreatmentFinding, notes: list[TreatmentNote], registry: Registry, lang: str
) -> dict[str, Any]:
    """Return a finding and what was said to it as JSON values."""
    return {
        "number": number,
        "target_id": finding.target_id,
        "agency_id": finding.agency_id,
        "cause": finding.cause.value,
        "occasion": finding.occasion,
        "state": state_of(notes).value,
        "first_at": iso(finding.first_at),
        "last_at": iso(finding.last_at),
        "found_at": iso(finding.found_at),
        "numbers": dict(finding.numbers),
        "evidence_sha256": list(finding.evidence),
        "text": finding_sentence(finding, registry, lang),
        "notes": [
            {"at": iso(one.at), "by": one.by, "state": one.state.value if one.state else None, "reason": one.reason}
            for one in notes
        ],
    }
