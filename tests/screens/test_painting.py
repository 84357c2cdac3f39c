"""What goes to the terminal past Textual's compositor and its writer: the same cells, and every byte in order."""

from __future__ import annotations

import asyncio
import contextlib
import os
import pty
import re
import signal
from collections.abc import Iterator
from typing import Any

import pytest
from rich.cells import get_character_cell_size
from textual.app import App

from screens.terminal import FRAME_BEGINS, FRAME_ENDS, DirectDriver
from screens.widgets.compositor import LinesUpdate
from screens.widgets.lines import destination
from tests.screens.conftest import screen_text, shows, terminal, until
from tests.servers.desk import DeskServer

KEYS = ["j", "j", "k", "pagedown", "pageup", "G", "g", "g", "enter", "j", "j", "h", "j", "slash", "x", "escape", "tab"]


SENT = re.compile(r"\x1b\[(\d+);(\d+)H|\x1b\[[\d;]*m|(\n)|([^\x1b\n]+)")


class Shown:
    """A terminal that is sent all the app displays."""

    def __init__(self, app: App[Any], width: int, height: int) -> None:
        self.cells = [[" "] * width for _ in range(height)]
        self.direct = 0
        self._app = app
        self._display = app._display
        app._display = self.display  # type: ignore[method-assign]

    def display(self, screen: Any, update: Any) -> None:
        if update is not None and not self._app._batch_count:
            self.direct += isinstance(update, LinesUpdate)
            self.feed(update.render_segments(self._app.console))
        self._display(screen, update)

    def feed(self, data: str) -> None:
        x = y = 0
        for sent in SENT.finditer(data):
            row, column, newline, text = sent.groups()
            if row:
                x, y = int(column) - 1, int(row) - 1
            elif newline:
                x, y = 0, y + 1
            for char in text or "":
                size = get_character_cell_size(char)
                self.cells[y][x : x + size] = [char, *[""] * (size - 1)]
                x += size

    def text(self) -> str:
        return "\n".join("".join(line).rstrip() for line in self.cells)


@pytest.mark.parametrize("size", [(80, 24), (200, 60)], ids=["80x24", "200x60"])
async def test_the_terminal_shows_what_was_composed(shop: DeskServer, size: tuple[int, int]) -> None:
    async with terminal(shop, size=size) as (app, pilot):
        shown = Shown(app, *size)
        await shows(app, "Ben Carter")
        app.screen._compositor._dirty_regions.add(app.screen.region)
        app.screen._compositor_refresh()

        for key in KEYS:
            await pilot.press(key)
            await until(
                lambda: shown.text() == screen_text(app),
                what=f"the same after {key}",
                otherwise=lambda: f"{shown.text()}\n\n{screen_text(app)}",
            )
        assert shown.direct > len(KEYS) // 2


@pytest.fixture
def signals_kept() -> Iterator[None]:
    before = {number: signal.getsignal(number) for number in (signal.SIGTSTP, signal.SIGCONT)}
    yield
    for number, handler in before.items():
        signal.signal(number, handler)


async def test_a_terminal_that_lags_behind_gets_every_byte_in_order(signals_kept: None) -> None:
    ours, theirs = pty.openpty()
    os.set_blocking(ours, False)
    driver = DirectDriver(App())
    with os.fdopen(theirs, "w") as file:
        driver._file = file
        driver.open_output()
        frames = [FRAME_BEGINS, *(f"{n:05}é" for n in range(20_000)), FRAME_ENDS]
        for part in frames:
            driver.write(part)
        got = bytearray()

        def read() -> bool:
            with contextlib.suppress(BlockingIOError):
                got.extend(os.read(ours, 1 << 16))
            return len(got) >= len("".join(frames).encode())

        assert not read(), "a frame of 140 KB does not fit into a terminal: some of it has to wait"
        await until(read, what="the rest")
        assert got.decode() == "".join(frames)
        driver.close()
    os.close(ours)


async def test_a_terminal_that_is_gone_stops_nobody(signals_kept: None) -> None:
    ours, theirs = pty.openpty()
    driver = DirectDriver(App())
    with os.fdopen(theirs, "w") as file:
        driver._file = file
        driver.open_output()
        os.close(ours)
        for _ in range(100):
            driver.write("x" * 10_000)
        await asyncio.sleep(0)
        driver.close()


@pytest.mark.parametrize(
    ("action", "count", "place"),
    [
        ("down", None, 6),
        ("up", 3, 2),
        ("page-down", None, 14),
        ("half-up", None, 0),
        ("bottom", None, 105),
        ("bottom", 7, 6),
        ("top", 1, 0),
        ("reply", None, None),
    ],
)
def test_where_a_movement_leads(action: str, count: int | None, place: int | None) -> None:
    assert destination(action, count, at=5, total=100, height=10) == place
