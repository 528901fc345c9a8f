"""
What people are told about a barrier: what is wrong, who is hurt, how to mend it, with an example; Vietnamese and English.

The texts stand in advice/<act>.yaml and advice/engine.yaml, one entry per rule.
"""

from collections.abc import Mapping
from functools import cache
from importlib.resources import files
from pathlib import Path

from pydantic import Field

from thuocdo.core.errors import ConfigurationError
from thuocdo.core.yamlfile import Strict, read


class Text(Strict):
    """
    One rule in one language.

    title: the barrier in a few words. doubt: when it may be found wrongly; in English the rule itself says so. example: markup,
    the faulty one first where that helps.
    """

    title: str = Field(min_length=5)
    wrong: str = Field(min_length=12)
    hurts: str = Field(min_length=12)
    mend: str = Field(min_length=12)
    doubt: str = ""
    example: str = Field(min_length=5)


class Advice(Strict):
    """One rule in both languages."""

    vi: Text
    en: Text


@cache
def all_advice() -> Mapping[str, Advice]:
    """Return the advice of every rule by its id."""
    folder = Path(str(files("probes.accessibility") / "advice"))
    return {rule: advice for file in sorted(folder.glob("*.yaml")) for rule, advice in load_advice(file).items()}


def load_advice(file: Path) -> Mapping[str, Advice]:
    """
    Read the advice of one file by the rules' ids.

    Raises:
        ConfigurationError: every mistake in it, one line each.
    """
    document = read(file)
    found = {str(rule): document.check(Advice, (rule,), f"rule '{rule}'") for rule in document.mapping()}
    if document.problems:
        raise ConfigurationError(document.problems)
    return {rule: advice for rule, advice in found.items() if advice is not None}
