"""Whether a portal's trouble was told rightly: its incident, the notices, the mail's text, and the end."""

from collections.abc import Sequence

from benchmarks.drill.cases import EVERY_SECONDS, Case, agency_names, agency_of, owner_of
from benchmarks.drill.texts import foreign_words, vietnamese_part
from benchmarks.drill.timeline import Seen
from benchmarks.drill.told import (
    FIRING,
    FROZEN_FOR,
    LATE_SECONDS,
    RESOLVED,
    Findings,
    Told,
    Verdict,
    firsts,
    hanoi,
    names_of,
    row_text,
)
from testbed.drill.places import DOMAIN
from thuocdo.core.i18n import translator
from thuocdo.core.model import Incident, IncidentScope, IncidentState
from thuocdo.core.model.incident import WITHDRAWN
from thuocdo.incidents.flapping import WINDOW

OVER_WITHIN = 330.0
"""
From the end of an outage to the notice of it: docs/operations.md says about four minutes. Of what flapped the end is certain only
after a whole window of answers.
"""


def verdict_of_portal(case: Case, seen: Seen, told: Sequence[Told]) -> Verdict:
    """Return what is to be said of a case in which a portal has a trouble."""
    found, owner = Findings(), owner_of(case.portal)
    rows = [one for one in seen.incidents if one.subject_id == case.target_id and one.scope is IncidentScope.TARGET]
    mine = [one for one in told if one.target.startswith(f"{case.portal}.")]
    firing = firsts(one for one in mine if one.status == FIRING)
    over = firsts(one for one in mine if one.status == RESOLVED)
    row = _judge_row(case, rows, seen, found)
    found.must(
        [one.alert for one in firing] == [case.alert], f"told {names_of(firing) or 'nothing'}, not {case.alert} once"
    )
    found.must(
        all(one.who == owner for one in mine), f"told to {', '.join({one.who for one in mine})}, not {owner} alone"
    )
    first = next((one for one in firing if one.alert == case.alert), None)
    if first is not None:
        late = first.at - case.begins
        found.must(late <= case.within, f"told {late:.0f} s after the beginning, not within {case.within:.0f} s")
        _judge_text(case, first, row, seen, found)
    if case.is_over_told:
        _judge_over(case, over, row, seen, found)
    elif case.state is not None or case.ends is not None:
        found.must(not over, "told to be over, though it is not")
    return Verdict(
        number=case.number,
        what=case.what,
        injected=f"{case.begins:.0f}-{'' if case.ends is None else f'{case.ends:.0f}'}",
        told=", ".join(f"{one.alert} → {one.who} {one.at:.0f}" for one in firing),
        row="; ".join(row_text(one, seen) for one in rows) or "none",
        over=", ".join(f"{one.at:.0f}" for one in over),
        wrong=found.wrong,
    )


def _judge_row(case: Case, rows: Sequence[Incident], seen: Seen, found: Findings) -> Incident | None:
    if case.state is None:
        found.must(not rows, "it is an incident, though the portal has none")
        return None
    found.must(len(rows) == 1, f"{len(rows)} incidents, not one")
    if not rows:
        return None
    row = rows[0]
    found.must(row.worst is case.state, f"the incident is {row.worst}, not {case.state}")
    found.must(
        case.reason is None or row.reason is case.reason, f"the incident's reason is {row.reason}, not {case.reason}"
    )
    found.must(row.detail != WITHDRAWN, "the incident was withdrawn, though it was one")
    slack = 2 * LATE_SECONDS if case.number in ("2", "14", "4b") else LATE_SECONDS
    began = seen.seconds(row.started_at)
    if case.number == "14":  # nothing was measured before the agent was at work again
        slack = FROZEN_FOR + LATE_SECONDS
    found.must(case.begins - 1 <= began <= case.begins + slack, f"the incident begins at {began:.0f} s")
    if case.ends is not None:
        ended = None if row.ended_at is None else seen.seconds(row.ended_at)
        slack = 90.0 if case.alert in ("PortalDegraded", "PortalBroken") else LATE_SECONDS
        is_right = ended is not None and case.ends - LATE_SECONDS <= ended <= case.ends + slack
        found.must(is_right, f"the incident ends at {'no time' if ended is None else f'{ended:.0f} s'}")
    return row


def _judge_text(case: Case, first: Told, row: Incident | None, seen: Seen, found: Findings) -> None:
    names, agency = agency_names(), agency_of(case.portal)
    text = _mail_of(case, seen)
    if text is None:
        found.wrong.append("no mail was sent")
        return
    vietnamese = vietnamese_part(text)
    address = f"https://{case.portal}.{DOMAIN}/"
    says = [names[agency], address, "Việc cần làm trước: ", *case.says]
    if row is not None:
        says += [hanoi(row.started_at), f"/incidents/{row.id}"]
        found.must(row.id in seen.links, "the link to the incident does not answer")
    if case.reason is not None:
        says.append(f"Nguyên nhân: {translator('vi')(f'reason.{case.reason}')}")
    for one in says:
        found.must(one in vietnamese, f"the mail does not say {one!r}")
    if case.state is None:
        found.must("ngừng hoạt động" not in vietnamese, "the mail calls it an outage")
    strange = foreign_words(vietnamese, tuple(names.values()))
    found.must(not strange, f"not Vietnamese in the mail: {', '.join(strange)}")
    found.must("  " not in vietnamese, "something is missing in the mail")
    found.must(
        first.annotations["summary"].startswith(names[agency]), "the notice does not begin with the agency's name"
    )


def _judge_over(case: Case, over: Sequence[Told], row: Incident | None, seen: Seen, found: Findings) -> None:
    found.must([one.alert for one in over] == [case.alert], f"told to be over: {names_of(over) or 'nothing'}, not once")
    if not over or row is None or row.ended_at is None or case.number in ("19", "21"):
        return
    ended = seen.seconds(row.ended_at)
    steady = WINDOW * EVERY_SECONDS if case.state is IncidentState.FLAPPING else 0
    found.must(over[0].at <= ended + steady + OVER_WITHIN, f"told to be over {over[0].at - ended:.0f} s after the end")
    told, known = over[0].annotations.get("ended"), hanoi(row.ended_at)
    found.must(told == known, f"the notice tells {told} as the end, the incident {known}")


def _mail_of(case: Case, seen: Seen) -> str | None:
    """Return the first mail that names the portal as having its trouble."""
    address = f"{owner_of(case.portal)}@{DOMAIN}"
    firing = (mail for mail in seen.mails if address in mail.to and "CẢNH BÁO" in mail.subject)
    return next((mail.text for mail in firing if f"https://{case.portal}.{DOMAIN}/" in mail.text), None)
