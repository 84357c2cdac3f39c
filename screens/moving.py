"""What belongs together is put together, and what does not is taken apart. All of it can be undone."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from desk.client import Refused
from desk.model import Conversation
from screens.picker import Picker, result_of
from screens.reader import ReaderScreen
from screens.render import shorten, wrap
from screens.rows import STATE_GLYPHS, ConversationRow, Look
from screens.times import stamp
from screens.widgets.bars import key_glyph
from screens.widgets.lines import BLANK, Line

OFFERED = 40
"""Conversations or customers to pick from at most."""


class Moving:
    """One method an action."""

    def __init__(self, stage: ReaderScreen) -> None:
        self._stage = stage
        self._desk = stage.desk

    @property
    def _undo(self) -> str:
        """How to take it back, for the end of a sentence."""
        key = self._desk.keymap.key("undo")
        return f"; {key_glyph(key)} takes it back" if key else ""

    # --- messages -----------------------------------------------------------------------------------------

    async def do_split(self) -> None:
        message = self._stage.target_message()
        if message is None:
            return
        made = await self._desk.client.split(message.id)
        self._desk.say(f"taken out into a conversation of its own, #{made.id}{self._undo}", "good")

    async def do_move(self, argument: str | None = None) -> None:
        message, row = self._stage.target_message(), self._stage.conversation.conversation
        if message is None or row is None:
            return
        if message.direction != "in":
            self._desk.say("only what a customer wrote can be moved", "bad")
            return
        target = await self._which("Move this message into…", [row], argument, move_lines)
        if target is not None:
            await self._desk.client.move([message.id], target.id)
            self._desk.say(f"moved into {shorten(target.subject or f'#{target.id}', 40)}{self._undo}", "good")

    # --- conversations ------------------------------------------------------------------------------------

    async def do_merge(self, argument: str | None = None, count: int | None = None) -> None:
        rows = list(self._stage.targets(count))
        if not rows:
            return
        if len(rows) > 1 and argument is None:
            target: Conversation | None = await self._one_of(rows)
            rows = [row for row in rows if target is None or row.id != target.id]
        else:
            target = await self._which(f"Merge {_named(rows)} into…", rows, argument, merge_lines)
        if target is None:
            return
        merged = await self._desk.client.merge(target.id, [row.id for row in rows])
        told = f"{_named(rows)} went into {shorten(merged.subject or f'#{merged.id}', 24)}"
        self._desk.say(f"{told}{self._undo}", "good")
        self._stage.trail.merged(rows[0], merged)

    async def _one_of(self, rows: list[Conversation]) -> Conversation | None:
        """Which of those that were chosen is to stay."""

        async def find(text: str) -> list[Conversation]:
            folded = text.casefold()
            return [row for row in rows if folded in f"{row.subject} {row.customer_name}".casefold()]

        return await self._pick(f"Merge these {len(rows)} into which of them?", find, merge_lines)

    async def _which(
        self, title: str, without: Sequence[Conversation], argument: str | None, preview: Any
    ) -> Conversation | None:
        """A conversation by its number, or picked: first the customer's others, then whatever is searched for."""
        if argument is not None:
            return await self._desk.client.conversation(int(argument.lstrip("#")))
        taken = {row.id for row in without}
        client, customer = self._desk.client, without[0].customer_id

        async def find(text: str) -> list[Conversation]:
            theirs = await client.customer_conversations(customer, limit=OFFERED)
            if text:
                near = [row for row in theirs if text.casefold() in row.subject.casefold()]
                try:
                    found = (await client.conversations("all", text, limit=OFFERED)).items
                except Refused:
                    found = []
                theirs = [*near, *found]
            rows = {row.id: row for row in theirs if row.id not in taken and row.state != "merged"}
            return list(rows.values())[:OFFERED]

        return await self._pick(title, find, preview)

    async def _pick(self, title: str, find: Any, preview: Any) -> Conversation | None:
        desk = self._desk
        paint = ConversationRow(desk.clock.now, lambda row: Look(mine=desk.is_mine(row)))

        def shown(row: Conversation, width: int) -> list[Line]:
            return [*conversation_lines(row, desk.clock.now(), width), *preview(width)]

        picker = Picker(desk, title, find, paint, shown, empty="no other conversation; type to search")
        return await result_of(self._stage.app, picker)


def _named(rows: Sequence[Conversation]) -> str:
    return f"{len(rows)} conversations" if len(rows) > 1 else shorten(rows[0].subject or f"#{rows[0].id}", 24)


def conversation_lines(row: Conversation, now: int, width: int) -> list[Line]:
    """A conversation in three lines, for those who choose."""
    glyph, ink = STATE_GLYPHS[row.state]
    who = shorten(row.customer_name or row.customer_address, 30)
    about = f" · {row.messages} message{'s' if row.messages != 1 else ''}, last {stamp(row.last_at, now)}"
    return [
        Line(((f" {glyph} {row.state}", ink), (f" · {who}", "name"), (about, "dim"), (f" · #{row.id}", "dim"))),
        Line(((" ", "text"), (shorten(row.subject or "(no subject)", width - 2), "strong"))),
        Line(((" ", "text"), (shorten(row.snippet, width - 2), "text"))),
        BLANK,
    ]


def merge_lines(width: int) -> list[Line]:
    """What merging does."""
    told = "All messages, notes and tags go there; later answers to the old one arrive there, too."
    return [Line(((" ", "text"), (part, "dim"))) for part in wrap(told, width - 2)]


def move_lines(width: int) -> list[Line]:
    """What moving does."""
    told = "This one message goes there; the rest of its conversation stays where it is."
    return [Line(((" ", "text"), (part, "dim"))) for part in wrap(told, width - 2)]
