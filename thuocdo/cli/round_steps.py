"""`thuocdo round record-seal|draft|reply|…`: what is done with a round that has a plan, from its seal to its publication."""

import hashlib
import json
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path
from typing import Annotated

import typer

from thuocdo.cli.context import CliContext
from thuocdo.cli.rank import known_round
from thuocdo.cli.round_log import log
from thuocdo.cli.signing_off import By, SignatureFile, ToSign, signature_of
from thuocdo.core import clock
from thuocdo.core.bounded import read_bounded
from thuocdo.core.clock import HANOI
from thuocdo.core.errors import ConfigurationError
from thuocdo.core.model import RoundStep
from thuocdo.core.portals import Registry, read_registry
from thuocdo.periods.gathering import who_gets
from thuocdo.post.reminding import send_reminders
from thuocdo.reports.terminal import print_ranking
from thuocdo.rounds.documents import reminder_document
from thuocdo.rounds.reminders import Reminder, due_reminders
from thuocdo.rounds.states import Obstacle, ObstacleKind
from thuocdo.rounds.steps import PreparedStep, Proceedings
from thuocdo.rounds.versions import version_ranking
from thuocdo.rounds.working_days import load_calendar
from thuocdo.score.basis import Basis, read_basis
from thuocdo.score.published import day_of, with_every_agency
from thuocdo.store import Store

MOST_MANIFEST_BYTES = 256 * 1024 * 1024
REPLY_DAYS = 10

Name = Annotated[str, typer.Argument(help="Name or id of the round.")]
Reason = Annotated[str, typer.Option(help="Why; it is kept, and printed in the report.")]


@contextmanager
def proceedings_of(context: CliContext, name: str) -> Iterator[Proceedings]:
    """Open the store, and give the steps of a round that has a plan."""
    with Store.open(context.settings.store_url) as store:
        yield Proceedings(store, known_round(store, name))


def basis_of(context: CliContext, now: datetime) -> Basis:
    """Return registry and criteria sets of the settings."""
    settings = context.settings
    return read_basis(settings.registry_dir, settings.criteria_dir, settings.criteria_set, now)


def inform(context: CliContext, message: str, **facts: str) -> None:
    """Print a text with facts in it."""
    context.console.print(context.translate(message).format(**facts), soft_wrap=True)


def on_clocks(at: datetime) -> str:
    """Return an instant as clocks in Hanoi show it."""
    return f"{at.astimezone(HANOI):%d/%m/%Y %H:%M}"


def record_seal(
    ctx: typer.Context,
    name: Name,
    by: By,
    manifest: Annotated[
        Path, typer.Option(help="manifest.json of the sealed package.", exists=True, dir_okay=False, readable=True)
    ],
    to_sign: ToSign = None,
    signature: SignatureFile = None,
) -> None:
    """Write down that a round was sealed elsewhere: only the manifest with this SHA-256 can be approved from then on."""
    context: CliContext = ctx.obj
    with proceedings_of(context, name) as proceedings:
        digest = hashlib.sha256(_content(manifest)).hexdigest()
        prepared = proceedings.prepare(RoundStep.SEAL, by, clock.now(), digest=digest)
        if _done(context, proceedings, prepared, to_sign, signature):
            inform(context, "Round {label} is sealed, by {by}.", label=proceedings.round.label, by=prepared.note.by)


def sign_points(
    ctx: typer.Context, name: Name, by: By, to_sign: ToSign = None, signature: SignatureFile = None
) -> None:
    """Sign for the points that one entered for a round by hand; whoever enters more signs again."""
    context: CliContext = ctx.obj
    with proceedings_of(context, name) as proceedings:
        prepared = proceedings.prepare_points(by, clock.now())
        if _done(context, proceedings, prepared, to_sign, signature):
            inform(
                context,
                "{by} has signed for {count} entries of points in round {label}.",
                label=proceedings.round.label,
                by=prepared.note.by,
                count=prepared.note.subject,
            )


def draft(ctx: typer.Context, name: Name, by: By) -> None:
    """Compute and keep the ranking of a round that was sealed; nobody but those who ask for it sees it."""
    context: CliContext = ctx.obj
    with proceedings_of(context, name) as proceedings:
        now = clock.now()
        proceedings.draft(by, basis_of(context, now), now)
        text = "The draft of round {label} is made: `thuocdo rank --round` shows it, `thuocdo round reply` opens the replies."
        inform(context, text, label=proceedings.round.label)


