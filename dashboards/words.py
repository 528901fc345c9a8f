"""Names of closed sets as boards show them: ids stay in the metrics, people read words."""

from collections.abc import Mapping

from dashboards.limits import BAD, GOOD, UNKNOWN
from dashboards.panels import Texts
from dashboards.queries import FAILED, INCONCLUSIVE, OK, UNSEEN
from thuocdo.core.i18n import Translate
from thuocdo.core.kinds.kind import all_kinds
from thuocdo.core.model import Block, IncidentAspect, IncidentScope, IncidentState, Outcome, Reason
from thuocdo.core.profiles import PROFILES


def reasons(t: Translate) -> Mapping[str, str]:
    """Return what every reason is called; none, where all is well, is a dash."""
    return {"": "–", **{reason.value: t(f"reason.{reason.value}") for reason in Reason}}


def outcomes(t: Translate) -> Mapping[str, str]:
    """Return what every outcome is called, and those left out of availability."""
    return {**{outcome.value: t(f"outcome.{outcome.value}") for outcome in Outcome}, "excluded": t("In maintenance")}


def kinds(t: Translate) -> Mapping[str, str]:
    """Return what every kind of probe is called."""
    return {kind: t(f"kind.{kind}") for kind in all_kinds()}


def profiles(t: Translate) -> Mapping[str, str]:
    """Return what every profile is called."""
    return {profile: t(f"profile.{profile}") for profile in PROFILES}


def steps(t: Translate) -> Mapping[str, str]:
    """Return what the steps of the journeys that ship are called; those that people write bear the names they give them."""
    return {
        "start": t("start"),
        "agency": t("choosing the agency"),
        "procedure": t("finding the procedure"),
        "procedure shown": t("procedure shown"),
        "apply": t("going to apply"),
        "agree": t("agreeing"),
        "way to the form": t("finding the way to the form"),
        "form": t("opening the form"),
    }


def blocks(t: Translate) -> Mapping[str, str]:
    """Return what every block is called."""
    return {block.value: t(f"block.{block.value}") for block in Block}


def scopes(t: Translate) -> Mapping[str, str]:
    """Return whose an incident can be."""
    return {scope.value: t(f"incident_scope.{scope.value}") for scope in IncidentScope}


def incident_states(t: Translate) -> Mapping[str, str]:
    """Return how an incident can stand."""
    return {state.value: t(f"incident_state.{state.value}") for state in IncidentState}


def part_states(t: Translate) -> Mapping[str, str]:
    """Return how a part of a portal's incident can stand."""
    return {state.value: t(f"part_state.{state.value}") for state in IncidentState if state is not IncidentState.ENDED}


def aspects(t: Translate) -> Mapping[str, str]:
    """Return what of a target can be a part of an incident."""
    return {IncidentAspect.SERVICE.value: t("The page"), IncidentAspect.CERTIFICATE.value: t("Certificate")}


OUTCOME_COLOURS = {
    Outcome.OK.value: GOOD,
    Outcome.FAILED.value: BAD,
    Outcome.INCONCLUSIVE.value: UNKNOWN,
    "excluded": "purple",
}


def conclusions(t: Translate) -> Texts:
    """Return what a measurement's outcome is called and how it is coloured, by its number (see queries.outcome)."""
    return {
        str(OK): (t("outcome.ok"), GOOD),
        str(INCONCLUSIVE): (t("outcome.inconclusive"), UNKNOWN),
        str(FAILED): (t("outcome.failed"), BAD),
        str(UNSEEN): (t("Not measured yet"), "transparent"),
    }


def unseen(t: Translate) -> Mapping[str, str]:
    """Return how the row is renamed that stands where nothing was measured."""
    return {" ?none": t("Not measured yet")}


def before(names: Mapping[str, str]) -> Mapping[str, str]:
    """Return how series are renamed that begin with an id. names: id -> what it is called."""
    return {f"{one} (.*)": f"{name} · $1" for one, name in names.items()}


def no_fault(t: Translate) -> Mapping[str, str]:
    """Return what reasons are called, and that there is none."""
    return {reason: text for reason, text in reasons(t).items() if reason} | {"-": t("No fault")}


INSTANT = "time:HH:mm DD/MM/YYYY"
"""Unit of milliseconds since 1970. Grafana's "from now" and its names of units are English whatever the board's language."""

RECENT = "time:HH:mm DD/MM"
"""The same of what lies weeks back at most."""

LENGTH = "dthms"
"""Unit of seconds: hours, minutes, seconds, as 01:50:04."""


def seconds(t: Translate) -> str:
    """Return the unit of seconds, in words: Grafana's own turns 0.74 s into milliseconds, and two hours into English."""
    return f"suffix:{t('s')}"


def days(t: Translate) -> str:
    """Return the unit of days, in words."""
    return f"suffix:{t('days')}"


def per_second(t: Translate) -> str:
    """Return the unit of probes per second, in words."""
    return f"suffix:{t('/s')}"


def yes_no(t: Translate) -> Texts:
    """Return what a metric of 1 and 0 says, 1 being good."""
    return {"1": (t("Yes"), GOOD), "0": (t("No"), BAD)}
