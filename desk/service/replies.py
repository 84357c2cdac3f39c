"""Answers: what a rep writes becomes a message and an outbox row, or a draft again when it is taken back."""

from __future__ import annotations

import mimetypes
import re
from collections.abc import Sequence

from msgspec.structs import replace

from desk.answers.template import unsettled
from desk.clock import DAY, SECOND, Clock, Millis
from desk.model import (
    Address,
    Agent,
    Attachment,
    Chat,
    Conversation,
    Delta,
    Draft,
    Identity,
    Message,
    NewReply,
    OutboxItem,
)
from desk.service import chats, going_on, inbox, journal, mailing, promises
from desk.service.addresses import address, header_text, recipients
from desk.service.errors import Invalid, Lost
from desk.service.going_on import Here
from desk.service.mailing import SenderAccount
from desk.service.settling import settle
from desk.store.base import Store
from desk.text import clean, fold_address, line

UNDO_WINDOW: Millis = 10 * SECOND
BODY_AT_MOST = 5_000_000
LATER_AT_MOST: Millis = 366 * DAY


def reply(
    store: Store,
    clock: Clock,
    agent: Agent,
    conversation_id: int,
    new: NewReply,
    *,
    account: SenderAccount,
    hold_ms: Millis = UNDO_WINDOW,
    now: bool = False,
    from_draft: bool = True,
    here: Here = chats.everybody,
) -> OutboxItem:
    """Queue an answer; it leaves after the undo window, at once with `now`, or at `new.send_at`. A visitor who follows
    the conversation on the site is answered there, at once, unless `new` names recipients or a time; one who has left
    (`here`), by mail (`desk.service.going_on`).

    One transaction: the message with its final Message-ID, the outbox row, the rep's draft gone if it was made of that
    (`from_draft`), the conversation claimed if nobody had it, its state `waiting`, `snoozed` or `resolved`; what
    `new.forwards` changes neither. Raises `Lost('moved-on')` when something newer than `new.seen_message_id` came from
    the customer or went out from another rep, `Invalid` for what can never be sent.
    """
    with store.write():
        at, conversation = clock.now(), inbox.standing(store, conversation_id)
        if new.forwards is None:
            _refuse_stale(store, agent, conversation_id, new.seen_message_id)
        new = _way(store, conversation, replace(new, on_site=False), account, here)
        chat = _chat(store, conversation, new)
        if chat is not None:
            item = _say(store, at, agent, conversation, chat, new, account)
        else:
            mails = mailing.recent(store, conversation_id) if new.forwards is None else []
            to = new.to or mailing.customer_address(conversation, mails, account) if new.forwards is None else new.to
            item = _queue(store, at, agent, conversation, mails, replace(new, to=to), account, hold_ms, now)
        if from_draft:
            store.drafts.delete(agent.id, conversation_id, new.slot)
        store.reads.read(agent.id, conversation_id)
        changed = journal.conversation(conversation, inbox.get(store, conversation_id))
        label = f"{'answer' if new.forwards is None else 'forward'} in #{conversation_id}"
        changed += settle(store, conversation_id)
        journal.record(store, clock, agent, "send", label, [journal.sent(item.id, item.message_id), *changed])
    return item


def compose(
    store: Store,
    clock: Clock,
    agent: Agent,
    new: NewReply,
    *,
    account: SenderAccount,
    hold_ms: Millis = UNDO_WINDOW,
    now: bool = False,
) -> OutboxItem:
    """Begin a conversation by writing first; its customer is the first recipient."""
    to, _, _ = recipients(("To", new.to), ("Cc", new.cc), ("Bcc", new.bcc))
    if not to:
        raise Invalid("no-recipient", "there is nobody to send it to; name a recipient")
    if not new.subject.strip():
        raise Invalid("no-subject", "a new conversation needs a subject")
    with store.write():
        at = clock.now()
        customer_id, met = _customer(store, to[0], at)
        id = store.conversations.create(
            subject=line(new.subject),
            channel="email",
            account=account.name,
            customer_id=customer_id,
            at=at,
            state="waiting",
        )
        item = _queue(store, at, agent, inbox.get(store, id), [], new, account, hold_ms, now)
        store.drafts.delete(agent.id, 0, new.slot)
        begun = [*journal.begun(inbox.get(store, id)), *met]
        label = f"message to {to[0].email}"
        journal.record(store, clock, agent, "compose", label, [journal.sent(item.id, item.message_id), *begun])
    return item


def take_back(store: Store, item: OutboxItem, at: Millis, *, draft_of: int | None = None) -> Draft:
    """`withdraw`, and it is its author's draft again, before anything written since.

    `draft_of`: the conversation the draft belongs to, 0 for one that is yet to begin; default: where it was.
    """
    message = withdraw(store, item, at)
    return _draft_again(store, message, item, at, message.conversation_id if draft_of is None else draft_of)


