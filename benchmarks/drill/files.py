"""What the programs of the drill read: registry, schedule, maintenance, owners, settings; files of Prometheus and nginx."""

import json
from collections.abc import Iterable, Mapping
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import yaml

from benchmarks.drill.cases import (
    ADDED,
    DEADLINE_SECONDS,
    EVERY_SECONDS,
    FORM_CODE,
    FORM_DEADLINE_SECONDS,
    FORM_EVERY_SECONDS,
    MAINTAINED,
    MAINTAINED_UNTIL,
    agency_names,
    agency_of,
    owner_of,
    places,
)
from dashboards.portal_queries import kept_out
from testbed.drill.places import BEHIND_NGINX, NAME_SERVER, NETWORK, REFERENCES, Place, write_places
from testbed.drill.troubles import FORM_PATH
from testbed.receivers import Receivers
from testbed.verdicts.gallery import JOURNEYS
from thuocdo.core import clock

WEB_PORT, PROMETHEUS_PORT, ALERTMANAGER_PORT = 8321, 9090, 9093
SITE = f"http://127.0.0.1:{WEB_PORT}"
VANTAGE = "ha-noi"
JOURNEY = "direct"
CLOCK_HOST = "p19"
"""The portal that the agent with the wrong clock measures."""

SHORTENED: Mapping[str, str] = {"PortalUnseen": kept_out(1)}
"""Queries of alerts that wait longer than the drill lasts: a minute; the day in virtual time has them as they ship."""

FAMILIES: Mapping[str, str] = {"p13": "igate", "p14": "opencps"}

NGINX = """\
daemon off;
pid {folder}/nginx.pid;
error_log {folder}/nginx-error.log;
user root;
events {{}}
http {{
  access_log off;
  client_body_temp_path {folder}/nginx-body;
  proxy_temp_path {folder}/nginx-proxy;
  fastcgi_temp_path {folder}/nginx-fastcgi;
  uwsgi_temp_path {folder}/nginx-uwsgi;
  scgi_temp_path {folder}/nginx-scgi;
  server {{
    listen {address}:443 ssl;
    ssl_certificate {folder}/{id}.pem;
    ssl_certificate_key {folder}/{id}.key;
    location / {{ proxy_pass http://127.0.0.1:{port}; }}
  }}
}}
"""


def write_portals(folder: Path) -> None:
    """Write what the portals' side reads."""
    write_places(folder / "places.json", places())
    for place in places():
        if place.is_behind_nginx:
            text = NGINX.format(folder=folder, address=place.address, id=place.id, port=BEHIND_NGINX)
            (folder / "nginx.conf").write_text(text, encoding="utf-8")


def write_settings(folder: Path, receivers: Receivers) -> None:
    """Write what `thuocdo` reads, but for the registry's agencies and the maintenance; the portals' side must be there."""
    (folder / "registry").mkdir()
    _write(folder / "registry" / "shared.yaml", _shared())
    write_registry(folder, (place for place in places() if place.id != ADDED))
    cadences = [
        {"kind": "http", "every_seconds": EVERY_SECONDS, "deadline_seconds": DEADLINE_SECONDS},
        {"kind": "eform", "every_seconds": FORM_EVERY_SECONDS, "deadline_seconds": FORM_DEADLINE_SECONDS},
    ]
    _write(folder / "schedule.yaml", {"id": "drill", "cadences": cadences})
    _write(folder / "maintenance.yaml", {"windows": []})
    _write(folder / "owners.yaml", _owners(receivers))
    settings = {
        "data_dir": str(folder / "data"),
        "registry_dir": str(folder / "registry"),
        "journeys_dir": str(JOURNEYS),
        "schedule": str(folder / "schedule.yaml"),
        "maintenance": str(folder / "maintenance.yaml"),
        "ca_file": str(folder / "ca.pem"),
        "simulated": True,
        "alertmanager_url": f"http://127.0.0.1:{ALERTMANAGER_PORT}",
        "web": {"port": WEB_PORT},
        "browser": {"trusted_keys": [(folder / "trusted_key").read_text(encoding="ascii")], "max_pages": 1},
        "vantage": {
            "id": VANTAGE,
            "name_servers": [NAME_SERVER],
            "reference_urls": [f"http://{address}/" for address in REFERENCES],
        },
    }
    _write(folder / "thuocdo.yaml", settings)
    _write_clock(folder, settings)


def write_registry(folder: Path, registered: Iterable[Place]) -> None:
    """Write the agencies with these portals."""
    names = agency_names()
    agencies: dict[str, dict[str, Any]] = {}
    for place in registered:
        agency = agency_of(place.id)
        owner = owner_of(place.id)
        entry = agencies.setdefault(
            agency,
            {
                "id": agency,
                "block": "province",
                "name_vi": names[agency],
                "name_en": names[agency],
                **({"owner": owner} if owner != agency else {}),
                "source": "drill",
                "portals": [],
            },
        )
        entry["portals"].append(_portal(place))
    _write(folder / "registry" / "agencies.yaml", {"agencies": list(agencies.values())})


