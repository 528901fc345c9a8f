"""`thuocdo key`: keys by which people and machines sign, as files of minisign."""

from pathlib import Path
from typing import Annotated

import typer

from thuocdo.cli.context import CliContext
from thuocdo.core.errors import ConfigurationError
from thuocdo.sealing.keys import SECRET, PublicKey, new_key, read_passphrase, read_public_key
from thuocdo.sealing.signing import Signer

app = typer.Typer(help="Keys of those who seal and approve rounds.", no_args_is_help=True, add_completion=False)

PassphraseFile = Annotated[
    Path | None,
    typer.Option("--passphrase-file", help="File that holds the passphrase (default: it is asked for)."),
]


@app.command()
def new(
    ctx: typer.Context,
    name: Annotated[Path, typer.Argument(help="Name of the key: NAME.key and NAME.pub are written.")],
    passphrase_file: PassphraseFile = None,
) -> None:
    """Make a key: a secret file, encrypted with a passphrase, and a public one. Nothing is overwritten."""
    context: CliContext = ctx.obj
    made = new_key(name, passphrase(context, passphrase_file, is_new=True))
    translate, say = context.translate, context.console.print
    say(translate("Secret key, for you alone: {file}").format(file=made.secret), soft_wrap=True)
    say(translate("Public key, for everybody: {file}").format(file=made.public), soft_wrap=True)
    _show(context, PublicKey(made.text))
    say(
        translate(
            "Keep a copy of the secret file and the passphrase apart: without both nobody can sign with this key."
        )
    )


@app.command()
def show(
    ctx: typer.Context,
    file: Annotated[Path, typer.Argument(metavar="FILE", help="A public key, or a secret one.")],
    passphrase_file: PassphraseFile = None,
) -> None:
    """Show the public key of a file, as plans list it and minisign takes it."""
    context: CliContext = ctx.obj
    if file.name.endswith(SECRET):
        with Signer.unlocked(file, passphrase(context, passphrase_file)) as signer:
            _show(context, signer.public_key)
    else:
        _show(context, read_public_key(file))


def passphrase(context: CliContext, file: Path | None, *, is_new: bool = False) -> str:
    """
    Return the passphrase of a key: from a file, or from whoever sits at the terminal.

    Args:
        context: of the command.
        file: that holds it; None = it is asked for.
        is_new: it is asked for twice.

    Raises:
        ConfigurationError: the file cannot be read, or nobody answers.
    """
    if file is not None:
        return read_passphrase(file)
    try:
        text = context.translate("Passphrase")
        told: str = typer.prompt(text, hide_input=True, err=True)
        if is_new and typer.prompt(context.translate("Once more"), hide_input=True, err=True) != told:
            raise ConfigurationError("the two passphrases differ; nothing was written, try again")
    except typer.Abort as exc:
        raise ConfigurationError("no passphrase was given; type it, or name a file by --passphrase-file") from exc
    return told


def _show(context: CliContext, key: PublicKey) -> None:
    context.console.print(context.translate("Key {id}: {text}").format(id=key.id, text=key.text), soft_wrap=True)
