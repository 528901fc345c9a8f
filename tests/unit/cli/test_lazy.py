"""What the help says of every command, without loading it; what a process loads, tests/integration/test_lazy.py asks."""

from importlib import import_module

import pytest
import typer

from thuocdo.cli import COMMANDS


@pytest.mark.parametrize("name", COMMANDS)
def test_what_help_says_of_a_command_is_what_it_says_of_itself(name):
    place, text = COMMANDS[name]
    module, _, attribute = place.partition(":")
    found = getattr(import_module(f"thuocdo.cli.{module}"), attribute)
    own = found.info.help if isinstance(found, typer.Typer) else found.__doc__
    assert " ".join(own.split("\n\n")[0].split()) == text
