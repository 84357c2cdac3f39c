"""Mail that automations send: looked at when its time has come, and queued, held or dropped, each with the reason.

That it is to go is stored first, in one row for each automation and conversation (`desk.store.base.AutoMails`); what
queues it is one transaction with its row in the outbox, whose guarantees it has from then on. So a crash anywhere costs
neither a mail nor sends one twice.
"""

from __future__ import annotations

import logging
from collections.abc import Mapping
from datetime import UTC

from msgspec.structs import replace

from desk.clock import HOUR, Clock, Millis, iso
from desk.model import Address, Agent, AutoMail, Message, NewReply, OutboxItem, Unsubscribe
from desk.rules.composing import Letter, compose, mailto
from desk.rules.planning import plan as planned_steps
from desk.rules.timing import goes_at
from desk.rules.words import Automation
from desk.service import inbox, mailing, planned, refusals, replies
from desk.service.addresses import address as checked
from desk.service.admitting import AGAIN, Held, Means, Ready, Tally, judge, who
from desk.service.errors import Lost, NotFound
from desk.service.rules import reps_of
from desk.steps import parse as parse_step
from desk.store.base import Gone, Store
from desk.text import clean, fold_address
from desk.zones import zone_named

log = logging.getLogger(__name__)

AT_ONCE = 25
"""Looked at in one transaction."""
_LATE: Millis = HOUR
"""So much after its time of day something is too late for that day."""


# --- what is to go ----------------------------------------------------------------------------------------


def plan(store: Store, automation: Automation, id: int, moment: Millis, means: Means, now: Millis) -> bool:
    """Keep that it is to write in a conversation, inside the caller's transaction; False if it has written there."""
    mail = AutoMail(
        automation=automation.name,
        conversation_id=id,
        moment=moment,
        due_at=due_at(automation, moment, means),
        account=automation.account,
        updated_at=now,
    )
    return store.auto_mails.plan(mail) is not None


def due_at(automation: Automation, moment: Millis, means: Means) -> Millis:
    """When what is counted from a moment on is to go."""
    return _goes_at(automation, moment + automation.after, means)


def _goes_at(automation: Automation, at: Millis, means: Means, *, whenever: bool = False) -> Millis:
    """`whenever`: its time of day does not matter any more, whether somebody is there does."""
    working = means.calendars.get(automation.during) if automation.during else None
    zone = zone_named(means.hours.zone) or UTC
    return goes_at(at, minute=None if whenever else automation.minute, zone=zone, working=working)


def sweep(store: Store, clock: Clock, automations: Mapping[str, Automation], means: Means) -> int:
    """Look at what is due; how many were looked at."""
    if not store.auto_mails.due(clock.now(), 1):
        return 0
    with store.write():
        now = clock.now()
        tally = Tally(store.auto_mails.gone(now - means.limits.span, now))
        due = store.auto_mails.due(now, AT_ONCE)
        for mail in due:
            try:
                with store.write():
                    _look(store, clock, mail, automations.get(mail.automation), means, tally)
            except Exception:
                log.exception("%s failed in conversation %d", who(mail.automation), mail.conversation_id)
                store.auto_mails.settle(mail.id, "held", now, why="it failed; the log says how", next_at=now + AGAIN)
    return len(due)


def _look(
    store: Store, clock: Clock, mail: AutoMail, automation: Automation | None, means: Means, tally: Tally
) -> None:
    now = clock.now()
    if automation is None or not automation.enabled or not automation.mails:
        _settle(store, mail, Held("the automation is gone or switched off", quiet=True), now)
        return
    fitting = _goes_at(automation, now, means, whenever=now - mail.next_at < _LATE)
    if fitting > now:
        store.auto_mails.settle(mail.id, mail.state, now, why=mail.why, next_at=fitting, address=mail.address)
        return
    found = judge(store, clock, automation, mail, means, tally)
    if isinstance(found, Ready):
        _queue(store, clock, mail, automation, found, means, tally)
        return
    _settle(store, mail, put_off(automation, mail, found, means), now)


