"""The options of a Maildir account, typed and checked.

In `desk.toml`:

    [accounts.counter]
    connector = "maildir"
    address = "counter@example.com"
    incoming = "post/incoming"
    outgoing = "post/outgoing"
"""

from __future__ import annotations

from pathlib import Path
from typing import Literal

import msgspec
from msgspec import Struct

from connectors import options
from connectors.base import Account


class MaildirSettings(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Everything a Maildir account can be told."""

    incoming: str
    """The Maildir mail is received from. Relative paths start at the workspace."""
    outgoing: str
    """The Maildir answers are written into."""
    after_store: Literal["keep", "seen"] = "keep"
    """What becomes of a received file once it is stored: it stays, or moves to `cur` with the flag S."""
    poll_seconds: float = 0.5
    """How often to look."""
    collected: bool = False
    """Whether another program takes answers away from `outgoing`: one that is missing may then have been sent."""
    plus_token: bool = False
    """Put our token into the reply address too (`support+desk.…@`); the mail system must deliver such addresses."""
    auto_reply: str = ""
    """Text of the automatic answer to the first mail of a conversation; empty: none is sent."""


def parse(account: Account) -> tuple[MaildirSettings | None, list[str]]:
    """The account's settings, their paths absolute, and what is wrong, as `option: what, and what to do`."""
    given = account.options
    problems = [*options.unknown(given, MaildirSettings)]
    for name in ("incoming", "outgoing"):
        if not str(given.get(name, "")).strip():
            problems.append(f'{name}: missing; write {name} = "post/{name}"')
    if problems:
        return None, problems
    try:
        settings = msgspec.convert(dict(given), MaildirSettings)
    except msgspec.ValidationError as error:
        return None, [options.in_words(error)]
    settings = msgspec.structs.replace(
        settings, incoming=_absolute(settings.incoming, account), outgoing=_absolute(settings.outgoing, account)
    )
    problems = _meaning(settings, account)
    return (None if problems else settings), problems


def _absolute(path: str, account: Account) -> str:
    given = Path(path.strip())
    if given.parts[0].startswith("~"):
        return str(given.expanduser())
    return str(Path(account.folder) / given)


def _meaning(settings: MaildirSettings, account: Account) -> list[str]:
    problems = [*options.address(account)]
    for name, path in (("incoming", settings.incoming), ("outgoing", settings.outgoing)):
        if not Path(path).is_absolute():
            problems.append(f"{name}: {path} is relative to nothing; write the whole path")
    if Path(settings.incoming) == Path(settings.outgoing):
        problems.append("outgoing: is the same as incoming; answers need a Maildir of their own")
    if settings.poll_seconds < 0.05:
        problems.append("poll_seconds: at least 0.05")
    return problems
