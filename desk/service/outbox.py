"""What goes out, and how sure we are that it went.

`held` (undo window or back-off) → `sending` → `sent` → `delivered`/`read`, or `failed`, `bounced`, `unknown`;
`cancelled` when it was taken back. Each step is one conditional statement, so of two that try, one succeeds. A crash
between the wire's yes and our record leaves `sending` behind; `recover` makes that `unknown`, and `unknown` leaves
again only by proof that it was sent or by a rep who knowingly sends it once more. The copy in Sent is a job of its
own on the same row.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from random import Random

from msgspec import Struct

from desk.clock import DAY, HOUR, SECOND, Clock, Millis
from desk.model import Agent, Message, OutboxItem, OutboxState, Unsubscribe
from desk.service import going_on, inbox, promises
from desk.service.errors import Invalid, Lost, NotFound
from desk.service.mailing import SenderAccount, as_written
from desk.service.replies import UNDO_WINDOW, compose, overtaken, reply, take_back
from desk.service.undo import undo_send as undo
from desk.store.base import Store
from desk.text import fold_address, line

FIRST_BACK_OFF: Millis = 30 * SECOND
LONGEST_BACK_OFF: Millis = 4 * HOUR
GIVE_UP_AFTER: Millis = 5 * DAY
"""RFC 5321 section 4.5.4.1 asks for at least 4 to 5 days."""
FILINGS_AT_MOST = 12
ANSWERS_AT_MOST = 20
"""Of one reply, that are counted."""
KEY_AT_MOST = 1_000

CRASHED = "Desk stopped while this was being sent: it may or may not have arrived"


class Work(Struct, frozen=True, kw_only=True):
    """An item taken for sending, with all that is needed to send it."""

    item: OutboxItem
    message: Message
    """As the rep wrote it; the stored one is as it may be shown."""
    quoted: Message | None = None
    prepared: bytes | None = None
    """The bytes of an earlier attempt: sent again as they are."""
    unsubscribe: Unsubscribe | None = None
    """Where more of it is refused, if an automation sends it."""


def take_due(store: Store, clock: Clock, *, accounts: Collection[str] | None = None, limit: int = 50) -> list[Work]:
    """Mark what is due as `sending` and return it; only of these accounts, if they are named.

    The bytes must be stored (`record_prepared`) before the wire sees the first of them: `recover` relies on it.
    """
    now = clock.now()
    if not _due(store, now, accounts, 1):
        return []
    work: list[Work] = []
    with store.write():
        for item in _due(store, now, accounts, limit):
            if item.attempts == 0 and (who := overtaken(store, item)):
                _call_off(store, item, who, now)
                continue
            if not store.outbox.advance(item.id, ("held",), "sending", now, count_attempt=True):
                continue
            message = store.messages.get(item.message_id)
            if message is None:
                store.outbox.advance(item.id, ("sending",), "failed", now, error="its message is gone")
                continue
            written_to = {fold_address(to.email) for to in (*message.to, *message.cc, *message.bcc)}
            store.conversations.add_participants(message.conversation_id, written_to)
            work.append(
                Work(
                    item=_get(store, item.id),
                    message=as_written(message, item.content),
                    quoted=store.messages.get(item.quoted_id) if item.quoted_id else None,
                    prepared=store.messages.raw(item.message_id),
                    unsubscribe=sent.unsubscribe if (sent := store.auto_mails.of_outbox(item.id)) else None,
                )
            )
    return work


def _call_off(store: Store, item: OutboxItem, who: str, now: Millis) -> None:
    """The customer wrote while an answer waited for its time: it may no longer be what to say."""
    author = store.messages.get(item.message_id)
    take_back(store, item, now)
    said = f"not sent: {who} wrote before its time; it is a draft of {(author and author.agent_name) or 'its author'}"
    inbox.event(store, item.conversation_id, said, now)
    promises.refresh(store, [item.conversation_id])


def _due(store: Store, now: Millis, accounts: Collection[str] | None, limit: int) -> list[OutboxItem]:
    if accounts is None:
        return store.outbox.due(now, limit)
    return [item for item in store.outbox.due(now, 1_000) if item.account in accounts][:limit]


def record_prepared(store: Store, item: OutboxItem, raw_packed: bytes, sha256: str, size: int) -> None:
    """Keep the bytes that are about to go over the wire."""
    with store.write():
        store.messages.set_raw(item.message_id, raw_packed, sha256, size)


def record_sent(
    store: Store, clock: Clock, id: int, *, refused: Mapping[str, str] | None = None, file_copy: bool = False
) -> OutboxItem:
    """The channel said yes. `refused`: recipients it said no to, and why; `file_copy`: Sent needs a copy from us."""
    now = clock.now()
    error = "; ".join(f"{to} was refused: {why}" for to, why in (refused or {}).items())
    with store.write():
        advanced = store.outbox.advance(id, ("sending", "unknown"), "sent", now, error=line(error))
        item = _get(store, id)
        if file_copy and item.filing == "none":
            store.outbox.set_filing(id, "pending", now, next_at=now)
        promises.refresh(store, [item.conversation_id])
        if advanced:
            going_on.left(store, item, now)
            _count_answers(store, item, now)
        if advanced and error:
            _tell(store, item, f"sent, but {error}", now)
    return _get(store, id)


def _count_answers(store: Store, item: OutboxItem, now: Millis) -> None:
    """The canned answers in what was sent have been used once more."""
    message = store.messages.get(item.message_id) if item.content and item.content.answers else None
    if message is None or message.agent_id is None or item.content is None:
        return
    for key in list(dict.fromkeys(item.content.answers))[:ANSWERS_AT_MOST]:
        store.answer_uses.add(line(key)[:KEY_AT_MOST], message.agent_id, now)


def record_temporary(store: Store, clock: Clock, id: int, error: str) -> OutboxItem:
    """Certainly not sent: tried again after 30 s, doubling to 4 h, and given up after about 5 days."""
    now = clock.now()
    with store.write():
        item = _get(store, id)
        if item.attempts >= ATTEMPTS_AT_MOST:
            why = f"given up after {item.attempts} attempts; the last said: {error}"
            if store.outbox.advance(id, ("sending",), "failed", now, error=line(why)):
                _tell(store, item, f"could not be sent: {why}", now)
        else:
            again_at = now + back_off(item.attempts, seed=id)
            store.outbox.advance(id, ("sending",), "held", now, error=line(error), next_attempt_at=again_at)
    return _get(store, id)


def record_permanent(store: Store, clock: Clock, id: int, error: str) -> OutboxItem:
    """Certainly not sent, and it never will be as it is; the conversation is open again."""
    now = clock.now()
    with store.write():
        if store.outbox.advance(id, ("sending",), "failed", now, error=line(error)):
            _tell(store, _get(store, id), f"could not be sent: {error}", now)
    return _get(store, id)


def record_unknown(store: Store, clock: Clock, id: int, error: str) -> OutboxItem:
    """It may or may not have been accepted; ask the channel, then `reconcile`."""
    with store.write():
        store.outbox.advance(id, ("sending",), "unknown", clock.now(), error=line(error))
    return _get(store, id)


# --- after a crash ----------------------------------------------------------------------------------------


def recover(store: Store, clock: Clock) -> list[OutboxItem]:
    """At start, before anything is sent: what was being sent is now `unknown`; returns all that are.

    An item without stored bytes never met the wire and is simply held again.
    """
    now = clock.now()
    with store.write():
        while sending := store.outbox.in_states(("sending",)):
            for item in sending:
                if store.messages.raw(item.message_id) is None:
                    store.outbox.advance(item.id, ("sending",), "held", now, next_attempt_at=now)
                else:
                    store.outbox.advance(item.id, ("sending",), "unknown", now, error=CRASHED)
    return store.outbox.in_states(("unknown",), 10_000)


def reconcile(store: Store, clock: Clock, id: int, was_sent: bool | None) -> OutboxItem:
    """What the channel says of an `unknown` item.

    True makes it `sent` (and its copy filed, for that is where it was found). False and None leave it `unknown`
    and tell the rep: absence from Sent proves nothing, because filing is a job of its own that the crash cut off too.
    """
    now = clock.now()
    with store.write():
        item = _get(store, id)
        if was_sent:
            if store.outbox.advance(id, ("unknown",), "sent", now):
                store.outbox.set_filing(id, "done", now)
                going_on.left(store, item, now)
                promises.refresh(store, [item.conversation_id])
        elif item.state == "unknown":
            said = UNPROVEN if was_sent is None else NOT_FOUND
            if not item.error.endswith((UNPROVEN, NOT_FOUND)):
                store.outbox.advance(id, ("unknown",), "unknown", now, error=f"{item.error}; {said}")
                _tell(store, item, f"not certain that this was sent; {said}", now)
    return _get(store, id)


UNPROVEN = "the channel cannot tell: ask the customer, or send it again knowingly"
NOT_FOUND = "there is no copy in Sent, which proves nothing: ask the customer, or send it again knowingly"


def retry(store: Store, clock: Clock, agent: Agent, id: int, *, even_if_unknown: bool = False) -> OutboxItem:
    """Send a failed item again now, with the same Message-ID. An `unknown` one may arrive twice: it needs the flag."""
    now = clock.now()
    with store.write():
        item = _get(store, id)
        expect: tuple[OutboxState, ...] = ("failed", "bounced", "held")
        if even_if_unknown:
            expect = (*expect, "unknown")
        elif item.state == "unknown":
            raise Invalid(
                "may-arrive-twice",
                "it may have been sent already; send it again only if the customer may get it twice",
                {"state": item.state},
            )
        if not store.outbox.advance(id, expect, "held", now, next_attempt_at=now):
            raise Lost("not-failed", f"there is nothing to retry: it is {item.state}", {"state": item.state})
        if item.state != "held":
            inbox.event(store, item.conversation_id, f"sent again by {agent.name} (it was {item.state})", now, agent)
            promises.refresh(store, [item.conversation_id])
    return _get(store, id)


# --- the copy in Sent -------------------------------------------------------------------------------------


def record_filed(store: Store, clock: Clock, id: int) -> None:
    """The copy lies in Sent."""
    with store.write():
        store.outbox.set_filing(id, "done", clock.now())


def record_filing_failed(store: Store, clock: Clock, id: int, error: str, *, final: bool = False) -> OutboxItem:
    """The copy could not be filed; that never touches what was sent. Tried again unless `final` or often enough."""
    now = clock.now()
    with store.write():
        item = _get(store, id)
        if final or item.filing_attempts + 1 >= FILINGS_AT_MOST:
            store.outbox.set_filing(id, "failed", now, error=line(error))
        else:
            next_at = now + back_off(item.filing_attempts + 1, seed=id)
            store.outbox.set_filing(id, "pending", now, error=line(error), next_at=next_at)
    return _get(store, id)


# --- small things -----------------------------------------------------------------------------------------


def back_off(attempts: int, *, seed: int) -> Millis:
    """How long to wait after that many attempts: 30 s doubling to 4 h, give or take 15% so that a crowd spreads."""
    wait = min(FIRST_BACK_OFF << min(max(attempts, 1) - 1, 20), LONGEST_BACK_OFF)
    return int(wait * Random(f"{seed}/{attempts}").uniform(0.85, 1.15))


def _attempts_until(limit: Millis) -> int:
    attempts, waited = 0, 0
    while waited < limit:
        attempts += 1
        waited += min(FIRST_BACK_OFF << min(attempts - 1, 20), LONGEST_BACK_OFF)
    return attempts


ATTEMPTS_AT_MOST = _attempts_until(GIVE_UP_AFTER)


def _get(store: Store, id: int) -> OutboxItem:
    item = store.outbox.get(id)
    if item is None:
        raise NotFound("outbox item", id)
    return item


def _tell(store: Store, item: OutboxItem, text: str, at: Millis) -> None:
    """Say in the conversation what went wrong, and bring it back before the reps' eyes: it is due at once."""
    inbox.event(store, item.conversation_id, text, at)
    conversation = inbox.get(store, item.conversation_id)
    if conversation.state in ("waiting", "resolved"):
        store.conversations.set_state(conversation.id, "open", at)
        store.conversations.set_due(conversation.id, at)


__all__ = [
    "ATTEMPTS_AT_MOST",
    "UNDO_WINDOW",
    "SenderAccount",
    "Work",
    "back_off",
    "compose",
    "reconcile",
    "record_filed",
    "record_filing_failed",
    "record_permanent",
    "record_prepared",
    "record_sent",
    "record_temporary",
    "record_unknown",
    "recover",
    "reply",
    "retry",
    "take_due",
    "undo",
]
