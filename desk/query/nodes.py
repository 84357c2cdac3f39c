"""What a query is once it is understood: a small tree, and the text it came from or could have come from."""

from __future__ import annotations

from collections.abc import Iterator

from msgspec import Struct

from desk.clock import Millis


class Word(Struct, frozen=True):
    """A word: anywhere in a conversation's subject, customer or tags, or a whole word of a message."""

    text: str


class Phrase(Struct, frozen=True):
    """Words in this order."""

    text: str


class Prefix(Struct, frozen=True):
    """The beginning of a word; or of the last word of a phrase."""

    text: str


class Field(Struct, frozen=True):
    """`name:value`, checked."""

    name: str
    value: str
    at: Millis | None = None
    """The instant that a date means, or of which it is asked."""


class Not(Struct, frozen=True):
    """The opposite."""

    of: Query


class All(Struct, frozen=True):
    """All of these; nothing at all to ask holds for everything."""

    of: tuple[Query, ...]


class AnyOf(Struct, frozen=True):
    """At least one of these."""

    of: tuple[Query, ...]


Query = Word | Phrase | Prefix | Field | Not | All | AnyOf

EVERYTHING = All(())


def both(one: Query, other: Query) -> Query:
    """What holds for both."""
    parts = tuple(part for query in (one, other) for part in (query.of if isinstance(query, All) else (query,)))
    return parts[0] if len(parts) == 1 else All(parts)


def fields_of(query: Query) -> Iterator[Field]:
    """Every field condition of a query, wherever it stands."""
    if isinstance(query, Field):
        yield query
    elif isinstance(query, Not):
        yield from fields_of(query.of)
    elif isinstance(query, All | AnyOf):
        for part in query.of:
            yield from fields_of(part)


def texts_of(query: Query) -> Iterator[str]:
    """The words and phrases that are looked for, not those that must be absent."""
    if isinstance(query, Word | Phrase | Prefix):
        yield query.text
    elif isinstance(query, All | AnyOf):
        for part in query.of:
            yield from texts_of(part)


def render(query: Query) -> str:
    """The text of a query; `parse` makes the same query of it."""
    if isinstance(query, AnyOf):
        return " or ".join(_part(part) if isinstance(part, AnyOf) else render(part) for part in query.of)
    if isinstance(query, All):
        return " ".join(_part(part) for part in query.of)
    return _part(query)


def _part(query: Query) -> str:
    if isinstance(query, Word):
        return query.text
    if isinstance(query, Phrase):
        return f'"{query.text}"'
    if isinstance(query, Prefix):
        return f"{query.text if is_plain(query.text) else _quoted(query.text)}*"
    if isinstance(query, Field):
        return f"{query.name}:{query.value if not needs_quotes(query.value) else _quoted(query.value)}"
    if isinstance(query, Not):
        return f"-{f'({render(query.of)})' if isinstance(query.of, Not) else _part(query.of)}"
    return f"({render(query)})"


def _quoted(text: str) -> str:
    return f'"{text}"'


def needs_quotes(value: str) -> bool:
    """Whether the value of a field has to be written in quotes."""
    return not value or value.startswith("//") or any(char.isspace() or char in '()"' for char in value)


def is_plain(text: str) -> bool:
    """Whether a text can stand as a word without quotes and means just itself."""
    return (
        not needs_quotes(text)
        and text[0] != "-"
        and text[-1] != "*"
        and ":" not in text
        and text.casefold() not in ("or", "not")
    )
