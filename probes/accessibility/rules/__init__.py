"""
What each act looks for: the rules, apart from the acts, so that pages can list them where no browser is installed.

A module of this package has the `RULES` of the act of its name, in the order in which they are told.
"""

import importlib
import pkgutil
from collections.abc import Mapping
from functools import cache

from probes.accessibility.barrier import Rule


@cache
def rules_by_act() -> Mapping[str, tuple[Rule, ...]]:
    """Return the rules of every act by its name."""
    names = sorted(module.name for module in pkgutil.iter_modules(__path__))
    return {name: importlib.import_module(f"{__name__}.{name}").RULES for name in names}


@cache
def all_rules() -> Mapping[str, Rule]:
    """Return every rule of an act by its id."""
    return {rule.id: rule for rules in rules_by_act().values() for rule in rules}
