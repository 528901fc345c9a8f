"""
A registry of provinces and communes that do not exist, as large as the country's, for tests and benchmarks.

Each province has communes of the same names, as the real ones often do: a commune's name is its own within its province alone.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

PROVINCES = 34
COMMUNES = 3_321
"""So many there are since 2025-07-01."""

_KINDS = ("Xã", "Phường", "Xã", "Đặc khu")


@dataclass(frozen=True, slots=True, kw_only=True)
class SimulatedCommune:
    """A commune that does not exist."""

    id: str
    code: str
    name_vi: str
    name_en: str
    province_id: str
    province_vi: str

    @property
    def host(self) -> str:
        """Where its portal would be."""
        return f"{self.id}.thuocdo.test"


def simulated_communes(communes: int = COMMUNES, provinces: int = PROVINCES) -> Iterator[SimulatedCommune]:
    """Yield communes, spread evenly over provinces `tinh-1` to `tinh-<provinces>`."""
    for index in range(communes):
        number, place = divmod(index, provinces)
        kind = _KINDS[number % len(_KINDS)]
        yield SimulatedCommune(
            id=f"tinh-{place + 1}-mau-{number + 1}",
            code=f"{index + 1:05}",
            name_vi=f"{kind} Mẫu {number + 1}",
            name_en=f"Sample Commune {number + 1}",
            province_id=f"tinh-{place + 1}",
            province_vi=f"Mẫu {place + 1}",
        )


def write_communes(
    folder: Path, communes: int = COMMUNES, provinces: int = PROVINCES, *, confidence: str = "medium"
) -> None:
    """Write a registry of provinces and communes, each with a home page and one eForm, as people's files are."""
    (folder / "communes").mkdir(parents=True, exist_ok=True)
    (folder / "procedures.yaml").write_text(
        'procedures:\n  - {code: "1.001193", name_vi: Đăng ký khai sinh, name_en: Birth registration}\n',
        encoding="utf-8",
    )
    of_provinces = (
        f"  - id: tinh-{place}\n    block: province\n    name_vi: Mẫu {place}\n    name_en: Sample {place}\n"
        f"    region: Vùng mẫu\n    portals:\n{_portal(f'tinh-{place}', f'tinh-{place}.thuocdo.test', confidence)}"
        for place in range(1, provinces + 1)
    )
    (folder / "provinces.yaml").write_text("agencies:\n" + "".join(of_provinces), encoding="utf-8")
    texts: dict[str, list[str]] = {}
    for one in simulated_communes(communes, provinces):
        texts.setdefault(one.province_id, []).append(
            f'  - id: {one.id}\n    block: commune\n    parent: {one.province_id}\n    code: "{one.code}"\n'
            f"    name_vi: {one.name_vi}\n    name_en: {one.name_en}\n    valid_from: 2025-07-01\n    source: testbed\n"
            f"    portals:\n{_portal(one.id, one.host, confidence)}"
        )
    for province_id, entries in texts.items():
        (folder / "communes" / f"{province_id}.yaml").write_text("agencies:\n" + "".join(entries), encoding="utf-8")


def _portal(portal_id: str, host: str, confidence: str) -> str:
    return (
        f"      - id: {portal_id}\n        homepage_url: https://{host}/\n        confidence: {confidence}\n"
        '        source: testbed\n        eforms:\n          - procedure: "1.001193"\n'
        f"            url: https://{host}/apply\n            journey: generic\n"
    )
