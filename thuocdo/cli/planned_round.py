"""`thuocdo round plan`, `open`, `status`, `extend`: rounds that are planned in a file and measured over days by `thuocdo run`."""

import json
from dataclasses import asdict
from pathlib import Path
from typing import Annotated, Any

import typer
from babel.numbers import format_decimal, format_percent
from rich import box
from rich.table import Table
from rich.text import Text

from schedules.drawing import entries_of
from schedules.opened import draw_of, plan_in
from schedules.round_plan import MOST_DAYS, RoundPlan, load_round_plan
from thuocdo.agent.outlook import LOOKED_BACK, PAGE_CPU_SECONDS, BlockOutlook, Outlook, outlook, unplaced_runs
from thuocdo.agent.planned_rounds import open_round, planned_runs
from thuocdo.cli.context import CliContext
from thuocdo.cli.rank import known_round
from thuocdo.cli.visiting import refuse_without_contact
from thuocdo.core import clock
from thuocdo.core.clock import HANOI
from thuocdo.core.errors import ConfigurationError, StoreError
from thuocdo.core.frozen import frozen_files
from thuocdo.core.kinds.kind import all_kinds
from thuocdo.core.model import Round
from thuocdo.core.portals import load_registry
from thuocdo.core.reloading import tell_reload
from thuocdo.core.shapes import good_line
from thuocdo.core.yamlfile import nearest
from thuocdo.reports.round_status import AgencyStatus, round_status
from thuocdo.score.criteria import load_criteria_set
from thuocdo.sealing.daily import keys_folder, machine_key
from thuocdo.store import Store

DAY = "%d/%m/%Y"
MOMENT = "%H:%M %d/%m/%Y"

PlanFile = Annotated[Path, typer.Argument(metavar="FILE", help="Plan of a round, rounds/ID.yaml.")]
AsJson = Annotated[bool, typer.Option("--json", help="JSON instead of a text.")]
RoundName = Annotated[str, typer.Argument(metavar="ROUND", help="Name or id of a planned round.")]


def plan(ctx: typer.Context, file: PlanFile, as_json: AsJson = False) -> None:
    """Look at the plan of a round, start nothing: whom it visits how often, what that takes, how much it will be able to tell."""
    context: CliContext = ctx.obj
    found = _looked_at(context, load_round_plan(file, all_kinds()))
    if as_json:
        typer.echo(json.dumps(outlook_document(found), ensure_ascii=False, indent=2))
        return
    for line in _lines(context, found):
        context.console.print(line)


def open_(ctx: typer.Context, file: PlanFile) -> None:
    """Open a planned round: its files are frozen, its seed is drawn, and `thuocdo run` measures it when its days come."""
    context: CliContext = ctx.obj
    settings, now = context.settings, clock.now()
    found = load_round_plan(file, all_kinds())
    refuse_without_contact(settings)
    load_criteria_set(settings.criteria_dir, found.criteria_set_id)
    _refuse_what_cannot_be_kept(context, found)
    files = frozen_files(settings.registry_dir, settings.criteria_dir, settings.schedule, file)
    with Store.open(settings.store_url) as store:
        _refuse_unknown_vantages(context, store, found)
        key = machine_key(keys_folder(settings.data_dir))
        opened = open_round(settings, store, found, files, now, machine_key=key)
    tell_reload(settings.data_dir, now)
    translate = context.translate
    context.console.print(
        translate("Round {label} is open: {planned} runs from {start} to {end}. `thuocdo run` measures it.").format(
            label=opened.label,
            planned=_number(context, opened.planned),
            start=_moment(found.begins_at),
            end=_moment(found.ends_at),
        )
    )
    context.console.print(
        translate("Publish this now, it proves afterwards that nobody chose the instants: {commitment}").format(
            commitment=opened.settings["seed_commitment"]
        ),
        soft_wrap=True,
    )


