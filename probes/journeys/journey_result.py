"""What comes of a journey."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from probes.journeys.journey_end import JourneyEnd
from thuocdo.core.model import PageKind, Reason


@dataclass(frozen=True, slots=True, kw_only=True)
class FormOpened:
    """
    A form that is ready for a person.

    ready_seconds, first_field_seconds, load_seconds: from the last act of the journey. load_seconds: None where the form came
    into a document that stood already. fields: that a person could fill in, a group of radio buttons is one. acted_at: that act,
    seconds of time.monotonic(). idle_seconds: how long the page had rested before we scrolled to the form; in none of the others.
    """

    acted_at: float = 0.0
    ready_seconds: float
    first_field_seconds: float | None = None
    load_seconds: float | None
    fields: int
    required_fields: int
    idle_seconds: float = 0.0


@dataclass(frozen=True, slots=True, kw_only=True)
class JourneyResult:
    """
    What came of a journey.

    reason: None exactly when the form is open and ready. step: the one at which the journey stopped. met: what was met last;
    None where nothing could be told. step_seconds: step -> time it took, our own handling included; for people who look for the
    slow step, not a measurement. stopped: what the submit guard stopped, in order. questions: how often the page asked by
    confirm() or prompt() and was answered no. draft_created: the portal keeps a draft of what was opened.
    """

    reason: Reason | None
    detail: str = ""
    step: str = ""
    page_kind: PageKind | None = None
    met: JourneyEnd | None = None
    step_seconds: Mapping[str, float] = field(default_factory=dict)
    entry_seconds: float | None = None
    form: FormOpened | None = None
    stopped: tuple[str, ...] = ()
    questions: int = 0
    draft_created: bool = False
    retry_after: str = ""
    final_host: str = ""
