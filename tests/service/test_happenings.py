"""What happened is told once, whatever way it came about, and the figures are what a slow count of it says."""

from __future__ import annotations

import random
from collections.abc import Callable, Sequence
from contextlib import suppress
from statistics import fmean

from hypothesis import given
from hypothesis import strategies as st

from desk.clock import DAY, HOUR, MINUTE, SECOND
from desk.model import Figures, Happening, Message, NewReply
from desk.service import callbacks, calls, chats, inbox, merging, outbox, promises, selfhelp, undo
from desk.service.asking import Wish, ask
from desk.service.errors import ServiceError
from desk.service.ingest import IngestOptions
from desk.service.live.metrics import QUARTER, Book
from desk.store.base import Selection
from tests.service.world import ACCOUNT, OURS, World, mail, new_world, often

OLD = IngestOptions(own=frozenset({OURS}), own_proven=True, promised=False)


def told(world: World, *kinds: str) -> list[Happening]:
    return [each for each in world.store.happenings.after(0) if not kinds or each.kind in kinds]


def kinds(world: World) -> list[str]:
    return [each.kind for each in told(world)]


def figures(world: World) -> Figures:
    return Book(told(world)).total().figures()


def test_a_wait_begins_with_a_customers_mail_and_ends_with_our_answer(world: World) -> None:
    promises.keep(world.store, world.clock, {"email": HOUR})
    id = world.one(mail(id="a@x")).conversation_id
    world.one(mail(id="b@x", answers="a@x", body="And?"))
    world.clock.advance(10 * MINUTE)
    world.answered(id)
    arrived, answered = told(world, "arrived", "answered")
    assert (arrived.kind, arrived.first, arrived.channel, arrived.conversation_id) == ("arrived", True, "email", id)
    assert (answered.kind, answered.first, answered.agent_id) == ("answered", True, world.ada.id)
    assert answered.value == answered.at - arrived.at == 10 * MINUTE + 2 * SECOND
    assert answered.late == answered.value - HOUR
    world.one(mail(id="c@x", answers="b@x", body="Thanks, and?"))
    assert [(each.kind, each.first) for each in told(world)][-1:] == [("arrived", False)]


def test_an_answer_that_is_taken_back_was_none(world: World) -> None:
    id = world.one(mail()).conversation_id
    world.clock.advance(MINUTE)
    item = outbox.reply(world.store, world.clock, world.ada, id, NewReply(body="Wait"), account=ACCOUNT)
    assert (figures(world).answered, figures(world).speed) == (1, MINUTE)
    outbox.undo(world.store, world.clock, item.id)
    assert (figures(world).arrived, figures(world).answered, figures(world).speed) == (1, 0, None)
    assert [each.agent_id for each in told(world, "answered", "resumed")] == [world.ada.id] * 2, "whoever has it now"
    world.clock.advance(MINUTE)
    world.answered(id)
    assert (figures(world).arrived, figures(world).answered) == (1, 1)


def test_who_is_called_has_been_answered_and_the_call_is_told(world: World) -> None:
    id = world.one(mail()).conversation_id
    rules = callbacks.Rules()
    asked = ask(
        world.store,
        world.clock,
        Wish(number="+491701234567", at=world.clock.now() + HOUR),
        agent=world.ada,
        conversation_id=id,
        rules=rules,
    )
    world.clock.advance(HOUR + 5 * MINUTE)
    taken = calls.take(world.store, world.clock, world.ben, asked.id)
    world.clock.advance(3 * MINUTE)
    calls.end(world.store, world.clock, taken.attempts[-1].reference, "reached", rules=rules)
    [called] = told(world, "called")
    assert (called.agent_id, called.value, called.late, called.first) == (world.ben.id, 3 * MINUTE, 5 * MINUTE, True)
    [answered] = told(world, "answered")
    assert (answered.agent_id, answered.channel) == (world.ben.id, "email")
    assert (figures(world).calls_kept, figures(world).calls_missed) == (0, 1)