def write_maintenance(folder: Path, zero: datetime) -> None:
    """Write the maintenance that begins in an outage. zero: the beginning of the drill."""
    since, until = (zero + timedelta(seconds=at) for at in (MAINTAINED, MAINTAINED_UNTIL))
    window = {"portal": "p16", "from": since.isoformat(), "to": until.isoformat(), "asked_by": "Sở Diễn tập"}
    _write(folder / "maintenance.yaml", {"windows": [window]})


def write_prometheus(folder: Path) -> None:
    """Write prometheus.yml beside what `thuocdo alerts write` wrote, and shorten what stands too long for the drill."""
    file = folder / "prometheus" / "rules" / "alerts.yml"
    rules = yaml.safe_load(file.read_text(encoding="utf-8"))
    for group in rules["groups"]:
        for rule in group["rules"]:
            rule["expr"] = SHORTENED.get(rule["alert"], rule["expr"])
    _write(file, rules)
    prometheus = {
        "global": {"scrape_interval": "5s", "scrape_timeout": "5s", "evaluation_interval": "5s"},
        "rule_files": ["prometheus/rules/*.yml"],
        "alerting": {"alertmanagers": [{"static_configs": [{"targets": [f"127.0.0.1:{ALERTMANAGER_PORT}"]}]}]},
        "scrape_configs": [{"job_name": "thuocdo", "static_configs": [{"targets": [f"127.0.0.1:{WEB_PORT}"]}]}],
    }
    _write(folder / "prometheus.yml", prometheus)


def _write_clock(folder: Path, settings: Mapping[str, Any]) -> None:
    """Write the settings of an agent of its own over one portal."""
    apart = folder / "clock"
    (apart / "registry").mkdir(parents=True)
    place = next(one for one in places() if one.id == CLOCK_HOST)
    agency = {"id": "so-19", "block": "province", "name_vi": place.name, "name_en": place.name, "source": "drill"}
    _write(apart / "registry" / "agencies.yaml", {"agencies": [agency | {"portals": [_portal(place)]}]})
    own = {name: str(apart / name.removesuffix("_dir")) for name in ("data_dir", "registry_dir")}
    _write(apart / "thuocdo.yaml", {**settings, **own, "maintenance": str(folder / "maintenance.yaml")})


def _portal(place: Place) -> dict[str, Any]:
    form = {"procedure": FORM_CODE, "url": f"https://{place.host}{FORM_PATH}", "journey": JOURNEY}
    return {
        "id": place.id,
        "homepage_url": place.url,
        "family": FAMILIES.get(place.id, "unknown"),
        "confidence": "high",
        "source": "drill",
        "networks": [NETWORK],
        **({"eforms": [form]} if place.id == "p04a" else {}),
    }


def _shared() -> dict[str, Any]:
    today = clock.today()
    procedure = {"code": FORM_CODE, "name_vi": "Đăng ký khai sinh", "name_en": "Birth registration", "source": "drill"}
    mandate = {
        "id": "drill-p04a",
        "portal": "p04a",
        "granted_by": "drill",
        "document": "the portals of the drill belong to whoever started it",
        "valid_from": today - timedelta(days=1),
        "valid_to": today + timedelta(days=2),
        "browser_interval_seconds": FORM_EVERY_SECONDS - 5,
    }
    return {"procedures": [procedure], "mandates": [mandate]}


def _owners(receivers: Receivers) -> dict[str, Any]:
    def team(name: str) -> dict[str, Any]:
        return {"webhooks": [{"url": f"{receivers.url}/{name}"}], "emails": [{"to": f"{name}@drill.test"}]}

    owners = {owner_of(place.id): team(owner_of(place.id)) for place in places() if place.id != ADDED}
    return {
        "smtp": {"smarthost": receivers.smarthost, "from": "thuocdo@drill.test", "require_tls": False},
        "central": team("central"),
        "dead_man": {"webhooks": [{"url": f"{receivers.url}/watchdog"}]},
        "owners": owners,
    }


def _write(file: Path, data: object) -> None:
    file.write_text(yaml.safe_dump(data, allow_unicode=True, sort_keys=False, width=120), encoding="utf-8")


def write_notices(folder: Path, receivers: Receivers) -> None:
    """Write all that was received, for whoever looks into a case that is wrong."""
    told = {
        "calls": [{"at": one.at.isoformat(), "who": one.who, "told": one.told} for one in receivers.calls],
        "mails": [
            {"at": one.at.isoformat(), "to": one.to, "subject": one.subject, "text": one.text}
            for one in receivers.mails
        ],
    }
    (folder / "notices.json").write_text(json.dumps(told, ensure_ascii=False, indent=1), encoding="utf-8")