def withdraw(store: Store, item: OutboxItem, at: Millis) -> Message:
    """Cancel what has not left, inside the caller's transaction. Raises `Lost('too-late')`."""
    message = store.messages.get(item.message_id)
    if message is None or not store.outbox.advance(item.id, ("held",), "cancelled", at):
        raise Lost("too-late", f"it cannot be taken back: it is {item.state} already", {"state": item.state})
    store.messages.withdraw(message.id, at)
    return message


def _draft_again(store: Store, message: Message, item: OutboxItem, at: Millis, conversation_id: int) -> Draft:
    content = item.content or NewReply(
        body=message.body, subject=message.subject, to=message.to, cc=message.cc, bcc=message.bcc
    )
    content = replace(content, send_at=None, snooze_until=None)
    if content.on_site:  # where it goes is found out anew: the visitor may be back
        content = replace(content, to=(), on_site=False)
    author = message.agent_id or 0
    since = store.drafts.get(author, conversation_id, content.slot)
    if since is not None and since.content.body.strip():
        content = replace(content, body=f"{content.body}\n\n{since.content.body}")
    draft = Draft(agent_id=author, conversation_id=conversation_id, content=content, updated_at=at)
    return store.drafts.save(draft)


def overtaken(store: Store, item: OutboxItem) -> str:
    """Who wrote since an answer was put off until later; empty if the customer did not."""
    if item.content is None or item.content.send_at is None or item.content.forwards is not None:
        return ""
    newer = store.messages.of_conversation(item.conversation_id, after=item.message_id, limit=200)
    came = (message for message in newer if message.direction == "in" and message.kind not in ("auto", "bounce"))
    first = next(came, None)
    return "" if first is None else (first.sender.name or first.sender.email if first.sender else "the customer")


# --- what is checked --------------------------------------------------------------------------------------


def _refuse_stale(store: Store, agent: Agent, conversation_id: int, seen: int | None) -> None:
    """Raises `Lost('moved-on')`; its detail names `who` wrote, and which `messages` the rep has not seen."""
    if seen is None:
        return
    newer = store.messages.of_conversation(conversation_id, after=seen, limit=200)
    news = {message.id: who for message in newer if message.id > seen and (who := _news_from(message, agent))}
    if not news:
        return
    who = ", ".join(dict.fromkeys(news.values()))
    answered = any(message.direction == "out" for message in newer if message.id in news)
    said = f"{who} {'answered' if answered else 'wrote'} meanwhile; read that first"
    ids = ",".join(map(str, news))
    raise Lost("moved-on", said, {"message": str(next(iter(news))), "messages": ids, "who": who})


def _news_from(message: Message, agent: Agent) -> str:
    """Who wrote a message that makes an answer stale; empty for one that does not."""
    if message.kind == "auto":
        return ""
    if message.direction == "in":
        return (message.sender.name or message.sender.email) if message.sender else "the customer"
    if message.direction == "out" and message.agent_id != agent.id:
        return message.agent_name or "somebody"
    return ""


def _body(new: NewReply) -> str:
    if len(new.body) > BODY_AT_MOST:
        raise Invalid("too-long", f"an answer has at most {BODY_AT_MOST} characters", {"field": "body"})
    if not new.body.strip() and not new.attachments:
        raise Invalid("empty", "an empty answer says nothing; write something")
    refuse_unsettled(new.body)
    return clean(new.body)


def refuse_unsettled(body: str) -> None:
    """Raises `Invalid('unsettled')` while a canned answer's placeholder stands in the text with nothing to fill it."""
    if gaps := unsettled(body):
        names = ", ".join(dict.fromkeys(gap.name for gap in gaps))
        raise Invalid(
            "unsettled",
            f"nothing fills {names} yet; write what is meant in place of {body[gaps[0].start : gaps[0].end]}",
            {"names": names, "start": str(gaps[0].start), "end": str(gaps[0].end)},
        )


_BLOB = re.compile(r"([0-9a-f]{64}):(.+)", re.DOTALL)


def attached(store: Store, given: Sequence[str]) -> tuple[Attachment, ...]:
    """Blobs named as `sha256:name`. Raises `Invalid`."""
    return tuple(_attachment(store, one) for one in given)


def _attachment(store: Store, given: str) -> Attachment:
    match = _BLOB.fullmatch(given)
    if match is None:
        raise Invalid("bad-attachment", "an attachment is named as `sha256:name`", {"attachment": line(given)[:200]})
    sha256, name = match[1], line(header_text(match[2], "attachment's name"))
    path = store.blobs.path(sha256)
    if path is None:
        raise Invalid("no-such-attachment", f"the content of {name} is not here; upload it first", {"sha256": sha256})
    media_type = mimetypes.guess_type(name)[0] or "application/octet-stream"
    return Attachment(name=name, media_type=media_type, size=path.stat().st_size, sha256=sha256)


