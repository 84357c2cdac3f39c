"""What the desk does for visitors who agreed to be seen: see `connectors.seeing.Seeing`."""

from __future__ import annotations

from collections.abc import AsyncGenerator, Callable

from connectors.seeing import Answer, Beat, Meeting
from desk.model import Invitation, Sighting, StepKind, TrailStep, Visitor
from desk.server.core import Core
from desk.server.refusing import refusing
from desk.server.visitors import Visitors
from desk.service import chats, trails, vouching
from desk.service.vouching import Claims


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
        before, why = await self.known(token), ""
        if customer:
            claims, why = await self._visitors.vouchers.check(self._account, customer)
            if claims is not None:
                return await self._vouched(claims, before, token, language=language, customer=customer)
        if before is not None and before.vouched:
            await self._core.write(vouching.leave, self._account, token)
            self._visitors.onsite.drop(before.id)
            before = None
        if before is None:
            arrival = await self._core.write(chats.arrive, self._account, language=language)
            return Meeting(visitor=arrival.visitor, token=arrival.token, why=why)
        return Meeting(visitor=before, why=why)

    async def _vouched(
        self, claims: Claims, before: Visitor | None, token: str, *, language: str, customer: str
    ) -> Meeting:
        """The page's word for its customer counts."""
        vouchers = self._visitors.vouchers
        if before is not None and vouchers.settled(token, customer):
            return Meeting(visitor=before)
        visitor, fresh = await self._core.write(vouching.vouch, self._account, claims, token=token, language=language)
        vouchers.settle(fresh or token, customer)
        if before is not None and before.id != visitor.id:
            self._visitors.onsite.drop(before.id)
        return Meeting(visitor=visitor, token=fresh)

    async def sight(self, visitor: Visitor, sighting: Sighting) -> Beat:
        with refusing():
            again, invitation = await self._visitors.seen(visitor, sighting)
            return Beat(again=again, invitation=invitation)

    def invited(self, visitor: Visitor) -> AsyncGenerator[Invitation | None, None]:
        return self._visitors.invited(visitor)

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
