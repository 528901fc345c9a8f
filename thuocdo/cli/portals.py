"""`thuocdo portals list|show|check`: look at the registry; `import-communes` stands in a module of its own."""

import dataclasses
import json
from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping
from datetime import date, datetime
from pathlib import Path
from typing import Annotated, Any

import typer
from rich.table import Table

from thuocdo.cli.communes import import_communes
from thuocdo.cli.context import CliContext
from thuocdo.core import clock
from thuocdo.core.errors import ConfigurationError, UnknownTargetError
from thuocdo.core.model import Agency, Block, Confidence, Portal, Target
from thuocdo.core.portals import Registry, RegistryFiles, read_registry
from thuocdo.core.yamlfile import nearest

app = typer.Typer(help="Agencies, portals and targets that are registered.", no_args_is_help=True)
app.command("import-communes")(import_communes)

Translate = Callable[[str], str]

_SHARED_HOSTS = "elsewhere_hosts"  # every host of the registry, in each target: of no use to a reader


@app.command("list")
def list_(
    ctx: typer.Context,
    block: Annotated[Block | None, typer.Option(help="Only this block.")] = None,
    province: Annotated[
        str | None, typer.Option(help="Only this province and its communes (id of the province).")
    ] = None,
    at: Annotated[
        datetime | None, typer.Option(formats=["%Y-%m-%d"], help="What was valid on this day (default: today).")
    ] = None,
    everything: Annotated[bool, typer.Option("--all", help="What was or will be valid on any day.")] = False,
    as_json: Annotated[bool, typer.Option("--json", help="A JSON list instead of a table.")] = False,
) -> None:
    """List the registered portals, one row each; an agency without a known portal has a row too."""
    context: CliContext = ctx.obj
    files = read_registry(context.settings.registry_dir)
    day = at.date() if at else clock.today()
    if province is not None:
        _check_province(files, province)
    rows = [
        row
        for row in _rows(files, None if everything else day, day, block)
        if province is None or province in (row["agency_id"], row["parent_id"])
    ]
    if as_json:
        typer.echo(json.dumps(rows, ensure_ascii=False, indent=2))
        return
    context.console.print(_table(rows, context))


@app.command()
def show(
    ctx: typer.Context,
    name: Annotated[str, typer.Argument(metavar="ID", help="Id of an agency, a portal or a target.")],
    as_json: Annotated[bool, typer.Option("--json", help="JSON instead of text.")] = False,
) -> None:
    """Show all that is known of an agency (with its portals and targets), a portal (with its targets) or a target."""
    context: CliContext = ctx.obj
    files = read_registry(context.settings.registry_dir)
    found = _find(files.at(None), files.at(clock.today()), name)
    if as_json:
        typer.echo(json.dumps(found, ensure_ascii=False, indent=2))
        return
    for line in _lines(found):
        context.console.print(line, markup=False, highlight=False, soft_wrap=True)


@app.command()
def check(
    ctx: typer.Context,
    folder: Annotated[Path | None, typer.Argument(help="Folder of YAML files (default: that of the settings).")] = None,
) -> None:
    """Check every file of a registry; report all mistakes at once."""
    context: CliContext = ctx.obj
    files = read_registry(folder or context.settings.registry_dir)
    text = context.translate("{agencies} agencies, {portals} portals, {targets} targets; no mistakes")
    counts = {"agencies": len(files.agencies), "portals": len(files.portals), "targets": len(files.dated_targets)}
    context.console.print(text.format(**counts), highlight=False, soft_wrap=True)


def _check_province(files: RegistryFiles, province_id: str) -> None:
    provinces = [agency.id for agency in files.agencies if agency.block is Block.PROVINCE]
    if province_id not in provinces:
        hint = nearest(province_id, provinces) or "; `thuocdo portals list --block province` shows all"
        raise ConfigurationError(f"--province: no province '{province_id}'{hint}")


def _rows(files: RegistryFiles, shown: date | None, day: date, block: Block | None) -> Iterable[dict[str, Any]]:
    """Yield one row for each portal of the registry as shown, told whether it is probed on the day."""
    registry, on_day = files.at(shown), files.at(day)
    portals: dict[str, list[Portal]] = defaultdict(list)
    for portal in registry.portals.values():
        portals[portal.agency_id].append(portal)
    with_portals = {portal.agency_id for portal in files.portals}
    for agency in registry.agencies.values():
        if block and agency.block is not block:
            continue
        for portal in portals[agency.id]:
            yield _row(agency, portal, _why_not_probed(portal, on_day))
        # An agency whose portals were all valid on other days has some; only one with none at all is a gap in what we know.
        if agency.id not in with_portals:
            yield _row(agency, None, "no known address")


