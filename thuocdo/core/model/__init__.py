"""
The values that travel between the stages.

Target --schedules.plan--> Job --probes.<kind>--> Observation --probes.runner--> Measurement --store--> score --> Scorecard
                                                                                               store --> incidents --> Incident

All are frozen and keyword-only. Instants are aware UTC; durations are float seconds from the monotonic clock.
"""

from thuocdo.core.model.agent import AgentState
from thuocdo.core.model.campaign import MOST_TIMES, Assessment, Round, RoundFile
from thuocdo.core.model.incident import (
    BEFORE_AND_NOW,
    Acknowledgement,
    HourTally,
    Incident,
    IncidentAspect,
    IncidentPart,
    IncidentScope,
    IncidentState,
    Reading,
    StateChange,
)
from thuocdo.core.model.measurement import (
    KEPT_OUT_REASONS,
    LATE_REASONS,
    LINE_REASONS,
    OWN_REASONS,
    PASSING_REASONS,
    Conditions,
    Evidence,
    EvidenceSink,
    Finding,
    FindingNode,
    FindingOutcome,
    Job,
    Measurement,
    MeasurementKey,
    Observation,
    Outcome,
    PageKind,
    Reason,
)
from thuocdo.core.model.missed import MissedStarts
from thuocdo.core.model.registry import (
    Agency,
    Block,
    Confidence,
    Mandate,
    Portal,
    Procedure,
    ServiceLevel,
    Target,
    TargetRole,
)

__all__ = [
    "BEFORE_AND_NOW",
    "KEPT_OUT_REASONS",
    "LATE_REASONS",
    "LINE_REASONS",
    "MOST_TIMES",
    "OWN_REASONS",
    "PASSING_REASONS",
    "Acknowledgement",
    "Agency",
    "AgentState",
    "Assessment",
    "Block",
    "Conditions",
    "Confidence",
    "Evidence",
    "EvidenceSink",
    "Finding",
    "FindingNode",
    "FindingOutcome",
    "HourTally",
    "Incident",
    "IncidentAspect",
    "IncidentPart",
    "IncidentScope",
    "IncidentState",
    "Job",
    "Mandate",
    "Measurement",
    "MeasurementKey",
    "MissedStarts",
    "Observation",
    "Outcome",
    "PageKind",
    "Portal",
    "Procedure",
    "Reading",
    "Reason",
    "Round",
    "RoundFile",
    "ServiceLevel",
    "StateChange",
    "Target",
    "TargetRole",
]
