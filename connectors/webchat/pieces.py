"""An article's HTML in pieces, as plain JSON: the panel makes elements of them one by one, and parses no markup."""

from __future__ import annotations

from collections.abc import Sequence
from html.parser import HTMLParser
from typing import Any

VOID = frozenset({"br", "hr", "img"})
"""Without an end tag (HTML standard, section 13.1.2)."""
TAGS = VOID | frozenset({
    "p", "h2", "h3", "h4", "h5", "h6", "ul", "ol", "li", "blockquote", "pre", "code", "em", "strong", "s", "a",
    "table", "thead", "tbody", "tr", "th", "td",
})  # fmt: skip
ATTRIBUTES = frozenset({"href", "src", "alt", "title", "id", "start", "class"})

Piece = str | list[Any]
"""A text, or `[tag, {attribute: value}, piece…]`."""


def pieces(html: str) -> list[Piece]:
    """What `ShownArticle.html` is made of. Of other tags only the text is kept, of other attributes nothing."""
    reader = _Reader()
    reader.feed(html)
    reader.close()
    return reader.pieces


class _Reader(HTMLParser):
    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.pieces: list[Piece] = []
        self._open: list[tuple[str, list[Any]]] = [("", self.pieces)]

    def handle_starttag(self, tag: str, attrs: Sequence[tuple[str, str | None]]) -> None:
        if tag not in TAGS:
            return
        piece: list[Any] = [tag, {name: value or "" for name, value in attrs if name in ATTRIBUTES}]
        self._open[-1][1].append(piece)
        if tag not in VOID:
            self._open.append((tag, piece))

    def handle_endtag(self, tag: str) -> None:
        if any(name == tag for name, _ in self._open[1:]):
            while self._open.pop()[0] != tag:
                pass

    def handle_data(self, data: str) -> None:
        if data.strip() or self._open[-1][0] not in ("", "ul", "ol", "table", "thead", "tbody", "tr"):
            self._open[-1][1].append(data)