def _row(agency: Agency, portal: Portal | None, why_not: str) -> dict[str, Any]:
    return {
        "id": portal.id if portal else agency.id,
        "agency_id": agency.id,
        "name_vi": (portal.name_vi if portal else "") or agency.name_vi,
        "name_en": (portal.name_en if portal else "") or agency.name_en,
        "block": agency.block.value,
        "region": agency.region,
        "host": portal.host if portal else None,
        "homepage_url": portal.homepage_url if portal else None,
        "confidence": portal.confidence.value if portal else None,
        "confirmed": portal.confirmed if portal else None,
        "probed": not why_not,
        "why_not_probed": why_not or None,
        "valid_from": _iso((portal or agency).valid_from),
        "valid_to": _iso((portal or agency).valid_to),
        "successor_id": (portal or agency).successor_id,
        "source": (portal or agency).source,
        "parent_id": agency.parent_id,
        "parent_vi": agency.within_vi,
        "parent_en": agency.within_en,
        "code": agency.code,
    }


def _why_not_probed(portal: Portal, on_day: Registry) -> str:
    if portal.id not in on_day.portals:
        return "not valid on that day"
    if portal.confidence is Confidence.LOW and not portal.confirmed:
        return "low confidence, not confirmed"
    return ""


def _table(rows: Iterable[Mapping[str, Any]], context: CliContext) -> Table:
    _ = context.translate
    table = Table()
    for heading in ("Id", "Name", "Block", "Region", "Host", "Confidence", "Probed", "Valid"):
        table.add_column(_(heading), overflow="fold")
    for row in rows:
        why_not = row["why_not_probed"]
        table.add_row(
            row["id"],
            ", ".join(filter(None, (row[f"name_{context.lang}"], row[f"parent_{context.lang}"]))),
            _(f"block.{row['block']}"),
            row["region"],
            row["host"] or "",
            _(f"confidence.{row['confidence']}") if row["confidence"] else "",
            _("yes") if row["probed"] else _("no, {why}").format(why=_(why_not)),
            f"{row['valid_from'] or '…'} – {row['valid_to'] or '…'}",
        )
    return table


def _find(ever: Registry, today: Registry, name: str) -> dict[str, Any]:
    """Return what bears an id, as JSON values; an agency before a portal of the same id, since it holds the portal."""
    if name in ever.agencies:
        return {"agency": _agency(ever.agencies[name], ever, today)}
    if name in ever.portals:
        return {"portal": _portal(ever.portals[name], ever, today)}
    if name in ever.targets:
        return {"target": _target(ever.targets[name], today)}
    hint = nearest(name, [*ever.agencies, *ever.portals, *ever.targets]) or "; `thuocdo portals list --all` shows all"
    raise UnknownTargetError(f"no agency, portal or target has the id '{name}'{hint}")


def _agency(agency: Agency, ever: Registry, today: Registry) -> dict[str, Any]:
    portals = [_portal(portal, ever, today) for portal in ever.portals.values() if portal.agency_id == agency.id]
    return {**_values(agency), "valid_today": agency.id in today.agencies, "portals": portals}


def _portal(portal: Portal, ever: Registry, today: Registry) -> dict[str, Any]:
    targets = [_target(target, today) for target in ever.targets.values() if target.portal_id == portal.id]
    return {**_values(portal), "host": portal.host, "valid_today": portal.id in today.portals, "targets": targets}


def _target(target: Target, today: Registry) -> dict[str, Any]:
    present = today.targets.get(target.id, target)  # today's holds its mandate
    return {**_values(present), "valid_today": target.id in today.targets}


def _values(thing: Agency | Portal | Target) -> dict[str, Any]:
    values = {
        field.name: getattr(thing, field.name) for field in dataclasses.fields(thing) if field.name != _SHARED_HOSTS
    }
    if isinstance(thing, Target) and thing.mandate:
        values["mandate"] = dataclasses.asdict(thing.mandate)
    return {key: _json(value) for key, value in values.items()}


def _json(value: object) -> object:
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, frozenset):
        return sorted(value)
    if isinstance(value, dict):
        return {key: _json(inner) for key, inner in value.items()}
    return value


def _iso(day: date | None) -> str | None:
    return day.isoformat() if day else None


def _lines(found: Mapping[str, Any], indent: str = "") -> Iterable[str]:
    """Yield `key: value` lines; keys are those of the YAML and of --json, so that they can be looked up there."""
    for key, value in found.items():
        children = value if isinstance(value, list) and value and isinstance(value[0], dict) else None
        if isinstance(value, dict) and value:
            children = [value]
        if children is not None:
            for child in children:
                yield f"{indent}{key.removesuffix('s') if isinstance(value, list) else key}:"
                yield from _lines(child, indent + "  ")
        elif value not in (None, "", [], {}):
            yield f"{indent}{key}: {', '.join(value) if isinstance(value, list) else value}"
