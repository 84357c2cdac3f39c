"""How a customer looks in a list."""

from __future__ import annotations

from typing import NamedTuple

from textual.strip import Strip

from desk.model import Customer
from screens.render import cells, fit, one_line, shorten, strip
from screens.widgets.ink import Inks


class Person(NamedTuple):
    """What a list shows of a customer."""

    id: int
    name: str
    reached: tuple[str, ...]
    """Addresses and numbers, the one we write to first."""
    tags: tuple[str, ...]


def person(customer: Customer) -> Person:
    """The row of a customer."""
    others = (each.value for each in customer.identities if each.value != customer.address)
    reached = tuple(filter(None, (customer.address, *others)))
    return Person(customer.id, customer.name, reached, customer.tags)


def paint_person(row: Person, width: int, inks: Inks, on: str) -> Strip:
    """Name, where they are reached, and their tags where there is room."""
    name = min(max(width // 3, 10), 32)
    tags = " ".join(f"#{one_line(tag)}" for tag in row.tags)
    room = width - name - 2
    beside = shorten(tags, room // 3) if tags and room > 40 else ""
    left = room - (cells(beside) + 2 if beside else 0)
    spans = (
        ("▌" if on else " ", "accent"),
        (fit(row.name or "(no name)", name) + " ", "name" if row.name else "dim"),
        (fit(", ".join(row.reached), left), "text"),
        (f"  {beside}" if beside else "", "tag"),
    )
    return strip([(text, inks(ink, on)) for text, ink in spans], width, inks("text", on))
