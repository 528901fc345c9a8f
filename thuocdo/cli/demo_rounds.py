"""
What the demo shows of rounds beside its burst of minutes: the burst sealed, and an official round from plan to publication.

A burst claims no order. The official round is made up: the fleet's portals, each about as fast as it was a minute ago, and seven
days that nobody waited for; whatever shows it says that its figures are simulated.
"""

import shlex
from collections.abc import Mapping
from datetime import datetime, timedelta
from pathlib import Path
from secrets import token_hex
from shutil import copyfile
from typing import Self

import yaml

from schedules.round_plan import RoundPlan, RoundType, load_round_plan
from thuocdo.agent.made_up_round import made_up_round
from thuocdo.cli.context import CliContext
from thuocdo.cli.seal import to_seal
from thuocdo.core import clock
from thuocdo.core.clock import HANOI, hanoi_day
from thuocdo.core.config import Settings, bundled, load_settings
from thuocdo.core.frozen import frozen_files
from thuocdo.core.kinds.kind import all_kinds
from thuocdo.core.model import Round, RoundStep
from thuocdo.core.portals import read_registry
from thuocdo.core.profiles import PLAIN_PROFILE
from thuocdo.core.yamlfile import read
from thuocdo.reports.comparing import asked_of_round, compared
from thuocdo.reports.terminal import FULL_COLUMNS
from thuocdo.reports.times import TimesReport
from thuocdo.rounds.steps import Proceedings
from thuocdo.rounds.working_days import load_calendar
from thuocdo.score.basis import read_basis
from thuocdo.score.criteria import load_criteria_set
from thuocdo.score.expected import ASSUMED
from thuocdo.sealing.keys import new_key
from thuocdo.sealing.packages import Sealed
from thuocdo.sealing.results import draws_seed
from thuocdo.sealing.sealing import seal_round
from thuocdo.sealing.signing import Signer
from thuocdo.store import MeasurementQuery, Store

SEALS, APPROVES = "Người niêm phong (mô phỏng)", "Người phê duyệt (mô phỏng)"
"""Nobody's names: in a demo one person plays both."""

REPLY_DAYS = 10
BEGAN_DAYS_AGO = 42
"""So that its week, ten working days for replies and the longest holidays lie before today."""

OFFICIAL, SETTINGS = "official", "thuocdo.yaml"


class DemoKeys:
    """Keys of nobody, made anew for each demo: what they sign proves nothing but how it is done."""

    def __init__(self, folder: Path) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        passphrase, mark = token_hex(16), token_hex(4)
        files = {name: new_key(folder / f"{role}-{mark}", passphrase) for name, role in _ROLES.items()}
        self.public = {name: one.text for name, one in files.items()}
        self._signers = {name: Signer.unlocked(one.secret, passphrase) for name, one in files.items()}

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        for signer in self._signers.values():
            signer.__exit__(None, None, None)

    def of(self, name: str) -> Signer:
        """Return somebody's signer."""
        return self._signers[name]


_ROLES = {SEALS: "seals", APPROVES: "approves"}


def seal_burst(context: CliContext, store: Store, round_: Round, keys: DemoKeys) -> Sealed:
    """Seal the round that was just measured, and return its package."""
    found = store.rounds.get(round_.id) or round_  # as it has ended
    settings = context.settings
    return seal_round(store, to_seal(settings, store, found), settings.sealed_dir, keys.of(SEALS), now=clock.now())


def say_sealed(outer: CliContext, folder: Path, sealed: Sealed, us: str) -> None:
    """Say where the package lies, in one line how anybody verifies it, and how to look at the official round."""
    say, translate = outer.console.print, outer.translate
    text = translate("To look at the official round: {command}")
    say(text.format(command=f"{us} --config {shlex.quote(str(folder / OFFICIAL / SETTINGS))} web"), soft_wrap=True)
    text = translate("The round is sealed: {folder}").format(folder=sealed.folder)
    say(text, soft_wrap=True)
    text = translate("To verify it, offline: {command}")
    say(text.format(command=f"{us} round verify {shlex.quote(str(sealed.folder))}"), soft_wrap=True)


def show_official(
    outer: CliContext, context: CliContext, folder: Path, store: Store, seen: Round, keys: DemoKeys
) -> None:
    """
    Make up an official round of the same portals in a store of its own, take it to its publication, and show what it tells.

    Args:
        outer: of the person's command.
        context: of the demo.
        folder: of the demo.
        store: holds what was measured.
        seen: the round after which the other is made up.
        keys: of the two who sign.
    """
    settings = _settings(context, folder / OFFICIAL)
    measured = list(store.measurements.find(MeasurementQuery(round_id=seen.id)))
    with Store.open(settings.store_url) as own:
        plan, file = _plan(settings, folder / OFFICIAL, keys.public)
        files = frozen_files(settings.registry_dir, settings.criteria_dir, settings.schedule, file)
        round_ = made_up_round(settings, own, plan, files, measured, ASSUMED)
        published_at = _published(settings, own, round_, plan, keys)
        _show(outer, settings, own, round_, published_at)


