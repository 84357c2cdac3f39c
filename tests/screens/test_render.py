"""The gate to the screen: nothing a terminal obeys, and never a cell too many."""

from __future__ import annotations

import unicodedata

from hypothesis import given
from hypothesis import strategies as st
from rich.style import Style

from desk.clock import DAY, HOUR, MINUTE
from desk.times import parse_when
from screens.render import body, cells, content, fit, one_line, shorten, strip, wrap
from screens.times import full_stamp, seconds_left, span, stamp

HOSTILE = st.text(
    st.one_of(
        st.characters(),
        st.sampled_from("\x1b\x9b\x07\x00\u202e\u2066\u200d\ufe0f\u0301漢한👩🏽é\t\n\r[]/@"),
    ),
    max_size=80,
)


def obeyed(text: str) -> bool:
    return any(unicodedata.category(char) in ("Cc", "Cf", "Cs") for char in text if char != "\n")


@given(HOSTILE, st.integers(1, 40))
def test_fit_is_exact_and_harmless(text: str, width: int) -> None:
    for fitted in (fit(text, width), fit(text, width, right=True)):
        assert cells(fitted) == width
        assert not obeyed(fitted)
        assert "\n" not in fitted
    assert cells(shorten(text, width)) <= width


@given(HOSTILE, st.integers(2, 30))
def test_wrapped_lines_fit_and_lose_nothing_but_space(text: str, width: int) -> None:
    shown = body(text)
    lines = list(wrap(shown, width))
    assert all(cells(line) <= width for line in lines)
    assert "".join("".join(lines).split()) == "".join(shown.split())


@given(HOSTILE, st.integers(1, 40))
def test_strips_are_as_wide_as_they_say(text: str, width: int) -> None:
    painted = strip([(one_line(text), Style()), (" ", Style()), (one_line(text), Style(bold=True))], width, Style())
    assert painted.cell_length == width
    assert sum(segment.cell_length for segment in painted) == width


def test_content_never_reads_markup() -> None:
    for text in ("[@click=app.quit]x[/]", "[/b]", "[b", "[red]\\[", "[link=file:///etc]x[/link]"):
        made = content(text)
        assert made.plain == text
        assert not made.spans


NOW = 1_767_225_600_000


def test_spans_and_stamps_are_short() -> None:
    assert [span(t) for t in (-5, 0, 59_000, MINUTE, 59 * MINUTE, HOUR, 47 * HOUR, 2 * DAY, 55 * DAY, 60 * DAY)] == [
        "now", "now", "now", "1m", "59m", "1h", "47h", "2d", "55d", "8w",
    ]  # fmt: skip
    assert all(len(stamp(NOW - t, NOW)) <= 13 for t in (0, HOUR, DAY, 7 * DAY, 400 * DAY))
    assert seconds_left(NOW + 1, NOW) == 1
    assert seconds_left(NOW - 1, NOW) == 0


@given(st.text(max_size=20))
def test_times_are_in_the_future_or_nothing(text: str) -> None:
    at = parse_when(text, NOW)
    assert at is None or at > NOW


def test_times_people_write() -> None:
    assert parse_when("1h", NOW) == NOW + HOUR
    assert parse_when(" 2d ", NOW) == NOW + 2 * DAY
    tomorrow = parse_when("tomorrow", NOW)
    assert tomorrow is not None
    assert "09:00" in full_stamp(tomorrow)
    for words in ("monday", "fri 14:00", "2126-12-01 9:00", "tomorrow 8", "23:59"):
        assert parse_when(words, NOW) is not None, words
    for words in ("", "0h", "yesterday", "25:00", "monday 9 9", "2020-01-01", "moo", "12:60"):
        assert parse_when(words, NOW) is None, words
