"""
What people are told about a barrier: what is wrong, who is hurt, how to mend it, with an example; Vietnamese and English.

The texts stand in advice/<act>.yaml and advice/engine.yaml, one entry per rule.
"""

from collections.abc import Mapping
from functools import cache
from importlib.resources import files

import yaml
from pydantic import Field

from thuocdo.yamlfile import Strict


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
    found: dict[str, Advice] = {}
    for file in sorted((files("probes.accessibility") / "advice").iterdir(), key=lambda one: one.name):
        if file.name.endswith(".yaml"):
            entries = yaml.safe_load(file.read_text(encoding="utf-8")) or {}
            found |= {rule: Advice.model_validate(entry) for rule, entry in entries.items()}
    return found
