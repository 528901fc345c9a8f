"""`thuocdo round seal`: the package of a round that has ended, signed and stamped."""

import shlex
from pathlib import Path
from typing import Annotated

import typer

from thuocdo.cli.context import CliContext
from thuocdo.cli.key import PassphraseFile, passphrase
from thuocdo.cli.rank import known_round
from thuocdo.core import clock
from thuocdo.core.config import Settings
from thuocdo.core.errors import ConfigurationError, TimestampAwayError
from thuocdo.core.frozen import frozen_files
from thuocdo.core.model import Round, RoundStep
from thuocdo.core.retelling import retold
from thuocdo.core.shapes import good_line
from thuocdo.rounds.documents import public_files
from thuocdo.rounds.people import rules_of
from thuocdo.rounds.steps import Proceedings
from thuocdo.sealing.container import zipped
from thuocdo.sealing.daily import checkpoints_of
from thuocdo.sealing.frozen import KEYS, keys_to_json, listed_keys
from thuocdo.sealing.packages import Sealed, sealed_package
from thuocdo.sealing.sealing import ToSeal, seal_round, stamp
from thuocdo.sealing.signing import Signer
from thuocdo.store import Store
from thuocdo.store.evidence import EvidenceStore


def seal(
    ctx: typer.Context,
    name: Annotated[str, typer.Argument(help="Name or id of a round that has ended.")],
    key: Annotated[Path, typer.Option(help="Secret key of whoever seals it.")],
    passphrase_file: PassphraseFile = None,
    out: Annotated[
        Path | None, typer.Option(help="Folder of sealed rounds (default: `sealed` in the data folder).")
    ] = None,
    evidence: Annotated[
        bool, typer.Option("--evidence", help="The files of evidence go along; else their digests alone.")
    ] = False,
    as_zip: Annotated[bool, typer.Option("--zip", help="The package as a zip, too.")] = False,
    cause: Annotated[str, typer.Option("--correct", help="Correct a sealed round, for this cause.")] = "",
    by: Annotated[str, typer.Option(help="Who seals it, as the plan of the round lists the name.")] = "",
) -> None:
    """
    Seal a round: everything that was measured and what came of it, in one package with a signature.

    Where the round is sealed and lacks a time stamp or the zip, the same command makes up for these alone.
    """
    context: CliContext = ctx.obj
    settings = context.settings
    folder = out or settings.sealed_dir
    with Store.open(settings.store_url) as store:
        round_ = known_round(store, name)
        sealed = sealed_package(folder, round_.id)
        steps = _steps_of(store, round_, by)
        is_noted = steps is None or (sealed is not None and steps.is_sealed_as(sealed.manifest_sha256))
        is_new = sealed is None or bool(cause) or (is_noted and not _lacks(sealed, settings, as_zip=as_zip))
        if is_new or not is_noted:
            with Signer.unlocked(key, passphrase(context, passphrase_file)) as signer:
                if is_new:
                    what = to_seal(settings, store, round_, cause=_line(cause), evidence=evidence)
                    sealed = seal_round(store, what, folder, signer, now=clock.now())
                    _tell(context, round_, sealed)
                assert sealed is not None, "it was there, or has just been made"
                if steps is not None:
                    _note(steps, by, sealed, signer)
    assert sealed is not None, "it was there, or has just been made"
    was_stamped = sealed.is_stamped
    _stamp(context, sealed)
    if as_zip:
        file = _zip_of(sealed)
        if sealed.is_stamped and not was_stamped:
            file.unlink(missing_ok=True)  # the same without the token
        zipped(sealed.folder, file)
        _say(context, "As a zip: {file}", file=str(file))
    check = f"thuocdo round verify {shlex.quote(str(sealed.folder))}"
    _say(context, "Anybody checks it with `{command}`.", command=check)


def _steps_of(store: Store, round_: Round, by: str) -> Proceedings | None:
    """Return the steps of a round that somebody has to take by name; None = it has no plan that lists people."""
    if rules_of(round_) is None:
        return None
    if not by.strip():
        raise ConfigurationError(f"--by: the plan of round '{round_.label}' lists who seals it; give the name")
    steps = Proceedings(store, round_)
    steps.rules.person(by)
    return steps


def _note(steps: Proceedings, by: str, sealed: Sealed, signer: Signer) -> None:
    """Write into the round's log that it was sealed, with a signature by the same key; what was written already stays."""
    if not steps.is_sealed_as(sealed.manifest_sha256):
        now = clock.now()
        prepared = steps.prepare(RoundStep.SEAL, by, now, digest=sealed.manifest_sha256)
        steps.do(prepared, signer.sign(prepared.statement.text(), now, "statement.txt"))


def _lacks(sealed: Sealed, settings: Settings, *, as_zip: bool) -> bool:
    """Tell whether a sealed round lacks a time stamp that it can get, or the zip that is asked for."""
    return (bool(settings.timestamp_url) and not sealed.is_stamped) or (as_zip and not _zip_of(sealed).exists())


def _zip_of(sealed: Sealed) -> Path:
    return sealed.folder.with_name(f"{sealed.folder.name}.zip")


def _say(context: CliContext, message: str, *, style: str = "", **facts: str | int) -> None:
    """Say something whose paths and digests may be copied: no line is folded."""
    context.console.print(context.translate(message).format(**facts), style=style or None, soft_wrap=True)


def _line(cause: str) -> str:
    try:
        return good_line(cause).strip()
    except ValueError as exc:
        raise ConfigurationError(f"--correct: {exc}") from exc


def to_seal(settings: Settings, store: Store, round_: Round, *, cause: str = "", evidence: bool = False) -> ToSeal:
    """Return what the package of a round is made of: what it froze, or what is in force where it froze digests alone."""
    kept = store.rounds.files_of(round_.id) or frozen_files(
        settings.registry_dir, settings.criteria_dir, settings.schedule
    )
    keys = listed_keys(round_)
    objections = store.objections.of(round_.id)
    return ToSeal(
        round=round_,
        frozen=[*((one.path, one.body) for one in kept), *([(KEYS, keys_to_json(keys))] if keys else [])],
        checkpoints=checkpoints_of(store, round_.id),
        seed=round_.seed or None,
        others=public_files(round_, store.round_log.of(round_.id), objections),
        left_out=frozenset(one.agency_id for one in objections if one.leaves_out),
        evidence=EvidenceStore(settings.evidence_dir) if evidence else None,
        cause=cause,
        simulated=settings.simulated,
    )


def _tell(context: CliContext, round_: Round, sealed: Sealed) -> None:
    _say(
        context,
        "Round {label} is sealed: {number} measurements in {folder}",
        label=round_.label,
        number=sealed.manifest.counts.done,
        folder=str(sealed.folder),
    )
    _say(context, "SHA-256 of its manifest: {digest}", digest=sealed.manifest_sha256)
    if sealed.lost_evidence:
        _say(context, "Files of evidence that are there no more: {number}.", number=sealed.lost_evidence)


def _stamp(context: CliContext, sealed: Sealed) -> None:
    """Get the time stamp where it is missing; without one the round stays sealed."""
    if sealed.is_stamped:
        return
    if not context.settings.timestamp_url:
        _say(context, "Time stamp: pending; no time-stamp server is configured (timestamp_url).")
        return
    try:
        stamp(sealed, context.settings.timestamp_url)
    except TimestampAwayError as exc:
        _say(context, "Time stamp: pending; the same command tries again.", style="yellow")
        context.console.print(retold(context.lang, str(exc)), style="yellow", soft_wrap=True)
        return
    _say(context, "Time stamp: put beside the manifest.")