# --- what is made -----------------------------------------------------------------------------------------


def _queue(
    store: Store,
    at: Millis,
    agent: Agent | None,
    conversation: Conversation,
    mails: Sequence[Message],
    new: NewReply,
    account: SenderAccount,
    hold_ms: Millis,
    now: bool,
) -> OutboxItem:
    if not account.address:
        raise Invalid("no-account", mailing.NO_MAILBOX)
    to, cc, bcc = recipients(("To", new.to), ("Cc", new.cc), ("Bcc", new.bcc))
    answered = mailing.answered(mails, to)
    message = Message(
        conversation_id=conversation.id,
        account=account.name,
        direction="out",
        agent_id=agent.id if agent else None,
        agent_name=agent.name if agent else None,
        sender=address(Address(email=account.address, name=account.display_name), "From"),
        to=to,
        cc=cc,
        bcc=bcc,
        subject=mailing.subject(new, conversation, answers=answered is not None),
        body=_body(new),
        attachments=attached(store, new.attachments),
        in_reply_to=answered.rfc_message_id if answered else "",
        references=mailing.references(answered),
        rule="outbound",
        rule_detail=f"written by {agent.name}" if agent else "written by Desk",
        at=at,
    )
    item = mailing.enqueue(
        store,
        message,
        account,
        hold_until=_leaves(new, at, at if now else at + hold_ms),
        content=new,
        quoted_id=answered.id if answered and new.quote else None,
    )
    _stand(store, at, agent, conversation, new)
    return item


def _way(store: Store, conversation: Conversation, new: NewReply, account: SenderAccount, here: Here) -> NewReply:
    """What was written, with whom it goes to as mail if its visitor left."""
    if _is_mail(new) or not (account.goes_on and account.address):
        return new
    to = going_on.address(store, conversation, here)
    return new if to is None else going_on.as_mail(new, to)


def _is_mail(new: NewReply) -> bool:
    return bool(new.forwards is not None or new.to or new.cc or new.bcc or new.send_at is not None)


def _chat(store: Store, conversation: Conversation, new: NewReply) -> Chat | None:
    """Where the visitor reads an answer; None if it goes out as mail."""
    return None if _is_mail(new) else chats.followed(store, conversation)


def _say(
    store: Store,
    at: Millis,
    agent: Agent,
    conversation: Conversation,
    chat: Chat,
    new: NewReply,
    account: SenderAccount,
) -> OutboxItem:
    message = Message(
        conversation_id=conversation.id,
        channel="chat",
        account=conversation.account,
        direction="out",
        agent_id=agent.id,
        agent_name=agent.name,
        sender=Address(email=account.address, name=agent.name),
        body=_body(new),
        attachments=attached(store, new.attachments),
        rule="outbound",
        rule_detail=f"said by {agent.name} in the chat",
        at=at,
    )
    item = chats.answer(store, chat, message, replace(account, name=conversation.account), new)
    _stand(store, at, agent, conversation, new)
    return item


def _stand(store: Store, at: Millis, agent: Agent | None, conversation: Conversation, new: NewReply) -> None:
    """Whose a conversation is and how it stands, now that it is answered."""
    if new.forwards is not None:
        store.placing.set_state(conversation.id, conversation.state, conversation.snoozed_until, None)
        store.placing.set_waiting(conversation.id, conversation.waiting_since)
    elif agent is not None and conversation.assignee_id is None:
        store.conversations.claim(conversation.id, agent.id, at)
    if new.snooze_until is not None:
        store.conversations.set_state(conversation.id, "snoozed", at, snoozed_until=_wakes(new.snooze_until, at))
    elif new.forwards is None or new.resolve:
        store.conversations.set_state(conversation.id, "resolved" if new.resolve else "waiting", at)
    promises.refresh(store, [conversation.id], agent=agent)


def _leaves(new: NewReply, at: Millis, otherwise: Millis) -> Millis:
    """When a message written at `at` leaves."""
    if new.send_at is None:
        return otherwise
    if not at < new.send_at <= at + LATER_AT_MOST:
        raise Invalid("bad-time", "an answer is sent later at an instant within the next year", {"field": "send_at"})
    return new.send_at


def _wakes(until: Millis, at: Millis) -> Millis:
    """When a conversation comes back that is answered at `at`."""
    if until <= at:
        raise Invalid("bad-snooze", "a snooze ends at an instant in the future; say until when")
    return until


def _customer(store: Store, to: Address, at: Millis) -> tuple[int, list[Delta]]:
    """The customer with that address, made if there is none; and what that changed."""
    found = store.customers.find("email", to.email)
    if found is not None:
        return found, []
    id = store.customers.create(to.name, [Identity(kind="email", value=fold_address(to.email), name=to.name)], at)
    made = store.customers.get(id)
    return id, journal.met(made) if made else []
