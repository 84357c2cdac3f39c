"""Acknowledgements: off unless an account asks for them, and never to anything but a person (RFC 3834)."""

from __future__ import annotations

from collections.abc import Collection

from msgspec import Struct

from desk.clock import DAY, Millis
from desk.mail.parsed import Parsed
from desk.model import Address, Message, OutboxItem
from desk.service.addresses import address
from desk.service.errors import Invalid
from desk.service.mailing import SenderAccount, enqueue, subject_of_answer
from desk.store.base import Store
from desk.text import clean, fold_address

ANSWER_WITHIN: Millis = DAY
"""Older mail (after an outage, from an archive) is not acknowledged any more."""
_NOT_PEOPLE = frozenset({"mailer-daemon", "postmaster", "majordomo", "listserv", "noreply", "no-reply", "donotreply"})


class Acknowledgement(Struct, frozen=True, kw_only=True):
    """How an account acknowledges the first message of a conversation."""

    sender: SenderAccount
    body: str
    every: Millis = 7 * DAY
    """At most one to the same sender in this time."""


def why_not(mail: Parsed, own: Collection[str]) -> str:
    """Why a mail must not be answered automatically, in words; '' if it may be. `own`: our folded addresses."""
    sender = fold_address(mail.sender.email) if mail.sender else ""
    local = sender.rpartition("@")[0]
    if not local:
        return "it names no sender"
    if mail.auto or mail.kind != "message":
        return f"it was not written by a person ({mail.auto or mail.kind})"
    if sender in own:
        return "it comes from ourselves"
    if is_machine(sender):
        return f"{sender} is a machine's address"
    named = {fold_address(to.email) for to in (*mail.to, *mail.cc)}
    if named.isdisjoint(own):
        return "it does not name us as a recipient"
    return ""


def is_machine(address: str) -> bool:
    """Whether a folded address is one at which nobody reads."""
    local = address.rpartition("@")[0]
    return local in _NOT_PEOPLE or local.startswith("owner-") or local.endswith(("-request", "-owner", "-bounces"))


def may_answer(
    mail: Parsed, own: Collection[str], *, last_answer: Millis | None, now: Millis, every: Millis = 7 * DAY
) -> bool:
    """Whether an automatic answer may go out; `last_answer` is when this sender last had one."""
    return not why_not(mail, own) and (last_answer is None or now - last_answer >= every)


def acknowledge(
    store: Store,
    mail: Parsed,
    conversation_id: int,
    acknowledgement: Acknowledgement,
    own: Collection[str],
    now: Millis,
) -> OutboxItem | None:
    """Queue the acknowledgement of a mail just stored, inside the caller's transaction; None if it may not be.

    The message has `kind == "auto"`: its connector marks it `Auto-Submitted: auto-replied`, and it neither answers
    the customer nor ends a promise.
    """
    account = acknowledgement.sender
    key, who = f"autoreply:{account.name}", fold_address(mail.sender.email) if mail.sender else ""
    last = store.cursors.get(key, who)
    if mail.sender is None or not may_answer(
        mail, own, last_answer=int(last) if last else None, now=now, every=acknowledgement.every
    ):
        return None
    try:
        to = address(mail.sender, "To")
    except Invalid:
        return None
    message = Message(
        conversation_id=conversation_id,
        account=account.name,
        direction="out",
        kind="auto",
        sender=address(Address(email=account.address, name=account.display_name), "From"),
        to=(to,),
        subject=subject_of_answer(mail.subject),
        body=clean(acknowledgement.body),
        in_reply_to=mail.message_id,
        references=(mail.message_id,) if mail.message_id else (),
        rule="outbound",
        rule_detail="acknowledged by Desk, as the account is set up",
        at=now,
    )
    store.cursors.set(key, who, str(now))
    return enqueue(store, message, account, hold_until=now)