def put_off(automation: Automation, mail: AutoMail, held: Held, means: Means) -> Held:
    """Until when it is held, or that this would be too late."""
    if held.until is None:
        return held
    again = _goes_at(automation, held.until, means)
    if again > mail.due_at + means.limits.lapse:
        return replace(held, why=f"{held.why}; it would be too late by {iso(again)}", until=None)
    return replace(held, until=again)


def _settle(store: Store, mail: AutoMail, held: Held, now: Millis) -> None:
    conversation = store.conversations.get(mail.conversation_id)
    if held.until is None:
        store.auto_mails.settle(mail.id, "dropped", now, why=held.why, address=mail.address)
        told = f"{who(mail.automation)}: its mail is not sent: {held.why}"
    else:
        store.auto_mails.settle(mail.id, "held", now, why=held.why, next_at=held.until, address=mail.address)
        told = f"{who(mail.automation)}: its mail waits, at least until {iso(held.until)}: {held.why}"
    if not held.quiet and held.why != mail.why and conversation is not None and conversation.state != "merged":
        inbox.event(store, mail.conversation_id, told, now)


def drop(store: Store, clock: Clock, agent: Agent, id: int) -> AutoMail:
    """A rep wants a mail not to go. Raises NotFound, Lost('too-late') once it is queued or dropped."""
    with store.write():
        mail = store.auto_mails.get(id)
        if mail is None:
            raise NotFound("automatic mail", id)
        why = f"{agent.name} says so"
        if not store.auto_mails.settle(id, "dropped", clock.now(), why=why, address=mail.address):
            raise Lost("too-late", f"there is nothing to drop: it is {mail.state} already", {"state": mail.state})
        inbox.event(store, mail.conversation_id, f"{who(mail.automation)}: its mail is not sent: {why}", clock.now())
        return store.auto_mails.get(id) or mail


# --- on its way -------------------------------------------------------------------------------------------


def _queue(
    store: Store, clock: Clock, mail: AutoMail, automation: Automation, ready: Ready, means: Means, tally: Tally
) -> None:
    now, account, address = clock.now(), ready.account, fold_address(ready.to.email)
    token = refusals.token(store, mail.id)
    site = means.site(account.name)
    where = Unsubscribe(
        url=f"{site}{token}" if site else "", mailto=mailto(account.address, f"{refusals.SUBJECT} {token}")
    )
    letter = compose(ready.subject, ready.new.body, means.limits.footer, where)
    item = _enqueue(store, mail.conversation_id, automation, ready, letter, now)
    if not store.auto_mails.queue(mail.id, item.id, account.name, address, where, now):
        raise RuntimeError("it was queued already")  # what was enqueued here is undone
    tally.add(Gone(now, account.name, address, ready.customer.id, automation.name, mail.conversation_id))
    if automation.do:
        conversation = inbox.get(store, mail.conversation_id)
        steps = planned_steps(conversation, tuple(map(parse_step, automation.do)), reps_of(store), now)
        planned.carry_out(store, clock, steps, who=who(automation.name), because=f"its mail went to {ready.to.email}")


def _enqueue(store: Store, id: int, automation: Automation, ready: Ready, letter: Letter, now: Millis) -> OutboxItem:
    sender = Address(email=ready.account.address, name=ready.account.display_name)
    answered = ready.answered
    message = Message(
        conversation_id=id,
        account=ready.account.name,
        direction="out",
        kind="auto",
        sender=checked(sender, "From"),
        to=(ready.to,),
        subject=clean(letter.subject),
        body=clean(letter.body),
        attachments=replies.attached(store, ready.new.attachments),
        in_reply_to=answered.rfc_message_id if answered else "",
        references=mailing.references(answered),
        rule="outbound",
        rule_detail=f"sent by the automation {automation.name}",
        at=now,
    )
    content = NewReply(body=letter.body, subject=letter.subject, to=(ready.to,), attachments=ready.new.attachments)
    return mailing.enqueue(store, message, ready.account, hold_until=now, content=content)
