"""Doing what a step says to one conversation; `desk.steps` is the grammar."""

from __future__ import annotations

from collections.abc import Callable
from datetime import tzinfo

from msgspec import Struct
from msgspec.structs import replace

from desk.clock import Clock, Millis
from desk.model import Agent, Conversation, NewReply
from desk.service import inbox, outbox, reading
from desk.service.chats import everybody
from desk.service.errors import Invalid, NotFound
from desk.service.going_on import Here
from desk.service.mailing import SenderAccount
from desk.service.replies import UNDO_WINDOW
from desk.service.transferring import transfer
from desk.steps import (
    Assign,
    Claim,
    Mark,
    Note,
    Reply,
    SetPriority,
    SetQueue,
    SetState,
    Snooze,
    Step,
    StepError,
    Tag,
    Transfer,
    parse,
    render,
)
from desk.store.base import Store
from desk.times import parse_until

__all__ = ["Means", "Step", "StepError", "parse", "render", "run"]


def _nobody_sends(account: str) -> SenderAccount:
    raise Invalid("no-account", "replies cannot be sent from here; reply to each conversation by itself")


def _as_it_stands(store: Store, clock: Clock, agent: Agent, conversation: Conversation, step: Reply) -> NewReply:
    if step.shortcut:
        raise Invalid("no-answers", "canned answers are not at hand here; write reply TEXT")
    return NewReply(body=step.text)


class Means(Struct, frozen=True, kw_only=True):
    """What steps need beside the store."""

    hold_ms: Millis = UNDO_WINDOW
    sender: Callable[[str], SenderAccount] = _nobody_sends
    """Who answers in a conversation of that account come from. Raises Invalid."""
    here: Here = everybody
    """Whether a visitor is there to be answered on the site."""
    zone: tzinfo | None = None
    """In which the rep's words for times are meant; None: the machine's own."""
    write: Callable[[Store, Clock, Agent, Conversation, Reply], NewReply] = _as_it_stands
    """The answer a `reply` step means, its placeholders filled. Raises NotFound, Invalid."""


def run(
    store: Store,
    clock: Clock,
    agent: Agent,
    conversation_id: int,
    step: Step,
    means: Means | None = None,
    *,
    seen_message_id: int | None = None,
) -> Conversation:
    """Do one step, all of it or nothing; what stands in the way is raised as a ServiceError.

    `seen_message_id`: the newest message the rep knows of; a `reply` is refused with `moved-on` if there is a newer.
    """
    means = means or Means()
    with store.write():
        match step:
            case SetState(state=state):
                inbox.set_state(store, clock, agent, conversation_id, state)
            case Snooze(when=when):
                until = _until(when, clock.now(), means.zone)
                inbox.set_state(store, clock, agent, conversation_id, "snoozed", until=until)
            case Tag(add=add, remove=remove):
                inbox.tag(store, clock, agent, conversation_id, add, remove)
            case Assign(to=to):
                inbox.assign(store, clock, agent, conversation_id, rep(store, agent, to))
            case Claim():
                inbox.claim(store, clock, agent, conversation_id)
            case SetPriority(priority=priority):
                inbox.set_priority(store, clock, agent, conversation_id, priority)
            case SetQueue(name=name):
                inbox.set_queue(store, clock, agent, conversation_id, name)
            case Transfer(rep=login, queue=queue, note=note):
                taker = somebody(store, agent, login) if login else None
                transfer(store, clock, agent, conversation_id, to=taker, queue=queue or None, note=note)
            case Mark(read=read):
                mark = reading.mark_read if read else reading.mark_unread
                mark(store, clock, agent, conversation_id)
            case Note(text=text):
                inbox.note(store, clock, agent, conversation_id, text)
            case Reply():
                _reply(store, clock, agent, conversation_id, step, means, seen_message_id)
        return inbox.get(store, conversation_id)


def rep(store: Store, agent: Agent, name: str) -> Agent | None:
    """Whom `me`, `nobody` or a login means. Raises NotFound."""
    if name in ("me", "nobody"):
        return agent if name == "me" else None
    found = next((each for each in store.agents.all() if each.login.casefold() == name.casefold()), None)
    if found is None:
        raise NotFound("rep", name)
    return found


def somebody(store: Store, agent: Agent, name: str) -> Agent:
    """`rep`, but not nobody. Raises NotFound, Invalid."""
    found = rep(store, agent, name)
    if found is None:
        raise Invalid("no-recipient", "name a rep or a queue to hand it over to")
    return found


def _until(when: str, now: Millis, zone: tzinfo | None) -> Millis:
    try:
        return parse_until(when, now, zone)
    except ValueError as error:
        raise Invalid("bad-snooze", str(error)) from error


def _reply(
    store: Store, clock: Clock, agent: Agent, conversation_id: int, step: Reply, means: Means, seen: int | None
) -> None:
    conversation = inbox.get(store, conversation_id)
    new = replace(means.write(store, clock, agent, conversation, step), seen_message_id=seen)
    account = means.sender(conversation.account)
    outbox.reply(
        store,
        clock,
        agent,
        conversation_id,
        new,
        account=account,
        hold_ms=means.hold_ms,
        here=means.here,
        from_draft=False,
    )
