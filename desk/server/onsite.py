"""Who is on the sites at this moment: in memory, and forgotten within seconds of their going.

A visitor's browser tells of its page when it comes, every few seconds while somebody looks at it, and when it goes.
Only that a page was seen, and for how long, is stored.
"""

from __future__ import annotations

import asyncio
import logging
from collections import OrderedDict
from collections.abc import Coroutine, Iterable
from typing import Any

from msgspec.structs import replace

from desk.clock import DAY, SECOND, Millis
from desk.model import Change, Invitation, Sighting, TrailStep, Visitor, VisitorNow
from desk.server.core import Core
from desk.service import trails
from desk.store.base import Standing, Store

log = logging.getLogger(__name__)

AGAIN_SECONDS = 15
"""How often a browser tells of a page that somebody looks at."""
LIVES_FOR: Millis = 45 * SECOND
LEAVES_IN: Millis = 6 * SECOND
"""Who leaves a page is mostly on their way to the next one."""
PAGES_KNOWN = 20
"""Of one visitor, in however many tabs."""
HERE_AT_MOST = 10_000
"""Visitors; more than that, and whoever was heard of longest ago is let go."""


class Here:
    """One visitor on the site."""

    def __init__(self, visitor: Visitor, standing: Standing, customer: str, now: Millis) -> None:
        again = now - standing.last_at < trails.VISIT_ENDS
        self.visitor = visitor
        self.customer = customer
        self.came_at = standing.visit if again else now
        self.pages = standing.pages if again else 0
        self.visits = max(1, standing.visits if again else standing.visits + 1)
        self.referrer = standing.referrer if again else ""
        self.until = now + LIVES_FOR
        self.idle: Millis = 0
        self.seen: OrderedDict[str, TrailStep] = OrderedDict()
        """Pages by the browser's names for them, the one looked at last at the end."""
        self.invitation: Invitation | None = None
        """In this visit."""
        self.spared = False
        """They said no not long ago."""

    @property
    def page(self) -> TrailStep | None:
        return next(reversed(self.seen.values()), None)

    def told(self, sighting: Sighting, now: Millis) -> tuple[TrailStep, bool]:
        """The page that is looked at, and whether it is another than before. Who leaves one that they turned away from
        before, for another page or another tab, is still there."""
        turned = sighting.gone and sighting.key in self.seen and sighting.key != next(reversed(self.seen))
        known = self.seen.get(sighting.key)
        step = known or TrailStep(
            visitor_id=self.visitor.id, visit=self.came_at, at=now, url=sighting.url, referrer=sighting.referrer
        )
        step = replace(
            step,
            title=sighting.title or step.title,
            lasted=max(step.lasted, min(sighting.lasted, now - step.at + 5 * SECOND, DAY)),
            cart=step.cart if sighting.cart is None else sighting.cart,
            currency=sighting.currency or step.currency,
        )
        self.seen[sighting.key] = step
        if turned:
            return step, False
        self.seen.move_to_end(sighting.key)
        while len(self.seen) > PAGES_KNOWN:
            self.seen.popitem(last=False)
        if known is None:
            self.referrer = self.referrer or sighting.referrer
        self.idle = sighting.idle
        self.until = now + (LEAVES_IN if sighting.gone else LIVES_FOR)
        return step, known is None

    def shown(self, store: Store) -> VisitorNow:
        """What reps see of them."""
        page, chat = self.page, store.chats.newest_of(self.visitor.id)
        return VisitorNow(
            visitor=store.visitors.get(self.visitor.id) or self.visitor,
            customer=self.customer,
            url=page.url if page else "",
            title=page.title if page else "",
            since=page.at if page else self.came_at,
            came_at=self.came_at,
            pages=self.pages,
            visits=self.visits,
            referrer=self.referrer,
            cart=page.cart if page else None,
            currency=page.currency if page else "",
            idle=self.idle,
            chat=chat.state if chat else "none",
            conversation_id=store.placing.target(chat.conversation_id) if chat else None,
            invited=self.invitation.state if self.invitation else "none",
        )


