"""The sample shop, loaded the way real mail goes: bytes through the parser and ingest, answers through the outbox.

A clock of its own walks through the last weeks, so that threads, promises and snoozes come out as they would have.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from hashlib import sha256
from time import monotonic

from desk.clock import MINUTE, Clock, ManualClock, Millis
from desk.mail.packing import pack
from desk.mail.parse import Broken, parse
from desk.mail.parsed import Parsed, Refused, Source
from desk.model import Address, Agent, CustomerEdit, Identity, ImportJob, Message, NewReply
from desk.sample import mail
from desk.sample.files import attachment
from desk.sample.shop import Line, Shop, Thread, ago, read_shop
from desk.service import customers, inbox, ingest, outbox
from desk.service.errors import Invalid
from desk.service.ingest import IngestOptions, IngestResult
from desk.service.mailing import SenderAccount
from desk.store.base import Selection, Store
from desk.text import fold_address


def load(store: Store, clock: Clock, agent: Agent) -> ImportJob:
    """Fill an empty store with the sample shop, all of it or nothing; `agent` takes the part of one of its reps.

    Raises Invalid('not-empty') if the store holds any message.
    """
    began = monotonic()
    with store.write():
        if store.messages.count():
            raise Invalid("not-empty", "the sample shop goes into an empty workspace only; name another one")
        result, written = _Loader(store, clock.now(), agent, read_shop()).run()
    _leave_unread(store, agent)
    count = result.new + result.quarantined + written
    return ImportJob(
        state="done",
        total=count,
        messages=count,
        new=result.new + written,
        duplicate=result.duplicate,
        quarantined=result.quarantined,
        conversations=store.conversations.counts()["all"],
        seconds=monotonic() - began,
    )


def _leave_unread(store: Store, agent: Agent) -> None:
    """What nobody has taken yet is new to the rep, as it would be in the morning."""
    with store.write():
        for conversation in store.views.page(Selection(view="unassigned"), limit=1_000).items:
            store.reads.unread(agent.id, conversation.id)


class _Loader:
    def __init__(self, store: Store, now: Millis, agent: Agent, shop: Shop) -> None:
        self.store = store
        self.now = now
        self.shop = shop
        self.reps = {"me": agent, **{login: store.agents.ensure(login, name) for login, name in shop.reps.items()}}
        self.queues = {name: store.queues.ensure(name) for name in shop.queues}
        self.account = SenderAccount(name=shop.account, address=shop.address, display_name=shop.name)
        self.result = IngestResult()
        self.written = 0
        self.conversations: dict[int, int] = {}
        """Thread number to conversation id."""

    def run(self) -> tuple[IngestResult, int]:
        """Everything in the order in which it happened."""
        steps = sorted(self._steps(), key=lambda step: step[0])
        for at, number, line in steps:
            thread = self.shop.threads[number]
            self._step(ManualClock(at), number, thread, line)
            if line is thread.messages[-1]:
                self._settle(ManualClock(min(at + 5 * MINUTE, self.now)), self.conversations[number], thread)
        self._quarantined()
        self._know_customers()
        with self.store.write():
            self.store.deeds.forget_before(self.now + 1, limit=10_000)  # nobody did this: there is nothing to undo
        return self.result, self.written

    def _steps(self) -> Iterator[tuple[Millis, int, Line]]:
        for number, thread in enumerate(self.shop.threads):
            for line in thread.messages:
                yield self.now - line.ago, number, line

    def _step(self, clock: ManualClock, number: int, thread: Thread, line: Line) -> None:
        if line.kind == "note":
            inbox.note(self.store, clock, self.reps[line.rep], self.conversations[number], line.body)
        elif line.kind == "out":
            self._answer(clock, number, thread, line)
        else:
            self._receive(clock, number, thread, line)

    # --- in -----------------------------------------------------------------------------------------------

    def _receive(self, clock: ManualClock, number: int, thread: Thread, line: Line) -> None:
        before = self._mails(number)
        id = _message_id(number, line, fold_address(self.shop.customers[thread.customer].email))
        if line.kind == "bounce":
            raw = self._bounce(clock.now(), thread, line, before[-1], id)
        else:
            raw = self._mail(clock.now(), thread, line, before, id)
        result = self._ingest(clock, f"sample/{id}", raw, queue=thread.queue)
        if number not in self.conversations:
            self._remember(number, result.messages[0])

    def _mail(self, at: Millis, thread: Thread, line: Line, before: Sequence[Message], id: str) -> bytes:
        customer = self.shop.customers[thread.customer]
        quoted = _quote(before[-1]) if line.quote and before else ""
        return mail.compose(
            sender=line.third or f"{customer.name} <{customer.email}>",
            to=self._ours,
            subject=f"Re: {thread.subject}" if before else thread.subject,
            body=line.body + quoted,
            html=line.html,
            at=at,
            message_id=id,
            references=tuple(message.rfc_message_id for message in before),
            attach=line.attach,
            auto=line.kind == "auto",
        )

    def _bounce(self, at: Millis, thread: Thread, line: Line, failed: Message, id: str) -> bytes:
        return mail.bounce(
            to=self.shop.address,
            failed=self.shop.customers[thread.customer].email,
            body=line.body,
            at=at,
            message_id=id,
            original=self.store.messages.raw(failed.id) or b"",
        )

    def _ingest(self, clock: ManualClock, external_id: str, raw: bytes, *, queue: str = "") -> IngestResult:
        options = IngestOptions(
            own=frozenset({fold_address(self.shop.address)}),
            queue_id=self.queues.get(queue),
        )
        source = Source(external_id=external_id, raw=raw, received_at=clock.now())
        result = ingest.apply(self.store, clock, self.shop.account, [(source, _read(raw))], options=options)
        self.result += result
        return result

    def _quarantined(self) -> None:
        clock = ManualClock(self.now - 26 * 60 * MINUTE)
        id = "scan-200@copyshop.example"
        self._ingest(clock, f"sample/{id}", mail.unreadable(to=self._ours, at=clock.now(), message_id=id))

    # --- out ----------------------------------------------------------------------------------------------

    def _answer(self, clock: ManualClock, number: int, thread: Thread, line: Line) -> None:
        customer = self.shop.customers[thread.customer]
        rep = self.reps[line.rep]
        new = NewReply(
            body=f"{line.body}\n\n{rep.name}",
            subject="" if number in self.conversations else thread.subject,
            to=(Address(name=customer.name, email=customer.email),),
            attachments=tuple(self._upload(spec) for spec in line.attach),
        )
        if number in self.conversations:
            outbox.reply(self.store, clock, rep, self.conversations[number], new, account=self.account, now=True)
        else:
            item = outbox.compose(self.store, clock, rep, new, account=self.account, now=True)
            self._remember(number, item.message_id)
        self._send(clock, line)
        self.written += 1

    def _upload(self, spec: str) -> str:
        file = attachment(spec)
        return f"{self.store.blobs.put(file.data)}:{file.name}"

    def _send(self, clock: ManualClock, line: Line) -> None:
        clock.advance(1)
        for work in outbox.take_due(self.store, clock, accounts=(self.shop.account,)):
            raw = self._wire(work.message, line)
            outbox.record_prepared(self.store, work.item, pack(raw), sha256(raw).hexdigest(), len(raw))
            if line.sent == "failed":
                outbox.record_permanent(self.store, clock, work.item.id, line.error)
            else:
                outbox.record_sent(self.store, clock, work.item.id)

    def _wire(self, message: Message, line: Line) -> bytes:
        return mail.compose(
            sender=self._ours,
            to=f"{message.to[0].name} <{message.to[0].email}>",
            subject=message.subject,
            body=f"{message.body}\n\n-- \n{self.shop.signature.strip()}",
            at=message.at,
            message_id=message.rfc_message_id,
            references=message.references,
            attach=line.attach,
        )

    # --- what reps did besides ----------------------------------------------------------------------------

    def _settle(self, clock: ManualClock, id: int, thread: Thread) -> None:
        rep = self.reps[thread.rep or "me"]
        if thread.rep and inbox.get(self.store, id).assignee_id is None:
            inbox.claim(self.store, clock, rep, id)
        if thread.tags:
            inbox.tag(self.store, clock, rep, id, thread.tags)
        if thread.priority != "normal":
            inbox.set_priority(self.store, clock, rep, id, thread.priority)
        if thread.state is not None:
            until = self.now + ago(thread.until) if thread.until else None
            inbox.set_state(self.store, clock, rep, id, thread.state, until=until)

    def _know_customers(self) -> None:
        """What is known of them: by a rep who is not at the screen, so that nobody's undo takes it away."""
        clock, rep = ManualClock(self.now), self.reps[next(iter(self.shop.reps))]
        for person in self.shop.customers.values():
            id = self.store.customers.find("email", fold_address(person.email))
            mail = () if id else (Identity(kind="email", value=person.email, name=person.name),)
            phone = (Identity(kind="phone", value=person.phone),) if person.phone else ()
            known = CustomerEdit(
                name=person.name if id is None else None,
                add=(*mail, *phone),
                zone=person.zone or None,
                language=person.language or None,
                add_tags=person.tags,
                attributes=dict(person.orders),
                notes=person.notes or None,
            )
            if id is None:
                customers.create(self.store, clock, rep, known)
            elif known != CustomerEdit():
                customers.edit(self.store, clock, rep, id, known)

    # --- small things -------------------------------------------------------------------------------------

    @property
    def _ours(self) -> str:
        return f"{self.shop.name} <{self.shop.address}>"

    def _remember(self, number: int, message_id: int) -> None:
        message = self.store.messages.get(message_id)
        assert message is not None
        self.conversations[number] = message.conversation_id

    def _mails(self, number: int) -> list[Message]:
        if number not in self.conversations:
            return []
        found = self.store.messages.of_conversation(self.conversations[number], limit=100)
        return [message for message in found if message.direction in ("in", "out")]


def _read(raw: bytes) -> Parsed | Refused:
    try:
        return parse(raw)
    except Broken as error:
        return Refused(sha256=sha256(raw).hexdigest(), size=len(raw), raw_packed=pack(raw), reason=str(error))


def _message_id(number: int, line: Line, mailbox: str) -> str:
    return f"{number + 1}.{line.ago}.{line.kind}@{mailbox.rpartition('@')[2]}"


def _quote(message: Message) -> str:
    who = message.sender.name or message.sender.email if message.sender else "you"
    lines = "\n".join(f"> {text}".rstrip() for text in message.body.rstrip().split("\n"))
    return f"\n\nOn your mail {who} wrote:\n{lines}"
