"""What walking a journey needs of the long-lived things probes share (`probes.tools.Tools` has it all)."""

from collections.abc import Mapping
from typing import Protocol

from probes.journeys.journey_file import Journey
from probes.journeys.session import LoginSession
from probes.manners.robots import Robots
from thuocdo.core.profiles import Profile


class JourneyNeeds(Protocol):
    """Journeys, what robots.txt allows, supplied logins, and how we look to a portal; under the names that Tools gives them."""

    @property
    def journeys(self) -> Mapping[str, Journey]:
        """EForm journeys, by name."""

    @property
    def robots(self) -> Robots:
        """What robots.txt allows."""

    @property
    def sessions(self) -> Mapping[str, LoginSession]:
        """Logins that people supplied, by portal id."""

    @property
    def profiles(self) -> Mapping[str, Profile]:
        """Devices and lines, by name."""

    @property
    def user_agent(self) -> str:
        """Who we say we are, behind the browser's own words."""