def test_who_leaves_a_chat_before_an_answer_has_abandoned_it(world: World) -> None:
    promises.keep(world.store, world.clock, {"chat": MINUTE})
    for number, waited in enumerate((30 * SECOND, 2 * MINUTE)):
        visitor = chats.arrive(world.store, world.clock, "site").visitor
        chats.say(world.store, world.clock, visitor, f"{number}", "Hello?")
        world.clock.advance(waited)
        chats.end(world.store, world.clock, visitor)
        chats.rate(world.store, world.clock, visitor, 2)
    assert [(each.value, each.late) for each in told(world, "abandoned")] == [
        (30 * SECOND, -30 * SECOND),
        (2 * MINUTE, MINUTE),
    ]
    found = figures(world)
    assert (found.abandoned, found.abandonment, found.broken, found.service_level) == (2, 1.0, 1, 0.0)
    assert (found.rated, found.rating) == (2, 2.0)


def test_who_goes_away_has_abandoned_it_unless_they_come_back_in_time(world: World) -> None:
    promises.keep(world.store, world.clock, {"chat": MINUTE})
    visitors = [chats.arrive(world.store, world.clock, "site").visitor for _ in range(3)]
    for number, visitor in enumerate(visitors):
        chats.say(world.store, world.clock, visitor, f"{number}", "Hello?")
    world.clock.advance(2 * MINUTE)
    left = world.clock.now()
    assert [chats.leave(world.store, world.clock, each.id, left) for each in (*visitors, visitors[0])] == [
        True, True, True, False,
    ]  # fmt: skip
    found = figures(world)
    assert (found.abandoned, found.abandonment, found.broken) == (3, 1.0, 3)
    world.clock.advance(MINUTE)
    assert chats.come_back(world.store, world.clock, visitors[0].id)
    assert not chats.come_back(world.store, world.clock, visitors[0].id)
    chats.end(world.store, world.clock, visitors[1])
    chat = chats.under_way(world.store, visitors[2])
    assert chat is not None
    world.answered(chat.conversation_id)
    assert not chats.come_back(world.store, world.clock, visitors[2].id), "the answer came too late"
    assert [(each.at, each.late) for each in told(world, "abandoned", "returned")] == [(left, MINUTE)] * 4
    found = figures(world)
    assert (found.abandoned, found.abandonment, found.broken) == (2, 2 / 3, 3)


def test_what_an_article_answered_needed_nobody(world: World) -> None:
    asks = [selfhelp.asked(world.store, world.clock, f"late {n}", found=1) for n in range(3)]
    for each in asks[:2]:
        selfhelp.opened(world.store, world.clock, "orders/late", ask_id=each.id)
        selfhelp.judged(world.store, world.clock, each.id, "orders/late", solved=True)
    selfhelp.to_person(world.store, world.clock, asks[1].id)
    assert (figures(world).asked, figures(world).self_service) == (3, 1 / 3)


def test_an_article_helped_when_it_was_asked_not_when_that_was_told(world: World) -> None:
    ask = selfhelp.asked(world.store, world.clock, "late", found=1)
    selfhelp.opened(world.store, world.clock, "orders/late", ask_id=ask.id)
    world.clock.advance(26 * HOUR)
    selfhelp.judged(world.store, world.clock, ask.id, "orders/late", solved=True)
    [helped] = told(world, "helped")
    assert helped.at == ask.at


def test_resolving_reopening_and_first_contact(world: World) -> None:
    one, other = (world.one(mail(subject=f"matter {each}", id=f"{each}@x")).conversation_id for each in "ab")
    world.answered(one)
    inbox.set_state(world.store, world.clock, world.ada, one, "resolved")
    for _ in range(2):
        world.answered(other)
    inbox.set_state(world.store, world.clock, world.ada, other, "resolved")
    world.one(mail(subject="matter a", answers="a@x", salt="again", id="again@x"))
    found = figures(world)
    assert (found.resolved, found.at_first_contact, found.reopened) == (2, 0.5, 1)


def test_old_mail_has_not_happened_now(world: World) -> None:
    [message] = world.receive(mail(id="old@x"), options=OLD, at=world.clock.now() - 400 * DAY)
    assert told(world) == []
    world.answered(message.conversation_id)
    [answered] = told(world, "answered")
    assert (answered.value, answered.late) == (None, None)
    assert figures(world).speed is None


