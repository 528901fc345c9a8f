"""Fixed sentences of a period report and how its figures are written; reports are Vietnamese."""

from datetime import timedelta

from thuocdo.core.formats import Formats
from thuocdo.core.i18n import translator
from thuocdo.core.model import Reason
from thuocdo.incidents.availability import AvailabilityReport, availability_rule, objective_rule
from thuocdo.periods.content import ENOUGH_COVERAGE, AgencyPeriod, PeriodContent, PeriodIncident
from thuocdo.periods.period import Period
from thuocdo.publication.texts import fixed_text
from thuocdo.publication.wording import ABSENT

FORMATS = Formats("vi")
told = translator("vi")


def called(period: Period) -> str:
    """Return a period as people say it, such as "tháng 11 năm 2026"."""
    return fixed_text(f"period.{period.kind.value}", number=period.number, year=period.first.year)


def share(ratio: float | None, digits: int = 2) -> str:
    """Return a ratio in percent; only a full 1 is shown as 100 %, and a dash where there is none."""
    if ratio is None:
        return ABSENT
    shown = min(ratio, 1 - 10 ** -(digits + 2)) if ratio < 1.0 else ratio
    return f"{FORMATS.fixed(shown * 100, digits)}%"


def seconds(value: float | None) -> str:
    """Return a time in seconds, a dash where there is none."""
    return ABSENT if value is None else FORMATS.fixed(value)


def lasted(length: timedelta) -> str:
    """Return how long something lasted; less than a minute is said to be so."""
    return fixed_text("period.less_than_a_minute") if length < timedelta(minutes=1) else FORMATS.span(length)


def reason_called(reason: Reason | None) -> str:
    """Return a cause in words."""
    return fixed_text("period.slow") if reason is None else told(f"reason.{reason.value}")


def state_called(incident: PeriodIncident) -> str:
    """Return what was wrong, in words."""
    return told(f"incident_state.{incident.worst.value}")


def measured_sentence(content: PeriodContent) -> str:
    """Return since when and until when it was measured."""
    if content.measured_from is None:
        return fixed_text("period.nothing_measured", period=called(content.period))
    until = content.period.end if content.is_over else content.made_at
    key = "measured_whole" if content.measured_from <= content.period.start else "measured_since"
    return fixed_text(
        f"period.{key}",
        since=FORMATS.instant(content.measured_from),
        until=FORMATS.instant(until),
        period=called(content.period),
    )


def availability_sentence(content: PeriodContent, report: AvailabilityReport, before: AvailabilityReport) -> str:
    """Return the availability with its coverage, and that of the period before where there is any."""
    if not report.conclusive:
        return fixed_text("period.no_availability")
    text = fixed_text(
        "period.availability",
        availability=share(report.availability_ratio),
        failed=FORMATS.number(report.failed),
        conclusive=FORMATS.number(report.conclusive),
        coverage=share(report.coverage_ratio),
    )
    if not before.conclusive:
        return f"{text} {fixed_text('period.no_before', before=called(content.period.before))}"
    compared = fixed_text(
        "period.before", before=called(content.period.before), availability=share(before.availability_ratio)
    )
    return f"{text} {compared}"


def incidents_sentence(content: PeriodContent) -> str:
    """Return how many incidents there were, how long they lasted, and which was the longest."""
    found = content.incidents
    if not found:
        return fixed_text("period.no_incident")
    longest = found[0]
    return fixed_text(
        "period.incidents",
        number=FORMATS.number(len(found)),
        agencies=FORMATS.number(len({one.agency_id for one in found})),
        agency=content.agency(longest.agency_id).agency.full_name("vi"),
        length=lasted(longest.length),
        why=reason_called(longest.reason),
    )


def unmeasured_sentence(content: PeriodContent) -> str:
    """Return how many agencies could not be measured."""
    number = sum(not one.is_measured for one in content.agencies)
    if not number:
        return fixed_text("period.all_measured", coverage=share(ENOUGH_COVERAGE, 0))
    return fixed_text("period.unmeasured", number=FORMATS.number(number), coverage=share(ENOUGH_COVERAGE, 0))


def budget_told(one: AgencyPeriod, objective: float) -> str:
    """Return what is left of an error budget; one that is overspent is said to be so."""
    left = one.budget_left(objective)
    if left is None:
        return ABSENT
    return fixed_text("period.overspent", share=share(-left, 0)) if left < 0 else share(left, 0)


def rules(content: PeriodContent) -> list[tuple[str, str]]:
    """Return the rules by which everything is counted, each with what it is about."""
    return [
        (fixed_text("period.rule.availability"), availability_rule(told)),
        (fixed_text("period.rule.objective"), objective_rule(told, content.objective, "vi")),
        *(
            (
                fixed_text(f"period.rule.{name}"),
                fixed_text(f"period.rule.{name}.text"),
            )
            for name in ("budget", "maintenance", "incidents", "times", "before", "mergers", "no_ranking")
        ),
    ]


def marks(content: PeriodContent) -> tuple[str, ...]:
    """Return what every page must say."""
    found = [] if content.is_over else [fixed_text("period.mark.unfinished")]
    return (*found, *([fixed_text("package.mark.synthetic")] if content.synthetic else []))
