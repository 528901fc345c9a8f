"""What agencies count, and the shares that decisions set: a closed list, kept as data."""

from collections.abc import Mapping
from functools import cache
from importlib.resources import files
from pathlib import Path
from typing import Literal, Self

from pydantic import Field, model_validator

from thuocdo.core.shapes import FilledLine
from thuocdo.core.yamlfile import Strict, load

Name = FilledLine


class Count(Strict):
    """Something that is counted. unit: what is counted. headings: what its column is called, besides its names."""

    id: Name
    unit: Literal["files", "people", "procedures"]
    name_vi: FilledLine
    name_en: FilledLine
    headings: tuple[FilledLine, ...] = ()


class Indicator(Strict):
    """
    A share: the sum of some counts over that of others.

    denominators: several ways to say the same; the first of which all counts are there is taken.
    is_stock: it tells of the end of a month, so the newest month counts; else what came by month is added up.
    """

    id: Name
    name_vi: FilledLine
    name_en: FilledLine
    numerator: tuple[Name, ...] = Field(min_length=1)
    denominators: tuple[tuple[Name, ...], ...] = Field(min_length=1)
    is_stock: bool = False

    def name(self, lang: str) -> str:
        """Return what people call it."""
        return self.name_vi if lang == "vi" else self.name_en


class Indicators(Strict):
    """The list. version: grows with every change."""

    version: int = Field(ge=1)
    counts: tuple[Count, ...]
    indicators: tuple[Indicator, ...]

    @model_validator(mode="after")
    def _made_of_counts(self) -> Self:
        known = [one.id for one in self.counts]
        used = {name for one in self.indicators for way in (one.numerator, *one.denominators) for name in way}
        names = known + [one.id for one in self.indicators]
        if len(set(names)) < len(names):
            raise ValueError("an id stands twice; give each its own")
        if not used <= set(known):
            raise ValueError(f"no count is called {', '.join(sorted(used - set(known)))}; name one of the list")
        return self

    @property
    def by_id(self) -> Mapping[str, Indicator]:
        """The shares by their ids."""
        return {one.id: one for one in self.indicators}


@cache
def all_indicators() -> Indicators:
    """Return the list that ships."""
    return load(Path(str(files("thuocdo.declared"))) / "indicators.yaml", Indicators)
