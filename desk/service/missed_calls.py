"""Mail that tells of a missed call or a voicemail, by a rule of the settings: once each, it becomes a callback."""

from __future__ import annotations

from msgspec import Struct

from desk.clock import DAY, ManualClock, Millis
from desk.mail.parsed import Parsed
from desk.missed import Missed, Rule, missed
from desk.model import Identity
from desk.service import asking
from desk.service.asking import Wish
from desk.service.callbacks import Rules
from desk.service.errors import Invalid
from desk.service.threading import Decision
from desk.store.base import Store

CALLED_WITHIN: Millis = 2 * DAY
"""Nobody waits any more who called before that."""


class MissedCalls(Struct, frozen=True, kw_only=True):
    """Which mail tells of them, and how these are promised to be called back."""

    rules: tuple[Rule, ...] = ()
    calling: Rules = Rules()

    def told_by(self, account: str, mail: Parsed, age: Millis) -> Missed | None:
        """Who called, if that is what a mail tells, and they can be called."""
        if not self.rules or mail.sender is None or age > CALLED_WITHIN:
            return None
        sender, country = mail.sender, self.calling.country
        found = missed(self.rules, account, sender.email, sender.name, mail.subject, mail.body, country=country)
        try:
            return found if found and asking.checked(Wish(number=found.number.e164), self.calling) else None
        except Invalid:
            return None

    def promise(self, store: Store, now: Millis, call: Missed, message_id: int) -> None:
        """Make the message a callback, inside the transaction that stored it."""
        message = store.messages.get(message_id)
        assert message is not None
        at = self.calling.opening(now + call.rule.within)
        wish = Wish(number=call.number.e164, at=at, reason=message.subject)
        asking.ask(
            store,
            ManualClock(now),
            wish,
            rules=self.calling,
            conversation_id=message.conversation_id,
            message_id=message_id,
        )


def decision(call: Missed) -> Decision:
    """Each is a matter of its own, whoever else's calls the same machine tells of."""
    return Decision(detail=f"a call from {call.number.shown}, as [missed.{call.rule.name}] says")


def caller(call: Missed) -> Identity:
    """By whom they are known."""
    return Identity(kind="phone", value=call.number.e164)
