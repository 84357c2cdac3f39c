"""Visitors who are on the sites at this moment, and inviting one of them to chat."""

from __future__ import annotations

from msgspec import Struct

from desk.keymap import Context
from desk.model import VisitorNow
from screens.listing import ListScreen, Spans
from screens.pager import Pager
from screens.picker import result_of
from screens.render import cells, fit, one_line, shorten
from screens.times import span
from screens.trails import cart, place, whole

SEEN_AT_MOST = 1_000
STEPS_AT_MOST = 300
AGES_SECONDS = 20.0
"""How often it is told anew how long somebody has been there."""
CHATS = {"waiting": ("waits", "warn"), "active": ("chats", "good"), "ended": ("", "dim"), "none": ("", "dim")}
INVITED = {"offered": "invited", "shown": "invited", "accepted": "said yes", "refused": "said no", "none": ""}


class Row(Struct, frozen=True):
    """A visitor in the list, which keeps what it has painted by it."""

    seen: VisitorNow

    def __hash__(self) -> int:
        return hash((self.seen.visitor.id, self.seen.url, self.seen.since, self.seen.pages))


class VisitorsScreen(ListScreen[Row]):
    """Who is there, live; whoever came last first."""

    title_text = "visitors — on the site now, if they agreed to be seen"
    empty_text = "nobody who may be seen is on the site"
    default_context: Context = "visitors"
    kinds = ("visitor", "chat")

    def on_mount(self) -> None:
        self.set_interval(AGES_SECONDS, self.list.repaint)

    async def fetch(self) -> list[Row]:
        return [Row(each) for each in await self.desk.client.visitors_now(SEEN_AT_MOST)]

    def same(self, row: Row, other: Row | None) -> bool:
        return other is not None and row.seen.visitor.id == other.seen.visitor.id

    @property
    def _current(self) -> VisitorNow | None:
        row = self.list.current
        return row.seen if row is not None else None

    def spans(self, row: Row, width: int) -> Spans:
        return self._spans(row.seen, width)

    def _spans(self, row: VisitorNow, width: int) -> Spans:
        now = self.desk.clock.now()
        name = max(10, min(20, width // 5))
        chat, ink = CHATS[row.chat]
        invited = INVITED[row.invited]
        value = cart(row.cart, row.currency)
        tail = [
            (fit(f"{row.pages} p.", 7, right=True), "dim"),
            (fit(span(now - row.since), 5, right=True), "dim"),
            (" " + fit(value, 12, right=True) if width >= 76 else "", "warn"),
            (" " + fit(one_line(row.visitor.language), 5) if width >= 100 else "", "dim"),
            (" " + fit(chat or invited, 8), ink if chat else "note"),
        ]
        room = max(width - name - 1 - sum(cells(text) for text, _ in tail), 8)
        where = place(row.url, row.title)
        address = f"  {shorten(one_line(row.url), room)}" if width >= 140 else ""
        return ((fit(self._who(row), name) + " ", "name"), (fit(where + address, room), "text"), *tail)

    def _who(self, row: VisitorNow) -> str:
        return row.customer or row.visitor.name or f"visitor {row.visitor.id}"

    def about(self, row: Row) -> str:
        """Where they are, and what else there is no column for."""
        return self._about(row.seen)

    def _about(self, row: VisitorNow) -> str:
        told = [one_line(row.url), f"visit {row.visits}", f"here {span(self.desk.clock.now() - row.came_at)}"]
        told += [f"from {one_line(row.referrer)}"] if row.referrer else []
        return " · ".join(part for part in told if part)

    def can(self, action: str) -> bool:
        row = self._current
        if action == "visitor-chat":
            return row is not None and row.conversation_id is not None
        if action == "invite":
            return row is not None
        return super().can(action)

    async def do_open(self) -> None:
        """Where they were."""
        row = self._current
        if row is None:
            return
        with self.unread():
            trail = await self.desk.client.visitor_trail(row.visitor.id, limit=STEPS_AT_MOST)
        title = f"{one_line(self._who(row))} — where they were"
        await result_of(self.app, Pager(self.desk, title, lambda width: whole(trail, width, self.desk.clock.now())))

    def do_visitor_chat(self) -> None:
        row = self._current
        if row is not None and row.conversation_id is not None:
            self._open(row.conversation_id)

    async def do_invite(self, argument: str | None = None) -> None:
        """Ask them whether they would like to chat; without a text, with the usual one."""
        row = self._current
        if row is None:
            return
        who = shorten(self._who(row), 20)
        text = argument
        if text is None:
            text = await self.ask(f"invite {who} with", "", placeholder="the usual question")
        if text is not None:
            await self.desk.client.invite(row.visitor.id, text)
            self.desk.say(f"{who} is invited", "good")
            await self.reload()
