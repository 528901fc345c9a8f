"""The files of the fleet: registry, configuration and the truth."""

import json
from collections.abc import Mapping, Sequence
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import yaml

from testbed.faults import NOT_INJECTABLE, Fault, Wall, eform_expectations, home_expectations, page_kind
from testbed.plan import PortalPlan
from testbed.portal import BURST_PERIOD, BURST_REQUESTS, BuiltPortal
from thuocdo.core.model import Block

_HEADER = "# SIMULATED by the testbed: names of real agencies, everything else made up. Nothing here measures a real portal.\n"
BROWSER_INTERVAL_SECONDS = 0.5

_HTTP_STATUS: Mapping[Fault, int] = {
    Fault.MAINTENANCE_503: 503,
    Fault.FORBIDDEN: 403,
    Fault.TOO_MANY_REQUESTS: 429,
    Fault.SERVER_ERROR: 500,
}
_NO_ANSWER = frozenset(
    {Fault.HANG, Fault.EXPIRED_CERTIFICATE, Fault.PLAIN_TEXT, Fault.REFUSED, Fault.FULL_BACKLOG, Fault.UNKNOWN_HOST}
)


def write_registry(folder: Path, portals: Sequence[BuiltPortal], *, port: int, today: date) -> None:
    """Write agencies, procedures and mandates, one file per block and one for what they share."""
    for block, name in ((Block.MINISTRY, "ministries"), (Block.PROVINCE, "provinces")):
        own = [portal for portal in portals if portal.plan.agency.block is block]
        _write_yaml(folder / f"{name}.yaml", {"agencies": [_agency(portal, port) for portal in own]})
    procedures = {portal.plan.eform.procedure.code: portal.plan.eform.procedure for portal in portals}
    _write_yaml(
        folder / "shared.yaml",
        {
            "procedures": [
                {
                    "code": procedure.code,
                    "name_vi": procedure.name_vi,
                    "name_en": procedure.name_en,
                    "level": str(procedure.level),
                    "source": "testbed",
                }
                for _, procedure in sorted(procedures.items())
            ],
            "mandates": [_mandate(portal.plan, today) for portal in portals],
        },
    )


def _agency(portal: BuiltPortal, port: int) -> dict[str, Any]:
    plan = portal.plan
    origin = f"https://{plan.host}:{port}"
    entry: dict[str, Any] = {
        "id": plan.id,
        "homepage_url": f"{origin}/",
        "family": plan.eform.family,
        "confidence": "high",
        "source": "testbed",
        "eforms": [
            {
                "procedure": plan.eform.procedure.code,
                "url": origin + portal.eform.entry_path,
                "journey": plan.eform.family,
                "variables": {"agency_code": plan.units[0].code, "agency_name": plan.units[0].name},
            }
        ],
    }
    if plan.fault is Fault.OTHER_CONTENT or plan.fault is Fault.NONE:
        entry["expected_text"] = plan.name
    agency = plan.agency
    return {
        "id": agency.id,
        "block": str(agency.block),
        "name_vi": agency.name_vi,
        "name_en": agency.name_en,
        **({"region": agency.region} if agency.region else {}),
        "source": "testbed",
        "portals": [entry],
    }


def _mandate(plan: PortalPlan, today: date) -> dict[str, Any]:
    return {
        "id": f"testbed-{plan.id}",
        "portal": plan.id,
        "granted_by": "testbed",
        "document": "the simulated fleet belongs to whoever started it",
        "valid_from": today - timedelta(days=1),
        "valid_to": today + timedelta(days=365),
        "robots_exempt": False,
        "browser_interval_seconds": BROWSER_INTERVAL_SECONDS,
        "load_requests_per_second": 0,
    }


def write_configuration(file: Path, *, trusted_key: str, reference_urls: Sequence[str]) -> None:
    """Write a thuocdo.yaml that points at the fleet; its paths are relative to its own folder."""
    _write_yaml(
        file,
        {
            "data_dir": "data",
            "registry_dir": "registry",
            "hosts_file": "hosts.json",
            "ca_file": "ca.pem",
            "vantage": {"id": "testbed", "region": "loopback", "carrier": "lo", "reference_urls": list(reference_urls)},
            "browser": {"trusted_keys": [trusted_key]},
        },
    )


