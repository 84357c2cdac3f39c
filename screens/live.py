"""The live queue: how everything stands, told anew each second; each number leads to what it counts."""

from __future__ import annotations

from collections.abc import Coroutine, Iterator, Sequence
from typing import TYPE_CHECKING, Any

from msgspec import Struct
from textual import events
from textual.app import ComposeResult
from textual.strip import Strip

from desk.client import Unreachable
from desk.definitions import DEFINITIONS, TITLES
from desk.keymap import Context
from desk.keymap.live import OF_SUPERVISORS
from desk.model import Conversation, Live, LiveAgent, LiveQueue
from screens.base import DeskScreen
from screens.desk import ALERT, Desk
from screens.feed import Dirty
from screens.live_table import Cell, Row, rows_of
from screens.pager import Pager
from screens.picker import result_of
from screens.render import one_line, strip, wrap
from screens.supervising import Supervising
from screens.widgets.bars import StatusLine, TopBar
from screens.widgets.ink import Inks
from screens.widgets.lines import Line
from screens.widgets.rowlist import ListSource, RowList

if TYPE_CHECKING:
    from screens.inbox import InboxScreen

TICK_SECONDS = 0.7
"""With what the server takes to count, a number is never a second behind."""
AT_MOST = 1_000
_BEHIND = {
    "longest": "waiting",
    "first-answers-90": "first-answers",
    "theirs": "open",
    "unanswered": "waiting",
}
"""What is asked for behind numbers that are called otherwise."""
_ON_ONE = OF_SUPERVISORS | {"give-it", "raise-it"}
_ALONE = ("self-service", "occupancy")
"""Numbers without conversations."""
NOTHING_BEHIND = "no conversation is behind this number; h and l go to others"


class Behind(Struct, frozen=True):
    """The conversations that a number counts."""

    title: str
    conversations: list[Conversation]


class Overheard(Struct, frozen=True):
    """A conversation to listen in on."""

    conversation: Conversation


Result = Behind | Overheard | Conversation | None


