"""Choosing a view by a few letters, with how much each holds."""

from __future__ import annotations

from textual.app import ComposeResult
from textual.containers import Vertical
from textual.strip import Strip

from desk.fuzzy import ranked
from desk.model import View, ViewInfo
from screens.desk import Desk
from screens.feed import Dirty
from screens.finder import Finder
from screens.render import cells, fit, strip
from screens.widgets.ink import Inks

KIND_WORDS = {"built-in": "", "channel": "channel", "queue": "queue", "saved": "saved"}


class ViewPicker(Finder[ViewInfo, View]):
    """Ends with the name of a view, or None."""

    def __init__(self, desk: Desk, here: View) -> None:

        super().__init__(desk, self._paint, hint="which view?", empty="no such view", rows=desk.views)
        self._here = here
        self.list.cursor = next((n for n, view in enumerate(desk.views) if view.name == here), 0)

    def compose(self) -> ComposeResult:
        with Vertical(id="palette-box"):
            yield self.entry
            yield self.list

    def on_mount(self) -> None:
        self.start(self._ask())

    async def _ask(self) -> None:
        self.desk.views = await self.desk.client.views()
        self._narrow(keep=True)

    async def absorb(self, dirty: Dirty) -> None:
        if dirty.touches("conversation", "message", "read", "mention"):
            await self._ask()

    def _paint(self, row: ViewInfo, width: int, inks: Inks, on: str) -> Strip:
        on = "cursor" if on else ""
        count = f"{row.count:,}" + ("" if row.exact else "+")
        new = f"•{row.unread:,} " if row.unread else ""
        name = min(28, max(width // 3, 12))
        room = max(width - name - 12 - cells(count) - cells(new), 0)
        spans = (
            ("▌" if on else " ", "accent"),
            (fit(row.title, name), "strong" if row.count or row.name == self._here else "text"),
            (fit(KIND_WORDS[row.kind], 9), "dim"),
            (fit(row.problem or row.query, room), "bad" if row.problem else "dim"),
            (f" {new}{count} ", "text" if row.count else "dim"),
        )
        return strip([(text, inks(ink, on)) for text, ink in spans], width, inks("text", on))

    def typed(self, text: str) -> None:
        self._narrow()

    def _narrow(self, *, keep: bool = False) -> None:
        def texts(view: ViewInfo) -> tuple[str, ...]:
            return (view.title, view.name, view.query)

        views = self.desk.views
        chosen = self.list.current if keep else None
        self.source.rows = ranked(self.entry.value, views, texts, at_most=len(views))
        names = [view.name for view in self.source.rows]
        wanted = chosen.name if chosen is not None else self._here if not self.entry.value else ""
        self.list.settle(names.index(wanted) if wanted in names else 0)
        self.list.repaint()

    def submitted(self, text: str) -> None:
        self._narrow()
        self.choose()

    def result(self, row: ViewInfo) -> View:
        return row.name
