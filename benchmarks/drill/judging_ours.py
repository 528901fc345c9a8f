"""Whether what befell ourselves, and those on duty, was told rightly; and that nobody else was told of anything."""

from collections.abc import Callable, Sequence

from benchmarks.drill.cases import (
    ADDED,
    CASES,
    CERTIFICATE_DAYS,
    CLOCK_AHEAD,
    CLOCK_RIGHT,
    CONTROLS,
    EVERY_SECONDS,
    EXPIRING,
    FROZEN,
    LINE_BACK,
    LINE_CUT,
    MAINTAINED,
    MENDED,
    MISTAKE,
    PROMETHEUS_RESTARTS,
    REMOVED,
    TOGETHER_OWNER,
    agency_names,
    agency_of,
    owner_of,
    portal_ids,
)
from benchmarks.drill.texts import foreign_words, vietnamese_part
from benchmarks.drill.timeline import CLOCK_COUNTED, MISTAKEN, Seen
from benchmarks.drill.told import (
    CENTRAL,
    FIRING,
    FROZEN_FOR,
    LATE_SECONDS,
    RESOLVED,
    Findings,
    Told,
    Verdict,
    firsts,
    names_of,
    row_text,
    times_of,
)
from testbed.drill.places import DOMAIN
from thuocdo.core.model import IncidentScope, IncidentState
from thuocdo.incidents.ledger import REMOVED as REMOVED_DETAIL

OF_THE_CENTRE = ("VantageDown", "ConfigReloadFailed")
OF_THE_MACHINE = ("AgentSaturated",)
"""True of a machine that others keep busy, whenever that is."""

RELOADED_WITHIN = 10.0 + EVERY_SECONDS + 5.0
CLOCK_LEAST = 3
"""Measurements of one portal in 45 s, of four that are due."""


def _certificate(seen: Seen, told: Sequence[Told]) -> Verdict:
    found = Findings()
    mine = [one for one in told if one.target == f"{EXPIRING}.home"]
    firing = firsts(one for one in mine if one.status == FIRING)
    found.must([one.alert for one in firing] == ["CertificateExpiresVerySoon"], f"told {names_of(firing) or 'nothing'}")
    found.must(all(one.who == owner_of(EXPIRING) for one in mine), "told to others than its owner")
    rows = [one for one in seen.incidents if one.subject_id == f"{EXPIRING}.home"]
    states = [one.worst for one in rows]
    found.must(
        states == [IncidentState.EXPIRING], f"incidents: {', '.join(states) or 'none'}, not one that is expiring"
    )
    text = next((mail.text for mail in seen.mails if f"{owner_of(EXPIRING)}@{DOMAIN}" in mail.to), "")
    for one in (agency_names()[agency_of(EXPIRING)], "4 ngày", *(f"/incidents/{row.id}" for row in rows)):
        found.must(one in text, f"the mail does not say {one!r}")
    return Verdict(
        number="5",
        what=f"certificate with {CERTIFICATE_DAYS} days left",
        injected="0-",
        told=times_of(firing),
        row="; ".join(row_text(one, seen) for one in rows) or "none",
        wrong=found.wrong,
    )


def _line(seen: Seen, told: Sequence[Told]) -> Verdict:
    found = Findings()
    firing = firsts(one for one in told if one.alert == "VantageDown" and one.status == FIRING)
    found.must(
        len(firing) == 1 and firing[0].who == CENTRAL, f"told {names_of(firing) or 'nothing'}, not to the centre once"
    )
    rows = [one for one in seen.incidents if one.scope is IncidentScope.VANTAGE]
    found.must(len(rows) == 1, f"{len(rows)} incidents of the vantage point, not one")
    over = firsts(one for one in told if one.alert == "VantageDown" and one.status == RESOLVED)
    found.must(len(over) == 1, "the end was not told once")
    began = [one for one in seen.incidents if one.scope is IncidentScope.TARGET]
    blamed = [one.subject_id for one in began if LINE_CUT <= seen.seconds(one.started_at) <= LINE_BACK]
    found.must(not blamed, f"held against {', '.join(blamed)}")
    row = "; ".join(row_text(one, seen) for one in rows) or "none"
    return Verdict(
        number="13", what="our own line is cut", injected=f"{LINE_CUT:.0f}-{LINE_BACK:.0f}", told=times_of(firing), row=row,
        over=", ".join(f"{one.at:.0f}" for one in over), wrong=found.wrong,
    )  # fmt: skip


def _frozen(seen: Seen, told: Sequence[Told]) -> Verdict:
    found = Findings()
    found.must(seen.frozen_for is not None, "nobody started it again")
    if seen.frozen_for is not None:
        found.must(seen.frozen_for <= FROZEN_FOR, f"started again after {seen.frozen_for:.0f} s")
    spoken = [
        one for one in told if one.status == FIRING and FROZEN < one.at < FROZEN + FROZEN_FOR and one.who != CENTRAL
    ]
    found.must(not spoken, f"owners were told {names_of(spoken)}")
    back = "never" if seen.frozen_for is None else f"at work again after {seen.frozen_for:.0f} s"
    return Verdict(
        number="14", what="our agent is frozen", injected=f"{FROZEN:.0f}", told=names_of(spoken) or "no owner", row=back,
        wrong=found.wrong,
    )  # fmt: skip


