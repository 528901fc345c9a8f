"""Who the portals of the drill are and where they stand: names of real agencies, everything else made up."""

import json
from collections.abc import Iterable
from dataclasses import asdict, dataclass
from pathlib import Path

DOMAIN = "drill.test"
SSO_HOST = f"sso.{DOMAIN}"
ELSEWHERE_HOST = f"noi-khac.{DOMAIN}"
"""For whom the wrong certificate was made."""

NETWORK = "10.66.0.0/16"
NAME_SERVER = "10.66.0.53"
REFERENCES = ("10.66.0.80", "10.66.0.81")
"""Pages that always answer, over plain HTTP."""

SSO_ADDRESS = "10.66.0.90"
BEHIND_NGINX = 8008
"""Port of loopback at which the application behind nginx listens."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """
    One portal.

    id: of the portal. name: of its agency. address: of its own. usual_seconds: that its answer takes. certificate_days: that its
    certificate is still valid. is_behind_nginx: a real nginx stands before it.
    """

    id: str
    name: str
    address: str
    usual_seconds: float = 0.03
    certificate_days: int = 90
    is_behind_nginx: bool = False

    @property
    def host(self) -> str:
        """Its host."""
        return f"{self.id}.{DOMAIN}"

    @property
    def url(self) -> str:
        """Address of its home page."""
        return f"https://{self.host}/"


def write_places(file: Path, places: Iterable[Place]) -> None:
    """Write them down for the process that is to be them."""
    file.write_text(json.dumps([asdict(place) for place in places], ensure_ascii=False), encoding="utf-8")


def read_places(file: Path) -> list[Place]:
    """Return what `write_places` wrote."""
    return [Place(**one) for one in json.loads(file.read_text(encoding="utf-8"))]
