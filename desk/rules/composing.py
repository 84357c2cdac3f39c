"""Mail of automations: what is wrong with how one says it, and what goes out in the end. Pure."""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping
from urllib.parse import quote

from msgspec import Struct

from desk.answers.facts import UNSUBSCRIBE, known
from desk.answers.template import placeholders, settle, unsettled
from desk.model import Unsubscribe

HOURS = "hours"
"""What `[hours]` is called among calendars."""
_TIME = re.compile(r"(?:[01]?\d|2[0-3]):[0-5]\d")
_OF_MAIL = ("subject", "from", "at", "during")


class Letter(Struct, frozen=True, kw_only=True):
    """Mail in plain text."""

    subject: str
    body: str
    missing: tuple[str, ...] = ()
    """Placeholders that nothing fills: it cannot go like this."""


def compose(subject: str, body: str, footer: str, unsubscribe: Unsubscribe) -> Letter:
    """What goes out of texts whose placeholders are filled, but for where mail is refused: that stands where they say
    it, or below in the words of the footer (which are not filled yet)."""
    where = unsubscribe.url or unsubscribe.mailto
    told = settle(body, UNSUBSCRIBE, where)
    if told == body and where:
        told = f"{body.rstrip()}\n\n{footer.replace(f'{{{UNSUBSCRIBE}}}', where)}"
    missing = dict.fromkeys(gap.name for text in (subject, told) for gap in unsettled(text))
    return Letter(subject=subject, body=told, missing=tuple(missing))


def mailto(address: str, subject: str) -> str:
    """A link that writes a mail (RFC 6068)."""
    return f"mailto:{quote(address, safe='@')}?subject={quote(subject)}"


def wrong(given: Mapping[str, object], accounts: Collection[str], calendars: Collection[str]) -> tuple[str, str] | None:
    """The key, and what is wrong with it, where an automation says what it sends and when; None if nothing is.

    `accounts`: those that send mail."""
    return _wrong_moment(given) or _wrong_words(given) or _wrong_place(given, accounts, calendars)


def _wrong_moment(given: Mapping[str, object]) -> tuple[str, str] | None:
    if (given.get("on") == "tagged") == bool(given.get("tag")):
        return None
    if given.get("tag"):
        return "tag", 'this is which tag is waited for, with on = "tagged"; what has to be there already stands in when'
    return "on", 'say which tag: tag = "shipped"'


def _wrong_words(given: Mapping[str, object]) -> tuple[str, str] | None:
    if given.get("send") and given.get("text"):
        return "text", "it sends a canned answer (send) or a text of its own, not both; take one out"
    lone = next((key for key in _OF_MAIL if given.get(key)), None)
    if lone is not None and not (given.get("send") or given.get("text")):
        return lone, f'{lone} is about mail, and none is sent; write send = "the shortcut of a canned answer"'
    for key in ("text", "subject"):
        for found in placeholders(str(given.get(key, ""))):
            if not known(found.name):
                return key, f"there is no placeholder {found.name}; see docs/answers.md, and write {{{{ for a brace"
    return None


def _wrong_place(
    given: Mapping[str, object], accounts: Collection[str], calendars: Collection[str]
) -> tuple[str, str] | None:
    at, account, during = given.get("at"), given.get("from"), given.get("during")
    if at and not _TIME.fullmatch(str(at)):
        return "at", f'{at!r} is no time of day; write it like "9:30"'
    if account and account not in accounts:
        return "from", f"no account {account!r} sends mail; there are: {', '.join(sorted(accounts)) or 'none'}"
    if during and during != HOURS and during not in calendars:
        names = ", ".join((HOURS, *sorted(calendars)))
        return "during", f"there is no [calendars.{during}]; there are: {names}"
    return None