def write_truth(file: Path, portals: Sequence[BuiltPortal], *, port: int, seed: int, time_scale: float) -> None:
    """Write what was injected, per target."""
    targets: dict[str, Any] = {}
    for portal in portals:
        targets[f"{portal.plan.id}.home"] = _home_truth(portal, port)
        targets[f"{portal.plan.id}.eform-{portal.plan.eform.procedure.code}"] = _eform_truth(portal, port)
    truth = {
        "seed": seed,
        "port": port,
        "time_scale": time_scale,
        "targets": targets,
        "not_injectable": {str(reason): why for reason, why in NOT_INJECTABLE.items()},
    }
    file.write_text(json.dumps(truth, ensure_ascii=False, indent=1) + "\n", encoding="utf-8")


def _common(portal: BuiltPortal) -> dict[str, Any]:
    plan = portal.plan
    return {
        "portal": plan.id,
        "agency": plan.agency.id,
        "block": str(plan.agency.block),
        "family": plan.eform.family,
        "fault": str(plan.fault),
    }


def _home_truth(portal: BuiltPortal, port: int) -> dict[str, Any]:
    plan, home = portal.plan, portal.home
    timed = plan.fault in (Fault.NONE, Fault.BURSTS_OF_ERRORS)
    status: int | None = _HTTP_STATUS.get(plan.fault, 200)
    if plan.fault in _NO_ANSWER:
        status = None
    truth = {
        **_common(portal),
        "role": "homepage",
        "url": f"https://{plan.host}:{port}/",
        "page_kind": page_kind(plan.fault),
        "expected": {kind: expectation.to_json() for kind, expectation in home_expectations(plan.fault).items()},
        "http": {"status": status, "redirects": int(plan.fault is Fault.REDIRECT)},
        "delays_seconds": dict(portal.home_delays_seconds) if timed or plan.fault is Fault.NOTICE else {},
        "barriers": dict(home.barriers) if timed else None,
    }
    if timed:
        truth |= {
            "homepage_seconds": home.load_seconds,
            "first_content_seconds": home.first_content_seconds,
            "largest_content_seconds": home.largest_content_seconds,
            "resources": len(home.resources),
            "body_bytes": home.body_bytes,
        }
    if plan.fault is Fault.BURSTS_OF_ERRORS:
        truth["bursts"] = {"period": BURST_PERIOD, "failing_requests": sorted(BURST_REQUESTS)}
    return truth


def _eform_truth(portal: BuiltPortal, port: int) -> dict[str, Any]:
    plan, eform = portal.plan, portal.eform
    expected = eform_expectations(plan.fault, plan.eform.wall)
    status: int | None = 404 if plan.fault is Fault.OTHER_CONTENT else _HTTP_STATUS.get(plan.fault, 200)
    if plan.fault in _NO_ANSWER:
        status = None
    redirects = int(plan.fault is Fault.REDIRECT or plan.eform.wall is Wall.LOGIN)
    truth = {
        **_common(portal),
        "role": "eform",
        "url": f"https://{plan.host}:{port}{eform.entry_path}",
        "wall": str(plan.eform.wall),
        "expected": {kind: expectation.to_json() for kind, expectation in expected.items()},
        "http": {"status": status, "redirects": redirects},
    }
    if expected["eform"].reason is None:
        truth |= {
            "eform_entry_seconds": eform.entry_seconds,
            "eform_ready_seconds": eform.ready_seconds,
            "steps": [{"station": station, "what": what, "seconds": seconds} for station, what, seconds in eform.steps],
            "delays_seconds": dict(eform.delays_seconds),
            "fields": eform.fields,
            "required_fields": eform.required_fields,
            "controls": eform.controls,
            "barriers": dict(eform.barriers),
        }
    return truth


def _write_yaml(file: Path, data: object) -> None:
    text = yaml.safe_dump(data, allow_unicode=True, sort_keys=False, width=120)
    file.write_text(_HEADER + text, encoding="utf-8")
