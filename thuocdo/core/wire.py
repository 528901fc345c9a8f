"""
The one JSON shape of a measurement: on sockets, in exports, behind --json and in the store's JSON columns.

It is the shape of the dataclass; instants are ISO 8601 with offset, absent values are absent. Characters that no database
keeps (NUL, lone surrogates: portals do send them) become U+FFFD here, so that one bad page never blocks a batch.
"""

import json
import re
from collections.abc import Callable, Mapping
from typing import Any

from pydantic import TypeAdapter

from thuocdo.core.model import Measurement, MissedStarts

_MEASUREMENT = TypeAdapter(Measurement)
_MISSED_STARTS = TypeAdapter(MissedStarts)
_MISSED = '{"missed_starts":'
_UNSTORABLE = re.compile("[\x00\ud800-\udfff]")
_ESCAPED_NUL = "\\u0000"
_ONE_LINE = json.JSONEncoder(ensure_ascii=False, allow_nan=False, separators=(",", ":")).encode


def measurement_to_dict(measurement: Measurement) -> dict[str, Any]:
    """Return the measurement as JSON values by name."""
    values: dict[str, Any] = storable(_MEASUREMENT.dump_python(measurement, mode="json"))
    return values


def measurement_to_json(measurement: Measurement) -> str:
    """Return the measurement as one line of JSON."""
    return storable_json(_MEASUREMENT.dump_python(measurement, mode="json"), _ONE_LINE)


def measurement_from_json(text: str | bytes) -> Measurement:
    """
    Return the measurement that a line of JSON holds.

    Raises:
        ValueError: the text is no JSON or not that of a measurement; the message names the place.
    """
    return _MEASUREMENT.validate_json(text)


def record_to_json(record: Measurement | MissedStarts) -> str:
    """Return what an agent hands over as one line of JSON: a measurement, or a count of missed starts."""
    if isinstance(record, Measurement):
        return measurement_to_json(record)
    return f"{_MISSED}{storable_json(_MISSED_STARTS.dump_python(record, mode='json'), _ONE_LINE)}}}"


def record_from_json(text: bytes) -> Measurement | MissedStarts:
    """
    Return what a line of JSON holds that `record_to_json` made.

    Raises:
        ValueError: the text is no JSON, or neither a measurement nor a count; the message names the place.
    """
    if not text.startswith(_MISSED.encode()):
        return measurement_from_json(text)
    return _MISSED_STARTS.validate_json(text.rstrip().removeprefix(_MISSED.encode()).removesuffix(b"}"))


def storable(value: Any) -> Any:
    """Return JSON values (dicts, lists, texts, numbers) in which every text can be stored and sent."""
    if isinstance(value, str):
        return _UNSTORABLE.sub("\ufffd", value)
    if isinstance(value, Mapping):
        return {storable(key): storable(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [storable(item) for item in value]
    return value


def storable_json(value: Any, encode: Callable[[Any], str]) -> str:
    """
    Return the text of JSON values as `storable` leaves them.

    Text by text is gone through only where the whole has something in it that cannot be stored, which is rare: a store writes
    thousands of such texts a second.

    Args:
        value: dicts, lists, texts, numbers.
        encode: of an encoder that leaves letters as they are (ensure_ascii=False).
    """
    text = encode(value)
    if _ESCAPED_NUL in text or _UNSTORABLE.search(text):
        return encode(storable(value))
    return text
