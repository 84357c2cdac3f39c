"""Canned answers in a conversation: what their placeholders stand for there, and for which language to look."""

from __future__ import annotations

from collections.abc import Callable, Collection
from datetime import tzinfo
from pathlib import Path

from desk.answers.facts import Facts, facts_of
from desk.answers.language import detect
from desk.answers.model import Answer, Beginning, FilledAnswer
from desk.answers.template import fill
from desk.clock import Clock
from desk.model import Agent, Conversation, Customer
from desk.service.mailing import SenderAccount
from desk.store.base import Store
from desk.text import line

_LOOKED_AT = 20
"""Messages of a conversation, for the customer's language."""


def beginning(store: Store, begins: Beginning) -> Conversation:
    """What a conversation that is yet to begin would be; its customer is 0 if nobody is known by that address."""
    customer_id = store.customers.find("email", begins.to) if begins.to else None
    return Conversation(
        subject=begins.subject,
        account=begins.account,
        customer_id=customer_id or 0,
        customer_name=begins.name,
        customer_address=begins.to,
    )


def language_of(store: Store, conversation: Conversation, customer: Customer | None, among: Collection[str]) -> str:
    """The customer's language: what is noted of them, else what they write in; empty if that cannot be told."""
    if customer and customer.language:
        return customer.language
    if not among:
        return ""
    recent = store.messages.of_conversation(conversation.id, limit=_LOOKED_AT)
    return detect([message.body for message in reversed(recent) if message.direction == "in"][:3], among)


def facts(
    store: Store,
    clock: Clock,
    agent: Agent,
    conversation: Conversation,
    *,
    account: SenderAccount | None = None,
    language: str = "",
    zone: tzinfo | None = None,
) -> Facts:
    """What placeholders stand for in a conversation. `account`: who its replies come from; `zone`: where the rep is."""
    return facts_of(
        conversation,
        store.customers.get(conversation.customer_id),
        agent,
        now=clock.now(),
        account_name=account.display_name if account else "",
        account_address=account.address if account else "",
        language=language,
        zone=zone,
    )


def filled(store: Store, answer: Answer, known: Facts, file: Callable[[Answer, str], Path]) -> FilledAnswer:
    """The answer ready to stand in a reply, its attachments stored; `file` finds them. Raises AnswerError, OSError."""
    done = fill(answer.body, known.lookup)
    paths = [(file(answer, name), line(name.rpartition("/")[2])) for name in answer.attachments]
    attachments = tuple(f"{store.blobs.put(path.read_bytes())}:{name}" for path, name in paths)
    return FilledAnswer(key=answer.key, body=done.text, gaps=done.gaps, attachments=attachments)
