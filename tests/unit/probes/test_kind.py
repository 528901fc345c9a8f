"""There is one list of kinds, and everything that names a kind agrees with it."""

import re

from probes.kind import Engine, all_kinds


def test_every_kind_module_is_in_the_list():
    assert list(all_kinds()) == ["accessibility", "eform", "homepage", "http", "resilience"]


def test_kinds_and_values_have_names_that_metrics_can_carry():
    for kind in all_kinds().values():
        assert re.fullmatch(r"[a-z]+", kind.name)
        assert kind.help
        assert kind.roles
        assert kind.deadline_seconds > 0
        assert kind.engine in Engine
        names = [value.name for value in kind.values]
        assert len(names) == len(set(names))
        for value in kind.values:
            assert re.fullmatch(r"[a-z][a-z0-9_]*", value.name), value.name
            assert value.help[0].isupper(), value.name
            assert not value.help.endswith("."), value.name
