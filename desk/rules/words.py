"""What a rule is, and what is wrong with one."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal, get_args

from msgspec import Struct

from desk.clock import Millis

Trigger = Literal["new", "message"]
"""`new`: a customer began a conversation. `message`: they wrote, for the first time or again."""
TRIGGERS: tuple[Trigger, ...] = get_args(Trigger)

Moment = Literal[
    "last",
    "waiting",
    "created",
    "resolved",
    "reopened",
    "assigned",
    "queued",
    "tagged",
    "answered",
    "rated",
    "called",
    "abandoned",
]
"""From when on time is counted: the newest message, the customer's first that nobody has answered yet, the beginning;
or that it was resolved, reopened, became somebody's or nobody's, came into a queue or out of it, got a tag, that we
answered, that its chat was rated, that a callback is done, or that who chatted went before we answered."""
MOMENTS: tuple[Moment, ...] = get_args(Moment)

PERSONAL = frozenset({"me", "mine", "unread", "mentioned"})
"""Values of fields that mean whoever asks; a rule is nobody."""


class Rule(Struct, frozen=True, kw_only=True):
    """`[rules.NAME]`."""

    name: str
    on: Trigger = "new"
    when: str = ""
    """A query of the search language, whose words are looked for in the message at hand; empty: always."""
    do: tuple[str, ...]
    """Steps (`desk.steps`), those that need nobody to take them."""
    stop: bool = False
    """Where it fits, no later rule is asked."""
    enabled: bool = True


class Automation(Struct, frozen=True, kw_only=True):
    """`[automations.NAME]`."""

    name: str
    on: Moment = "last"
    after: Millis = 0
    """How long after that."""
    when: str = ""
    """A query of the search language; empty: always."""
    tag: str = ""
    """Of the moment `tagged`: which one."""
    do: tuple[str, ...] = ()
    """As of a rule; what is done if it sends mail is done when that goes."""
    send: str = ""
    """The shortcut of the canned answer that the customer is sent."""
    text: str = ""
    """Or the text itself. Both may hold placeholders."""
    subject: str = ""
    """Of the mail; empty: the conversation's."""
    account: str = ""
    """`from` in the file: the account that sends it; empty: the conversation's."""
    at: str = ""
    """At which time of day, `9:30`; empty: at any."""
    during: str = ""
    """In whose hours: `hours` for `[hours]`, or one of `[calendars]`; empty: at any time."""
    enabled: bool = True

    @property
    def mails(self) -> bool:
        """Whether it sends mail."""
        return bool(self.send or self.text)

    @property
    def minute(self) -> int | None:
        """`at`, as minutes of the day."""
        hour, colon, minute = self.at.partition(":")
        return int(hour) * 60 + int(minute) if colon else None


def wrong(when: str, do: Sequence[str]) -> tuple[str, str] | None:
    """The key, and what is wrong with it; None if nothing is. Query and steps are right by themselves."""
    return _wrong_query(when) or _wrong_steps(do)


def _wrong_query(when: str) -> tuple[str, str] | None:
    from desk.query import fields_of, parse

    for field in fields_of(parse(when, now=0)):
        if field.name in ("is", "assignee") and field.value.casefold() in PERSONAL:
            return "when", f"{field.name}:{field.value} is for a rep who asks; nobody asks here, so take it out"
    return None


def _wrong_steps(do: Sequence[str]) -> tuple[str, str] | None:
    from desk.rules.planning import unfit
    from desk.steps import parse

    for text in do:
        if said := unfit(parse(text)):
            return "do", f"{text!r}: {said}"
    return None