def test_what_fails_has_not_happened(world: World) -> None:
    class Stop(Exception):
        pass

    try:
        with world.store.write():
            world.store.self_help.ask(selfhelp.asked(world.store, world.clock, "late", found=1))
            raise Stop
    except Stop:
        pass
    assert told(world) == []


# --- whatever happens -------------------------------------------------------------------------------------


class Someone:
    """Does whatever can be done, by chance."""

    def __init__(self, world: World, seed: int) -> None:
        self.world = world
        self.chance = random.Random(seed)
        self.number = 0
        self.visitors = [chats.arrive(world.store, world.clock, "site").visitor for _ in range(2)]
        self.mailed: list[str] = []

    def act(self) -> None:
        self.world.clock.advance(self.chance.choice((SECOND, 40 * SECOND, 7 * MINUTE, HOUR)))
        deeds: Sequence[Callable[[], object]] = (
            self.new, self.more, self.reply, self.reply, self.state, self.assign, self.queue, self.chat, self.leave,
            self.merge, self.split, self.undo, self.take_back, self.send, self.late,
        )  # fmt: skip
        with suppress(ServiceError):
            self.chance.choice(deeds)()

    def new(self) -> None:
        self.number += 1
        id = f"{self.number}@x"
        self.world.take(mail(id=id, salt=id), at=self.world.clock.now())
        self.mailed.append(id)

    def more(self) -> None:
        self.number += 1
        id, before = f"{self.number}@x", self.chance.choice([*self.mailed, "0@x"])
        self.world.take(mail(id=id, salt=id, answers=before), at=self.world.clock.now())

    def late(self) -> None:
        self.number += 1
        id = f"{self.number}@x"
        at = self.world.clock.now() - self.chance.choice((MINUTE, 2 * HOUR, DAY))
        self.world.take(mail(id=id, salt=id, answers=self.chance.choice([*self.mailed, ""])), at=at)

    def reply(self) -> None:
        w, now = self.world, self.chance.random() < 0.5
        rep = self.chance.choice((w.ada, w.ben))
        new = NewReply(body="Yes.", resolve=self.chance.random() < 0.3)
        outbox.reply(w.store, w.clock, rep, self.any(), new, account=ACCOUNT, now=now, hold_ms=MINUTE)

    def take_back(self) -> None:
        held = self.world.store.outbox.in_states(("held",), limit=10)
        if held:
            outbox.undo(self.world.store, self.world.clock, self.chance.choice(held).id)

    def send(self) -> None:
        self.world.send_all()

    def state(self) -> None:
        state = self.chance.choice(("open", "waiting", "resolved", "resolved", "spam", "snoozed"))
        until = self.world.clock.now() + HOUR
        inbox.set_state(self.world.store, self.world.clock, self.world.ada, self.any(), state, until=until)

    def assign(self) -> None:
        to = self.chance.choice((self.world.ada, self.world.ben, None))
        inbox.assign(self.world.store, self.world.clock, self.world.ada, self.any(), to)

    def queue(self) -> None:
        name = self.chance.choice(("Returns", "Orders", None))
        inbox.set_queue(self.world.store, self.world.clock, self.world.ada, self.any(), name)

    def chat(self) -> None:
        self.number += 1
        chats.say(self.world.store, self.world.clock, self.chance.choice(self.visitors), f"{self.number}", "Hello?")

    def leave(self) -> None:
        visitor, now = self.chance.choice(self.visitors), self.world.clock.now()
        if self.chance.random() < 0.3:
            chats.leave(self.world.store, self.world.clock, visitor.id, now)
        if self.chance.random() < 0.3:
            chats.come_back(self.world.store, self.world.clock, visitor.id)
            return
        chats.end(self.world.store, self.world.clock, visitor)
        chats.rate(self.world.store, self.world.clock, visitor, self.chance.randint(1, 5))

    def merge(self) -> None:
        merging.merge(self.world.store, self.world.clock, self.world.ada, self.any(), [self.any()])

    def split(self) -> None:
        found = [each for each in self.messages(self.any()) if each.direction == "in"]
        if found:
            inbox.split(self.world.store, self.world.clock, self.world.ada, self.chance.choice(found).id)

    def undo(self) -> None:
        undo.undo(self.world.store, self.world.clock, self.world.ada)

    def messages(self, id: int) -> list[Message]:
        return self.world.store.messages.of_conversation(id, limit=100)

    def any(self) -> int:
        page = self.world.store.views.page(Selection(view="all"), limit=50)
        return self.chance.choice(page.items).id if page.items else 1


