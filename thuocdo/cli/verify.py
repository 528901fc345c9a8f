"""`thuocdo round verify`: whether the package of a sealed round is what was sealed, and its results follow from its records."""

import json
from collections.abc import Iterator
from dataclasses import asdict
from pathlib import Path
from typing import Annotated

import typer

from thuocdo.cli.context import CliContext
from thuocdo.core.clock import HANOI, iso
from thuocdo.core.retelling import reteller
from thuocdo.sealing.findings import Verified
from thuocdo.sealing.keys import read_public_key
from thuocdo.sealing.timestamping import read_roots
from thuocdo.sealing.verifying import Trusted
from thuocdo.sealing.verifying import verify as verified_package

_HOLDS, _OPEN, _WRONG = "✓", "–", "✗"


def verify(
    ctx: typer.Context,
    file: Annotated[Path, typer.Argument(metavar="FILE", help="Package of a sealed round: a folder or a zip.")],
    key: Annotated[
        list[Path] | None,
        typer.Option(help="Public key of whoever seals, from elsewhere; may be given several times."),
    ] = None,
    stamp_root: Annotated[
        Path | None, typer.Option(help="Root certificate (PEM) of the time-stamp server, from elsewhere.")
    ] = None,
    previous: Annotated[
        Path | None, typer.Option(help="Package, or manifest.json, of the round before, or of what is corrected.")
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", help="JSON instead of text.")] = False,
) -> None:
    """
    Verify the package of a sealed round, without a network, and compute its results again.

    Exit code 0: all of it holds. 1: something is wrong. 2: usage.
    """
    context: CliContext = ctx.obj
    trusted = Trusted(
        keys=[read_public_key(one) for one in key or ()],
        roots=read_roots(stamp_root) if stamp_root else (),
        previous=previous,
    )
    found = verified_package(file, trusted)
    if as_json:
        typer.echo(json.dumps(_document(found), ensure_ascii=False, indent=2))
    else:
        _tell(context, found)
    raise typer.Exit(1 if found.findings else 0)


def _document(found: Verified) -> dict[str, object]:
    manifest = found.manifest
    return {
        "holds": not found.findings,
        "round_id": manifest.round_id if manifest else None,
        "label": manifest.label if manifest else None,
        "simulated": manifest.simulated if manifest else None,
        "sealed_at": iso(manifest.sealed_at) if manifest else None,
        "manifest_sha256": found.manifest_sha256 or None,
        "records": found.records,
        "checkpoints": found.checkpoints,
        "key_id": found.signed.key_id if found.signed else None,
        "key_name": (found.signed.name or None) if found.signed else None,
        "key_is_compared": found.signed.is_compared if found.signed else False,
        "stamped_at": iso(found.stamp.at) if found.stamp else None,
        "stamp_is_compared": found.stamp.is_trusted if found.stamp else False,
        "previous_is_compared": found.is_previous_compared,
        "recomputed": found.is_recomputed,
        "instants": asdict(found.instants) if found.instants else None,
        "findings": [
            {"tampering": one.tampering.value, "where": one.where, "text": one.text} for one in found.findings
        ],
    }


def _tell(context: CliContext, found: Verified) -> None:
    say, translate = context.console.print, context.translate
    manifest = found.manifest
    if manifest:
        sealed_at = f"{manifest.sealed_at.astimezone(HANOI):%d/%m/%Y %H:%M}"
        say(translate("Round {label}, sealed {time}").format(label=manifest.label, time=sealed_at), style="bold")
        if manifest.correction:
            text = translate("Correction {number}: {cause}")
            say(text.format(number=manifest.correction.number, cause=manifest.correction.cause))
        if manifest.simulated:
            say(translate("ranking.simulated"), style="bold red")
        say(translate("SHA-256 of its manifest: {digest}").format(digest=found.manifest_sha256), soft_wrap=True)
        for mark, line in _lines(context, found):
            say(f"{mark} {line}", soft_wrap=True)
    retell = reteller(context.lang)
    for one in found.findings:
        say(f"{_WRONG} {retell(one.line)}", style="red", soft_wrap=True)
    if found.findings:
        text = translate("The package does not hold: {number} findings.")
        say(text.format(number=len(found.findings)), style="bold red")
    else:
        say(translate("The package holds, and its results follow from its records."), style="bold green")


def _lines(context: CliContext, found: Verified) -> Iterator[tuple[str, str]]:
    """Yield what holds, and what was not compared with anything from elsewhere."""
    translate, manifest = context.translate, found.manifest
    assert manifest is not None, "without one nothing holds"
    yield (
        _HOLDS if found.records == manifest.counts.done else _WRONG,
        translate("{number} measurements gone through, {checkpoints} checkpoints of the machine").format(
            number=found.records, checkpoints=found.checkpoints
        ),
    )
    if found.signed:
        who = f"{found.signed.name} ({found.signed.key_id})" if found.signed.name else found.signed.key_id
        yield _HOLDS, translate("Signed with key {key}").format(key=who)
        if not found.signed.is_compared:
            yield (
                _OPEN,
                translate(
                    "The key was compared with none from elsewhere: keys in the package show only that its parts agree. "
                    "Give the one that was published by --key."
                ),
            )
    if found.stamp:
        at = f"{found.stamp.at.astimezone(HANOI):%d/%m/%Y %H:%M:%S}"
        yield _HOLDS if found.stamp.is_trusted else _OPEN, translate("Time stamp of {time}").format(time=at)
        if not found.stamp.is_trusted:
            yield (
                _OPEN,
                translate("Who gave the time stamp was not checked: give the root certificate by --stamp-root."),
            )
    else:
        yield _OPEN, translate("There is no time stamp: when it was sealed is known from the sealing machine alone.")
    if (manifest.previous or manifest.correction) and not found.is_previous_compared:
        yield _OPEN, translate("The round that was sealed before was not compared: give its package by --previous.")
    if manifest.seed is None:
        yield _OPEN, translate("The round committed to no seed: draws are those of every comparison.")
    if found.instants:
        text = translate(
            "{number} instants drawn again from the seed: {met} have a measurement, {made_up} were made up for"
        )
        yield (
            _HOLDS,
            text.format(number=found.instants.drawn, met=found.instants.met, made_up=found.instants.made_up),
        )
    if found.instants and found.instants.more:
        yield (
            _OPEN,
            translate("{number} measurements were made although nothing was lacking; ask why").format(
                number=found.instants.more
            ),
        )
    if found.is_recomputed:
        yield _HOLDS, translate("Computed again from the records: ket-qua.json to the byte")
