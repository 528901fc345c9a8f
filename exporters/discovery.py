"""Who can be asked for at `/probe`, in the one form that Prometheus' http_sd and file_sd share."""

import json
from collections.abc import Iterable

from thuocdo.core.kinds.kind import Kind
from thuocdo.core.model import Target


def discovery_json(targets: Iterable[Target], kind: Kind) -> str:
    """
    Return a JSON list with an entry per target that the kind measures.

    Each sets the parameters of `/probe` by itself; Prometheus only has to be told our own address (docs/operations.md).
    """
    found = [
        {
            "targets": [target.id],
            "labels": {
                "__param_target": target.id,
                "__param_module": kind.name,
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
        if target.role in kind.roles
    ]
    return json.dumps(found, ensure_ascii=False, indent=1) + "\n"
