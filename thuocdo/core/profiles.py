"""Profiles: the device and the line a measurement is taken with. A profile's name is stored with every number."""

from collections.abc import Mapping
from dataclasses import dataclass, replace


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """
    A citizen's line, as shaped for every connection of a page.

    rtt_seconds: added round-trip time. down, up: bits per second shared by all connections of the page; None = not limited.
    Rates are of packets, and a connection starts slowly (probes.chromium.shaping). stall_every_seconds, stall_seconds: nothing
    passes for so long, each time so much has gone by since the line was opened; 0 = never. patience: so many times as long as on
    an unshaped line a probe may take.
    """

    name: str
    rtt_seconds: float = 0.0
    down_bits_per_second: float | None = None
    up_bits_per_second: float | None = None
    stall_every_seconds: float = 0.0
    stall_seconds: float = 0.0
    patience: float = 1.0


UNSHAPED = Line(name="unshaped")

LINES: Mapping[str, Line] = {
    line.name: line
    for line in (
        UNSHAPED,
        # Source of the first two: WebPageTest's connectivity profiles "4G" and "3G".
        Line(name="4g", rtt_seconds=0.170, down_bits_per_second=9e6, up_bits_per_second=9e6, patience=1.5),
        Line(name="3g", rtt_seconds=0.300, down_bits_per_second=1.6e6, up_bits_per_second=768e3, patience=3.0),
        # Our own: WebPageTest's "Slow 3G", with the short breaks of a weak signal.
        Line(
            name="weak",
            rtt_seconds=0.400,
            down_bits_per_second=400e3,
            up_bits_per_second=400e3,
            stall_every_seconds=10.0,
            stall_seconds=2.0,
            patience=6.0,
        ),
    )
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Profile:
    """
    Device and line a measurement is taken with.

    phone: scripts run at the pace of a middling phone, whatever this machine is. line: a key of LINES.
    """

    name: str
    viewport_width: int
    viewport_height: int
    scale_factor: float = 1.0
    touch: bool = False
    phone: bool = False
    user_agent_suffix: str = ""
    line: str = UNSHAPED.name

    def deadline_seconds(self, unshaped_seconds: float) -> float:
        """Return how long a probe over this line may take that may take so long over an unshaped one."""
        return unshaped_seconds * LINES[self.line].patience


PLAIN_PROFILE = "desktop"
"""Of measurements without a browser too, which know neither device nor line: the machine as it is."""

_DEVICES = (
    Profile(name=PLAIN_PROFILE, viewport_width=1366, viewport_height=768),
    Profile(
        name="mobile",
        viewport_width=390,
        viewport_height=844,
        scale_factor=2.0,
        touch=True,
        phone=True,
        user_agent_suffix="Mobile",
    ),
)

PROFILES: Mapping[str, Profile] = {
    profile.name: profile
    for device in _DEVICES
    for profile in (
        device,
        *(replace(device, name=f"{device.name}-{name}", line=name) for name in LINES if name != "unshaped"),
    )
}
"""Every device over every line, by name: `desktop`, `mobile` (unshaped), `desktop-4g`, `mobile-3g`, `mobile-weak`, …"""
