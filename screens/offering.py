"""What queues that push have for the rep: an offer with the seconds that are left for it, and what went back."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Iterator, Sequence
from typing import TYPE_CHECKING, TypeVar

from textual import events

from desk.client import Refused
from desk.fuzzy import ranked
from desk.keymap import Context
from desk.model import Conversation, OfferedNow
from screens.desk import Desk
from screens.picker import Picker, result_of
from screens.render import cells, shorten
from screens.rows import ConversationRow, Look
from screens.times import seconds_left, stamp
from screens.widgets.bars import key_glyph
from screens.widgets.ink import Inks
from screens.widgets.lines import Bar, Line

if TYPE_CHECKING:
    from screens.inbox import InboxScreen

Answer = TypeVar("Answer")

SOON = 10
"""Seconds from which on it is urgent."""


class OfferBar(Bar):
    """What is offered, for how long, and the keys for it. Not there while nothing is."""

    def __init__(
        self, desk: Desk, inks: Callable[[], Inks], where: Callable[[], Context], chosen: Callable[[], None]
    ) -> None:
        super().__init__(inks, id="offer")
        self.desk = desk
        self._where = where
        self._chosen = chosen
        self.display = False

    def follow(self) -> None:
        """Say how it stands now."""
        there = bool(self.desk.offers.open)
        if self.display != there:
            self.display = there
        if there:
            self.update()

    def bar_lines(self, width: int) -> Sequence[Line]:
        if not self.desk.offers.open:
            return [Line()]
        first, *more = self.desk.offers.open
        left = seconds_left(first.offer.until, self.desk.clock.now())
        head = [(f" offered to you {left // 60}:{left % 60:02} ", "alarm" if left <= SOON else "accent")]
        keys = list(self._keys(len(more)))
        room = width - sum(cells(text) for text, _ in (*head, *keys))
        said = shorten(f" {_about(first.conversation)}", max(room, 0))
        gap = " " * max(room - cells(said), 0)
        return [Line((*head, (said, "strong"), (gap, "bar"), *keys), on="bar")]

    def _keys(self, more: int) -> Iterator[tuple[str, str]]:
        context = self._where()
        if more:
            yield (f" +{more}", "dim")
        key = self.desk.keymap.key("take-next", context) if context not in ("composer", "note") else ""
        for action, told in (("take-offer", "take"), ("decline-offer", "leave")):
            shown = key if key and action == "take-offer" else self.desk.keymap.key(action, context)
            yield (f" {key_glyph(shown) if shown else f':{action}'}", "key")
            yield (f" {told} ", "bar")

    def on_click(self, event: events.Click) -> None:
        self._chosen()


def _about(row: Conversation) -> str:
    who = row.customer_name or row.customer_address or "somebody"
    return f"{row.channel} · {shorten(who, 24)} · {row.subject or '(no subject)'}"


class Offering:
    """One method an action."""

    def __init__(self, inbox: InboxScreen) -> None:
        self._inbox = inbox
        self._desk = inbox.desk
        self.bar = OfferBar(self._desk, inbox.inks, lambda: inbox.context, lambda: inbox.perform("take-offer"))

    def can(self, action: str) -> bool:
        """Whether there is something to do it with."""
        return bool(self._desk.offers.returned if action == "returned" else self._desk.offers.open)

    async def do_take_offer(self) -> None:
        """What is being written is kept; what is typed meanwhile is for what is opened."""
        inbox, offered = self._inbox, self._desk.offers.open
        if not offered:
            return
        row = await self._ask(offered[0], self._desk.client.accept_offer)
        if row is None:
            return
        composer = inbox.writing.composer if inbox.context in ("composer", "note") else None
        if composer is not None:
            await composer.leave()
        self._desk.did()
        inbox.applied(row)
        inbox.show_conversation(row)
        await inbox.conversation.arrival()
        inbox.release_keys()

    async def do_decline_offer(self) -> None:
        offered = self._desk.offers.open
        if offered and await self._ask(offered[0], self._decline) is not None:
            self._desk.say("left to others")

    async def _decline(self, conversation_id: int) -> bool:
        await self._desk.client.decline_offer(conversation_id)
        return True

    async def _ask(self, offered: OfferedNow, deed: Callable[[int], Awaitable[Answer]]) -> Answer | None:
        """Do it; None, and it is said why, if it is too late. What is offered now is shown then."""
        try:
            return await deed(offered.offer.conversation_id)
        except Refused as error:
            self._desk.say(error.problem.message, "bad")
            return None
        finally:
            await self._desk.hear_offers()

    async def do_returned(self) -> None:
        """Who leaves the list has seen it; who opens something of it comes back to the rest."""
        desk, rows = self._desk, {each.conversation.id: each for each in self._desk.offers.returned}
        paint = ConversationRow(desk.clock.now, lambda row: Look(mine=desk.is_mine(row)))

        async def find(text: str) -> list[Conversation]:
            every = [each.conversation for each in rows.values()]
            return list(ranked(text, every, lambda row: (row.subject, row.customer_name), at_most=len(every)))

        def told(row: Conversation, width: int) -> list[Line]:
            at = stamp(rows[row.id].offer.ended_at or 0, desk.clock.now())
            now = f"{row.assignee_name}'s now" if row.assignee_name else "nobody's"
            said = f" went back at {at} · {row.queue_name or 'no queue'} · {now} · escape: seen"
            return [Line(((shorten(said, width), "dim"),))]

        title = "Went back to their queues while you were not there"
        chosen = await result_of(self._inbox.app, Picker(desk, title, find, paint, told, empty="nothing", named=True))
        if chosen is None:
            await desk.client.see_returned()
            await desk.hear_offers()
        else:
            self._inbox.show_conversation(await desk.client.conversation(chosen.id))
