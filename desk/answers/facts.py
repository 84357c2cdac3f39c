"""What placeholders stand for in one conversation, and how names and dates are written to its customer."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import datetime, timedelta, tzinfo

from msgspec import Struct

from desk.clock import Millis
from desk.model import Agent, Conversation, Customer

UNSUBSCRIBE = "unsubscribe"
"""The placeholder of where mail is refused: only what automations send has something for it."""
_DEFAULT_LOCALE = "en_GB"
_SHIFT = re.compile(r"(date|time)\s*(?:([+-])\s*(\d{1,4})\s*([mhdw]))?")
_UNITS = {"m": "minutes", "h": "hours", "d": "days", "w": "weeks"}
# fmt: off
_TITLES = frozenset([
    "mr", "mrs", "ms", "miss", "mx", "dr", "prof", "sir", "dame", "herr", "frau", "hr", "fr", "m", "mme", "mlle",
    "madame", "monsieur", "señor", "señora", "sr", "sra", "dhr", "mevr",
])
# fmt: on


class Facts(Struct, frozen=True, kw_only=True):
    """All that an answer may say of a conversation and the people in it."""

    now: Millis
    customer_name: str = ""
    customer_email: str = ""
    attributes: Mapping[str, str] = {}
    agent_name: str = ""
    subject: str = ""
    conversation_id: int = 0
    account_name: str = ""
    account_address: str = ""
    language: str = ""
    """How dates are written: a tag of BCP 47."""
    zone: tzinfo | None = None
    """None: this machine's."""

    def lookup(self, name: str) -> str | None:
        """See `desk.answers.template.Lookup`."""
        known = {
            "customer.name": self.customer_name,
            "customer.first_name": first_name(self.customer_name),
            "customer.email": self.customer_email,
            "agent.name": self.agent_name,
            "agent.first_name": first_name(self.agent_name),
            "conversation.subject": self.subject,
            "conversation.id": str(self.conversation_id or ""),
            "account.name": self.account_name,
            "account.address": self.account_address,
            UNSUBSCRIBE: "",
        }
        if name in known:
            return known[name]
        if name.startswith("customer."):
            return self._attribute(name.removeprefix("customer."))
        return self._moment(name)

    def _attribute(self, name: str) -> str:
        if name in self.attributes:
            return self.attributes[name]
        folded = _folded(name)
        return next((value for key, value in self.attributes.items() if _folded(key) == folded), "")

    def _moment(self, name: str) -> str | None:
        match = _SHIFT.fullmatch(name)
        if match is None:
            return None
        kind, sign, number, unit = match.groups()
        shift = timedelta(**{_UNITS[unit]: int(f"{sign}{number}")}) if number else timedelta()
        then = datetime.fromtimestamp(self.now / 1000, self.zone) + shift
        return write_date(then, self.language) if kind == "date" else write_time(then, self.language)


def facts_of(
    conversation: Conversation,
    customer: Customer | None,
    agent: Agent,
    *,
    now: Millis,
    account_name: str = "",
    account_address: str = "",
    language: str = "",
    zone: tzinfo | None = None,
) -> Facts:
    """What is known of a conversation, its customer and the rep who answers."""
    name = customer.name if customer else conversation.customer_name
    return Facts(
        now=now,
        customer_name="" if "@" in name else name,
        customer_email=conversation.customer_address,
        attributes=customer.attributes if customer else {},
        agent_name=agent.name or agent.login,
        subject=conversation.subject,
        conversation_id=conversation.id,
        account_name=account_name,
        account_address=account_address,
        language=language,
        zone=zone,
    )


def known(name: str) -> bool:
    """Whether there is such a placeholder; what reps keep about customers may have any name."""
    return name.startswith("customer.") or Facts(now=0).lookup(name) is not None


def first_name(name: str) -> str:
    """What to call somebody: `Ada` of `Ada Byron`, `Dr. Ada Byron` and `Byron, Ada`."""
    last, comma, first = name.partition(",")
    words = (first if comma and first.strip() else last).split()
    while len(words) > 1 and words[0].rstrip(".").casefold() in _TITLES:
        words.pop(0)
    return words[0] if words else ""


def write_date(moment: datetime, language: str = "") -> str:
    """A day in the words of a language (CLDR's long form): `3 February 2026`, `3. Februar 2026`."""
    from babel.dates import format_date

    return str(format_date(moment.date(), "long", locale=_locale(language)))


def write_time(moment: datetime, language: str = "") -> str:
    """A time of day as a language writes it (CLDR's short form): `14:05`, `2:05 PM`."""
    from babel.dates import format_time

    return str(format_time(moment.time(), "short", locale=_locale(language)))


def _locale(language: str) -> str:
    from babel import Locale, UnknownLocaleError

    if language and language.casefold() != "en":
        try:
            return str(Locale.parse(language, sep="-"))
        except (UnknownLocaleError, ValueError, TypeError):
            pass
    return _DEFAULT_LOCALE


def _folded(name: str) -> str:
    return re.sub(r"[\s_-]+", "_", name).casefold()