def reply(
    ctx: typer.Context,
    name: Name,
    by: By,
    days: Annotated[int, typer.Option(help="Working days that agencies have.")] = REPLY_DAYS,
) -> None:
    """Open the window in which agencies may reply to the draft, and say until when."""
    context: CliContext = ctx.obj
    with proceedings_of(context, name) as proceedings:
        calendar = load_calendar(context.settings.calendar)
        until = proceedings.reply(by, days, calendar, clock.now())
        inform(
            context,
            "Agencies may reply to the draft of round {label} until {until} (Hanoi time).",
            label=proceedings.round.label,
            until=on_clocks(until),
        )
        if not calendar.is_certain(until):
            inform(
                context,
                "The calendar of working days is certain until {day} only: write what was decided since into {file}.",
                day=f"{calendar.announced_until:%d/%m/%Y}",
                file=str(context.settings.calendar),
            )


def remind(
    ctx: typer.Context,
    name: Name,
    as_json: Annotated[bool, typer.Option("--json", help="A JSON list, for what sends them.")] = False,
    sent_by: Annotated[str | None, typer.Option(help="They were sent, by this person; write it into the log.")] = None,
    send: Annotated[
        bool,
        typer.Option("--send", help="Send them, by mail and webhook as the file of owners says; needs --sent-by."),
    ] = False,
) -> None:
    """Tell which agencies are to be reminded of a window for replies: at half of it, and one working day before its end."""
    context: CliContext = ctx.obj
    if send and sent_by is None:
        raise ConfigurationError("--send: say by --sent-by who sends them")
    with proceedings_of(context, name) as proceedings:
        now = clock.now()
        log = proceedings.store.round_log.of(proceedings.round.id)
        calendar = load_calendar(context.settings.calendar)
        due = list(due_reminders(log, proceedings.silent_agencies(), calendar, now))
        registry = read_registry(context.settings.registry_dir).at(day_of(proceedings.round, now))
        if as_json:
            documents = [reminder_document(one, proceedings.round, registry) for one in due]
            typer.echo(json.dumps(documents, ensure_ascii=False, indent=2))
        elif not due:
            inform(context, "Nobody is to be reminded now.")
        for one in due:
            if not as_json:
                names = ", ".join(registry.agencies[each].full_name(context.lang) for each in one.agencies)
                inform(
                    context,
                    "To be reminded, before {until}: {agencies}.",
                    until=on_clocks(one.deadline),
                    agencies=names,
                )
            if send and not _sent(context, proceedings, one, registry, now):
                raise typer.Exit(3)
            if sent_by is not None:
                prepared = proceedings.prepare(RoundStep.REMIND, sent_by, now, subject=one.kind.value)
                proceedings.do(prepared)


def _sent(context: CliContext, proceedings: Proceedings, one: Reminder, registry: Registry, now: datetime) -> bool:
    """Send a reminder, say what became of it, and tell whether everybody who is named got it."""
    owners, owner_of = who_gets(context.settings)
    done = send_reminders(proceedings.store, proceedings.round, one, owners, owner_of, registry, now)
    unknown = ", ".join(registry.agencies[each].full_name(context.lang) for each in done.unknown)
    number = str(len(done.told))
    if unknown:
        inform(
            context,
            "Reminded: {number}. Nobody is named in the file of owners for: {unknown}.",
            number=number,
            unknown=unknown,
        )
    else:
        inform(context, "Reminded: {number}.", number=number)
    if done.unreached:
        names = ", ".join(registry.agencies[each].full_name(context.lang) for each in done.unreached)
        inform(context, "Not reached, give the command again: {agencies}.", agencies=names)
    return not done.unreached


def overrule(
    ctx: typer.Context,
    name: Name,
    obstacle: Annotated[ObstacleKind, typer.Argument(help="open_objection, unsigned_points or low_coverage.")],
    by: By,
    reason: Reason = "",
    about: Annotated[str, typer.Option(help="Number of the objection, or name of who entered the points.")] = "",
    to_sign: ToSign = None,
    signature: SignatureFile = None,
) -> None:
    """Overrule what keeps a round from being published; the approver alone may, with a reason that is printed in the report."""
    context: CliContext = ctx.obj
    with proceedings_of(context, name) as proceedings:
        now = clock.now()
        found = _obstacle(proceedings, obstacle, about, now)
        prepared = proceedings.prepare_overruling(found, by, reason, now)
        if _done(context, proceedings, prepared, to_sign, signature):
            inform(
                context,
                "Overruled by {by}, with the reason: {reason}",
                by=prepared.note.by,
                reason=prepared.note.reason,
            )


def renew(ctx: typer.Context, name: Name, by: By, reason: Reason = "") -> None:
    """Make a new version of the ranking of points that were entered since the last one; the older versions stay readable."""
    context: CliContext = ctx.obj
    with proceedings_of(context, name) as proceedings:
        now = clock.now()
        made = proceedings.renew(by, reason, basis_of(context, now), now)
        inform(
            context,
            "Version {number} of the ranking of round {label} is made; it is to be sealed.",
            number=made.note.subject,
            label=proceedings.round.label,
        )