def _settings(context: CliContext, folder: Path) -> Settings:
    """Write settings of a store of its own, with one criteria set, for each costs a ranking; return them."""
    own = context.settings
    criteria = folder / "criteria"
    criteria.mkdir(parents=True, exist_ok=True)
    copyfile(own.criteria_dir / f"{own.criteria_set}.yaml", criteria / f"{own.criteria_set}.yaml")
    assert context.config_file is not None, "the demo wrote one"
    values = read(context.config_file).data | {
        "data_dir": str(folder / "data" / token_hex(4)),  # the store of a demo before is another fleet's
        "criteria_dir": str(criteria),
        # The demo's own schedule is in a hurry, which no plan of many days may be.
        "schedule": str(bundled("schedules") / "default.yaml"),
    }
    file = folder / SETTINGS
    file.write_text(yaml.safe_dump(values, allow_unicode=True, sort_keys=False), encoding="utf-8")
    settings = load_settings(file)
    settings.data_dir.mkdir(parents=True, exist_ok=True)
    return settings


def _plan(settings: Settings, folder: Path, keys: Mapping[str, str]) -> tuple[RoundPlan, Path]:
    first = hanoi_day(clock.now()) - timedelta(days=BEGAN_DAYS_AGO)
    file = folder / f"official-{first:%Y-%m-%d}.yaml"
    plan = {
        "id": file.stem,
        "label": f"Đợt chính thức {first:%d/%m/%Y} (số liệu mô phỏng)",
        "type": RoundType.OFFICIAL.value,
        "from": first,
        "vantages": [settings.vantage.id],
        "criteria": settings.criteria_set,
        "loads": {"http": 1, "homepage": 1},
        "minimum_coverage": 0.5,
        "reply_working_days": REPLY_DAYS,
        "people": [{"name": name, "roles": [_ROLES[name]], "key": key} for name, key in keys.items()],
    }
    file.write_text(yaml.safe_dump(plan, allow_unicode=True, sort_keys=False), encoding="utf-8")
    return load_round_plan(file, all_kinds()), file


def _published(settings: Settings, store: Store, round_: Round, plan: RoundPlan, keys: DemoKeys) -> datetime:
    """Take a round from its end to its publication, at instants of its own past; return when it was published."""
    at = plan.ends_at + timedelta(hours=12)
    basis = read_basis(settings.registry_dir, settings.criteria_dir, settings.criteria_set, at)
    steps = Proceedings(store, round_)
    sealed = seal_round(store, to_seal(settings, store, round_), settings.sealed_dir, keys.of(SEALS), now=at)
    prepared = steps.prepare(RoundStep.SEAL, SEALS, at, digest=sealed.manifest_sha256)
    steps.do(prepared, keys.of(SEALS).sign(prepared.statement.text(), at, "statement.txt"))
    steps.draft(SEALS, basis, at + timedelta(hours=1))
    until = steps.reply(SEALS, plan.reply_working_days, load_calendar(settings.calendar), at + timedelta(hours=2))
    prepared = steps.prepare_approval(APPROVES, until + timedelta(hours=9))
    steps.approve(prepared, keys.of(APPROVES).sign(prepared.statement.text(), until, "statement.txt"))
    published_at = until + timedelta(hours=10)
    steps.publish(SEALS, published_at)
    return published_at


def _show(outer: CliContext, settings: Settings, store: Store, round_: Round, published_at: datetime) -> None:
    say, translate = outer.console.print, outer.translate
    registry = read_registry(settings.registry_dir).at(hanoi_day(round_.started_at))
    criteria = load_criteria_set(settings.criteria_dir, settings.criteria_set)
    report = TimesReport(translate, is_narrow=outer.console.width < FULL_COLUMNS)
    say()
    say(translate("{label}: an official round, made up after these portals").format(label=round_.label), style="bold")
    seed = draws_seed(round_.seed)
    for block in criteria.blocks:
        asked = asked_of_round(round_, block, all_kinds()["homepage"], PLAIN_PROFILE, until=published_at, seed=seed)
        say(report.shown(asked, compared(store, registry, criteria, asked, round_), registry), "")
    text = translate("Sealed, answered, approved by another person, published on {day}.")
    say(text.format(day=f"{published_at.astimezone(HANOI):%d/%m/%Y}"))
    say(translate("ranking.simulated"), style="bold red")