def _prometheus(_seen: Seen, told: Sequence[Told]) -> Verdict:
    found = Findings()
    counted: dict[tuple[str, str, str], list[Told]] = {}
    for one in firsts(one for one in told if one.status == FIRING):
        counted.setdefault((one.who, one.alert, one.target), []).append(one)
    twice = [f"{alert} of {target or who}" for (who, alert, target), all_of_it in counted.items() if len(all_of_it) > 1]
    found.must(not twice, f"told twice: {', '.join(twice)}")
    open_then = [one for one in told if one.status == FIRING and one.at < PROMETHEUS_RESTARTS]
    found.must(len(open_then) >= 4, f"only {len(open_then)} alerts were open")
    return Verdict(
        number="15", what=f"Prometheus is restarted, {len(open_then)} alerts open", injected=f"{PROMETHEUS_RESTARTS:.0f}",
        told="nothing twice" if not twice else "twice", row="-", wrong=found.wrong,
    )  # fmt: skip


def _clock(seen: Seen, _told: Sequence[Told]) -> Verdict:
    found = Findings()
    gained = []
    for changed, looked in zip((CLOCK_AHEAD, CLOCK_RIGHT), CLOCK_COUNTED, strict=True):
        if changed not in seen.clock or looked not in seen.clock:
            found.wrong.append("no agent had a clock of its own; apt-get install libfaketime")
            break
        gained.append(seen.clock[looked] - seen.clock[changed])
        found.must(
            CLOCK_LEAST <= gained[-1] <= 3 * CLOCK_LEAST, f"{gained[-1]} measurements in {looked - changed:.0f} s"
        )
    return Verdict(
        number="18", what="a clock goes two hours ahead, then is put right", injected=f"{CLOCK_AHEAD:.0f}-{CLOCK_RIGHT:.0f}",
        told="-", row=f"measured meanwhile and after: {', '.join(map(str, gained))}", wrong=found.wrong,
    )  # fmt: skip


def _maintenance(seen: Seen, told: Sequence[Told]) -> Verdict:
    found = Findings()
    over = [one for one in told if one.target == "p16.home" and one.status == RESOLVED]
    found.must(over and over[0].annotations.get("ending") == "maintenance", "it is not said that maintenance began")
    mails = [mail for mail in seen.mails if f"{owner_of('p16')}@{DOMAIN}" in mail.to]
    subjects = [mail.subject for mail in mails]
    found.must(any("TẠM NGƯNG BÁO" in subject for subject in subjects), f"the subjects are {subjects}")
    found.must(not any("ĐÃ HẾT" in subject for subject in subjects), "it is said to be over")
    return Verdict(
        number="19b", what="the mail when maintenance begins", injected=f"{MAINTAINED:.0f}", told="; ".join(subjects), row="-",
        over=", ".join(f"{one.at:.0f}" for one in over), wrong=found.wrong,
    )  # fmt: skip


def _together(seen: Seen, _told: Sequence[Told]) -> Verdict:
    """One mail tells of both, also where two looks of the judge confirmed them."""
    found = Findings()
    mails = [mail for mail in seen.mails if f"{TOGETHER_OWNER}@{DOMAIN}" in mail.to]
    firing = [mail for mail in mails if "CẢNH BÁO" in mail.subject]
    rows = [one for one in seen.incidents if one.subject_id in ("p13.home", "p14.home")]
    looks = {seen.looks.get(one.id) for one in rows}
    found.must(len(firing) == 1, f"{len(firing)} mails for {len(looks)} looks of the judge")
    if firing:
        both = [agency_names()[agency_of(portal)] for portal in ("p13", "p14")]
        found.must(all(name in firing[-1].text for name in both), "the mail does not name both")
    return Verdict(
        number="20c",
        what="their mails",
        injected="55",
        told="; ".join(f"{seen.seconds(m.at):.0f} {m.subject}" for m in mails),
        row=f"confirmed in {len(looks)} looks of the judge",
        wrong=found.wrong,
    )


