"""`thuocdo backup` and `thuocdo restore`: everything that cannot be measured again, as one file."""

from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Annotated

import typer

from thuocdo.backup.making import back_up
from thuocdo.backup.putting_back import check_backup, put_back
from thuocdo.cli.context import CliContext
from thuocdo.core import clock

MOST_NAMED = 10


def backup(
    ctx: typer.Context,
    target: Annotated[
        Path, typer.Argument(metavar="FILE", help="Name of the file, .tar.zst or .tar.gz; or a folder that exists.")
    ],
    sessions: Annotated[
        bool, typer.Option("--sessions", help="Login sessions, too: whoever has the file can use them.")
    ] = False,
    evidence: Annotated[
        bool, typer.Option("--evidence", help="The files of evidence, too; they may be large.")
    ] = False,
    keys: Annotated[
        bool,
        typer.Option(
            "--keys",
            help="The machine's keys for checkpoints of rounds, too: whoever has the file can sign with them.",
        ),
    ] = False,
    keep: Annotated[
        int, typer.Option(min=0, help="In a folder: so many of the newest stay, older ones go; 0 = all stay.")
    ] = 0,
) -> None:
    """
    Write a backup into one file while the service runs: store, known pages, sealed rounds, registry, criteria, schedules.

    Settings and secrets are not in it.
    """
    context: CliContext = ctx.obj
    made = back_up(context.settings, target, clock.now(), sessions=sessions, evidence=evidence, keys=keys, keep=keep)
    say, translate = context.announce, context.translate
    say(
        "Backed up into {file}: {megabytes} MB, {number} files, each with its digest.",
        file=str(made.file),
        megabytes=f"{made.size_bytes / 1e6:.1f}",
        number=len(made.manifest.files),
    )
    left_out = [translate("settings and secrets")]
    left_out += [translate("login sessions (--sessions)")] if not sessions else []
    left_out += [translate("evidence (--evidence)")] if not evidence else []
    left_out += [translate("the machine's keys for checkpoints (--keys)")] if not keys else []
    say("Not in it: {names}.", names=", ".join(left_out))
    for old in made.gone:
        say("Gone to make room: {file}", file=str(old))


def restore(
    ctx: typer.Context,
    file: Annotated[Path, typer.Argument(metavar="FILE", help="A file that `thuocdo backup` wrote.")],
    force: Annotated[bool, typer.Option("--force", help="Replace what is here.")] = False,
    check: Annotated[
        bool, typer.Option("--check", help="Only look whether it could be put back; change nothing.")
    ] = False,
) -> None:
    """Put a backup back, whole or not at all; the service must be stopped."""
    context: CliContext = ctx.obj
    say, translate = context.console.print, context.translate
    if check:
        here = context.settings.data_dir  # where a restore would need the same room, which /tmp may lack
        with TemporaryDirectory(prefix=".check-", dir=here if here.is_dir() else None) as workplace:
            manifest = check_backup(file, Path(workplace))
        text = translate(
            "{file} is whole: made {time} by version {version}, tables of revision {revision} on {engine}."
        )
        say(
            text.format(
                file=file,
                time=f"{manifest.made_at.astimezone(clock.HANOI):%d/%m/%Y %H:%M}",
                version=manifest.version,
                revision=manifest.schema_revision,
                engine=manifest.engine,
            )
        )
        return
    done = put_back(context.settings, file, clock.now(), force=force)
    text = translate("{file}, made {time}, was put back.")
    say(text.format(file=file, time=f"{done.manifest.made_at.astimezone(clock.HANOI):%d/%m/%Y %H:%M}"))
    if done.differing:
        text = translate(
            "Registry, criteria, journeys or schedules differ from the backup, whose files lie in {folder}:"
        )
        say(text.format(folder=done.files))
        for name in done.differing[:MOST_NAMED]:
            say(f"  {name}")
        if len(done.differing) > MOST_NAMED:
            say("  " + translate("and {number} more").format(number=len(done.differing) - MOST_NAMED))
    say(translate("Now start the service again."))
