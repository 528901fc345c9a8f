"""
A made-up fleet: its registry, its schedule and its settings, as files that the product reads.

No host of it exists: all end in `.test`, a name that no name server gives.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import yaml

from thuocdo.core.config import Settings, load_settings
from thuocdo.core.kinds.kind import Kind, all_kinds
from thuocdo.core.model import Block

PROCEDURE = "1.001193"
VANTAGE = "ha-noi"

_PORTALS_A_MINISTRY = 5
"""One portal in so many is a ministry's, the others are of provinces."""

_SYLLABLES = (
    "An",
    "Bình",
    "Châu",
    "Đông",
    "Giang",
    "Hải",
    "Khánh",
    "Long",
    "Minh",
    "Nam",
    "Phú",
    "Quang",
    "Sơn",
    "Tân",
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Fleet:
    """
    So many portals, each with a home page and one eForm.

    portals: of ministries and of provinces. communes: more agencies with a portal each, spread evenly over the provinces.
    every_seconds: how often a kind runs, where not as shipped. all_day: no kind keeps to the hours of the day.
    """

    portals: int
    communes: int = 0
    every_seconds: Mapping[str, int] = field(default_factory=dict)
    all_day: bool = False

    def write(self, folder: Path, store_url: str) -> Settings:
        """Write registry, schedule and thuocdo.yaml into a folder and return the settings."""
        (folder / "registry").mkdir(parents=True, exist_ok=True)
        procedure = {"code": PROCEDURE, "name_vi": "Đăng ký khai sinh", "name_en": "Birth registration"}
        agencies = [*map(self._agency, range(self.portals)), *map(self._commune, range(self.communes))]
        _write(folder / "registry" / "fleet.yaml", {"agencies": agencies, "procedures": [procedure]})
        _write(
            folder / "schedule.yaml",
            {
                "id": "scale",
                "cadences": [self._cadence(kind) for kind in all_kinds().values() if not kind.needs_mandate],
                "round": {"runs": {"http": 1}},
            },
        )
        _write(folder / "thuocdo.yaml", self._settings(folder, store_url))
        return load_settings(folder / "thuocdo.yaml")

    @property
    def _ministries(self) -> int:
        return max(1, self.portals // _PORTALS_A_MINISTRY)

    def _agency(self, number: int) -> dict[str, Any]:
        if number < self._ministries:
            return _entry(f"bo-{number:02}", Block.MINISTRY, f"Bộ {_name(number)}", f"Ministry {number}")
        return _entry(_province_id(number), Block.PROVINCE, f"Tỉnh {_name(number)}", f"Province {number}")

    def _commune(self, number: int) -> dict[str, Any]:
        province = self._ministries + number % (self.portals - self._ministries)
        commune = _entry(f"xa-{number:04}", Block.COMMUNE, f"Xã {_name(number)} {number}", f"Commune {number}")
        return commune | {"parent": _province_id(province), "valid_from": "2025-07-01"}

    def _cadence(self, kind: Kind) -> dict[str, Any]:
        hours = None if self.all_day else kind.cadence.hours
        every_seconds = self.every_seconds.get(kind.name, kind.cadence.every_seconds)
        windows = {"windows": [{"from": hours[0], "to": hours[1]}]} if hours else {}
        return {"kind": kind.name, "every_seconds": every_seconds, **windows}

    def _settings(self, folder: Path, store_url: str) -> dict[str, Any]:
        return {
            "data_dir": str(folder / "data"),
            "store_url": store_url,
            "registry_dir": str(folder / "registry"),
            "schedule": str(folder / "schedule.yaml"),
            "simulated": True,
            "vantage": {"id": VANTAGE},
        }


def _write(path: Path, document: Mapping[str, Any]) -> None:
    # The C library writes 3,400 agencies in a second, the one in Python takes ten.
    dumper = getattr(yaml, "CSafeDumper", yaml.SafeDumper)
    path.write_text(yaml.dump(document, Dumper=dumper, allow_unicode=True, sort_keys=False), encoding="utf-8")


def _province_id(number: int) -> str:
    return f"tinh-{number:03}"


def _name(number: int) -> str:
    """Return a name that no other number has."""
    place, length = number, len(_SYLLABLES)
    parts: list[str] = []
    while not parts or place:
        place, index = divmod(place, length)
        parts.append(_SYLLABLES[index])
    return " ".join(parts)


def _entry(agency_id: str, block: Block, name_vi: str, name_en: str) -> dict[str, Any]:
    host = f"dichvucong.{agency_id}.scale.test"
    return {
        "id": agency_id,
        "block": block.value,
        "name_vi": name_vi,
        "name_en": name_en,
        "source": "benchmarks.scale",
        "portals": [
            {
                "id": agency_id,
                "homepage_url": f"https://{host}/",
                "family": "igate-new",
                "confidence": "high",
                "source": "benchmarks.scale",
                "eforms": [
                    {
                        "procedure": PROCEDURE,
                        "url": f"https://{host}/bieu-mau",
                        "journey": "igate-new",
                        "variables": {"agency_name": name_vi},
                    }
                ],
            }
        ],
    }