def _removed(seen: Seen, _told: Sequence[Told]) -> Verdict:
    found = Findings()
    rows = [one for one in seen.incidents if one.subject_id == "p15.home"]
    ended = [one.ended_at for one in rows if one.ended_at is not None]
    found.must(
        ended and abs(seen.seconds(ended[0]) - REMOVED) <= LATE_SECONDS, "its incident did not end with the removal"
    )
    found.must(seen.requests_after == 0, f"it was asked {seen.requests_after} more times")
    added = seen.first_of_added
    found.must(added is not None and added <= RELOADED_WITHIN, f"the added portal was first measured after {added} s")
    code = seen.reloads["changed"].code if "changed" in seen.reloads else -1
    found.must(code == 0, f"thuocdo reload ended with {code}")
    mails = [
        mail.text for mail in seen.mails if f"{owner_of('p15')}@{DOMAIN}" in mail.to and "CẢNH BÁO" not in mail.subject
    ]
    found.must(not any("Các kết quả đo đến muộn" in text for text in mails), "its outage is said not to have been")
    found.must(not any("Đã hết" in text for text in mails), "its outage is said to be over")
    found.must(any("đưa ra khỏi danh bạ" in text for text in mails), "it is not said that nobody looks any more")
    row = "; ".join(f"{row_text(one, seen)} {REMOVED_DETAIL if one.ended_at else ''}" for one in rows)
    return Verdict(
        number="21b", what="an agency is removed, another added", injected=f"{REMOVED:.0f}", row=row,
        told=f"asked {seen.requests_after} times after; the other measured after {added or 0:.0f} s", wrong=found.wrong,
    )  # fmt: skip


def _mistake(seen: Seen, told: Sequence[Told]) -> Verdict:
    found = Findings()
    mine = [one for one in told if one.alert == "ConfigReloadFailed"]
    firing = firsts(one for one in mine if one.status == FIRING)
    found.must(
        len(firing) == 1 and firing[0].who == CENTRAL, f"told {names_of(firing) or 'nothing'}, not to the centre once"
    )
    found.must(any(one.status == RESOLVED for one in mine), "it was not told that it is mended")
    said = seen.reloads.get("mistake")
    found.must(said is not None and said.code == 2, f"thuocdo reload ended with {said.code if said else 'nothing'}")
    named = said is not None and MISTAKEN in said.text and "homepage_ur1" in said.text
    found.must(named, "thuocdo reload does not name file and key")
    text = next((m.text for m in seen.mails if f"{CENTRAL}@{DOMAIN}" in m.to and seen.seconds(m.at) > MISTAKE), "")
    found.must(MISTAKEN in text, "the mail does not name the file")
    measured = seen.targets_measured_after_mistake
    found.must(measured >= len(portal_ids()) - 2, f"only {measured} portals were measured after it")
    return Verdict(
        number="22", what="a reload with a mistake", injected=f"{MISTAKE:.0f}-{MENDED:.0f}", told=times_of(firing), row="-",
        over=", ".join(f"{one.at:.0f}" for one in mine if one.status == RESOLVED), wrong=found.wrong,
    )  # fmt: skip


def _texts(seen: Seen, _told: Sequence[Told]) -> Verdict:
    """Whatever is said, in whichever mail, is Vietnamese first; files, what stands in them, and processes have names."""
    in_files = (MISTAKEN, "homepage_url", "homepage_ur1", *portal_ids())
    found, names = Findings(), (*agency_names().values(), *in_files, "browser")
    for mail in seen.mails:
        for text in (mail.subject, vietnamese_part(mail.text)):
            strange = foreign_words(text, names)
            found.must(not strange, f"not Vietnamese in {mail.subject!r}: {', '.join(strange)}")
    return Verdict(
        number="98",
        what="the texts of all mails",
        injected="-",
        told=f"{len(seen.mails)} mails",
        row="-",
        wrong=found.wrong,
    )


def _controls(seen: Seen, told: Sequence[Told]) -> Verdict:
    """Nobody else is told of anything, and the watchdog calls all the time."""
    found = Findings()
    troubled = {case.portal for case in CASES} | {EXPIRING}
    strange = [one for one in told if one.target and one.target.partition(".")[0] not in troubled]
    found.must(not strange, f"told of portals that are well: {names_of(strange)}")
    rows = {one.subject_id for one in seen.incidents if one.scope is IncidentScope.TARGET}
    wrong = sorted(name for name in rows if name.partition(".")[0] not in troubled)
    found.must(not wrong, f"incidents of portals that are well: {', '.join(wrong)}")
    central = [one for one in told if one.who == CENTRAL and one.alert not in (*OF_THE_CENTRE, *OF_THE_MACHINE)]
    found.must(not central, f"the centre was told {names_of(central)}")
    burning = [one for one in told if one.alert.startswith("ErrorBudget")]
    found.must(not burning, f"burn alerts of what was told: {names_of(burning)}")
    calls = [seen.seconds(call.at) for call in seen.calls if call.who == "watchdog"]
    found.must(len(calls) >= 3, f"the watchdog called {len(calls)} times")
    return Verdict(
        number="99", what=f"{', '.join(CONTROLS)}, {ADDED} and {len(portal_ids()) - len(troubled) - 3} others are well",
        injected="-", told=f"nobody; watchdog {', '.join(f'{at:.0f}' for at in calls)}", row="none", wrong=found.wrong,
    )  # fmt: skip


OURS: Sequence[Callable[[Seen, Sequence[Told]], Verdict]] = (
    _certificate,
    _line,
    _frozen,
    _prometheus,
    _clock,
    _maintenance,
    _together,
    _removed,
    _mistake,
    _texts,
    _controls,
)
"""Each returns what is to be said of one case."""
