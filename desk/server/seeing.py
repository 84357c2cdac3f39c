"""What the desk does for visitors who agreed to be seen: see `connectors.seeing.Seeing`."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager

from connectors.seeing import Answer, Beat, Meeting
from connectors.sites import Refused
from desk.model import Sighting, StepKind, TrailStep, Visitor
from desk.server.core import Core
from desk.server.visitors import Visitors
from desk.service import chats, trails, vouching
from desk.service.errors import ServiceError


class SeeingVisitors:
    """For the visitors of one site."""

    def __init__(self, core: Core, visitors: Visitors, account: str, queue_id: Callable[[], int | None]) -> None:
        self._core = core
        self._visitors = visitors
        self._account = account
        self._queue_id = queue_id

    async def known(self, token: str) -> Visitor | None:
        return await self._core.threads.read(vouching.known, self._core.store, self._core.clock, self._account, token)

    async def meet(self, token: str, *, language: str = "", customer: str = "") -> Meeting:
        core, why = self._core, ""
        before = await self.known(token)
        if customer:
            claims, why = await self._visitors.vouchers.check(self._account, customer)
            if claims is not None and before is not None and self._visitors.vouchers.settled(token, customer):
                return Meeting(visitor=before)
            if claims is not None:
                visitor, fresh = await core.write(
                    vouching.vouch, self._account, claims, token=token, language=language
                )  # fmt: skip
                self._visitors.vouchers.settle(fresh or token, customer)
                if before is not None and before.id != visitor.id:
                    self._visitors.onsite.drop(before.id)
                return Meeting(visitor=visitor, token=fresh)
        if before is not None and before.vouched:
            await core.write(vouching.leave, self._account, token)
            self._visitors.onsite.drop(before.id)
            before = None
        if before is None:
            arrival = await core.write(chats.arrive, self._account, language=language)
            return Meeting(visitor=arrival.visitor, token=arrival.token, why=why)
        return Meeting(visitor=before, why=why)

    async def sight(self, visitor: Visitor, sighting: Sighting) -> Beat:
        with refusing():
            again, invitation = await self._visitors.seen(visitor, sighting)
            return Beat(again=again, invitation=invitation)

    async def searched(self, visitor: Visitor, words: str) -> None:
        await self._did(visitor, "search", words)

    async def read(self, visitor: Visitor, title: str) -> None:
        await self._did(visitor, "article", title)

    async def _did(self, visitor: Visitor, kind: StepKind, title: str) -> None:
        now = self._core.clock.now()
        step = TrailStep(visitor_id=visitor.id, visit=0, kind=kind, at=now, title=trails.words(title))
        if step.title:
            await self._visitors.onsite.did(visitor, step)

    async def answer(self, visitor: Visitor, invitation_id: int, answer: Answer) -> None:
        with refusing():
            await self._visitors.answered(visitor, invitation_id, answer, self._queue_id())

    async def forget(self, visitor: Visitor) -> None:
        with refusing():
            await self._visitors.forget(visitor)


@contextmanager
def refusing() -> Iterator[None]:
    """What the service says no to, in words for visitors."""
    try:
        yield
    except ServiceError as error:
        raise Refused(error.code, error.message, field=error.detail.get("field", "")) from error
