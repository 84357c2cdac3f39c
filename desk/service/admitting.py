"""Whether an automatic mail may go: whom it would reach, what it would say, and what speaks against it."""

from __future__ import annotations

from bisect import bisect_right, insort
from collections import defaultdict
from collections.abc import Callable, Collection, Mapping

from msgspec import Struct

from desk.answers.errors import AnswerError
from desk.clock import HOUR, Clock, Millis, iso
from desk.hours import Hours
from desk.mail.auto import auto_kind_of
from desk.model import Address, Agent, AutoMail, Conversation, Customer, Message, NewReply, Unsubscribe, first_id_at
from desk.promises import WorkingClock
from desk.query import parse
from desk.rules.composing import compose
from desk.rules.limits import MailLimits, free_at
from desk.rules.words import Automation
from desk.service import inbox, mailing, planned, refusals, replies
from desk.service.addresses import address as checked
from desk.service.addresses import header_text
from desk.service.autoreply import is_machine
from desk.service.errors import ServiceError
from desk.service.going_on import WRITTEN
from desk.service.mailing import SenderAccount
from desk.steps import Reply
from desk.store.base import Gone, Store
from desk.text import fold_address, line

AGAIN: Millis = HOUR
"""When what lacks something is looked at again."""

Write = Callable[[Store, Clock, Agent, Conversation, Reply], NewReply]


def who(automation: str) -> str:
    """What its deeds are told under."""
    return f"automation {automation}"


class Means(Struct, frozen=True, kw_only=True):
    """What it takes beside the store."""

    write: Write
    """A canned answer, or a text, its placeholders filled or marked. Raises NotFound, Invalid."""
    sender: Callable[[str], SenderAccount]
    """Who mail in conversations of an account comes from. Raises Invalid if nobody can send."""
    site: Callable[[str], str]
    """What the token of a refusal is put behind, as an address of a site; empty if there is none for that account."""
    limits: MailLimits = MailLimits()
    own: Collection[str] = ()
    """Folded addresses that are ours."""
    hours: Hours = Hours()
    calendars: Mapping[str, WorkingClock] = {}
    """By name; `hours` is one of them."""


class Ready(Struct, frozen=True, kw_only=True):
    """Mail that may go now, but for what it is refused by."""

    account: SenderAccount
    to: Address
    customer: Customer
    subject: str
    new: NewReply
    answered: Message | None


class Held(Struct, frozen=True):
    """Why it does not go now, and when to look again; None: it never goes."""

    why: str
    until: Millis | None = None
    quiet: bool = False
    """Nobody has to be told in the conversation."""
    limited: bool = False
    """By nothing but a limit."""


class Tally:
    """What has gone, for the limits: in memory while one decides about many."""

    def __init__(self, gone: Collection[Gone]) -> None:
        self._all: list[Millis] = []
        self._accounts: dict[str, list[Millis]] = defaultdict(list)
        self._customers: dict[int, list[Gone]] = defaultdict(list)
        self._addresses: dict[str, list[Gone]] = defaultdict(list)
        for each in sorted(gone, key=lambda each: each.at):
            self.add(each)

    def add(self, gone: Gone) -> None:
        """One more went."""
        insort(self._all, gone.at)
        insort(self._accounts[gone.account], gone.at)
        self._customers[gone.customer_id].append(gone)
        self._addresses[gone.address].append(gone)

    def blocked(self, limits: MailLimits, account: str, address: str, customer_id: int, now: Millis) -> Held | None:
        """The limit that keeps back longest what would go now."""
        theirs = {id(each): each.at for each in (*self._customers[customer_id], *self._addresses[address])}
        of_customer, mailbox = limits.customer, self._accounts[account]
        words = f"{of_customer.most} in {limits.customer_days:g} days to a customer"
        counted = [
            (of_customer, sorted(theirs.values()), words),
            *((limit, mailbox, f"{limit.most} {span} from {account}") for limit, span in limits.mailbox),
            (limits.all, self._all, f"{limits.all.most} a day in all"),
        ]
        held: Held | None = None
        for limit, times, words in counted:
            free = free_at(limit, reversed(times[: bisect_right(times, now)]), now)
            if free is None:
                return Held(f"the limit is {words}", limited=True)
            if free > now and (held is None or free > (held.until or 0)):
                held = Held(f"the limit is {words}", free, limited=True)
        return held


