"""What the routes' signatures share."""

from __future__ import annotations

from datetime import tzinfo
from typing import Annotated, TypeVar

from litestar.params import Dependency, Parameter

from desk.model import Agent
from desk.server.desk import Desk
from desk.server.problems import BadRequest
from desk.service.errors import NotFound

T = TypeVar("T")

TheDesk = Annotated[Desk, Dependency(skip_validation=True)]
Rep = Annotated[Agent, Dependency(skip_validation=True)]
"""Who asks."""
Zone = Annotated[tzinfo | None, Dependency(skip_validation=True)]
"""Where: in which days begin, and hours are meant. None: this machine's."""

Offset = Annotated[int, Parameter(ge=0, description="Counted from the top.")]
Limit = Annotated[int, Parameter(ge=1, le=1000, description="How many at most.")]
Before = Annotated[int | None, Parameter(description="Only what is older than this id.")]


def found(value: T | None, what: str, id: int | str) -> T:
    """The value, or `NotFound`."""
    if value is None:
        raise NotFound(what, id)
    return value


def numbers(text: str, *, at_most: int = 1000) -> list[int]:
    """`"3,1,2"` as integers. Raises BadRequest."""
    try:
        ids = [int(part) for part in text.split(",") if part.strip()]
    except ValueError as error:
        raise BadRequest("bad-request", "ids are whole numbers with commas between") from error
    if len(ids) > at_most:
        raise BadRequest("bad-request", f"at most {at_most} ids at once")
    return ids