def status(ctx: typer.Context, name: RoundName, as_json: AsJson = False) -> None:
    """Show how far a planned round is: what each agency has of what is due by now, and what can still be reached."""
    context: CliContext = ctx.obj
    settings, now = context.settings, clock.now()
    with Store.open(settings.store_url) as store:
        found = _planned(store, name)
        files = store.rounds.files_of(found.id)
        draw, kinds = draw_of(found, files), all_kinds()
        entries = entries_of(draw.plan, draw.frozen.values(), draw.schedule, kinds)
        registry = load_registry(settings.registry_dir, at=clock.hanoi_day(now))
        still = {one.id for one in draw.unchanged(registry.probed_targets())}
        groups = store.rollups.of_round(found.id, dict.fromkeys(draw.plan.loads, ()))
        told = round_status(draw.plan, entries, groups, now, still)
    moved = sorted({entry.target.id for entry in entries} - still) if now < draw.plan.ends_at else []
    names = {one.id: one.full_name(context.lang) for one in registry.agencies.values()}
    if as_json:
        typer.echo(json.dumps(_status_document(found, draw.plan, told, moved), ensure_ascii=False, indent=2))
        return
    context.console.print(_headline(context, found, draw.plan, told))
    context.console.print(_status_table(context, draw.plan, told, names))
    if moved:
        text = context.translate(
            "{number} targets have moved since the round was opened, or are no longer probed, and so not measured for it: {names}"
        )
        context.console.print(text.format(number=len(moved), names=", ".join(moved[:5])), style="yellow")


def extend(
    ctx: typer.Context,
    name: RoundName,
    days: Annotated[int, typer.Option(min=1, max=MOST_DAYS, help="How many days are added at its end.")],
    by: Annotated[str, typer.Option(help="Who extends it.")],
    reason: Annotated[str, typer.Option(help="Why; it is kept with the round and stands in its reports.")],
) -> None:
    """Add days to a planned round that has not ended; who did so, when and why is kept with it."""
    context: CliContext = ctx.obj
    settings, now = context.settings, clock.now()
    who, why = _line("--by", by), _line("--reason", reason)
    with Store.open(settings.store_url) as store:
        found = _planned(store, name)
        if found.ended_at is not None:
            raise ConfigurationError(f"round '{found.label}' has ended; a round is extended while it is measured")
        longer = plan_in(found, store.rounds.files_of(found.id)).extended(days)
        before = int(found.settings["days"])
        if any(block.day >= before and block.start <= now for block in longer.blocks):
            raise ConfigurationError(
                f"round '{found.label}': the days that would be added have begun; a round is extended before its last day is over"
            )
        if longer.days > MOST_DAYS:
            raise ConfigurationError(
                f"--days: the round would last {longer.days} days; at most {MOST_DAYS} are allowed"
            )
        each = found.planned * longer.days // int(found.settings["days"])  # of the registry that it froze
        store.rounds.change(found.id, planned=each, settings=_extended(found, longer, who, why))
    tell_reload(settings.data_dir, now)
    text = context.translate("Round {label} lasts until {end} now.")
    context.console.print(text.format(label=found.label, end=_moment(longer.ends_at)))


def outlook_document(found: Outlook) -> dict[str, Any]:
    """Return what a plan comes to as JSON values."""
    plan_ = found.plan
    return {
        "id": plan_.id,
        "label": plan_.label,
        "type": plan_.type.value,
        "begins_at": clock.iso(plan_.begins_at),
        "ends_at": clock.iso(plan_.ends_at),
        "blocks": [{"day": one.day, "begins_at": clock.iso(one.start)} for one in plan_.blocks],
        "targets": found.targets,
        "agencies": found.agencies,
        "runs": dict(found.runs),
        "runs_of_a_portal": found.runs_of_a_portal,
        "page_visits_in_busiest_hour": found.visits_an_hour,
        "machines": found.machines,
        "runs_without_instant": found.unplaced,
        "runs_added_on_first_day": found.added,
        "expected": [
            {
                "block": one.block.value,
                "agencies": one.agencies,
                "portals_without_eform": one.without_eform,
                "noise": asdict(one.noise),
                "noise_is_assumed": one.is_assumed,
                "claims_order": one.expected.tells_order,
                "rank_set_width": round(one.expected.width, 1),
                "told_apart_ratio": round(one.expected.told_apart, 2),
                "smallest_ratio": None
                if one.expected.smallest_ratio is None
                else round(one.expected.smallest_ratio, 3),
            }
            for one in found.blocks
        ],
    }


