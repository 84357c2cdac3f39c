"""Visitors of the sites: who is there, where they were, and asking them whether they would like to chat."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncGenerator, Callable, Collection
from contextlib import aclosing
from datetime import datetime

from msgspec.structs import replace

from connectors.seeing import Answer
from desk import invitations
from desk.articles.pages import page_of
from desk.clock import DAY, SECOND, Millis
from desk.hours import Hours
from desk.model import Agent, Invitation, InvitationCounts, Sighting, Trail, Visitor, VisitorNow
from desk.secrets import SecretError, Secrets
from desk.server.beckoning import Beckoning
from desk.server.core import Core
from desk.server.onsite import AGAIN_SECONDS, Here, OnSite
from desk.server.presence import Presences
from desk.server.vouchers import Vouchers
from desk.service import capacity, inviting, trails
from desk.service.errors import Lost, NotFound
from desk.settings import AccountSettings, Settings, environment_name
from desk.store.base import Store
from desk.zones import zone_named

log = logging.getLogger(__name__)

SOONEST_SECONDS = 1.0
"""How soon a browser tells again, however soon a rule may fit."""


class Visitors:
    """What sites tell and routes ask of them. `onsite` holds those who are there now."""

    def __init__(
        self,
        core: Core,
        presences: Presences,
        attending: Callable[[], Collection[int]],
        settings: Callable[[], Settings],
        secrets: Secrets,
    ) -> None:
        self._core = core
        self._presences = presences
        self._attending = attending
        self._settings = settings
        self._secrets = secrets
        self.onsite = OnSite(core)
        self._beckoning = Beckoning()
        self.vouchers = Vouchers(core.clock, secrets, lambda: settings().accounts)

    async def close(self) -> None:
        await self.onsite.close()

    # --- for reps -----------------------------------------------------------------------------------------

    async def now(self, limit: int) -> list[VisitorNow]:
        return await self.onsite.now(limit)

    async def one(self, id: int) -> VisitorNow | None:
        return await self.onsite.one(id)

    async def trail(self, id: int, limit: int, before: int | None) -> Trail:
        """Where a visitor was. Raises NotFound."""
        visitor = await self._core.threads.read(self._core.store.visitors.get, id)
        if visitor is None:
            raise NotFound("visitor", id)
        return await self._trail(visitor, limit, before)

    async def trail_of(self, conversation_id: int, limit: int, before: int | None) -> Trail:
        """Where the visitor of a conversation was."""
        visitor = await self._core.threads.read(trails.visitor_of, self._core.store, conversation_id)
        return await self._trail(visitor, limit, before)

    async def _trail(self, visitor: Visitor | None, limit: int, before: int | None) -> Trail:
        found = await self._core.threads.read(_trail, self._core.store, visitor, limit, before)
        return replace(found, now=None if visitor is None else await self.onsite.one(visitor.id))

    async def invite(self, agent: Agent, id: int, text: str) -> Invitation:
        """Ask one who is there by hand. Raises `NotFound`, `Invalid`, `Lost`; see `inviting.offer`."""
        here = self.onsite.of(id)
        if here is None:
            raise NotFound("visitor on the site", id)
        asked = text.strip() or self._settings().visitors.greeting
        return await self._offer(here, asked, agent=agent)

    async def counts(self, days: int) -> list[InvitationCounts]:
        """What became of invitations in the last days: those of each rule there is or was, then those by hand."""
        since = self._core.clock.now() - days * DAY
        found = await self._core.threads.read(self._core.store.invitations.counts, since)
        told = {each.rule for each in found}
        silent = [InvitationCounts(rule=name) for name in self._settings().invitations if name not in told]
        return sorted([*found, *silent], key=lambda each: (each.rule == "", each.rule))

    async def renew_secret(self, account: AccountSettings) -> tuple[str, str]:
        """A new secret for what the shop's pages vouch with, and where it is kept, in words; the one before it stays
        good until the next."""
        found = await asyncio.to_thread(self._secrets.find, account)
        fresh, both = self.vouchers.renewed(found.secret if found else "")
        if found is not None and found.origin in ("environment", "command"):
            where = self._secrets.words(account, found)
            return fresh, f"the secret is taken {where}: write there the new one, a space, and the one before it"
        try:
            await asyncio.to_thread(self._secrets.keep, account.name, both)
        except SecretError as error:
            self._secrets.give(account.name, both)
            return fresh, f"kept only until the server ends: {error}; set {environment_name(account.name)} to keep it"
        return fresh, "kept in the keyring; the one before it is good until the next"

    # --- for sites ----------------------------------------------------------------------------------------

    async def seen(self, visitor: Visitor, sighting: Sighting) -> tuple[float, Invitation | None]:
        """They look at a page: in how many seconds to tell again, and what to ask them now."""
        here = await self.onsite.seen(visitor, sighting)
        if sighting.gone:
            return AGAIN_SECONDS, None
        again = await self._consider(here) if here.invitation is None else AGAIN_SECONDS
        asked = here.invitation
        return again, asked if asked is not None and asked.state == "offered" else None

    async def invited(self, visitor: Visitor) -> AsyncGenerator[Invitation | None, None]:
        """What they are asked, at once, as long as they have not seen it; None every few seconds."""
        async with aclosing(self._beckoning.heard(visitor.id)) as heard:
            async for called in heard:
                here = self.onsite.of(visitor.id) if called else None
                asked = here.invitation if here is not None else None
                yield asked if asked is not None and asked.state == "offered" else None

    async def _consider(self, here: Here) -> float:
        """Ask whom a rule asks, if anybody has room; in how many seconds to think of it again."""
        settings = self._settings()
        facts = _facts(here, self._core.clock.now(), settings.hours)
        rules = settings.invitations.values()
        rule = invitations.chosen(rules, facts)
        if rule is None:
            soonest = invitations.soonest(rules, facts)
            return AGAIN_SECONDS if soonest is None else min(AGAIN_SECONDS, max(SOONEST_SECONDS, soonest / SECOND))
        if not here.spared and await self._core.threads.read(self._room):
            try:
                await self._offer(here, invitations.words(rule, here.visitor.language), rule=rule.name)
            except Lost as error:
                here.spared = error.code != "chatting"
        return AGAIN_SECONDS

    async def _offer(self, here: Here, text: str, *, rule: str = "", agent: Agent | None = None) -> Invitation:
        made = await self._core.write(inviting.offer, here.visitor, text, visit=here.came_at, rule=rule, agent=agent)
        here.invitation = made
        self.onsite.tell(here.visitor.id)
        self._beckoning.call(here.visitor.id)
        return made

    def _room(self) -> bool:
        """Whether somebody who is there could take one more chat, beside all that may become one."""
        core = self._core
        load = capacity.load(core.store, core.clock, self._presences.writing())
        asked = core.store.invitations.undecided(core.clock.now() - inviting.OPEN_FOR)
        return capacity.room(self._settings().capacity, self._attending(), load, asked=asked)

    async def answered(self, visitor: Visitor, id: int, answer: Answer, queue_id: int | None) -> None:
        """What becomes of an invitation. Raises `NotFound`, `Lost('decided')`."""
        now = await self._core.write(inviting.decide, visitor, id, answer, queue_id=queue_id)
        here = self.onsite.of(visitor.id)
        if here is not None:
            here.invitation = now
        self.onsite.tell(visitor.id)

    async def forget(self, visitor: Visitor) -> None:
        """They agree no more: where they were is known no more."""
        self.onsite.drop(visitor.id)
        await self._core.write(trails.forget, visitor)


def _facts(here: Here, now: Millis, hours: Hours) -> invitations.Facts:
    page = here.page
    return invitations.Facts(
        site=here.visitor.account,
        page=page_of(page.url) if page else "",
        referrer=page_of(here.referrer) if here.referrer else "",
        lasted=page.lasted if page else 0,
        idle=here.idle,
        seen=here.pages,
        cart=page.cart if page else None,
        returning=here.visits > 1,
        at=datetime.fromtimestamp(now / SECOND, zone_named(hours.zone)),
    )


def _trail(store: Store, visitor: Visitor | None, limit: int, before: int | None) -> Trail:
    return trails.of(store, visitor, limit, before=before)
