"""The list shows what its source says, whatever happens to either."""

from __future__ import annotations

import asyncio
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st
from rich.style import Style
from textual.app import App, ComposeResult
from textual.pilot import Pilot
from textual.strip import Strip

from screens.render import fit, strip
from screens.widgets.ink import Inks
from screens.widgets.rowlist import ListSource, RowList

MOVES = ("down", "up", "page-down", "page-up", "half-down", "half-up", "top", "bottom")
STEP = st.one_of(
    st.sampled_from(MOVES),
    st.tuples(st.just("insert"), st.integers(0, 60), st.integers(1, 5)),
    st.tuples(st.just("remove"), st.integers(0, 60), st.integers(1, 5)),
    st.tuples(st.just("change"), st.integers(0, 60), st.just(1)),
    st.tuples(st.just("resize"), st.integers(1, 30), st.just(1)),
    st.tuples(st.just("hidden"), st.integers(0, 60), st.integers(1, 5)),
)


class Rows(ListSource[str]):
    def __init__(self) -> None:
        super().__init__([f"row {n}" for n in range(40)])
        self.asked = 0

    def row(self, index: int) -> str | None:
        self.asked += 1
        return super().row(index)


def paint(row: str, width: int, inks: Inks, on: str) -> Strip:
    return strip([(">" if on else " ", inks("text")), (fit(row, width - 1), inks("text"))], width, inks("text"))


class ListApp(App[None]):
    def __init__(self) -> None:
        super().__init__()
        self.source = Rows()
        self.rows: RowList[str] = RowList(self.source, paint, lambda: Inks(lambda _: Style()))

    def compose(self) -> ComposeResult:
        yield self.rows


def shown(app: ListApp) -> list[str]:
    strips = app.screen._compositor.render_strips()
    return ["".join(segment.text for segment in strip).rstrip() for strip in strips]


def expected(app: ListApp) -> list[str]:
    rows, source = app.rows, app.source.rows
    indices = range(rows.top, rows.top + rows.size.height)
    return [
        ((">" if index == rows.cursor else " ") + source[index]).rstrip() if index < len(source) else ""
        for index in indices
    ]


async def play(steps: list[Any]) -> None:
    app = ListApp()
    async with app.run_test(size=(30, 12)) as pilot:
        rows, source = app.rows, app.source
        rows.focus()
        for number, step in enumerate(steps):
            if isinstance(step, str):
                rows.act(step)
            elif step[0] == "resize":
                await pilot.resize_terminal(30, step[1])
            elif step[0] == "hidden":
                await while_hidden(app, pilot, step, number)
            else:
                change(rows, source, step, number)
            await pilot.pause()
            assert not source.rows or 0 <= rows.cursor < len(source.rows)
            assert not source.rows or rows.top <= rows.cursor < rows.top + rows.size.height
            assert rows.top == 0 or rows.top + rows.size.height <= len(source.rows), "rows above, and room below"
            assert shown(app) == expected(app), step


async def while_hidden(app: ListApp, pilot: Pilot[None], step: tuple[str, int, int], number: int) -> None:
    """Another page stands over the list while rows come and the cursor moves on: it has no height then."""
    rows = app.rows
    rows.display = False
    await pilot.pause()
    rows.act("down")
    change(rows, app.source, ("insert", *step[1:]), number)
    rows.display = True
    rows.focus()
    await pilot.pause()


def change(rows: RowList[str], source: Rows, step: tuple[str, int, int], number: int) -> None:
    what, at, count = step
    anchor = rows.current
    offset = rows.cursor - rows.top
    at = min(at, len(source.rows))
    if what == "insert":
        source.rows = source.rows[:at] + [f"new {number}.{n}" for n in range(count)] + source.rows[at:]
    elif what == "remove":
        source.rows = source.rows[:at] + source.rows[at + count :]
    elif at < len(source.rows):
        if source.rows[at] == anchor:
            anchor = f"changed {number}"
        source.rows = [*source.rows[:at], f"changed {number}", *source.rows[at + 1 :]]
    if anchor in source.rows:
        found = source.rows.index(anchor)
        rows.settle(found, found - offset)
        assert rows.current == anchor
    else:
        rows.settle(rows.cursor)


@settings(max_examples=25, deadline=None)
@given(st.lists(STEP, max_size=12))
def test_any_sequence_of_moves_and_changes_shows_what_the_source_says(steps: list[Any]) -> None:
    asyncio.run(play(steps))


async def test_a_list_that_changed_behind_another_page_comes_back_from_its_beginning() -> None:
    app = ListApp()
    async with app.run_test(size=(30, 12)) as pilot:
        app.source.rows = app.source.rows[:8]
        app.rows.settle(5)
        await while_hidden(app, pilot, ("insert", 0, 1), 0)
        assert (app.rows.cursor, app.rows.top) == (7, 0)
        assert shown(app) == expected(app)


async def test_what_is_said_of_an_empty_list_goes_when_rows_come() -> None:
    app = ListApp()
    async with app.run_test(size=(30, 12)) as pilot:
        app.rows.empty = "nothing here"
        for rows in ([], ["a", "b"], [], [f"row {n}" for n in range(40)], []):
            app.source.rows = rows
            app.rows.settle(0)
            await pilot.pause()
            assert ("nothing here" in "".join(shown(app))) == (not rows)


async def test_a_hundred_thousand_rows_cost_what_is_on_the_screen() -> None:
    app = ListApp()
    async with app.run_test(size=(30, 12)) as pilot:
        app.source.rows = [f"row {n}" for n in range(100_000)]
        app.rows.focus()
        app.rows.settle(0)
        await pilot.pause()
        for action, cursor in (("bottom", 99_999), ("half-up", 99_993), ("top", 0), ("page-down", 11)):
            app.source.asked = 0
            app.rows.act(action)
            await pilot.pause()
            assert app.rows.cursor == cursor
            assert app.source.asked < 100


async def test_the_cursor_passes_headings_and_shows_those_at_the_ends() -> None:
    app = ListApp()
    app.rows.stops = lambda row: int(row.removeprefix("row ")) % 10 not in (0, 1)
    async with app.run_test(size=(30, 12)) as pilot:
        rows = app.rows
        rows.focus()
        rows.act("down")
        assert rows.cursor == 2
        for index, stop, top in (
            (10, 12, 1),
            (9, 9, 1),
            (31, 32, 21),
            (39, 39, 28),
            (30, 29, 28),
            (0, 2, 0),
            (1, 2, 0),
        ):
            rows.move_to(index)
            assert (rows.cursor, rows.top) == (stop, top)
        await pilot.pause()
        assert shown(app) == expected(app)