def waiting_in_the_store(world: World) -> set[int]:
    rows = world.store._db.reader.execute(
        "SELECT id FROM conversations WHERE waiting_since IS NOT NULL AND state IN ('open', 'waiting', 'snoozed')"
    )
    return {id for (id,) in rows}


def waiting_by_the_log(happenings: Sequence[Happening]) -> set[int]:
    last = {
        each.conversation_id: each.kind
        for each in happenings
        if each.kind in ("arrived", "resumed", "answered", "closed")
    }
    return {id for id, kind in last.items() if id is not None and kind in ("arrived", "resumed")}


def slow_count(happenings: Sequence[Happening]) -> Figures:
    """The definitions of docs/metrics.md, one after the other, as plainly as they are written."""

    def every(kind: str) -> list[Happening]:
        return [each for each in happenings if each.kind == kind]

    answers = every("answered")
    for back in every("resumed"):
        if back.value is not None:
            answers.remove(next(each for each in answers if _same_answer(each, back)))
    gone = every("abandoned")
    for back in every("returned"):
        gone.remove(
            next(each for each in gone if (each.conversation_id, each.late) == (back.conversation_id, back.late))
        )
    in_time = [each for each in answers if each.late is not None and each.late <= 0]
    broken = [each for each in (*answers, *gone) if each.late is not None and each.late > 0]
    waits = sorted(each.value for each in answers if each.first and each.value is not None)
    chats_answered = [each for each in answers if each.first and each.channel == "chat"]
    resolved, rated, called = every("resolved"), every("rated"), every("called")
    helped = sum(each.value or 0 for each in every("helped"))
    return Figures(
        arrived=len(every("arrived")),
        arrived_first=sum(each.first for each in every("arrived")),
        answered=len(answers),
        answered_first=sum(each.first for each in answers),
        closed=len(every("closed")),
        kept=len(in_time),
        broken=len(broken),
        service_level=len(in_time) / (len(in_time) + len(broken)) if in_time or broken else None,
        speed=round(fmean(waits)) if waits else None,
        speed_90=waits[-(-len(waits) * 9 // 10) - 1] if waits else None,
        abandoned=len(gone),
        abandonment=len(gone) / (len(gone) + len(chats_answered)) if gone or chats_answered else None,
        resolved=len(resolved),
        at_first_contact=sum((each.value or 0) <= 1 for each in resolved) / len(resolved) if resolved else None,
        reopened=len(every("reopened")),
        called=len(called),
        calls_kept=sum(each.first and (each.late or 0) <= 0 for each in called),
        calls_missed=sum(each.first and (each.late or 0) > 0 for each in called),
        rated=len(rated),
        rating=fmean(each.value or 0 for each in rated) if rated else None,
        asked=len(every("asked")),
        self_service=helped / len(every("asked")) if every("asked") else None,
    )


def _same_answer(answer: Happening, back: Happening) -> bool:
    about = (answer.value, answer.late, answer.first, answer.conversation_id)
    return about == (back.value, back.late, back.first, back.conversation_id)


@given(seed=st.integers(0, 2**32))
@often(25)
def test_the_log_knows_who_waits_and_figures_are_a_slow_count_of_it(seed: int) -> None:
    with new_world() as world:
        promises.keep(world.store, world.clock, {"email": HOUR, "chat": MINUTE})
        someone, book, seen = Someone(world, seed), Book(), 0
        for _ in range(40):
            someone.act()
            assert waiting_by_the_log(told(world)) == waiting_in_the_store(world)
            for each in world.store.happenings.after(seen):
                book.add(each)
                seen = each.id
        everything = told(world)
        assert book.total().figures() == slow_count(everything)
        for quarter, tally in book.by(lambda of: of.quarter).items():
            then = [each for each in everything if quarter <= each.at < quarter + QUARTER]
            assert tally.counts["arrived"] == sum(each.kind == "arrived" for each in then)
        until = world.clock.now() + 1
        assert sorted(each.id for each in world.store.happenings.between(0, until)) == [each.id for each in everything]
