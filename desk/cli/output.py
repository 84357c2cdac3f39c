"""Where a command writes. Everything passes `desk.text` here, so no command can forget it.

On a terminal: aligned columns that fit, colours unless `NO_COLOR`. Elsewhere: plain text, tables as
tab-separated values without titles, nothing shortened.
"""

from __future__ import annotations

import os
import shutil
import sys
import unicodedata
from collections.abc import Iterable, Sequence
from typing import IO, Any, NamedTuple

from desk.text import clean, line

_CODES = {"bold": "1", "dim": "2", "red": "31", "green": "32", "yellow": "33", "blue": "34", "cyan": "36"}


class Styled(NamedTuple):
    """Text with a style: names of `bold dim red green yellow blue cyan`, separated by spaces."""

    text: str
    style: str


Piece = str | Styled


class Column(NamedTuple):
    """A column of a table. A `flexible` one is shortened when the terminal is too narrow."""

    title: str
    flexible: bool = False
    right: bool = False


def char_cells(char: str) -> int:
    """How many terminal cells a character takes: 0, 1 or 2."""
    if char < "\u0300":
        return 1
    if unicodedata.category(char) in ("Mn", "Me", "Cf"):
        return 0
    return 2 if unicodedata.east_asian_width(char) in "WF" else 1


def cells(text: str) -> int:
    """How many terminal cells a cleaned line takes."""
    return len(text) if text.isascii() else sum(map(char_cells, text))


def shorten(text: str, width: int) -> str:
    """A line cut to `width` cells, its end marked by an ellipsis."""
    if cells(text) <= width:
        return text
    kept, used = [], 0
    for char in text:
        used += char_cells(char)
        if used > width - 1:
            break
        kept.append(char)
    return "".join(kept) + "…" if width > 0 else ""


class Output:
    """One stream of a command's output."""

    def __init__(self, stream: IO[str] | None = None) -> None:
        self.stream = stream or sys.stdout
        self.tty = self.stream.isatty()
        self.colour = self.tty and not os.environ.get("NO_COLOR") and os.environ.get("TERM") != "dumb"
        self.width = shutil.get_terminal_size().columns if self.tty else sys.maxsize

    def line(self, *pieces: Piece) -> None:
        """One line."""
        self.stream.write("".join(self._styled(piece, line=True) for piece in pieces) + "\n")

    def text(self, *pieces: Piece) -> None:
        """Text of any number of lines, a newline after it."""
        self.stream.write("".join(self._styled(piece) for piece in pieces) + "\n")

    def status(self, text: str) -> None:
        """Rewrite the present line of a terminal; nothing elsewhere."""
        if self.tty:
            self.stream.write(f"\r\x1b[K{shorten(line(text), self.width - 1)}")
            self.stream.flush()

    def json(self, value: Any) -> None:
        """`value` (structs too) as one JSON document."""
        import msgspec

        document = msgspec.json.encode(value)
        if self.tty:
            document = msgspec.json.format(document, indent=2)
        self.stream.write(clean(document.decode()) + "\n")

    def table(self, columns: Sequence[Column], rows: Iterable[Sequence[Piece]]) -> None:
        """Rows under titles, aligned and fitted on a terminal; tab-separated elsewhere."""
        cleaned = [[_cleaned(piece) for piece in row] for row in rows]
        if not self.tty:
            for row in cleaned:
                self.stream.write("\t".join(piece.text for piece in row) + "\n")
            return
        if not cleaned:
            return
        titles = [Styled(column.title, "dim") for column in columns]
        widths = _fit(columns, [titles, *cleaned], self.width)
        for row in [titles, *cleaned]:
            self.stream.write(self._row(columns, row, widths).rstrip() + "\n")

    def _row(self, columns: Sequence[Column], row: Sequence[Styled], widths: Sequence[int]) -> str:
        parts = []
        for column, piece, width in zip(columns, row, widths, strict=True):
            text = shorten(piece.text, width)
            pad = " " * (width - cells(text))
            styled = self._paint(text, piece.style)
            parts.append(pad + styled if column.right else styled + pad)
        return "  ".join(parts)

    def _styled(self, piece: Piece, *, line: bool = False) -> str:
        if isinstance(piece, Styled):
            return self._paint(_gate(piece.text, line), piece.style)
        return _gate(piece, line)

    def _paint(self, text: str, style: str) -> str:
        if not self.colour or not style or not text:
            return text
        codes = ";".join(_CODES[name] for name in style.split())
        return f"\x1b[{codes}m{text}\x1b[0m"


def _gate(text: str, one_line: bool) -> str:
    cleaned = clean(text)
    return cleaned.replace("\n", " ").replace("\t", " ") if one_line else cleaned


def _cleaned(piece: Piece) -> Styled:
    return Styled(line(piece.text), piece.style) if isinstance(piece, Styled) else Styled(line(piece), "")


def _fit(columns: Sequence[Column], rows: Sequence[Sequence[Styled]], width: int) -> list[int]:
    widths = [max(cells(row[index].text) for row in rows) for index in range(len(columns))]
    excess = sum(widths) + 2 * (len(columns) - 1) - width
    flexible = [index for index, column in enumerate(columns) if column.flexible]
    while excess > 0 and flexible:
        widest = max(flexible, key=lambda index: widths[index])
        if widths[widest] <= 8:
            break
        widths[widest] -= 1
        excess -= 1
    return widths
