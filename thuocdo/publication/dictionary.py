"""The data dictionary: which tables a package has, and what each column means, in both languages."""

from enum import StrEnum
from functools import cache
from importlib.resources import files
from pathlib import Path
from typing import Any

from pydantic import model_validator

from thuocdo.core.shapes import FilledLine, Id
from thuocdo.core.yamlfile import Strict, load


class ColumnType(StrEnum):
    """What the values of a column are, by the names of Table Schema."""

    STRING = "string"
    INTEGER = "integer"
    NUMBER = "number"
    BOOLEAN = "boolean"
    DATE = "date"


class ColumnMeaning(Strict):
    """A column. unit: of its numbers, empty where they have none or each row has its own. minimum: of its values."""

    name: FilledLine
    type: ColumnType
    title_vi: FilledLine
    title_en: FilledLine
    about_vi: FilledLine
    about_en: FilledLine
    unit: str = ""
    required: bool = False
    minimum: float | None = None


class TableMeaning(Strict):
    """A table: its file is `csv/<name>.csv`. key: columns that tell one row from all others."""

    name: Id
    title_vi: FilledLine
    title_en: FilledLine
    about_vi: FilledLine
    about_en: FilledLine
    key: tuple[str, ...]
    columns: tuple[ColumnMeaning, ...]

    @property
    def names(self) -> tuple[str, ...]:
        """Names of the columns, in order."""
        return tuple(column.name for column in self.columns)


class _Dictionary(Strict):
    """The file. shared: columns that several tables have, where they are named alone."""

    shared: tuple[ColumnMeaning, ...]
    tables: tuple[TableMeaning, ...]

    @model_validator(mode="before")
    @classmethod
    def _fill_in(cls, data: Any) -> Any:
        """Put shared columns where tables name them."""
        shared = {column["name"]: column for column in data["shared"]}
        tables = [
            table | {"columns": [shared[one] if isinstance(one, str) else one for one in table["columns"]]}
            for table in data["tables"]
        ]
        return {"shared": data["shared"], "tables": tables}


@cache
def all_tables() -> tuple[TableMeaning, ...]:
    """Return every table of a package, in order."""
    return tables_of("thuocdo.publication")


@cache
def tables_of(room: str) -> tuple[TableMeaning, ...]:
    """Return the tables that a room's dictionary.yaml declares, in order; room: an import package."""
    return load(Path(str(files(room))) / "dictionary.yaml", _Dictionary).tables
