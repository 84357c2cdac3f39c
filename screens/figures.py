"""What pages of figures share: one queue or all together, from one to the next by a key, told anew as time goes by."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import ClassVar, Generic, TypeVar

from textual.app import ComposeResult

from desk.client import Unreachable
from desk.keymap import Context
from desk.model import Queue
from screens.base import DeskScreen
from screens.desk import Desk
from screens.feed import Dirty
from screens.render import one_line
from screens.widgets.bars import StatusLine, TopBar
from screens.widgets.ink import Inks
from screens.widgets.lines import Line, LineView

Told = TypeVar("Told")


class FiguresView(LineView):
    """The lines, made for the size there is."""

    context: Context = "figures"

    def __init__(self, inks: Callable[[], Inks], make: Callable[[int, int], Sequence[Line]]) -> None:
        super().__init__(inks, id="figures")
        self._make = make

    def layout_lines(self, width: int) -> None:
        if width:
            self.show(self._make(width, self.size.height))


class FiguresScreen(DeskScreen[None], Generic[Told]):
    """A page of them. `told` is what the server said last."""

    default_context: Context = "figures"
    title_text: ClassVar[str] = ""
    every_seconds: ClassVar[float] = 30.0

    def __init__(self, desk: Desk, queue: int | None = None) -> None:
        super().__init__(desk)
        self.queue = queue
        """0: what is in none. None: all together."""
        self.told: Told | None = None
        self.queues: list[Queue] = []
        self.view = FiguresView(self.inks, self.lines_for)
        self._loading = False

    def compose(self) -> ComposeResult:
        yield TopBar(self.desk, self.inks, self.title_text)
        yield self.view
        yield StatusLine(self.desk, self.inks)
        yield self.key_line()

    def on_mount(self) -> None:
        self.view.focus()
        self.start(self._begin())
        self.set_interval(self.every_seconds, self.again)

    async def fetch(self) -> Told:
        """Ask the server."""
        raise NotImplementedError

    def lines_for(self, width: int, height: int) -> Sequence[Line]:
        """What is shown of what it said."""
        raise NotImplementedError

    async def _begin(self) -> None:
        self.queues = [each.queue for each in await self.desk.client.queues_now()]
        await self._load()

    def again(self) -> None:
        """Ask again, unless that is being done."""
        if not self._loading and self.is_attached:
            self.start(self._load())

    async def _load(self) -> None:
        self._loading = True
        wanted = self.queue
        try:
            told = await self.fetch()
        except Unreachable:
            return  # the status line says so
        finally:
            self._loading = False
        if wanted == self.queue:
            self.told = told
            self.repaint()
        else:
            self.again()

    def repaint(self) -> None:
        """Show it as it is told now."""
        if self.view.size.width:
            self.view.show(self.lines_for(self.view.size.width, self.view.size.height))
        self.update_bars()

    async def absorb(self, dirty: Dirty) -> None:
        if dirty.everything:
            self.again()

    def can(self, action: str) -> bool:
        if action in ("report", "save-report"):
            return False
        if action in ("queue-after", "queue-before"):
            return bool(self.queues)
        return super().can(action)

    def do_queue_after(self) -> None:
        self._turn(1)

    def do_queue_before(self) -> None:
        self._turn(-1)

    def _turn(self, by: int) -> None:
        """All together, then each queue, then what is in none, and around."""
        if self.queues:
            ids = [None, *(each.id for each in self.queues), 0]
            self.queue = ids[((ids.index(self.queue) if self.queue in ids else 0) + by) % len(ids)]
            self.again()

    def do_leave_live(self) -> None:
        if not self.desk.hush():
            self.dismiss(None)


def queue_name(id: int | None, name: str) -> str:
    """What a queue is called here."""
    return "all queues" if id is None else one_line(name) or ("no queue" if id == 0 else f"queue {id}")
