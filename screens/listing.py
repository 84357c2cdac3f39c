"""Screens that are one list: the ledger, the outbox, the drafts."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from typing import Generic, TypeVar

from msgspec import Struct
from textual.app import ComposeResult
from textual.strip import Strip

from desk.keymap import Context
from desk.model import Conversation, Draft, LedgerEntry, LedgerOutcome, OutboxItem, OutboxState
from screens.base import DeskScreen
from screens.desk import Desk
from screens.feed import Dirty
from screens.growing import Growing
from screens.render import fit, one_line, shorten, strip
from screens.times import stamp
from screens.transcript import put_off, size_words
from screens.widgets.bars import StatusLine, TopBar
from screens.widgets.ink import Inks
from screens.widgets.rowlist import RowList

Row = TypeVar("Row")
Spans = Sequence[tuple[str, str]]

PAGE = 200
"""Rows asked for at a time."""
ROOMY = 100
"""Columns from which on there is room for what can be done without."""
MOST_URGENT: tuple[OutboxState, ...] = ("unknown", "failed", "bounced", "sending", "held")


class ListScreen(DeskScreen[Conversation | Draft | None], Generic[Row]):
    """A list with a cursor. Opening a row may end in a conversation or a draft, with which the inbox goes on."""

    title_text = ""
    empty_text = ""
    kinds: tuple[str, ...] = ()
    """The kinds of change after which the list is asked for again."""

    def __init__(self, desk: Desk) -> None:
        super().__init__(desk)
        self.source: Growing[Row] = Growing(self.after, self.start, self._arrived)
        self._reloading = asyncio.Lock()
        self.list: RowList[Row] = RowList(
            self.source,
            self._paint,
            self.inks,
            context=self.default_context,
            empty=self.empty_text,
            moved=self._tell,
        )
        self.status_line = StatusLine(desk, self.inks)

    def compose(self) -> ComposeResult:
        yield TopBar(self.desk, self.inks, self.title_text)
        yield self.list
        yield self.status_line
        yield self.key_line()

    def on_mount(self) -> None:
        self.list.focus()
        self.start(self.reload())
        self.set_interval(1.0, self.update_bars)

    async def after(self, row: Row | None) -> tuple[list[Row], bool]:
        """The rows behind one, or the first ones, and whether these are the last. Raises ClientError."""
        return (await self.fetch(), True) if row is None else ([], True)

    async def fetch(self) -> list[Row]:
        """All rows, where they come at once. Raises ClientError."""
        raise NotImplementedError

    def spans(self, row: Row, width: int) -> Spans:
        """How a row looks."""
        raise NotImplementedError

    def _paint(self, row: Row, width: int, inks: Inks, on: str) -> Strip:
        mark = ("▌" if on else " ", "accent")
        return strip([(t, inks(i, on)) for t, i in (mark, *self.spans(row, width - 1))], width, inks("text", on))

    async def reload(self) -> None:
        """Ask again, and keep the cursor where it is by then."""
        here: Row | None = None

        def look() -> None:
            nonlocal here
            here = self.list.current

        async with self._reloading:
            await self.source.reload(look)
            self.list.repaint()
            same = next((n for n, row in enumerate(self.source.rows) if self.same(row, here)), self.list.cursor)
            self.list.settle(same, same - (self.list.cursor - self.list.top))
            self._tell()

    def same(self, row: Row, other: Row | None) -> bool:
        """Whether these are two versions of one thing."""
        return row == other

    def _arrived(self) -> None:
        self.list.refresh_changed()
        self._tell()

    def _tell(self) -> None:
        source = self.source
        more = "" if source.complete else " and more"
        row = self.list.current
        about = f" — {self.about(row)}" if row is not None and self.about(row) else ""
        self.status_line.resting = f"{self.list.cursor + 1:,} of {source.total:,}{more}{about}" if source.total else ""
        self.update_bars()

    def about(self, row: Row) -> str:
        """What the status line tells of the row under the cursor, beside where it stands."""
        return ""

    async def absorb(self, dirty: Dirty) -> None:
        if dirty.everything or not dirty.kinds.isdisjoint(self.kinds):
            await self.reload()

    def can(self, action: str) -> bool:
        if action in ("open", "retry", "replay", "discard-draft") and self.list.current is None:
            return False
        return super().can(action)

    def on_row_list_chosen(self, event: RowList.Chosen) -> None:
        event.stop()
        self.perform("open")

    def do_quit(self) -> None:
        self.dismiss(None)

    def _open(self, conversation_id: int) -> None:
        self.open_for_typing(self._opened(conversation_id))

    async def _opened(self, conversation_id: int) -> None:
        self._end_with(await self.desk.client.conversation(conversation_id))

    def _end_with(self, result: Conversation | Draft) -> None:
        """The screen behind goes on with it; keys that waited for it wait there until it is open."""
        behind = self.app.screen_stack[-2]
        if isinstance(behind, DeskScreen):
            behind.hold_keys()
            self.leave_keys(behind)
        self.dismiss(result)


class LedgerScreen(ListScreen[LedgerEntry]):
    """What came in, where it went and why; what is quarantined can be tried again."""

    title_text = "ledger — what came in, where it went and why"
    empty_text = "nothing came in yet"
    default_context: Context = "ledger"
    kinds = ("ledger",)
    only_quarantined = False

    async def after(self, row: LedgerEntry | None) -> tuple[list[LedgerEntry], bool]:
        outcome: LedgerOutcome | None = "quarantined" if self.only_quarantined else None
        before = row.id if row is not None else None
        found = await self.desk.client.ledger(outcome=outcome, before=before, limit=PAGE)
        return found, len(found) < PAGE

    def same(self, row: LedgerEntry, other: LedgerEntry | None) -> bool:
        return other is not None and row.id == other.id

    def spans(self, row: LedgerEntry, width: int) -> Spans:
        ink = {"quarantined": "bad", "duplicate": "dim", "replayed": "good"}.get(row.outcome, "text")
        sized = 8 if width >= ROOMY else 0
        who = max(12, width * 3 // 10 if width < ROOMY else width // 5)
        why = row.reason or row.rule or ""
        rest = max(width - 26 - who - 2 - sized, 10)
        subject_width = rest * 2 // 3 if width < ROOMY else rest // 2
        return (
            (fit(stamp(row.at, self.desk.clock.now()), 13), "dim"),
            (fit(row.outcome, 12), ink),
            (fit(row.sender, who) + " ", "name"),
            (fit(row.subject or "(no subject)", subject_width) + " ", "text"),
            (fit(why, rest - subject_width), "bad" if row.outcome == "quarantined" else "dim"),
            (fit(size_words(row.size), sized, right=True), "dim"),
        )

    def about(self, row: LedgerEntry) -> str:
        return one_line(f"{row.sender}: {row.reason}" if row.sender and row.reason else row.reason or row.sender)

    def can(self, action: str) -> bool:
        row = self.list.current
        if action == "replay":
            return row is not None and row.outcome == "quarantined"
        if action == "open":
            return row is not None
        return super().can(action)

    def do_open(self) -> None:
        row = self.list.current
        if row is not None and row.conversation_id:
            self._open(row.conversation_id)
        elif row is not None:
            self.desk.say(f"{row.outcome}: {row.reason or 'no reason was kept'}  [{row.external_id}]")

    async def do_replay(self) -> None:
        row = self.list.current
        if row is not None:
            entry = await self.desk.client.replay(row.id)
            self.desk.say(f"{entry.outcome}: {entry.subject}", "good")
            await self.reload()

    async def do_quarantined(self) -> None:
        self.only_quarantined = not self.only_quarantined
        await self.reload()


class OutboxScreen(ListScreen[OutboxItem]):
    """What has not safely left: held, failed, bounced, uncertain; and what can be done about it."""

    title_text = "outbox — what has not safely left"
    empty_text = "everything that was written has left"
    default_context: Context = "outbox"
    kinds = ("outbox",)

    def __init__(self, desk: Desk) -> None:
        super().__init__(desk)
        self._subjects: dict[int, tuple[str, str]] = {}

    async def after(self, row: OutboxItem | None) -> tuple[list[OutboxItem], bool]:
        """State by state, what needs somebody first; newest first within each."""
        first = MOST_URGENT.index(row.state) if row is not None else 0
        before = row.id if row is not None else None
        items: list[OutboxItem] = []
        for state in MOST_URGENT[first:]:
            room = PAGE - len(items)
            items += await self.desk.client.outbox([state], limit=room, before=before) if room else []
            before = None
        await self._learn(items)
        return items, len(items) < PAGE

    async def _learn(self, items: list[OutboxItem]) -> None:
        """Learn whose and what about they are."""
        wanted = list({item.conversation_id for item in items} - self._subjects.keys())
        for row in await self.desk.client.conversations_by_id(wanted) if wanted else []:
            self._subjects[row.id] = (row.customer_name or row.customer_address, row.subject)

    def same(self, row: OutboxItem, other: OutboxItem | None) -> bool:
        return other is not None and row.id == other.id

    def spans(self, row: OutboxItem, width: int) -> Spans:
        who, subject = self._subjects.get(row.conversation_id, ("", ""))
        ink = "accent" if row.state in ("held", "sending") else "bad"
        room = max(width - 13 - 10 - 22, 12)
        said = self._said(row)
        return (
            (fit(stamp(row.created_at, self.desk.clock.now()), 13), "dim"),
            (fit("UNCERTAIN" if row.state == "unknown" else row.state, 10), ink),
            (fit(who, 20) + "  ", "name"),
            (fit(subject or "(no subject)", room // 2 - 1) + " ", "text"),
            (fit(said, room - room // 2), "bad" if ink == "bad" else "dim"),
        )

    def _said(self, row: OutboxItem) -> str:
        """Why it has not left, or when it will."""
        if row.error:
            return row.error
        if put_off(row):
            return f"goes out at {stamp(row.hold_until, self.desk.clock.now())}"
        return {
            "unknown": "it may have arrived; trying again may reach the customer twice",
            "bounced": "the customer's mail system sent it back",
        }.get(row.state, "")

    def about(self, row: OutboxItem) -> str:
        return one_line(self._said(row))

    def can(self, action: str) -> bool:
        row = self.list.current
        if action == "retry":
            return row is not None and row.state in ("failed", "bounced", "unknown")
        if action == "take-back":
            return row is not None and row.state == "held"
        return super().can(action)

    def do_take_back(self) -> None:
        row = self.list.current
        if row is not None:
            self.open_for_typing(self._taken_back(row.id))

    async def _taken_back(self, outbox_id: int) -> None:
        self._end_with(await self.desk.client.undo_send(outbox_id))

    def do_open(self) -> None:
        row = self.list.current
        if row is not None:
            self._open(row.conversation_id)

    async def do_retry(self) -> None:
        row = self.list.current
        if row is None:
            return
        again = row.state == "unknown"
        if again and self._asked != row.id:
            self._asked = row.id
            key = self.desk.keymap.keys("retry")[0]
            self.desk.say(f"it may have arrived already: {key} again sends it, perhaps a second time", "bad")
            return
        await self.desk.client.retry(row.id, even_if_unknown=again)
        self._asked = 0
        self.desk.say("it is tried again", "good")
        await self.reload()

    _asked = 0


class DraftRow(Struct, frozen=True):
    """A draft with what it answers."""

    draft: Draft
    subject: str
    who: str

    @property
    def kind(self) -> str:
        """`new`, `note`, `forward` or `answer`."""
        return "new" if not self.draft.conversation_id else self.draft.slot.partition(" ")[0] or "answer"


KINDS = {"new": "new", "note": "note", "forward": "forward"}


class DraftsScreen(ListScreen[DraftRow]):
    """What was begun and not sent."""

    title_text = "drafts — begun and not sent"
    empty_text = "no drafts"
    default_context: Context = "drafts"
    kinds = ("draft",)
    _asked: tuple[int, str] | None = None

    async def fetch(self) -> list[DraftRow]:
        drafts = await self.desk.client.drafts()
        ids = [draft.conversation_id for draft in drafts if draft.conversation_id]
        rows = {row.id: row for row in await self.desk.client.conversations_by_id(ids)} if ids else {}
        made = []
        for draft in drafts:
            row = rows.get(draft.conversation_id)
            subject = draft.content.subject or (row.subject if row else "")
            to = ", ".join(a.name or a.email for a in draft.content.to)
            who = to or (row.customer_name or row.customer_address if row else "")
            made.append(DraftRow(draft, one_line(subject), one_line(who)))
        return made

    def spans(self, row: DraftRow, width: int) -> Spans:
        half = max((width - 13 - 8 - 22) // 2, 8)
        return (
            (fit(stamp(row.draft.updated_at, self.desk.clock.now()), 13), "dim"),
            (fit(KINDS.get(row.kind, ""), 8), "dim"),
            (fit(row.who or "(nobody yet)", 20) + "  ", "name"),
            (fit(row.subject or "(no subject)", half - 1) + " ", "text"),
            (shorten(row.draft.content.body, half), "dim"),
        )

    async def do_open(self) -> None:
        row = self.list.current
        if row is not None:
            self.dismiss(row.draft)

    async def do_discard_draft(self) -> None:
        row = self.list.current
        if row is None:
            return
        name = (row.draft.conversation_id, row.draft.slot)
        if self._asked != name:
            self._asked = name
            key = self.desk.keymap.keys("discard-draft")[0]
            self.desk.say(f"{key} again throws this draft away for good", "bad")
            return
        await self.desk.client.delete_draft(*name)
        self._asked = None
        self.desk.hush()
        await self.reload()