class OnSite:
    """Belongs to the running event loop. Readers of the feed learn of every arrival, turn and departure (`visitor`)."""

    def __init__(self, core: Core) -> None:
        self._core = core
        self._here: OrderedDict[int, Here] = OrderedDict()
        """By visitor, whoever was heard of last at the end."""
        self._timer: asyncio.TimerHandle | None = None
        self._loop = asyncio.get_running_loop()
        self._writing: set[asyncio.Task[Any]] = set()

    # --- what browsers tell -------------------------------------------------------------------------------

    async def seen(self, visitor: Visitor, sighting: Sighting) -> Here:
        """They look at a page, or leave it."""
        sighting, now = trails.cleaned(sighting), self._core.clock.now()
        here = self._here.get(visitor.id) or await self._come(visitor)
        self._here.move_to_end(visitor.id)
        here.visitor = visitor
        before = here.page
        step, new = here.told(sighting, now)
        if new or sighting.gone or step.cart != (before.cart if before else None):
            here.pages = await self._core.write(trails.keep, step, sighting.key)
        if new or before is None or (step.url, step.title, step.cart) != (before.url, before.title, before.cart):
            self.tell(visitor.id)
        self._watch()
        return here

    async def _come(self, visitor: Visitor) -> Here:
        standing, customer, invitation = await self._core.threads.read(_remembered, self._core.store, visitor)
        here = self._here.get(visitor.id)
        if here is None:
            here = self._here[visitor.id] = Here(visitor, standing, customer, self._core.clock.now())
            if invitation is not None and invitation.at >= here.came_at:
                here.invitation = invitation
            while len(self._here) > HERE_AT_MOST:
                self._leave(next(iter(self._here)))
        return here

    async def did(self, visitor: Visitor, step: TrailStep) -> None:
        """They searched, or read an answer: kept only of somebody who may be seen here now."""
        here = self._here.get(visitor.id)
        if here is not None:
            key = f"{step.kind}/{step.at}/{step.title}"[:100]
            await self._core.write(trails.keep, replace(step, visit=here.came_at), key)
            self.tell(visitor.id)

    # --- what reps see ------------------------------------------------------------------------------------

    def of(self, visitor_id: int) -> Here | None:
        """If they are here."""
        here = self._here.get(visitor_id)
        return here if here is not None and here.until > self._core.clock.now() else None

    async def now(self, limit: int = 1_000) -> list[VisitorNow]:
        """Who is here, whoever came last first."""
        now = self._core.clock.now()
        here = sorted((each for each in self._here.values() if each.until > now), key=_came, reverse=True)
        return await self._core.threads.read(_shown, self._core.store, here[:limit])

    async def one(self, visitor_id: int) -> VisitorNow | None:
        """One of them; None if they are not here."""
        here = self.of(visitor_id)
        return None if here is None else (await self._core.threads.read(_shown, self._core.store, [here]))[0]

    def tell(self, visitor_id: int) -> None:
        """Let readers of the feed know that there is news of a visitor."""
        self._feed(self._core.threads.read(_talks, self._core.store, visitor_id), visitor_id)

    def _feed(self, where: Coroutine[Any, Any, int | None], visitor_id: int) -> None:
        async def tell() -> None:
            change = Change(at=self._core.clock.now(), kind="visitor", id=visitor_id, conversation_id=await where)
            self._core.feed.tell(change)

        self._later(tell())

    # --- who goes -----------------------------------------------------------------------------------------

    def _watch(self) -> None:
        if self._timer is None and self._here:
            self._timer = self._loop.call_later(1.0, self._look)

    def _look(self) -> None:
        """Once a second while anybody is here: who has not been heard of is gone."""
        self._timer, now = None, self._core.clock.now()
        for id in [id for id, each in self._here.items() if each.until <= now]:
            self._leave(id)
        self._watch()

    def drop(self, visitor_id: int) -> None:
        """They are not to be seen any more."""
        if self._here.pop(visitor_id, None) is not None:
            self.tell(visitor_id)

    def _leave(self, visitor_id: int) -> None:
        here = self._here.pop(visitor_id)
        last = next(iter(reversed(here.seen.items())), None)
        if last is not None:
            self._later(self._core.write(trails.keep, last[1], last[0]))
        self.tell(visitor_id)

    def _later(self, work: Coroutine[Any, Any, Any]) -> None:
        task = asyncio.ensure_future(work)
        self._writing.add(task)
        task.add_done_callback(self._written)

    def _written(self, task: asyncio.Task[Any]) -> None:
        self._writing.discard(task)
        if not task.cancelled() and task.exception() is not None:
            log.error("what a visitor did could not be kept", exc_info=task.exception())

    async def close(self) -> None:
        """Keep how long the last pages lasted."""
        if self._timer is not None:
            self._timer.cancel()
        for id in list(self._here):
            self._leave(id)
        await asyncio.gather(*self._writing, return_exceptions=True)


def _came(here: Here) -> Millis:
    return here.came_at


def _shown(store: Store, here: Iterable[Here]) -> list[VisitorNow]:
    return [each.shown(store) for each in here]


def _talks(store: Store, visitor_id: int) -> int | None:
    """The conversation that a visitor's newest chat is in."""
    chat = store.chats.newest_of(visitor_id)
    return None if chat is None else store.placing.target(chat.conversation_id)


def _remembered(store: Store, visitor: Visitor) -> tuple[Standing, str, Invitation | None]:
    customer = store.customers.get(visitor.customer_id) if visitor.customer_id is not None else None
    return store.trails.standing(visitor.id), customer.name if customer else "", store.invitations.newest_of(visitor.id)
