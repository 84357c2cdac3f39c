"""Callbacks: what the settings say of them, and what visitors of a site may do with theirs."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress
from typing import cast

from connectors.callbacks import CallForm, Letter, Promised, PromiseState
from connectors.sites import Refused
from desk import telephone
from desk.clock import Clock, Millis
from desk.model import Callback, Outcome, Visitor
from desk.server.core import Core
from desk.server.refusing import refusing
from desk.service import asking, callbacks, confirming
from desk.service.asking import Wish
from desk.service.callbacks import Rules
from desk.service.errors import Invalid
from desk.service.mailing import SenderAccount
from desk.settings import Settings
from desk.store.base import Store


def rules_of(settings: Settings) -> Rules:
    """What is promised to who wants to be called, and what follows from an outcome."""
    told = settings.callbacks
    return Rules(
        again=cast("dict[Outcome, Millis]", told.again),
        attempts=told.attempts,
        soonest=told.soonest,
        lines=told.lines,
        country=told.country,
        countries=frozenset(told.countries),
        hours=settings.hours,
        slot=told.slot,
        per_slot=told.per_slot,
        days=told.days,
    )


class CallingVisitors:
    """See `connectors.callbacks.CallingBack`: for the visitors of one site."""

    _core: Core
    _account: str
    _queue_id: Callable[[], int | None]
    _rules: Callable[[], Rules]
    _sender: Callable[[], SenderAccount]
    """Who mail to its visitors comes from. Raises Invalid if nobody can send any."""

    async def call_form(self, visitor: Visitor | None, language: str = "") -> CallForm:
        return await self._core.threads.read(self._form, self._core.store, visitor, language)

    def _form(self, store: Store, visitor: Visitor | None, language: str) -> CallForm:
        rules, now = self._rules(), self._core.clock.now()
        offered = callbacks.offer(store, now, rules)
        mine = store.callbacks.page(("waiting", "calling", "unclear"), visitor_id=visitor.id) if visitor else []
        every = telephone.countries()
        return CallForm(
            at=offered.at,
            place=offered.ahead + 1,
            slots=offered.slots,
            zone=rules.hours.zone,
            country=rules.country or telephone.country_of(language),
            countries=tuple(each for each in every if not rules.countries or each[0] in rules.countries),
            mine=tuple(_seen(store, each, now, rules) for each in mine),
        )

    async def ask_call(
        self,
        visitor: Visitor,
        number: str,
        *,
        country: str = "",
        reason: str = "",
        at: Millis | None = None,
        confirmed: Callable[[Promised], Letter] | None = None,
    ) -> Promised:
        wish = Wish(number=number, country=country, reason=reason, at=at)
        return await self._asked(self._ask, wish, visitor, self._queue_id(), confirmed)

    def _ask(
        self,
        store: Store,
        clock: Clock,
        wish: Wish,
        visitor: Visitor,
        queue_id: int | None,
        confirmed: Callable[[Promised], Letter] | None,
    ) -> Promised:
        rules = self._rules()
        with store.write():
            asked = asking.ask(store, clock, wish, visitor=visitor, queue_id=queue_id, rules=rules)
            promised = _seen(store, asked, clock.now(), rules)
            if confirmed is not None:
                self._confirm(store, clock, asked, confirmed(promised))
        return promised

    def _confirm(self, store: Store, clock: Clock, asked: Callback, letter: Letter) -> None:
        with suppress(Invalid):
            confirming.confirm(store, clock, asked, self._sender(), subject=letter.subject, body=letter.body)

    async def promised_call(self, token: str) -> Promised | None:
        return await self._core.threads.read(self._promised, self._core.store, token)

    def _promised(self, store: Store, token: str) -> Promised | None:
        callback = self._linked(store, token)
        return None if callback is None else _seen(store, callback, self._core.clock.now(), self._rules())

    def _linked(self, store: Store, token: str) -> Callback | None:
        callback = callbacks.linked(store, token)
        return callback if callback is not None and callback.account == self._account else None

    async def move_call(
        self, token: str, at: Millis | None, *, confirmed: Callable[[Promised], Letter] | None = None
    ) -> None:
        await self._asked(self._move, token, at, confirmed)

    def _move(
        self,
        store: Store,
        clock: Clock,
        token: str,
        at: Millis | None,
        confirmed: Callable[[Promised], Letter] | None,
    ) -> Promised:
        callback = self._required(store, token)
        rules = self._rules()
        with store.write():
            moved = callbacks.move(store, clock, callback.id, at, rules=rules)
            promised = _seen(store, moved, clock.now(), rules)
            if confirmed is not None and moved.promised_at != callback.promised_at:
                self._confirm(store, clock, moved, confirmed(promised))
        return promised

    async def cancel_call(self, token: str) -> None:
        await self._asked(self._cancel, token)

    def _cancel(self, store: Store, clock: Clock, token: str) -> Promised:
        cancelled = callbacks.cancel(store, clock, self._required(store, token).id)
        return _seen(store, cancelled, clock.now(), self._rules())

    def _required(self, store: Store, token: str) -> Callback:
        callback = self._linked(store, token)
        if callback is None:
            raise Refused("not-found", "there is no such callback")
        return callback

    async def _asked(self, work: Callable[..., Promised], *args: object) -> Promised:
        with refusing():
            return await self._core.write(work, *args)


def _seen(store: Store, callback: Callback, now: Millis, rules: Rules) -> Promised:
    missed = [
        each.ended_at for each in callback.attempts if each.outcome not in (None, "reached", "cancelled", "failed")
    ]
    waits = callback.state == "waiting"
    at = callbacks.expected(store, callback, now, rules) if waits else callback.due_at
    return Promised(
        token=callbacks.link(store, callback.id),
        state=_state(callback),
        number=callback.shown,
        reason=callback.reason,
        at=at,
        until=callback.until if at == callback.promised_at else None,
        place=store.callbacks.ahead(callback.due_at, callback.id) + 1 if waits else 0,
        tried=missed[-1] if missed else None,
    )


def _state(callback: Callback) -> PromiseState:
    """What nobody is sure of is no concern of theirs: somebody looks after it."""
    match callback.state:
        case "waiting" | "unclear":
            return "waiting"
        case "calling":
            return "calling"
        case "done":
            return "reached" if callback.outcome == "reached" else "missed"
        case _:
            return "cancelled"
