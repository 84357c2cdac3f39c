"""A workspace of its own for each test, and mail to put into it."""

from __future__ import annotations

import hashlib
import os
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from hypothesis import settings

from desk.clock import ManualClock
from desk.mail.packing import pack
from desk.mail.parsed import Parsed, Part, Refused, Report, Source
from desk.model import Address, Agent, Conversation, Message, NewReply, OutboxItem
from desk.service import ingest, outbox
from desk.service.ingest import IngestOptions, IngestResult
from desk.service.outbox import SenderAccount
from desk.store.sqlite import SqliteStore
from tests.store.opening import store_in

OURS = "support@shop.example"
ACCOUNT = SenderAccount(name="support", address=OURS, display_name="The Shop")
OPTIONS = IngestOptions(own=frozenset({OURS}))
SENT_FOLDER = IngestOptions(own=frozenset({OURS}), own_proven=True)


def often(examples: int, *, steps: int = 50) -> settings:
    """How often a property is tried; `DESK_EXAMPLES` multiplies it for a night of searching."""
    times = int(os.environ.get("DESK_EXAMPLES", "1"))
    return settings(max_examples=examples * times, stateful_step_count=steps, deadline=None)


def mail(
    sender: str | None = "alice@example.com",
    *,
    subject: str = "My order",
    body: str = "Where is it?",
    id: str = "",
    answers: str = "",
    references: Sequence[str] = (),
    to: Sequence[str] = (OURS,),
    cc: Sequence[str] = (),
    name: str = "",
    salt: str = "",
    date: int | None = None,
    parts: Sequence[Part] = (),
    **more: object,
) -> Parsed:
    """A mail as the parser hands it over; `salt` tells apart the bytes of mails that are otherwise the same."""
    raw = repr((sender, subject, body, id, answers, references, to, cc, salt, [part.data for part in parts])).encode()
    return Parsed(
        sha256=hashlib.sha256(raw).hexdigest(),
        size=len(raw),
        raw_packed=pack(raw),
        message_id=id,
        in_reply_to=answers,
        references=tuple(references) or ((answers,) if answers else ()),
        subject=subject,
        sender=Address(email=sender, name=name) if sender else None,
        to=tuple(Address(email=email) for email in to),
        cc=tuple(Address(email=email) for email in cc),
        date=date,
        body=body,
        parts=tuple(parts),
        **more,  # type: ignore[arg-type]
    )


def bounce(original: str = "", *, salt: str = "", report: Report | None = None, **more: object) -> Parsed:
    """A delivery report from a mail server."""
    return mail(
        "mailer-daemon@mx.example",
        subject="Undelivered Mail Returned to Sender",
        body="I could not deliver your mail.",
        salt=salt,
        kind="bounce",
        auto="auto-generated",
        report=report or Report(original_message_id=original),
        **more,  # type: ignore[arg-type]
    )


def refused(text: str = "nested too deep") -> Refused:
    raw = f"bytes of: {text}".encode()
    return Refused(sha256=hashlib.sha256(raw).hexdigest(), size=len(raw), raw_packed=pack(raw), reason=text)


class World:
    """A store, a clock and two reps."""

    def __init__(self, folder: Path) -> None:
        self.clock = ManualClock()
        self.folder = folder
        self.store: SqliteStore = store_in(folder, self.clock)
        with self.store.write():
            self.ada: Agent = self.store.agents.ensure("ada", "Ada")
            self.ben: Agent = self.store.agents.ensure("ben", "Ben")
        self._counter = 0

    def take(
        self,
        *outcomes: Parsed | Refused,
        account: str = "support",
        options: IngestOptions = OPTIONS,
        at: int | None = None,
        ids: Sequence[str] = (),
        cursor: tuple[str, str] | None = None,
    ) -> IngestResult:
        """Ingest as one batch, each under an id of its own unless `ids` are given."""
        items = []
        for number, outcome in enumerate(outcomes):
            self._counter += 1
            external_id = ids[number] if ids else f"INBOX/1/{self._counter}"
            items.append((Source(external_id=external_id, received_at=at), outcome))
        return ingest.apply(self.store, self.clock, account, items, cursor=cursor, options=options)

    def receive(self, *outcomes: Parsed, **more: object) -> list[Message]:
        """Ingest mails that are new, a second later, and return what they became."""
        self.clock.advance(1_000)
        result = self.take(*outcomes, **more)  # type: ignore[arg-type]
        assert result.new == len(outcomes), result
        return [self.message(id) for id in result.messages]

    def one(self, outcome: Parsed, **more: object) -> Message:
        [message] = self.receive(outcome, **more)
        return message

    def message(self, id: int) -> Message:
        message = self.store.messages.get(id)
        assert message is not None
        return message

    def conversation(self, id: int) -> Conversation:
        conversation = self.store.conversations.get(id)
        assert conversation is not None
        return conversation

    def answer(self, conversation_id: int, body: str = "It is on its way.", **more: object) -> OutboxItem:
        """Ada answers a second later; it leaves at once."""
        self.clock.advance(1_000)
        new = NewReply(body=body, **more)  # type: ignore[arg-type]
        return outbox.reply(self.store, self.clock, self.ada, conversation_id, new, account=ACCOUNT, now=True)

    def send_all(self) -> None:
        """Whatever is due is sent and accepted."""
        for work in outbox.take_due(self.store, self.clock):
            raw = work.item.rfc_message_id.encode()
            outbox.record_prepared(self.store, work.item, pack(raw), hashlib.sha256(raw).hexdigest(), len(raw))
            outbox.record_sent(self.store, self.clock, work.item.id)

    def answered(self, conversation_id: int, **more: object) -> Message:
        """Ada answers and it is sent; returns the message."""
        item = self.answer(conversation_id, **more)  # type: ignore[arg-type]
        self.send_all()
        return self.message(item.message_id)

    def events(self, conversation_id: int) -> list[str]:
        found = self.store.messages.of_conversation(conversation_id, limit=1_000)
        return [message.body for message in found if message.direction == "event"]

    def all_messages(self) -> list[Message]:
        ids = [id for (id,) in self.store._db.reader.execute("SELECT id FROM messages ORDER BY id")]
        return [self.message(id) for id in ids]


@contextmanager
def new_world() -> Iterator[World]:
    """For tests that make many worlds; others take the fixture `world`."""
    with tempfile.TemporaryDirectory(prefix="desk-") as folder:
        world = World(Path(folder))
        try:
            yield world
        finally:
            assert world.store.check() == []
            world.store.close()
