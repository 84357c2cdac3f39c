"""Words of a line: what stands between blanks; `"…"` keeps blanks in one.

Within quotes a backslash keeps the next character as it is. The `:` line and the steps of macros are read like this.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple


class QuoteError(ValueError):
    """A line that cannot be understood. The word at fault stands from column `start` to `end`, end not included."""

    def __init__(self, message: str, start: int, end: int) -> None:
        super().__init__(message)
        self.start = start
        self.end = end


class Word(NamedTuple):
    """A word of a line, without its quotes, and its columns with them."""

    text: str
    start: int
    end: int


def words(text: str, *, between: str = "") -> list[Word]:
    """The words of a text; what stands in `between` parts them as blanks do.

    Raises QuoteError at a quote that is not closed.
    """
    return list(_words(text, between))


def _words(text: str, between: str) -> Iterator[Word]:
    start, kept, opened = -1, "", -1
    index = 0
    while index < len(text):
        char = text[index]
        if opened >= 0 and char == "\\" and index + 1 < len(text):
            index += 1
            kept += text[index]
        elif char == '"':
            opened, start = (-1 if opened >= 0 else index), (start if start >= 0 else index)
        elif opened < 0 and (char.isspace() or char in between):
            if start >= 0:
                yield Word(kept, start, index)
            start, kept = -1, ""
        else:
            start = start if start >= 0 else index
            kept += char
        index += 1
    if opened >= 0:
        raise QuoteError('this quote is not closed; write another " after the last word', opened, len(text))
    if start >= 0:
        yield Word(kept, start, len(text))


def quote(word: str, *, between: str = "") -> str:
    """A word as it has to be written for `words` to read it back."""
    if word and not any(char.isspace() or char in '"\\' or char in between for char in word):
        return word
    return '"' + word.replace("\\", "\\\\").replace('"', '\\"') + '"'