def _looked_at(context: CliContext, found: RoundPlan) -> Outlook:
    settings, now = context.settings, clock.now()
    planned_runs(settings, found)
    load_criteria_set(settings.criteria_dir, found.criteria_set_id)
    try:
        with Store.open(settings.store_url) as store:
            return outlook(settings, store, found, now)
    except StoreError:
        return outlook(settings, None, found, now)


def _refuse_what_cannot_be_kept(context: CliContext, found: RoundPlan) -> None:
    lacking = unplaced_runs(context.settings, found)
    if lacking:
        raise ConfigurationError(
            f"round '{found.id}': on its first day {lacking} runs find no instant that keeps the distances between visits; "
            "name fewer profiles or loads, or raise every_seconds in the schedule"
        )


def _refuse_unknown_vantages(context: CliContext, store: Store, found: RoundPlan) -> None:
    """Refuse a round from a vantage point where nobody measures, neither here nor as the store knows it."""
    known = {context.settings.vantage.id, *(one.vantage_id for one in store.agents.all())}
    strange = sorted(set(found.vantage_ids) - known)
    if strange:
        raise ConfigurationError(
            f"round '{found.id}': nobody measures from '{strange[0]}'{nearest(strange[0], known)}"
            f"; known are {', '.join(sorted(known))}; correct it, or start `thuocdo run` there first"
        )


def _lines(context: CliContext, found: Outlook) -> list[str | Text]:
    translate, plan_ = context.translate, found.plan
    hours = ", ".join(f"{start // 60:02}–{start // 60 + 2:02}" for start in plan_.starts)
    lines: list[str | Text] = [
        Text(f"{plan_.label} ({translate(f'round.type.{plan_.type}')})", style="bold"),
        translate("From {start} to {end}: {days} days, {blocks} blocks of two hours a day ({hours})").format(
            start=f"{plan_.begins_at:{DAY}}",
            end=f"{plan_.blocks[-1].start:{DAY}}",
            days=plan_.days,
            blocks=len(plan_.starts),
            hours=hours,
        ),
        translate("It visits {agencies} agencies, {targets} targets: {runs}").format(
            agencies=found.agencies,
            targets=_number(context, found.targets),
            runs=", ".join(
                translate("{kind}: {number} times").format(
                    kind=translate(f"kind.{kind}"), number=_number(context, number)
                )
                for kind, number in found.runs.items()
            ),
        ),
        translate(
            "Each portal: {runs} runs in all; {added} of a day come on top of everyday ones, the others take their place"
        ).format(runs=_number(context, found.runs_of_a_portal), added=_number(context, found.added)),
        translate(
            "Busiest hour: {visits} pages from one vantage point, at {seconds} s of CPU each; machines like this: {machines}"
        ).format(
            visits=_number(context, found.visits_an_hour),
            seconds=_number(context, PAGE_CPU_SECONDS, 2),
            machines=found.machines,
        ),
    ]
    if found.unplaced:
        text = translate(
            "{number} runs of a day find no instant that keeps the distances between visits: this plan cannot be opened"
        )
        lines.append(Text(text.format(number=_number(context, found.unplaced)), style="bold red"))
    for one in found.blocks:
        lines += _block_lines(context, one, plan_)
    return lines


def _block_lines(context: CliContext, one: BlockOutlook, plan_: RoundPlan) -> list[str | Text]:
    translate = context.translate
    lines: list[str | Text] = [
        Text(
            translate("{block}: {agencies} agencies").format(
                block=translate(f"block.{one.block}"), agencies=one.agencies
            ),
            style="bold",
        )
    ]
    noise = translate("noise of a load {run}, of a day {day} (as assumed: too little is stored)")
    if not one.is_assumed:
        noise = translate("noise of a load {run}, of a day {day} (of the last {days} days)")
    lines.append(
        "  "
        + noise.format(
            run=_percent(context, one.noise.run), day=_percent(context, one.noise.day), days=LOOKED_BACK.days
        )
    )
    told = one.expected
    if told.smallest_ratio is None:
        lines.append("  " + translate("too few days or blocks: this round will claim no order"))
    else:
        text = translate(
            "an agency's places will be about {width} of {agencies} wide; {apart} of pairs told apart; "
            "of two portals one must take {ratio} times as long"
        )
        lines.append(
            "  "
            + text.format(
                width=_number(context, told.width, 1),
                agencies=one.agencies,
                apart=_percent(context, told.told_apart),
                ratio=_number(context, told.smallest_ratio, 2),
            )
        )
    if one.without_eform and "eform" in plan_.loads:
        text = translate("{number} portals have no eForm in the registry: nothing is measured of their forms.")
        lines.append(Text("  " + text.format(number=one.without_eform), style="yellow"))
    return lines


