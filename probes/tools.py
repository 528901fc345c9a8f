"""What an agent hands to every probe."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from probes.identity.sketch import SteadySketches
from thuocdo.core.model import EvidenceSink
from thuocdo.core.profiles import Profile

if TYPE_CHECKING:
    from probes.chromium.browser import Browser
    from probes.evidence import EvidencePolicy
    from probes.identity.known_pages import KnownPages
    from probes.journeys.journey_file import Journey
    from probes.journeys.session import LoginSession
    from probes.manners.robots import Robots
    from probes.net.client import HttpClient


@dataclass(frozen=True, slots=True, kw_only=True)
class Tools:
    """
    The long-lived things probes share: one HTTP client, one browser, one evidence store.

    browser: None where this process has none; browser kinds then end inconclusive, browser_unavailable. evidence: where it is
    put; evidence_policy: how much of it. journeys: eForm journeys by name. sessions: logins that people supplied, by portal id.
    profiles: by name. versions: of everything that shapes a number, stored with it. known_pages: what portals' pages are known to
    be; None = nobody asks whether they still are. sketches: of the texts of home pages.
    """

    http: "HttpClient"
    robots: "Robots"
    browser: "Browser | None"
    evidence: EvidenceSink
    evidence_policy: "EvidencePolicy"
    journeys: Mapping[str, "Journey"]
    profiles: Mapping[str, Profile]
    user_agent: str
    versions: Mapping[str, str]
    sessions: Mapping[str, "LoginSession"] = field(default_factory=dict)
    known_pages: "KnownPages | None" = None
    sketches: SteadySketches = field(default_factory=SteadySketches)