class LiveScreen(DeskScreen[Result]):
    """A table with a cursor on a number."""

    default_context: Context = "live"

    def __init__(self, desk: Desk) -> None:
        super().__init__(desk)
        self.live: Live | None = None
        self.column = 0
        self.source: ListSource[Row] = ListSource()
        self.list: RowList[Row] = RowList(
            self.source,
            self._paint,
            self.inks,
            context="live",
            moved=self._moved,
            look=lambda _: self.column,
            stops=lambda row: bool(row.numbers) or row.is_plot,
        )
        self.status_line = StatusLine(desk, self.inks)
        self._loading = False
        self._queue: int | None = None
        self._nothing_behind: Cell | None = None
        """Of which that was told."""
        self._helpers: list[object] = []

    def compose(self) -> ComposeResult:
        yield TopBar(self.desk, self.inks, "live queue — as it is at this moment, and today")
        yield self.list
        yield self.status_line
        yield self.key_line()

    def on_mount(self) -> None:
        self.list.focus()
        if self.desk.news is not None and self.desk.news.text.startswith(ALERT):
            self.desk.hush()
        self.ask_again()
        self.set_interval(TICK_SECONDS, self.ask_again)

    def on_resize(self, event: events.Resize) -> None:
        self._show()

    # --- keeping up -----------------------------------------------------------------------------------------

    def ask_again(self) -> None:
        """Ask again, unless that is being done: a server that is late is asked once."""
        if not self._loading and self.is_attached:
            self._loading = True
            self.start(self._load())

    async def _load(self) -> None:
        try:
            self.live = await self.desk.client.live()
        except Unreachable:
            return  # the status line says so
        finally:
            self._loading = False
        self._show()

    async def absorb(self, dirty: Dirty) -> None:
        if dirty.everything:
            self.ask_again()

    def _show(self) -> None:
        if self.live is None or not self.size.width:
            return
        here = self.list.current
        self.source.rows = rows_of(self.live, self.size.width, self.size.height, self._queue)
        keys = [row.key for row in self.source.rows]
        at = keys.index(here.key if here is not None and here.key in keys else "now None")
        self.list.settle(at, self.list.top)
        self.update_bars()

    def _moved(self) -> None:
        row, cell = self.list.current, self.cell
        if row is not None and row.numbers and row.queue != self._queue and not row.key.startswith("person"):
            self._queue = row.queue
            self.call_later(self._show)
        told = DEFINITIONS.get(cell.what, "") if cell is not None else ""
        self.status_line.resting = told
        self._hush_what_was_elsewhere()
        self.update_bars()

    def tell_nothing_behind(self) -> None:
        """Until the cursor goes on: it would be read of the next number, too."""
        self._nothing_behind = self.cell
        self.desk.say(NOTHING_BEHIND)

    def _hush_what_was_elsewhere(self) -> None:
        told, here, news = self._nothing_behind, self.cell, self.desk.news
        if told is None or here is None or told.place == here.place:
            return
        self._nothing_behind = None
        if news is not None and news.text == NOTHING_BEHIND:
            self.desk.hush()

    # --- the table ------------------------------------------------------------------------------------------

    @property
    def cell(self) -> Cell | None:
        """The number under the cursor."""
        row = self.list.current
        numbers = row.numbers if row is not None else []
        return numbers[min(self.column, len(numbers) - 1)] if numbers else None

    def _paint(self, row: Row, width: int, inks: Inks, on: str) -> Strip:
        chosen = self.cell if on else None
        mark = ("▌" if on else " ", inks("accent", on))
        texts = [(cell.text, inks("found") if cell is chosen else inks(cell.ink, on)) for cell in row.cells]
        return strip([mark, *texts], width, inks("text", on))

    def do_column_left(self, count: int | None = None) -> None:
        self._go(-(count or 1))

    def do_column_right(self, count: int | None = None) -> None:
        self._go(count or 1)

    def _go(self, by: int) -> None:
        row = self.list.current
        if row is not None and row.numbers:
            self.column = min(max(min(self.column, len(row.numbers) - 1) + by, 0), len(row.numbers) - 1)
            self.list.refresh_changed()
            self._moved()

    # --- what is behind it ----------------------------------------------------------------------------------

    def can(self, action: str) -> bool:
        if action == "open":
            return self.cell is not None and self.cell.what not in _ALONE
        if action in _ON_ONE:
            return self.cell is not None and self.cell.what not in _ALONE
        if action == "open-or-close":
            return self._queue_here is not None
        if action == "works-in":
            return self._rep_here is not None
        return super().can(action)

    def on_row_list_chosen(self, event: RowList.Chosen) -> None:
        event.stop()
        self.perform("open")

    def do_open(self) -> None:
        """The conversations that the number counts."""
        cell = self.cell
        if cell is not None:
            self.open_for_typing(self._drill(cell))

    async def _drill(self, cell: Cell) -> None:
        if cell.conversation is not None:
            self.end_with(await self.desk.client.conversation(cell.conversation))
            return
        rows = await self._counted(cell, AT_MOST)
        if not rows:
            self.tell_nothing_behind()
            return
        self.end_with(Behind(self._title(cell), rows))

    async def _counted(self, cell: Cell, limit: int) -> list[Conversation]:
        what = _BEHIND.get(cell.what, cell.what)
        return await self.desk.client.behind(
            what, queue=cell.queue, channel=cell.channel, agent=cell.agent, limit=limit
        )

    def _title(self, cell: Cell) -> str:
        live = self.live
        where = next((one_line(each.name) for each in live.queues if each.id == cell.queue), "") if live else ""
        who = next((one_line(each.name) for each in live.agents if each.id == cell.agent), "") if live else ""
        return " ".join(part for part in (_words(cell.what), cell.channel or "", where, who) if part)

    def end_with(self, result: Behind | Overheard | Conversation) -> None:
        """The inbox goes on with it, and with the keys that waited."""
        behind = self.app.screen_stack[-2]
        if isinstance(behind, DeskScreen):
            behind.hold_keys()
            self.leave_keys(behind)
        self.dismiss(result)

    # --- acts -----------------------------------------------------------------------------------------------

    @property
    def _queue_here(self) -> LiveQueue | None:
        """The queue of the line under the cursor."""
        row = self.list.current
        queues = self.live.queues if self.live is not None and row is not None and row.numbers else ()
        return next((each for each in queues if row is not None and each.id and each.id == row.queue), None)

    @property
    def _rep_here(self) -> LiveAgent | None:
        """The rep of the line under the cursor."""
        row = self.list.current
        agents = self.live.agents if self.live is not None else ()
        return next((each for each in agents if row is not None and row.key == f"person {each.id}"), None)

    async def do_open_or_close(self) -> None:
        queue = self._queue_here
        if queue is not None:
            await self.desk.client.open_queue(queue.name, not queue.open)
            self.desk.say(f"{one_line(queue.name)} is {'closed' if queue.open else 'open'}", "good")
            self.ask_again()

    async def do_works_in(self, argument: str | None = None) -> None:
        rep = self._rep_here
        if rep is None:
            return
        who = one_line(rep.name)
        told = argument
        if told is None:
            told = await self.ask(f"{who} works in", placeholder="a queue, or -queue for no longer")
        queue, out = (told or "").strip().removeprefix("-"), (told or "").strip().startswith("-")
        if queue:
            await self.desk.client.put_into_queue(rep.login, queue=queue, value=not out)
            self.desk.say(f"{who} works in {one_line(queue)}{' no longer' if out else ''}", "good")
            self.ask_again()

    def helpers(self) -> Sequence[object]:
        if not self._helpers:
            from screens.live_acts import LiveActs

            self._helpers.append(LiveActs(self))
        return self._helpers

    async def meant(self) -> Conversation | None:
        """What the rep of the line is on, or the most pressing conversation behind the number. Raises ClientError."""
        cell, rep = self.cell, self._rep_here
        if rep is not None and rep.on is not None:
            return await self.desk.client.conversation(rep.on)
        rows = await self._counted(cell, 1) if cell is not None and cell.conversation is None else []
        return rows[0] if rows else None

    def do_plots(self) -> None:
        from screens.plots import PlotsScreen

        self.app.push_screen(PlotsScreen(self.desk, self._queue))

    def do_staffing(self) -> None:
        from screens.staffing import StaffingScreen

        self.app.push_screen(StaffingScreen(self.desk, self._queue))

    async def do_report(self, argument: str | None = None) -> None:
        from screens.reports import USUAL, ReportScreen, judged

        found = USUAL if argument is None else await judged(self.desk, argument)
        if found is not None:
            self.app.push_screen(ReportScreen(self.desk, self._queue, found))

    def do_leave_live(self) -> None:
        if not self.desk.hush():
            self.dismiss(None)

    def do_define(self) -> Coroutine[Any, Any, None]:
        return self._define()

    async def _define(self) -> None:
        """What the numbers mean, that under the cursor first."""
        cell = self.cell
        first = cell.what if cell is not None else ""
        names = [first, *(name for name in DEFINITIONS if name != first)] if first else list(DEFINITIONS)

        def lines(width: int) -> list[Line]:
            return [line for name in names for line in _definition(name, width)]

        await result_of(self.app, Pager(self.desk, "What the numbers mean", lines))


def take_up(inbox: InboxScreen, found: Result) -> None:
    """The inbox goes on with what the live queue ended with."""
    if found is None:
        return
    if isinstance(found, Overheard):
        inbox.start(Supervising(inbox).listen(found.conversation))
        return
    if isinstance(found, Conversation):
        inbox.show_conversation(found)
    else:
        inbox.viewing.list_these(found.title, found.conversations)
    inbox.release_keys()


def _definition(name: str, width: int) -> Iterator[Line]:
    yield Line(((f" {TITLES.get(name, name)}", "strong"),))
    for text in wrap(DEFINITIONS[name], width - 4):
        yield Line(((f"   {text}", "text"),))
    yield Line()


def _words(what: str) -> str:
    return what.replace("-", " ")
