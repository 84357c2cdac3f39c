"""The only place where text from outside becomes something Textual paints.

The server has cleaned every text already; here it passes `desk.text` once more, so that no path around the
server reaches the terminal. Nothing here ever reads markup. Widths are in cells: a wide East Asian character
takes two, a combining mark none.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from functools import lru_cache

from rich.cells import cell_len, get_character_cell_size
from rich.segment import Segment
from rich.style import Style
from textual.content import Content
from textual.strip import Strip

from desk.text import clean, line

ELLIPSIS = "…"
TAB = 4
"""Cells between tab stops in bodies."""

_UNCERTAIN_WIDTH = re.compile("[\ufe00-\ufe0f\U0001f3fb-\U0001f3ff\u3164\uffa0\u115f\u1160]")
"""Variation selectors, skin tones and Hangul fillers: terminals disagree about their width, so they are not shown."""


def one_line(text: str) -> str:
    """Text for one line of a screen: cleaned, no newline, no tab, only characters of a known width."""
    cleaned = line(text)
    return cleaned if cleaned.isascii() else _UNCERTAIN_WIDTH.sub("", cleaned)


def body(text: str) -> str:
    """Text of several lines: cleaned, tabs as spaces, only characters of a known width."""
    cleaned = clean(text)
    if "\t" in cleaned:
        cleaned = cleaned.expandtabs(TAB)
    return cleaned if cleaned.isascii() else _UNCERTAIN_WIDTH.sub("", cleaned)


_JOINERS = re.compile("([\u200c\u200d])")


def typed(text: str) -> str:
    """Text that a rep writes: cleaned, tabs as spaces; the joiners of Persian, Hindi and emoji stay as they are."""
    parts = _JOINERS.split(text)
    return "".join(part if part in ("\u200c", "\u200d") else clean(part).expandtabs(TAB) for part in parts)


def content(text: str, style: str = "") -> Content:
    """Text for a widget that takes content: cleaned, and never read as markup."""
    return Content.styled(body(text), style) if style else Content(body(text))


def cells(text: str) -> int:
    """How many columns cleaned text takes."""
    return len(text) if text.isascii() else cell_len(text)


def shorten(text: str, width: int) -> str:
    """At most `width` cells of one line of text, with an ellipsis where some is missing."""
    return _cut(one_line(text), width)


def fit(text: str, width: int, *, right: bool = False) -> str:
    """Exactly `width` cells of one line of text: cut or filled up with spaces."""
    cut = _cut(one_line(text), width)
    fill = " " * (width - cells(cut))
    return fill + cut if right else cut + fill


def _cut(text: str, width: int) -> str:
    if width <= 0:
        return ""
    if text.isascii():
        return text if len(text) <= width else text[: width - 1] + ELLIPSIS
    if len(text) * 2 <= width or cell_len(text) <= width:
        return text
    return text[: _fitting(text, width - 1)] + ELLIPSIS


def _fitting(text: str, width: int) -> int:
    """How many characters from the start fit in `width` cells, marks with their letter."""
    used = 0
    for index, char in enumerate(text):
        size = get_character_cell_size(char)
        if used + size > width:
            return index
        used += size
    return len(text)


def wrap(text: str, width: int) -> Iterator[str]:
    """Lines of at most `width` cells of cleaned text, broken at spaces where there are any.

    Leading spaces stay: they are somebody's indentation.
    """
    width = max(width, 2)
    for paragraph in text.split("\n"):
        yield from _wrap_line(paragraph.rstrip(" "), width)


def _wrap_line(text: str, width: int) -> Iterator[str]:
    ascii_only = text.isascii()
    while (len(text) if ascii_only else cell_len(text)) > width:
        end = width if ascii_only else max(_fitting(text, width), 1)
        space = text.rfind(" ", 0, end + 1)
        if space <= 0 or not text[:space].strip():
            yield text[:end]
            text = text[end:]
        else:
            yield text[:space].rstrip(" ")
            text = text[space + 1 :]
    yield text


@lru_cache(maxsize=64)
def _blank(width: int, style: Style) -> Segment:
    return Segment(" " * width, style)


def strip(spans: Iterable[tuple[str, Style]], width: int, fill: Style) -> Strip:
    """One painted line of exactly `width` cells. The spans' text has passed `one_line` or `body`."""
    segments: list[Segment] = []
    used = 0
    for text, style in spans:
        size = cells(text)
        if used + size > width:
            text = text[: _fitting(text, width - used)]
            size = cells(text)
        if text:
            segments.append(Segment(text, style))
        used += size
        if used >= width:
            break
    if used < width:
        segments.append(_blank(width - used, fill))
    return Strip(segments, width)
