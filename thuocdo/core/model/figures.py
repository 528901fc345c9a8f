"""The figures of an incident, kept in its line of detail: what an answer was, how slow it is, why a certificate is refused."""

import re
from dataclasses import dataclass
from datetime import UTC, datetime
from enum import StrEnum

from thuocdo.core.model.incident import Incident, IncidentPart
from thuocdo.core.model.measurement import Reason

_STATUS = re.compile(r"\bstatus ([1-5]\d\d)\b")
_ANSWERED = (Reason.HTTP_ERROR, Reason.MAINTENANCE_PAGE)
_SLOW = re.compile(r"\b(\d+\.\d) s, (?:usually (\d+\.\d) s|which is poor for anybody)$")
_ENDS = re.compile(r"^the certificate runs out at (\S+)$")


class CertificateFault(StrEnum):
    """Why browsers refuse a certificate, as far as it is one of these."""

    EXPIRED = "expired"
    OTHER_NAME = "other_name"
    UNTRUSTED = "untrusted"


_FAULTS = (
    (CertificateFault.EXPIRED, re.compile(r"has expired|CERT_DATE_INVALID")),
    (CertificateFault.OTHER_NAME, re.compile(r"[Hh]ostname mismatch|address mismatch|CERT_COMMON_NAME_INVALID")),
    (CertificateFault.UNTRUSTED, re.compile(r"self.signed|issuer|CERT_AUTHORITY_INVALID|verify the first certificate")),
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Figures:
    """
    What tells people more than a reason; None = it has none.

    status: of the HTTP answer, 100 to 599. seconds, usual_seconds: of a slow target, when it became slow, and of the days before.
    certificate: what is wrong with it. certificate_ends_at: when one runs out that still holds.
    """

    status: int | None = None
    seconds: float | None = None
    usual_seconds: float | None = None
    certificate: CertificateFault | None = None
    certificate_ends_at: datetime | None = None


def slow_detail(kind: str, vantage_id: str, seconds: float, usual_seconds: float) -> str:
    """Return the detail of a slowdown; usual_seconds: 0 = nothing is usual yet."""
    usual = f"usually {usual_seconds:.1f} s" if usual_seconds else "which is poor for anybody"
    return f"{kind} from {vantage_id}: {seconds:.1f} s, {usual}"


def ending_detail(ends_at: datetime) -> str:
    """Return the detail of a certificate that runs out soon."""
    return f"the certificate runs out at {ends_at.isoformat()}"


def figures_of(told: Incident | IncidentPart) -> Figures:
    """Return the figures of an incident or of a part of one."""
    return figures_in(told.detail, told.reason)


def figures_in(detail: str, reason: Reason | None = None) -> Figures:
    """Return the figures in a line of detail; reason: of what it tells, without which statuses and certificates are none."""
    if slow := _SLOW.search(detail):
        return Figures(seconds=float(slow[1]), usual_seconds=float(slow[2]) if slow[2] else None)
    if ends := _ENDS.search(detail):
        return Figures(certificate_ends_at=datetime.fromisoformat(ends[1]).astimezone(UTC))
    if reason is Reason.CERTIFICATE_INVALID:
        return Figures(certificate=next((fault for fault, pattern in _FAULTS if pattern.search(detail)), None))
    status = _STATUS.search(detail) if reason in _ANSWERED else None
    return Figures(status=int(status[1]) if status else None)
