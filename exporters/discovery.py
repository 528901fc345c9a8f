"""Who can be asked for at `/probe`, in the one form that Prometheus' http_sd and file_sd share."""

import json
from collections.abc import Iterable

from exporters.modules import misfit
from thuocdo.core.kinds.kind import Kind
from thuocdo.core.model import Target


def discovery_json(targets: Iterable[Target], kind: Kind, module: str = "") -> str:
    """
    Return a JSON list with an entry per target that the kind measures.

    Each sets the parameters of `/probe` by itself; Prometheus only has to be told our own address (docs/operations.md). The label
    `__meta_thuocdo_url` is what blackbox_exporter's users have as `instance`: relabelling takes it where it is wanted.

    Args:
        targets: all there are.
        kind: those that it does not measure are left out.
        module: what the kind is called; empty = by its name.
    """
    found = [
        {
            "targets": [target.id],
            "labels": {
                "__param_target": target.id,
                "__param_module": module or kind.name,
                "__meta_thuocdo_url": target.url,
                "target": target.id,
                "agency": target.agency_id,
                "block": target.block.value,
                "region": target.region,
                "family": target.family,
                "owner": target.owner,
                "parent": target.parent_id,
            },
        }
        for target in targets
        if target.role in kind.roles and not misfit(module, target)
    ]
    return json.dumps(found, ensure_ascii=False, indent=1) + "\n"
