"""Queues of a running server that hand out by themselves."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import asynccontextmanager, contextmanager
from datetime import UTC, datetime
from pathlib import Path

import pytest

from desk.client import Client, Refused
from desk.clock import DAY, HOUR, SECOND, ManualClock
from desk.hours import DAYS
from desk.model import Message, NewReply, OffersNow
from desk.server.availability import Availabilities
from desk.server.core import Core
from desk.server.people import People
from desk.server.presence import Presences
from desk.server.promising import plan_of
from desk.server.pushing import Pushing
from desk.server.threads import Threads
from desk.service import inbox, promises, pushing
from desk.service.pushing import LOOK_AGAIN, MISSES
from desk.settings import parse
from desk.store.sqlite import open_store
from tests.server.test_rules import deliver
from tests.server.test_shop import until
from tests.servers.desk import DeskServer

SETTINGS = """
[accounts.support]
connector = "maildir"
address = "support@shop.example"
incoming = "in"
outgoing = "out"
poll_seconds = 0.05
queue = "Mail"

[queues.Mail]
push = "{push}"
accept_seconds = {seconds}

[capacity]
at_once = {room}
"""


def settings(push: str = "round-robin", seconds: float = 60, room: int = 1) -> str:
    return SETTINGS.format(push=push, seconds=seconds, room=room)


@contextmanager
def following(*clients: Client) -> Iterator[None]:
    """As many terminals."""

    async def follow(client: Client) -> None:
        async for _ in client.events(0):
            pass

    tasks = [asyncio.create_task(follow(each)) for each in clients]
    try:
        yield
    finally:
        for each in tasks:
            each.cancel()


async def offered(client: Client) -> int:
    """What is offered to a rep, once something is."""
    now: OffersNow = await until(client.offers, lambda now: now.open)
    return now.open[0].conversation.id


async def test_work_is_offered_and_goes_back_and_a_restart_loses_nothing(new_desk: Callable[..., DeskServer]) -> None:
    server = new_desk(settings()).start()
    for number in range(1, 4):
        deliver(server.home.folder / "in", f"{number}", f"Order {number}")
    async with server.client("ada") as ada, server.client("ben") as ben:
        await until(ada.counts, lambda counts: counts.get("queue:Mail") == 3)
        with following(ada):
            first = await offered(ada)
            [mail] = await ada.queues_now()
            assert (mail.offered, mail.rules.push) == (1, "round-robin")
            [rep] = [each for each in await ada.reps() if each.agent.login == "ada"]
            assert rep.offered == (first,)
            server.kill()
            server.start()
        with following(ada, ben):
            assert await offered(ada) == first, "it is still hers"
            second = await offered(ben)
            await ada.show_presence(first, "viewing")
            row = await until(lambda: ada.conversation(first), lambda row: row.assignee_id)
            assert row.assignee_name == "ada"
            assert (await ben.accept_offer(second)).assignee_name == "ben"
            with pytest.raises(Refused, match="not offered to you"):
                await ben.accept_offer(first)
            await ada.reply(first, NewReply(body="Yes."))
            third = await offered(ada)
            assert third not in (first, second)
            await ada.decline_offer(third)
            await ben.set_availability("away", "lunch")
            back = await until(lambda: ada.conversation(second), lambda row: row.assignee_id is None)
            assert back.state == "open"
            assert await offered(ada) == second
            now = await ben.offers()
            assert [each.conversation.id for each in now.returned] == [second]
            await ben.see_returned()
            assert (await ben.offers()).returned == ()


async def test_of_claims_offers_and_timeouts_over_the_api_each_has_one_owner(
    new_desk: Callable[..., DeskServer],
) -> None:
    server = new_desk(settings("least-busy", seconds=1, room=40)).start()
    number = 24
    for each in range(number):
        deliver(server.home.folder / "in", f"{each}", f"Order {each}")
    async with server.client("seer") as seer:
        await until(seer.counts, lambda counts: counts.get("queue:Mail") == number)
        ids = [row.id for row in (await seer.conversations("unassigned")).items]

    async def work(login: str, seed: int) -> list[int]:
        won = []
        async with server.client(login) as rep:
            with following(rep):
                for id in sorted(ids, key=lambda id: (id * 31 + seed * 17) % 23):
                    attempts = [rep.accept_offer(id), rep.claim(id)]
                    done = await asyncio.gather(*attempts, return_exceptions=True)
                    assert all(isinstance(each, Refused) or each.assignee_name == login for each in done), done
                    won += [id] if any(not isinstance(each, BaseException) for each in done) else []
                return won

    won = await asyncio.gather(*(work(f"rep{n}", n) for n in range(4)))
    assert sorted(id for mine in won for id in mine) == sorted(ids), "each exactly once"


async def test_a_queue_drains_when_it_opens_and_when_reps_may_do_more(new_desk: Callable[..., DeskServer]) -> None:
    closed = settings(room=0).replace("[queues.Mail]", "[queues.Mail]\nopen = false")
    server = new_desk(closed).start()
    for number in (1, 2):
        deliver(server.home.folder / "in", f"{number}", f"Order {number}")
    async with server.client("ada") as ada:
        await until(ada.counts, lambda counts: counts.get("queue:Mail") == 2)
        with following(ada):
            await ada.open_queue("Mail")
            await ada.note(1, "nobody has room")
            assert (await ada.offers()).open == ()
            server.configure(closed.replace("at_once = 0", "at_once = 1"))
            server.reload()
            await offered(ada)
            server.configure(closed.replace("at_once = 0", "at_once = 2"))
            server.reload()
            await until(ada.offers, lambda now: len(now.open) == 2)
            await ada.open_queue("Mail", False)
            for each in (await ada.offers()).open:
                await ada.decline_offer(each.conversation.id)
            assert (await ada.offers()).open == ()


async def test_the_doctor_misses_people(new_desk: Callable[..., DeskServer]) -> None:
    text = settings() + '[queues.Nobody]\npush = "least-busy"\nskills = ["juggling"]\n[queues.Usual]\n'
    server = new_desk(text).start()
    async with server.client("ada") as ada:
        found = {each.what: (each.status, each.message) for each in await ada.doctor() if each.what.startswith("queue")}
    assert found == {
        "queue Mail": ("ok", "hands out to 1 (round-robin)"),
        "queue Nobody": ("warning", "is to hand out by itself (least-busy), and nobody works there"),
    }


# --- by a clock that stands -------------------------------------------------------------------------------

CALENDAR = '[calendars.day]\nzone = "UTC"\n' + "".join(f'{day} = "9:00-17:00"\n' for day in DAYS)


class House:
    """A server's parts around a store."""

    def __init__(self, folder: Path, text: str) -> None:
        at = datetime(2026, 3, 2, 8, tzinfo=UTC)
        self.clock, self.folder = ManualClock(round(at.timestamp() * SECOND)), folder
        self.settings = parse(text, folder / "desk.toml")

    @asynccontextmanager
    async def opened(self) -> AsyncIterator[House]:
        self.threads = Threads()
        self.store = await self.threads.write(
            open_store, self.folder / "desk.db", blobs=self.folder / "b", clock=self.clock
        )
        core = Core(self.store, self.threads, self.clock)
        people, presences = People(core, lambda: self.settings), Presences(core.feed, self.clock)
        plan, _, _ = plan_of(self.settings, self.clock)
        await core.write(promises.keep, plan)
        await people.heed(self.settings)
        self.ada = await people.agent("ada")
        self.availabilities = Availabilities(core, people, presences)
        self.pushing = Pushing(core, people, presences, self.availabilities)
        stream = core.feed.stream(0, self.ada.id)
        await anext(stream)
        await self.availabilities.say(self.ada, "available")
        yield self
        await stream.aclose()
        await self.threads.write(self.store.close)
        self.threads.close()

    async def work(self) -> int:
        return await self.threads.write(self._work)

    def _work(self) -> int:
        with self.store.write():
            customer = self.store.customers.create("Eve", [], self.clock.now())
            [queue] = [each.id for each in self.store.queues.all() if each.name == "Mail"]
            now = self.clock.now()
            id = self.store.conversations.create(
                subject="Tandem", channel="email", account="", customer_id=customer, at=now, queue_id=queue
            )
            self.store.messages.add(Message(conversation_id=id, account="", direction="in", body="When?", at=now))
            return id

    def offered(self) -> list[int]:
        return [each.conversation_id for each in self.store.offers.open()]