def approve(
    ctx: typer.Context,
    name: Name,
    by: By,
    reason: Reason = "",
    to_sign: ToSign = None,
    signature: SignatureFile = None,
) -> None:
    """Approve a round after agencies could reply: somebody else than who sealed it, with an own key."""
    context: CliContext = ctx.obj
    with proceedings_of(context, name) as proceedings:
        prepared = proceedings.prepare_approval(by, clock.now(), reason)
        text = signature_of(context, prepared, to_sign, signature)
        if text is None:
            return
        proceedings.approve(prepared, text)
        message = "Round {label} is approved, by {by}: `thuocdo round publish` shows it to everybody."
        inform(context, message, label=proceedings.round.label, by=prepared.note.by)


def correct(
    ctx: typer.Context,
    name: Name,
    by: By,
    reason: Reason = "",
    to_sign: ToSign = None,
    signature: SignatureFile = None,
) -> None:
    """Show the newest version of a ranking in place of the published one: sealed, and signed by somebody else who approves."""
    context: CliContext = ctx.obj
    with proceedings_of(context, name) as proceedings:
        prepared = proceedings.prepare_correction(by, reason, clock.now())
        text = signature_of(context, prepared, to_sign, signature)
        if text is None:
            return
        proceedings.correct(prepared, text)
        inform(context, "Round {label} is corrected, by {by}.", label=proceedings.round.label, by=prepared.note.by)


def version(
    ctx: typer.Context,
    name: Name,
    number: Annotated[int, typer.Argument(help="Number of the version, from 1, which is the draft.")],
    criteria: Annotated[str | None, typer.Option(help="Id of the criteria set (default: the settings').")] = None,
) -> None:
    """Print one version of a round's ranking as it was."""
    context: CliContext = ctx.obj
    settings = context.settings
    with proceedings_of(context, name) as proceedings:
        known = proceedings.store.ranking_versions.of(proceedings.round.id)
        wanted = criteria or settings.criteria_set
        found = next((one for one in known if (one.version, one.criteria_set_id) == (number, wanted)), None)
        if found is None:
            there = ", ".join(f"{one.version} ({one.criteria_set_id})" for one in known) or "none"
            raise ConfigurationError(f"no version {number} of the ranking by '{wanted}' (there are: {there})")
        ranking = version_ranking(proceedings.store, found)
        files = read_registry(settings.registry_dir)
        of_day = files.at(day_of(proceedings.round, clock.now()))
    registry = with_every_agency(of_day, ranking, files.at(None).agencies)
    print_ranking(context.console, ranking, registry, context.translate, simulated=settings.simulated)


def _done(
    context: CliContext,
    proceedings: Proceedings,
    prepared: PreparedStep,
    to_sign: Path | None,
    signature: Path | None,
) -> bool:
    """Do a step that changes nothing but the log, once it is signed; tells whether it was done."""
    text = signature_of(context, prepared, to_sign, signature)
    if text is None:
        return False
    proceedings.do(prepared, text)
    return True


def _obstacle(proceedings: Proceedings, what: ObstacleKind, about: str, now: datetime) -> Obstacle:
    """Return what is to be overruled; where there are several of a kind, the one that is named."""
    standing = proceedings.facts(now).standing
    mine = [one for one in standing if one.kind is what]
    named = [one for one in mine if not about or one.subject == about or f"'{about}'" in one.told]
    if not mine:
        proceedings.refuse(
            [f"nothing of the kind '{what.value}' keeps it from being published, so nothing is overruled"]
        )
    if len(named) != 1:
        told = "; ".join(one.told.partition(";")[0] for one in mine)
        proceedings.refuse([f"--about: '{about}' names none of these, or not one alone (there are: {told})"])
    return named[0]


def _content(file: Path) -> bytes:
    try:
        content = read_bounded(file, MOST_MANIFEST_BYTES)
    except OSError as exc:
        raise ConfigurationError(f"--manifest {file}: cannot be read ({exc.strerror}); give another file") from exc
    if not 0 < len(content) <= MOST_MANIFEST_BYTES:
        raise ConfigurationError(
            f"--manifest {file}: it is empty, or far too large; give the manifest.json of the package"
        )
    return content


_BY_NAME: Mapping[str, Callable[..., None]] = {
    "record-seal": record_seal,
    "sign-points": sign_points,
    "draft": draft,
    "reply": reply,
    "remind": remind,
    "overrule": overrule,
    "renew": renew,
    "approve": approve,
    "correct": correct,
    "version": version,
    "log": log,
}

COMMANDS = tuple(_BY_NAME)


def register(app: typer.Typer) -> None:
    """Add the commands of this module to `thuocdo round`."""
    for name, command in _BY_NAME.items():
        app.command(name=name)(command)