def judge(
    store: Store, clock: Clock, automation: Automation, mail: AutoMail, means: Means, tally: Tally, at: Millis = 0
) -> Ready | Held:
    """What would become of a mail, now or `at` another instant; conversation and customer are judged as they are."""
    at = at or clock.now()
    conversation = inbox.get(store, mail.conversation_id)
    if gone := _gone_on(store, automation, conversation, mail, at):
        return gone
    try:
        account = means.sender(automation.account or conversation.account)
        to = checked(Address(email=conversation.customer_address, name=_name(conversation)), "To")
    except ServiceError as error:
        return Held(error.message, at + AGAIN if error.code == "no-account" else None)
    customer = store.customers.get(conversation.customer_id)
    if customer is None or (against := _against(store, customer, conversation, to, means)):
        return Held(against if customer else "there is no customer")
    ready = _written(store, clock, automation, conversation, customer, account, to, means)
    if isinstance(ready, Held):
        return Held(ready.why, at + AGAIN)
    return tally.blocked(means.limits, account.name, fold_address(to.email), customer.id, at) or ready


def _gone_on(
    store: Store, automation: Automation, conversation: Conversation, mail: AutoMail, at: Millis
) -> Held | None:
    """Why there is nothing to say any more."""
    if conversation.state in ("merged", "spam"):
        return Held(f"the conversation is {conversation.state}", quiet=True)
    if planned.forbidden(store, who(automation.name), conversation.id):
        return Held("a rep took back what it did here", quiet=True)
    if automation.on != "waiting" and _wrote(store, conversation.id, mail.moment, at):
        return Held("the customer wrote first", quiet=True)
    if not store.routing.matching(parse(automation.when, now=at), [conversation.id]):
        return Held("the conversation does not fit any more", quiet=True)
    return None


def _wrote(store: Store, id: int, since: Millis, until: Millis) -> bool:
    """Whether the customer wrote after one instant and not after another."""
    came = store.messages.of_conversation(id, after=first_id_at(since) - 1, limit=200)
    return any(each.direction == "in" and each.kind in WRITTEN and since < each.at <= until for each in came)


def _name(conversation: Conversation) -> str:
    return "" if "@" in conversation.customer_name else line(conversation.customer_name)


def _against(store: Store, customer: Customer, conversation: Conversation, to: Address, means: Means) -> str:
    """Why that customer gets no automatic mail; empty if nothing speaks against it."""
    address = fold_address(to.email)
    if address not in {each.value for each in customer.identities if each.kind == "email"}:
        return f"nothing proves that {to.email} is the customer's"
    if address in means.own:
        return f"{to.email} is ours"
    if is_machine(address):
        return f"{to.email} is a machine's address"
    if refusal := refusals.standing(store, address):
        return f"{to.email} wants no automatic mail, since {iso(refusal.at)[:10]}"
    if any(_went_to(store, id, address) for id, _ in store.auto_mails.came_back(customer.id)):
        return f"mail to {to.email} came back"
    last = next((each for each in mailing.recent(store, conversation.id) if each.direction == "in"), None)
    return "what came last was written by no person" if last is not None and _by_machine(store, last) else ""


def _by_machine(store: Store, message: Message) -> bool:
    """What machines and lists send is stored as what they are only where it answers something."""
    raw = store.messages.raw(message.id) if message.channel == "email" else None
    return message.kind not in WRITTEN or (raw is not None and auto_kind_of(raw) != "")


def _went_to(store: Store, message_id: int, address: str) -> bool:
    message = store.messages.get(message_id)
    return message is not None and any(fold_address(to.email) == address for to in (*message.to, *message.cc))


def _written(
    store: Store,
    clock: Clock,
    automation: Automation,
    conversation: Conversation,
    customer: Customer,
    account: SenderAccount,
    to: Address,
    means: Means,
) -> Ready | Held:
    """What it says. Held if something is missing."""
    agent = Agent(id=conversation.assignee_id or 0, login="", name=conversation.assignee_name or "")
    step = Reply(shortcut=automation.send.removeprefix("::")) if automation.send else Reply(text=automation.text)
    answered = mailing.answered(mailing.recent(store, conversation.id), (to,))
    try:
        new = means.write(store, clock, agent, conversation, step)
        given = means.write(store, clock, agent, conversation, Reply(text=automation.subject)).body
        subject = header_text(line(given), "subject")
        subject = subject or mailing.subject(NewReply(), conversation, answers=answered is not None)
        replies.attached(store, new.attachments)
    except (ServiceError, AnswerError) as error:
        return Held(error.message)
    except OSError as error:
        return Held(f"its attachment cannot be read: {error.strerror}")
    letter = compose(subject, new.body, "", Unsubscribe(url="https://"))
    if letter.missing:
        return Held(f"nothing fills {', '.join(letter.missing)}")
    return Ready(account=account, to=to, customer=customer, subject=subject, new=new, answered=answered)
