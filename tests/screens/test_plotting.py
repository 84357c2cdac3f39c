"""Plots say what they have to say without colours, too."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from desk.plotting import LABEL, Column, Scale, chart, round_top, shade, week


def text(spans: tuple[tuple[str, str], ...]) -> str:
    return "".join(part for part, _ in spans)


def test_what_was_so_beside_what_is_usual() -> None:
    columns = [Column(8 * 60, 4, 2), Column(8 * 60 + 30, 2, 4), Column(9 * 60, 1, 1), Column(9 * 60 + 30, None, 3)]
    lines = [text(line) for line in chart(Scale("arrivals", rows=4, top=4), columns, 30, now=9 * 60 + 10)]
    wide = (30 - LABEL) // 4
    cells = [line[LABEL:][::wide] for line in lines[1:5]]
    assert lines[0] == " arrivals"
    assert cells == ["▓░  ", "▓░ ░", "██ ░", "███░"]
    assert [line[:LABEL] for line in lines[1:6]] == ["    4 ┤", *["      │"] * 3, "    0 └"]
    assert lines[5][LABEL:] == "┴────" + "─────" + "▲────" + "─────"
    assert lines[6].split() == ["08", "09"]


@given(st.lists(st.floats(0, 1000), min_size=1, max_size=96), st.integers(10, 220), st.integers(1, 12))
def test_whatever_the_values_are_it_fits(values: list[float], room: int, rows: int) -> None:
    columns = [Column(15 * place, value, 500 - value / 2) for place, value in enumerate(values)]
    lines = chart(Scale("x", rows=rows, top=round_top(max(values))), columns, room)
    wide = max((room - LABEL) // len(values), 1)
    assert len(lines) == rows + 3
    assert {len(text(line)) for line in lines[1:-1]} == {LABEL + len(values) * wide}
    for place, value in enumerate(values):
        stack = [text(line)[LABEL + place * wide] for line in lines[1:-2]]
        assert any(cell in "▁▂▃▄▅▆▇█▓" for cell in stack) == (value > 0)


@given(st.floats(0.01, 1e7))
def test_the_top_is_a_round_number_just_above(most: float) -> None:
    top = round_top(most)
    assert most <= top <= max(2 * most, 1)


def test_a_week_is_as_dark_as_its_hours_and_tells_numbers_where_there_is_room() -> None:
    values = {(0, 9): 8.0, (2, 14): 2.0, (6, 23): 0.5}
    narrow = [text(line) for line in week("arrivals", values, lambda value: f"{value:g}", 79, here=(2, 14))]
    assert all(len(line) <= 79 for line in narrow)
    assert (narrow[2][5 + 9 * 3 :][:2], narrow[4][5 + 14 * 3 :][:3], narrow[8][5 + 23 * 3 :][:2]) == ("██", "░░◂", "░░")
    wide = [text(line) for line in week("arrivals", values, lambda value: f"{value:g}", 200)]
    assert "██8" in wide[2]
    assert [shade(value, 8) for value in (0, 0.1, 2, 3, 6, 8)] == [" ", "░", "░", "▒", "▓", "█"]
