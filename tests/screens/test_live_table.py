"""The live queue as lines: every number at every width, and names as long as there is room."""

from __future__ import annotations

import pytest
from msgspec.structs import replace

from desk.definitions import DEFINITIONS
from desk.model import Live, LiveAgent, LiveQueue
from screens.live_table import Row, rows_of
from screens.render import cells

LIVE = Live(
    at=10,
    since=0,
    total=LiveQueue(),
    queues=(LiveQueue(id=1, name="Workshop repairs"),),
    agents=(LiveAgent(id=1, name="Anastasia Featherstonehaugh", on=3, on_since=1, doing="replying"),),
)


def text(row: Row) -> str:
    return "".join(cell.text for cell in row.cells)


@pytest.mark.parametrize(("width", "height"), [(80, 24), (105, 30), (120, 40), (150, 40), (176, 50), (200, 60)])
def test_every_number_is_there_and_nothing_is_wider_than_the_screen(width: int, height: int) -> None:
    rows = rows_of(LIVE, width, height, None)
    named = {cell.what for row in rows for cell in row.numbers}
    assert named == set(DEFINITIONS) - {"unassigned"}
    assert max(cells(text(row)) for row in rows) <= width


def test_names_are_whole_where_there_is_room() -> None:
    for width, queue, rep in (
        (120, "Workshop repairs", "Anastasia Feathersto"),
        (200, "Workshop repairs", "Anastasia Feathers"),
    ):
        lines = [text(row) for row in rows_of(LIVE, width, 60, None)]
        assert any(queue in line for line in lines)
        assert any(rep in line for line in lines)


def test_a_hostile_name_stays_a_name() -> None:
    hostile = replace(LIVE.agents[0], name="\x1b[31mMia\nX")
    rows = rows_of(replace(LIVE, agents=(hostile,)), 120, 40, None)
    assert not any(char in text(row) for row in rows for char in "\x1b\n")
