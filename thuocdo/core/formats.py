"""Numbers, durations, sizes and instants as people of one language read them; instants are shown in Hanoi time."""

from datetime import UTC, datetime, timedelta
from decimal import Decimal
from functools import lru_cache

from babel.dates import format_datetime, format_timedelta
from babel.numbers import format_decimal, format_percent

from thuocdo.core.clock import HANOI
from thuocdo.core.i18n import Translate, translator
from thuocdo.core.kinds.kind import Nature, meaning_of

_SHORT_SECONDS = 0.1
_KILOBYTE = 1000.0


class Formats:
    """
    All formatting for one language.

    Args:
        lang: one of thuocdo.core.i18n.LANGUAGES.

    """

    def __init__(self, lang: str) -> None:
        self.lang = lang
        self._translate: Translate = translator(lang)

    def instant(self, at: datetime) -> str:
        """Return an instant to the minute, such as 22/11/2026 14:05."""
        return format_datetime(at, "dd/MM/yyyy HH:mm", tzinfo=HANOI, locale=self.lang)

    def number(self, value: float, digits: int = 2) -> str:
        """Return a number with at most the given decimals, such as 1.234,5."""
        pattern = "#,##0" + ("." + "#" * digits if digits else "")
        return _decimal(str(value), pattern, self.lang)

    def fixed(self, value: float, digits: int = 2) -> str:
        """Return a number with exactly the given decimals, so that columns line up."""
        return _decimal(str(value), "#,##0." + "0" * digits, self.lang)

    def percent(self, ratio: float) -> str:
        """Return a ratio in percent; only a full 1 is shown as 100 %, only an empty 0 as 0 %."""
        if 0.0 < ratio < 1.0:
            ratio = min(max(ratio, 0.001), 0.999)
        return format_percent(ratio, format="#,##0.#%", locale=self.lang)

    def seconds(self, value: float) -> str:
        """Return a duration, such as 1,23 giây or 45 ms."""
        if abs(value) < _SHORT_SECONDS:
            return f"{self.number(value * 1000, 1 if abs(value) < _SHORT_SECONDS / 10 else 0)} ms"
        return f"{self.fixed(value)} {self._translate('seconds')}"

    def span(self, length: timedelta) -> str:
        """Return how long something lasted, such as 12 phút or 3 giờ."""
        return format_timedelta(length, threshold=2.0, locale=self.lang)

    def size(self, value: float) -> str:
        """Return a number of bytes, such as 1,65 MB."""
        if value < _KILOBYTE:
            return f"{self.number(value, 0)} B"
        if value < _KILOBYTE**2:
            return f"{self.number(value / _KILOBYTE, 0)} kB"
        return f"{self.number(value / _KILOBYTE**2)} MB"

    def interval(self, metric: str, low: float | None, high: float | None) -> str:
        """Return an interval of a measured value, such as 1,20–1,27 giây; None = open on that side."""
        ends = ["…" if end is None else self.value(metric, end) for end in (low, high)]
        first, _, unit = ends[0].partition(" ")
        return "–".join([first if unit and ends[1].endswith(f" {unit}") else ends[0], ends[1]])

    def called(self, metric: str) -> str:
        """Return what the value of `<kind>.<value>` is called; one that no kind gives any more has its own name."""
        key = f"value.{metric}"
        text = self._translate(key)
        return metric.partition(".")[2] if text == key else text

    def value(self, metric: str, value: float) -> str:
        """Return a measured value of `<kind>.<value>` as what it is; one that no kind gives any more is a number."""
        meaning = meaning_of(metric)
        match meaning.nature if meaning else None:
            case Nature.INSTANT:
                return self.instant(datetime.fromtimestamp(value, UTC))
            case Nature.DURATION:
                return self.seconds(value)
            case Nature.SIZE:
                return self.size(value)
            case Nature.INDEX:
                return self.number(value, 3)
            case Nature.SHARE:
                return self.percent(value)
            case Nature.CODE:
                return str(int(value))
            case _:
                return self.number(value, 1)


@lru_cache(maxsize=16_384)
def _decimal(number: str, pattern: str, lang: str) -> str:
    """
    Return a formatted number, kept: a table of fifty runs has thousands of them, and most come again.

    number: as Python writes it, which is what Babel reads it from anyway; 0.0 and -0.0 are equal, and not written alike.
    """
    return format_decimal(Decimal(number), format=pattern, locale=lang)