def _planned(store: Store, name: str) -> Round:
    found = known_round(store, name)
    if not found.is_planned:
        raise ConfigurationError(f"round '{found.label}' has no plan: it is a short one, which a person waits for")
    return found


def _extended(found: Round, longer: RoundPlan, who: str, why: str) -> dict[str, str]:
    before = json.loads(found.settings.get("extended", "[]"))
    told = {"at": clock.iso(clock.now()), "by": who, "days": longer.days - int(found.settings["days"]), "reason": why}
    runs = {kind: number * len(longer.blocks) for kind, number in sorted(longer.loads.items())}
    return {
        **found.settings,
        "days": str(longer.days),
        "ends_at": clock.iso(longer.ends_at),
        "runs": json.dumps(runs),
        "extended": json.dumps([*before, told], ensure_ascii=False),
    }


def _line(option: str, text: str) -> str:
    cleaned = " ".join(text.split())
    try:
        good_line(cleaned)
    except ValueError as exc:
        raise ConfigurationError(f"{option}: {exc}") from exc
    if not cleaned:
        raise ConfigurationError(f"{option} is empty; fill it in")
    return cleaned


def _headline(context: CliContext, found: Round, plan_: RoundPlan, told: list[AgencyStatus]) -> Text:
    done, planned = sum(one.done for one in told), sum(one.planned for one in told)
    text = context.translate("{label}: {done} of {planned} runs, until {end}")
    return Text(
        text.format(
            label=found.label,
            done=_number(context, done),
            planned=_number(context, planned),
            end=_moment(plan_.ends_at),
        ),
        style="bold",
    )


def _status_table(context: CliContext, plan_: RoundPlan, told: list[AgencyStatus], names: dict[str, str]) -> Table:
    translate = context.translate
    table = Table(box=box.SIMPLE_HEAD)
    table.add_column(translate("Agency"))
    for name in ("Measured", "Due by now", "Lost", "Coverage", "At best"):
        table.add_column(translate(name), justify="right")
    for one in sorted(told, key=lambda one: (one.reachable, one.agency_id)):
        lost = one.planned - one.done - one.to_come
        style = "bold red" if one.reachable < plan_.minimum_coverage else "yellow" if lost else ""
        table.add_row(
            names.get(one.agency_id, one.agency_id),
            _number(context, one.done),
            _number(context, one.due),
            _number(context, lost),
            _percent(context, one.coverage),
            _percent(context, one.reachable),
            style=style,
        )
    return table


def _status_document(found: Round, plan_: RoundPlan, told: list[AgencyStatus], moved: list[str]) -> dict[str, Any]:
    return {
        "id": found.id,
        "label": found.label,
        "ends_at": clock.iso(plan_.ends_at),
        "minimum_coverage": plan_.minimum_coverage,
        "agencies": [
            {
                "agency_id": one.agency_id,
                "planned": one.planned,
                "due": one.due,
                "done": one.done,
                "to_come": one.to_come,
                "coverage_ratio": round(one.coverage, 4),
                "reachable_ratio": round(one.reachable, 4),
            }
            for one in told
        ],
        "targets_moved": moved,
    }


def _number(context: CliContext, amount: float, digits: int = 0) -> str:
    return format_decimal(round(amount, digits), locale=context.lang)


def _percent(context: CliContext, ratio: float) -> str:
    return format_percent(ratio, locale=context.lang, format="#,##0 %" if context.lang == "vi" else "#,##0%")


def _moment(at: Any) -> str:
    return f"{at.astimezone(HANOI):{MOMENT}}"
