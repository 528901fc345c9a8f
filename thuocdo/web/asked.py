"""What somebody may ask for: the types of all parameters, bounded, so that no question reaches the edges of the store's types."""

from typing import Annotated

from pydantic import AfterValidator, AwareDatetime, Field

from thuocdo.core.shapes import good_day

LONGEST_NAME = 2_000
"""A registered address may stand for its target."""


def _one_line(value: str) -> str:
    if not value.isprintable():
        raise ValueError("it holds a line break or a character that cannot be seen; remove it")
    return value


Name = Annotated[str, Field(max_length=LONGEST_NAME), AfterValidator(_one_line)]
"""An id, a name or an address, whether it is known or not."""

Instant = Annotated[AwareDatetime, AfterValidator(good_day)]
"""An instant with its offset that any time zone and the store can hold."""
