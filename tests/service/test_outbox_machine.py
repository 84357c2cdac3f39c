"""Whatever happens in whatever order, nothing is sent twice, nothing is lost, and no state claims what is not so."""

from __future__ import annotations

import hashlib
import tempfile
from pathlib import Path

from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

from desk.clock import HOUR, SECOND
from desk.mail.packing import pack
from desk.mail.parsed import Report
from desk.model import NewReply
from desk.service import outbox
from desk.service.errors import Lost
from desk.store.sqlite import open_store
from tests.service.world import ACCOUNT, OURS, SENT_FOLDER, World, bounce, mail, often

WAITS = [0, 11 * SECOND, HOUR, 5 * HOUR]
ENDS = [
    "sent",
    "temporary",
    "permanent",
    "broke after yes",
    "broke before yes",
    "crash before bytes",
    "crash before yes",
    "crash after yes",
]


class Wire:
    """The world outside, and what it truly accepted, by Message-ID."""

    def __init__(self) -> None:
        self.accepted: dict[str, int] = {}

    def accept(self, rfc_id: str) -> None:
        self.accepted[rfc_id] = self.accepted.get(rfc_id, 0) + 1


class OutboxMachine(RuleBasedStateMachine):
    def __init__(self) -> None:
        super().__init__()
        self.folder = tempfile.TemporaryDirectory(prefix="desk-")
        self.world = World(Path(self.folder.name))
        self.wire = Wire()
        self.in_flight: list[outbox.Work] = []
        self.written: dict[int, str] = {}
        self.number = 0

    def teardown(self) -> None:
        assert self.world.store.check() == []
        self.world.store.close()
        self.folder.cleanup()

    @initialize()
    def a_customer_writes(self) -> None:
        self.conversation_id = self.world.one(mail(id="a@x")).conversation_id

    # --- what reps do -------------------------------------------------------------------------------------

    @rule(now=st.booleans())
    def reply(self, now: bool) -> None:
        self.number += 1
        body = f"answer-{self.number}"
        world = self.world
        item = outbox.reply(
            world.store, world.clock, world.ada, self.conversation_id, NewReply(body=body), account=ACCOUNT, now=now
        )
        self.written[item.id] = body

    @precondition(lambda self: self.written)
    @rule(data=st.data())
    def undo(self, data: st.DataObject) -> None:
        id = data.draw(st.sampled_from(sorted(self.written)))
        before = self.state(id)
        try:
            draft = outbox.undo(self.world.store, self.world.clock, id)
        except Lost:
            assert before != "held"
        else:
            assert before == "held"
            assert self.written[id] in draft.content.body

    @precondition(lambda self: self.written)
    @rule(data=st.data())
    def retry(self, data: st.DataObject) -> None:
        id = data.draw(st.sampled_from(sorted(self.written)))
        before = self.state(id)
        if before == "bounced" or before == "unknown":
            return
        try:
            outbox.retry(self.world.store, self.world.clock, self.world.ben, id)
        except Lost:
            assert before not in ("failed", "held")

    # --- what the hub does --------------------------------------------------------------------------------

    @rule(by=st.sampled_from(WAITS))
    def time_passes(self, by: int) -> None:
        self.world.clock.advance(by)

    @rule(by=st.sampled_from(WAITS), limit=st.integers(1, 3))
    def take(self, by: int, limit: int) -> None:
        """Taken, and under way while other things happen."""
        self.world.clock.advance(by)
        self.in_flight += outbox.take_due(self.world.store, self.world.clock, limit=limit)

    @rule(by=st.sampled_from(WAITS), ends=st.lists(st.sampled_from(ENDS), min_size=1, max_size=3), filed=st.booleans())
    def send(self, by: int, ends: list[str], filed: bool) -> None:
        self.take(by, len(ends))
        for end in ends:
            if self.in_flight:
                self.end(self.in_flight.pop(0), end, filed)

    def end(self, work: outbox.Work, end: str, filed: bool) -> None:
        store, clock, id = self.world.store, self.world.clock, work.item.id
        if end != "crash before bytes":
            self.prepare(work)
        if end in ("sent", "broke after yes", "crash after yes"):
            self.wire.accept(work.item.rfc_message_id)
        if end == "sent":
            outbox.record_sent(store, clock, id, file_copy=filed)
        elif end == "temporary":
            outbox.record_temporary(store, clock, id, "451")
        elif end == "permanent":
            outbox.record_permanent(store, clock, id, "550")
        elif end.startswith("broke"):
            outbox.record_unknown(store, clock, id, "the connection broke")
        else:
            self.start_again()

    def prepare(self, work: outbox.Work) -> None:
        raw = work.item.rfc_message_id.encode()
        assert work.prepared in (None, raw)
        outbox.record_prepared(self.world.store, work.item, pack(raw), hashlib.sha256(raw).hexdigest(), len(raw))

    # --- what goes wrong ----------------------------------------------------------------------------------

    @rule()
    def start_again(self) -> None:
        """The server dies and starts again; what was under way is forgotten."""
        self.in_flight = []
        world = self.world
        world.store.close()
        world.store = open_store(world.folder / "desk.db", blobs=world.folder / "attachments", clock=world.clock)
        doubtful = outbox.recover(world.store, world.clock)
        assert {item.state for item in doubtful} <= {"unknown"}
        assert not world.store.outbox.in_states(["sending"])

    @precondition(lambda self: self.written)
    @rule(data=st.data(), can_tell=st.booleans())
    def reconcile(self, data: st.DataObject, can_tell: bool) -> None:
        id = data.draw(st.sampled_from(sorted(self.written)))
        truth = self.accepted(id) > 0
        outbox.reconcile(self.world.store, self.world.clock, id, truth if can_tell else None)

    @precondition(lambda self: self.wire.accepted)
    @rule(data=st.data())
    def it_is_seen_in_sent(self, data: st.DataObject) -> None:
        rfc_id = data.draw(st.sampled_from(sorted(self.wire.accepted)))
        self.number += 1
        copy = mail(OURS, id=rfc_id, to=["alice@example.com"], salt=str(self.number))
        assert self.world.take(copy, options=SENT_FOLDER).duplicate == 1

    @precondition(lambda self: self.wire.accepted)
    @rule(data=st.data())
    def it_comes_back(self, data: st.DataObject) -> None:
        rfc_id = data.draw(st.sampled_from(sorted(self.wire.accepted)))
        self.number += 1
        message = self.world.one(bounce(salt=str(self.number), report=Report(original_message_id=rfc_id)))
        assert message.conversation_id == self.conversation_id

    # --- what is always so --------------------------------------------------------------------------------

    def state(self, id: int) -> str:
        item = self.world.store.outbox.get(id)
        assert item is not None
        return item.state

    def accepted(self, id: int) -> int:
        item = self.world.store.outbox.get(id)
        assert item is not None
        return self.wire.accepted.get(item.rfc_message_id, 0)

    @invariant()
    def nothing_is_sent_twice(self) -> None:
        assert all(times == 1 for times in self.wire.accepted.values())

    @invariant()
    def no_state_claims_what_is_not_so(self) -> None:
        flying = {work.item.id for work in self.in_flight}
        for id in self.written:
            state, accepted = self.state(id), self.accepted(id)
            if state in ("sent", "delivered", "bounced"):
                assert accepted == 1, state
            elif state in ("held", "failed", "cancelled"):
                assert accepted == 0, state
            elif state == "sending":
                assert id in flying
            else:
                assert state == "unknown"

    @invariant()
    def nothing_is_lost(self) -> None:
        for id, body in self.written.items():
            item = self.world.store.outbox.get(id)
            assert item is not None
            if item.state == "cancelled":
                assert item.content is not None
                assert body == item.content.body
                assert self.world.store.messages.get(item.message_id) is None
            else:
                assert self.world.message(item.message_id).body == body


OutboxMachine.TestCase.settings = often(30, steps=40)
TestOutbox = OutboxMachine.TestCase
