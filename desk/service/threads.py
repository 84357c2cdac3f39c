"""What is known of stored mail while a batch is stored: asked of the store once, kept up to date meanwhile."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence

from msgspec import Struct

from desk.clock import DAY, Millis
from desk.mail.parsed import Parsed
from desk.service.tokens import Tokens
from desk.store.base import Store
from desk.text import fold_address, fold_subject

SUBJECT_WINDOW: Millis = 30 * DAY
"""How long an equal subject means an equal matter."""
REFERENCES_AT_MOST = 40


class Place(Struct, frozen=True):
    """A stored message and the conversation it lies in now."""

    message_id: int
    conversation_id: int
    tie: str = ""
    """The Message-ID that led here."""


class Span(Struct):
    """A conversation's time, from its beginning to its last mail."""

    conversation_id: int
    began_at: Millis
    last_at: Millis


class Threads:
    """What the rule asks of the store, asked once for a whole batch and kept up to date while the batch is stored."""

    def __init__(
        self, store: Store, tokens: Tokens, account: str, mails: Sequence[Parsed] = (), since: Millis = 0
    ) -> None:
        """`mails` came, or will be said to have come, since an instant."""
        self.store = store
        self.tokens = tokens
        self._placed: defaultdict[str, list[Place]] = defaultdict(list)
        self._children: defaultdict[str, list[Place]] = defaultdict(list)
        self._participants: dict[int, set[str]] = {}
        self._addressed: dict[int, set[str]] = {}
        self._outbound: dict[int, bool] = {}
        self._asked: set[str] = set()
        self._referred: dict[str, list[str]] = {}
        self._spans: defaultdict[str, list[Span]] = defaultdict(list)
        self._span_of: dict[int, Span] = {}
        subjects = {fold_subject(mail.subject) for mail in mails} - {""}
        for folded, id, began_at, last_at in store.conversations.of_subjects(
            account, list(subjects), since - SUBJECT_WINDOW
        ):
            self._know(folded, Span(id, began_at, last_at))
        named = {rfc_id for mail in mails for rfc_id in (mail.message_id, _returned(mail), *self.referred(mail))}
        self._ask(named - {""})

    def referred(self, mail: Parsed) -> list[str]:
        """What a mail refers to, as `referred` finds it, found once."""
        known = self._referred.get(mail.sha256)
        if known is None:
            known = self._referred[mail.sha256] = referred(mail)
        return known

    def placed(self, rfc_id: str) -> list[Place]:
        """The stored messages with that Message-ID."""
        if rfc_id not in self._asked:
            self._ask({rfc_id})
        return self._placed.get(rfc_id, [])

    def children(self, rfc_id: str) -> list[Place]:
        """The stored messages that refer to that Message-ID."""
        if rfc_id not in self._asked:
            self._ask({rfc_id})
        return self._children.get(rfc_id, [])

    def participants(self, conversation_id: int) -> set[str]:
        known = self._participants.get(conversation_id)
        if known is None:
            known = self._participants[conversation_id] = self.store.conversations.participants(conversation_id)
        return known

    def addressed(self, conversation_id: int) -> set[str]:
        known = self._addressed.get(conversation_id)
        if known is None:
            known = self._addressed[conversation_id] = self.store.conversations.addressed(conversation_id)
        return known

    def sent_by_us(self, message_id: int) -> bool:
        known = self._outbound.get(message_id)
        if known is None:
            direction = self.store.messages.directions([message_id]).get(message_id)
            known = self._outbound[message_id] = direction == "out"
        return known

    def with_subject(self, folded: str, at: Millis) -> list[Span]:
        """The account's conversations with that subject and activity near that instant, newest first."""
        near = [
            span
            for span in self._spans.get(folded, ())
            if span.began_at - SUBJECT_WINDOW <= at <= span.last_at + SUBJECT_WINDOW
        ]
        return sorted(near, key=lambda span: (span.last_at, span.conversation_id), reverse=True)

    def begun(self, conversation_id: int, subject: str, at: Millis) -> None:
        """A conversation was made: nobody takes part in it yet."""
        self._participants[conversation_id] = set()
        self._addressed[conversation_id] = set()
        self._know(fold_subject(subject), Span(conversation_id, at, at))

    def added(self, mail: Parsed, place: Place, at: Millis, *, outbound: bool, accepted: Iterable[str]) -> None:
        """A mail was stored; `accepted` take part in the conversation from now on."""
        span = self._span_of.get(place.conversation_id)
        if span is not None:
            span.last_at = max(span.last_at, at)
        where = place.message_id, place.conversation_id
        if mail.message_id:
            self._placed[mail.message_id].append(Place(*where, mail.message_id))
        for rfc_id in self.referred(mail):
            self._children[rfc_id].append(Place(*where, rfc_id))
        self._outbound[place.message_id] = outbound
        if place.conversation_id in self._addressed:
            self._addressed[place.conversation_id].update(recipients(mail))
        new = set(accepted) - self.participants(place.conversation_id)
        if new:
            self.store.conversations.add_participants(place.conversation_id, new)
            self._participants[place.conversation_id] |= new

    def _know(self, folded: str, span: Span) -> None:
        self._spans[folded].append(span)
        self._span_of[span.conversation_id] = span

    def _ask(self, rfc_ids: set[str]) -> None:
        unknown = list(rfc_ids - self._asked)
        if not unknown:
            return
        self._asked.update(unknown)
        for rfc_id, message_id, conversation_id in self.store.messages.by_rfc_ids(unknown):
            self._placed[rfc_id].append(Place(message_id, conversation_id, rfc_id))
        for rfc_id, message_id, conversation_id in self.store.messages.awaiting(unknown):
            self._children[rfc_id].append(Place(message_id, conversation_id, rfc_id))


def referred(mail: Parsed) -> list[str]:
    """The Message-IDs a mail refers to, nearest first, the middle of a very long chain left out."""
    chain = [mail.in_reply_to, *reversed(mail.references)] if mail.in_reply_to else list(reversed(mail.references))
    if len(chain) > REFERENCES_AT_MOST:
        chain = [*chain[: REFERENCES_AT_MOST - 1], chain[-1]]
    return list(dict.fromkeys(chain))


def _returned(mail: Parsed) -> str:
    return mail.report.original_message_id if mail.report else ""


def recipients(mail: Parsed) -> list[str]:
    """Folded To and Cc addresses."""
    return [fold_address(address.email) for address in (*mail.to, *mail.cc)]
