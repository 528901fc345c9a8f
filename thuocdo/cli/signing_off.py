"""Commands that somebody signs: first they write what is to be signed, then they take the signature."""

from pathlib import Path
from typing import Annotated

import typer

from thuocdo.cli.context import CliContext
from thuocdo.core.bounded import read_bounded
from thuocdo.core.errors import ConfigurationError
from thuocdo.rounds.steps import PreparedStep

MOST_SIGNATURE_BYTES = 8_192

By = Annotated[str, typer.Option(help="Who does it, as the plan of the round lists the name.")]
ToSign = Annotated[
    Path | None,
    typer.Option("--to-sign", help="Write what is to be signed into this file, and do nothing else.", dir_okay=False),
]
SignatureFile = Annotated[
    Path | None,
    typer.Option("--signature", help="File that `minisign -Sm` made of what was to be signed.", dir_okay=False),
]


def signature_of(
    context: CliContext, prepared: PreparedStep, to_sign: Path | None, signature: Path | None
) -> str | None:
    """
    Return the text of a signature; None where what is to be signed was written instead, and said how.

    Args:
        context: of the command.
        prepared: the step, which may be done.
        to_sign: file to be written.
        signature: file to be read.

    Raises:
        ConfigurationError: neither file is given or both are; one cannot be written or read.
    """
    if (to_sign is None) == (signature is None):
        raise ConfigurationError(
            "--to-sign, --signature: this step is signed; give --to-sign FILE, sign that file (minisign -Sm FILE), then give the "
            "same command with --signature FILE.minisig"
        )
    if to_sign is not None:
        try:
            to_sign.write_bytes(prepared.statement.text())
        except OSError as exc:
            raise ConfigurationError(
                f"--to-sign {to_sign}: cannot be written ({exc.strerror}); give another file"
            ) from exc
        text = context.translate(
            "{file} holds what {name} signs: `minisign -Sm {file}`; then give the same command with --signature {file}.minisig "
            "in place of --to-sign."
        )
        context.console.print(text.format(file=to_sign, name=prepared.note.by), soft_wrap=True)
        return None
    assert signature is not None
    try:
        return read_bounded(signature, MOST_SIGNATURE_BYTES).decode()
    except (OSError, UnicodeDecodeError) as exc:
        raise ConfigurationError(
            f"--signature {signature}: cannot be read ({exc}); give the file that minisign wrote"
        ) from exc
