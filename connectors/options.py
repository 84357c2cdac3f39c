"""Judging an account's options: what connectors say of them in the same words."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from difflib import get_close_matches
from typing import Any, TypeVar

import msgspec
from msgspec import Struct

from connectors.base import Account, ConnectorError

S = TypeVar("S")


def names(kind: type[Struct]) -> set[str]:
    """The options that a settings struct knows."""
    return {each.name for each in msgspec.structs.fields(kind)}


def unknown(options: Mapping[str, Any], kind: type[Struct], prefix: str = "") -> Iterator[str]:
    """A finding for each option that the struct does not know, with the one that may have been meant."""
    for name in sorted(set(options) - names(kind)):
        close = get_close_matches(name, sorted(names(kind)), n=1)
        known = f"did you mean {prefix}{close[0]}?" if close else f"known: {', '.join(sorted(names(kind)))}"
        yield f"{prefix}{name}: there is no such option; {known}"


def in_words(error: msgspec.ValidationError) -> str:
    """msgspec's finding as `option: what`."""
    what, _, where = str(error).partition(" - at `$.")
    return f"{where.rstrip('`') or 'options'}: {what[:1].lower()}{what[1:]}"


def address(account: Account) -> Iterator[str]:
    """A finding if the account's address is none."""
    if account.address.count("@") != 1 or not all(account.address.split("@")):
        yield f"address: {account.address!r} is no e-mail address; write it like support@example.com"


def settled(parsed: tuple[S | None, Sequence[str]]) -> S:
    """The settings out of what a connector's `parse` found. Raises ConnectorError with what is wrong with them."""
    settings, problems = parsed
    if settings is None:
        raise ConnectorError("; ".join(problems), hint="correct the account's settings", final=True)
    return settings
