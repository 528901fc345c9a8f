"""Names of closed sets as boards show them: ids stay in the metrics, people read words."""

from collections.abc import Mapping

from dashboards.panels import BAD, GOOD
from thuocdo.core.i18n import Translate
from thuocdo.core.kinds.kind import all_kinds
from thuocdo.core.model import Block, IncidentScope, IncidentState, Outcome, Reason
from thuocdo.core.profiles import PROFILES

Texts = Mapping[str, tuple[str, str]]


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


def blocks(t: Translate) -> Mapping[str, str]:
    """Return what every block is called."""
    return {block.value: t(f"block.{block.value}") for block in Block}


def scopes(t: Translate) -> Mapping[str, str]:
    """Return whose an incident can be."""
    return {scope.value: t(f"incident_scope.{scope.value}") for scope in IncidentScope}


def incident_states(t: Translate) -> Mapping[str, str]:
    """Return how an incident can stand."""
    return {state.value: t(f"incident_state.{state.value}") for state in IncidentState}


OUTCOME_COLOURS = {
    Outcome.OK.value: GOOD,
    Outcome.FAILED.value: BAD,
    Outcome.INCONCLUSIVE.value: "gray",
    "excluded": "purple",
}


def answers(t: Translate) -> Texts:
    """Return what probe_success says."""
    return {"1": (t("Answers"), GOOD), "0": (t("Does not answer"), BAD)}


def yes_no(t: Translate) -> Texts:
    """Return what a metric of 1 and 0 says, 1 being good."""
    return {"1": (t("Yes"), GOOD), "0": (t("No"), BAD)}
