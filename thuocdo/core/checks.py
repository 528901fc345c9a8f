"""What a look at the machine finds: one line of the doctor's table."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from enum import StrEnum
from typing import Any

from babel.numbers import get_decimal_symbol

from thuocdo.core.i18n import Translate
from thuocdo.core.retelling import reteller


class CheckState(StrEnum):
    """ok: fine. warning: works, but numbers may suffer. off: something cannot be done."""

    OK = "ok"
    WARNING = "warning"
    OFF = "off"


@dataclass(frozen=True, slots=True, kw_only=True)
class Check:
    """
    One line of the doctor's table.

    name, value, remedy: message ids; {fact} stands for one of the facts, whose names carry their units. remedy: empty
    where nothing is to be done.
    """

    name: str
    state: CheckState
    value: str
    remedy: str = ""
    facts: Mapping[str, str | int | float] = field(default_factory=dict)

    def say(self, message: str, translate: Translate, lang: str = "en") -> str:
        """Return name, value or remedy in the user's language, facts filled in: fractions and errors as they are told there."""
        point, retell = get_decimal_symbol(lang), reteller(lang)
        told = {
            key: str(fact).replace(".", point)
            if isinstance(fact, float)
            else retell(fact)
            if isinstance(fact, str)
            else fact
            for key, fact in self.facts.items()
        }
        return translate(message).format(**told) if message else ""

    def to_dict(self) -> dict[str, Any]:
        """Return the check as JSON values; texts are English."""
        texts = {key: self.say(getattr(self, key), str) for key in ("name", "value", "remedy")}
        return asdict(self) | texts | {"facts": dict(self.facts)}
