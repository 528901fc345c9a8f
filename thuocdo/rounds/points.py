"""Points that people entered for a round, and whether those who entered them signed for them."""

from collections.abc import Iterable, Mapping, Sequence

from thuocdo.core.model import Assessment, RoundLogEntry, RoundStep, digest_of, same_person


def counting_points(assessments: Iterable[Assessment], round_id: str) -> list[Assessment]:
    """Return the points of a round that count: the newest by agency, criteria set and criterion, in their order."""
    newest = {
        (one.agency_id, one.criteria_set_id, one.criterion_id): one
        for one in sorted(assessments, key=lambda one: one.entered_at)
        if one.round_id == round_id
    }
    return [newest[key] for key in sorted(newest)]


def points_by_person(points: Iterable[Assessment]) -> Mapping[str, Sequence[Assessment]]:
    """Return points by who entered them, names as they were written first."""
    found: dict[str, list[Assessment]] = {}
    for one in points:
        name = next((name for name in found if same_person(name, one.entered_by)), one.entered_by)
        found.setdefault(name, []).append(one)
    return found


def points_of(points: Iterable[Assessment], name: str) -> list[Assessment]:
    """Return the points that a person entered."""
    return [one for one in points if same_person(one.entered_by, name)]


def digest_of_points(points: Iterable[Assessment]) -> str:
    """Return the SHA-256 (hex) of what somebody signs for: each point with its evidence and when it was entered."""
    return digest_of(
        [
            [
                *(one.agency_id, one.criteria_set_id, one.criterion_id, one.points),
                *(one.entered_at.isoformat(timespec="microseconds"), one.evidence_sha256, one.note),
            ]
            for one in points
        ]
    )


def unsigned_points(points: Iterable[Assessment], log: Iterable[RoundLogEntry]) -> Mapping[str, Sequence[Assessment]]:
    """Return by person the points that they did not sign for, as they are now."""
    signed = [(one.note.by, one.note.digest) for one in log if one.note.step is RoundStep.SIGN_POINTS]
    return {
        name: mine
        for name, mine in points_by_person(points).items()
        if not any(same_person(by, name) and digest == digest_of_points(mine) for by, digest in signed)
    }