async def test_a_queue_drains_when_its_calendar_opens_it(tmp_path: Path) -> None:
    text = CALENDAR + '[queues.Mail]\npush = "longest-idle"\naccept_seconds = 20\ncalendar = "day"\n'
    async with House(tmp_path, text).opened() as house:
        id, nine = await house.work(), house.clock.now() + HOUR
        assert await house.pushing.turn() == nine
        assert house.offered() == []
        house.clock.advance(HOUR - 1)
        assert await house.pushing.turn() == nine
        house.clock.advance(1)
        assert await house.pushing.turn() == nine + 20 * SECOND
        assert house.offered() == [id]
        house.clock.advance(DAY - HOUR)
        assert await house.pushing.turn() == nine + DAY, "what was offered is over, and it is closed"


async def test_who_lets_offers_go_by_is_away_for_the_server_too(tmp_path: Path) -> None:
    text = '[queues.Mail]\npush = "round-robin"\naccept_seconds = 20\n'
    async with House(tmp_path, text).opened() as house:
        for _ in range(MISSES):
            await house.work()
            assert await house.pushing.turn() == house.clock.now() + 20 * SECOND
            house.clock.advance(20 * SECOND)
        until = await house.pushing.turn()
        [now] = [each for each in await house.availabilities.all() if each.agent.id == house.ada.id]
        assert (now.state, now.reason) == ("away", f"did not take {MISSES} offers in a row")
        assert house.availabilities.available == frozenset()
        assert (house.offered(), until) == ([], house.clock.now() + LOOK_AGAIN)


async def test_what_was_offered_together_goes_by_together(tmp_path: Path) -> None:
    text = '[queues.Mail]\npush = "round-robin"\naccept_seconds = 20\n'
    async with House(tmp_path, text).opened() as house:
        for _ in range(MISSES):
            assert house.ada.id in house.availabilities.available
            for _ in range(MISSES + 1):
                await house.work()
            await house.pushing.turn()
            assert len(house.offered()) > 1
            house.clock.advance(20 * SECOND)
        await house.pushing.turn()
        assert house.availabilities.available == frozenset()


@pytest.mark.parametrize(
    ("words", "stays"), [("", True), ("returns = true", False), ('push = "least-busy"\nreturns = false', True)]
)
async def test_a_queue_says_whether_what_is_unanswered_goes_back(tmp_path: Path, words: str, stays: bool) -> None:
    async with House(tmp_path, f"[queues.Mail]\n{words}\n").opened() as house:
        id = await house.work()
        await house.threads.write(inbox.claim, house.store, house.clock, house.ada, id)
        await house.availabilities.say(house.ada, "away", "lunch")
        row = house.store.conversations.get(id)
        assert row is not None
        assert row.assignee_id == (house.ada.id if stays else None)


async def test_without_a_queue_that_pushes_nothing_is_read(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pushing, "idle", None)
    async with House(tmp_path, "[queues.Mail]\n").opened() as house:
        await house.work()
        assert await house.pushing.turn() is None
