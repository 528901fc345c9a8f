"""
The one JSON shape of a measurement: on sockets, in exports, behind --json and in the store's JSON columns.

It is the shape of the dataclass; instants are ISO 8601 with offset, absent values are absent. Characters that no database
keeps (NUL, lone surrogates: portals do send them) become U+FFFD here, so that one bad page never blocks a batch.
"""

import json
import re
from collections.abc import Mapping
from typing import Any

from pydantic import TypeAdapter

from thuocdo.core.model import Measurement

_MEASUREMENT = TypeAdapter(Measurement)
_UNSTORABLE = re.compile("[\x00\ud800-\udfff]")


def measurement_to_dict(measurement: Measurement) -> dict[str, Any]:
    """Return the measurement as JSON values by name."""
    values: dict[str, Any] = storable(_MEASUREMENT.dump_python(measurement, mode="json"))
    return values


def measurement_to_json(measurement: Measurement) -> str:
    """Return the measurement as one line of JSON."""
    return json.dumps(measurement_to_dict(measurement), ensure_ascii=False, allow_nan=False, separators=(",", ":"))


def measurement_from_json(text: str | bytes) -> Measurement:
    """
    Return the measurement that a line of JSON holds.

    Raises:
        ValueError: the text is no JSON or not that of a measurement; the message names the place.
    """
    return _MEASUREMENT.validate_json(text)


def storable(value: Any) -> Any:
    """Return JSON values (dicts, lists, texts, numbers) in which every text can be stored and sent."""
    if isinstance(value, str):
        return _UNSTORABLE.sub("\ufffd", value)
    if isinstance(value, Mapping):
        return {storable(key): storable(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [storable(item) for item in value]
    return value
