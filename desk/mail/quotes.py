"""Where a body quotes an earlier mail or carries a signature: ranges of lines to fold, never to delete.

One pass over the lines, each looked at once and only its first 500 characters, so no text can make it slow.
"""

from __future__ import annotations

from desk.mail import phrases
from desk.model import Fold

_LINES_OF_ATTRIBUTION = 4
_LINES_OF_HEADERS = 10
_LINES_OF_SIGNATURE = 40
_LINES_OF_BARE_SIGNATURE = 15
_LINES_OF_FOOTER = 12
_LINE_AT_MOST = 500
_LINES_AT_MOST = 20_000
"""What lies further down is not looked at, unless a fold reaches there."""
_RULING = "-_=*— "
_LABEL = phrases.LABEL_AT_MOST
_HEADS = phrases.RULERS | {"—", "發", "发"}
_TAILS = phrases.ATTRIBUTION_ENDS
_ENDS = phrases.MOBILE_ENDS
_FIRST = phrases.MOBILE_FIRST
_INITIALS = frozenset(initial for word in _FIRST for initial in (word[0], word[0].upper()))


def fold(text: str) -> tuple[Fold, ...]:
    """The quotes and signatures of a body, in order and without overlap.

    A fold to the end of the text is only made where something above it remains to be read.
    """
    return tuple(_Folder(text).run())


def _first(stripped: str) -> str:
    return stripped[: stripped.find(" ", 0, _LABEL)].lower()


def _says_wrote(stripped: str) -> bool:
    if stripped.isascii():
        lower = stripped.lower()
        if not any(stem in lower for stem in phrases.WROTE_STEMS):
            return False
    return phrases.WROTE.search(stripped) is not None


def _has_colon(stripped: str) -> bool:
    head = stripped[:_LABEL]
    return ":" in head or "：" in head


def _label(given: str) -> str:
    """What stands before the colon of a header line."""
    label, colon, _ = given[:_LINE_AT_MOST].lstrip(" \t*\xa0")[: _LABEL + 2].replace("：", ":").partition(":")
    return label.strip(" \t*\xa0").casefold() if colon else ""


class _Folder:
    def __init__(self, text: str) -> None:
        self._ascii = text.isascii()
        self._lines = lines = text.split("\n")
        self._end = len(lines)
        while self._end and not lines[self._end - 1].strip():
            self._end -= 1
        self._folds: list[Fold] = []
        self._readable = False
        """Whether a line above is neither folded nor blank."""
        self._signature: int | None = None
        self._forwarded = 0
        """Up to here lie the headers of a mail that was forwarded without a word: its text is the text."""

    def run(self) -> list[Fold]:
        lines = self._lines
        at = 0
        last = min(self._end, _LINES_AT_MOST)
        ends = () if self._ascii else _ENDS
        while at < last:
            stripped = lines[at].strip()
            if not stripped:
                at += 1
            elif stripped[0] == ">":
                at = self._quote(at, self._end_of_marked(at))
            elif (
                stripped[0] in _HEADS
                or stripped[-1] in _TAILS
                or ":" in (head := stripped[:_LABEL])
                or "：" in head
                or (stripped[0] in _INITIALS and _first(stripped) in _FIRST)
                or stripped.endswith(ends)
            ):
                at = self._look(at, stripped[:_LINE_AT_MOST])
            else:
                self._readable = self._readable or self._signature is None
                at += 1
        self._close_signature(self._end)
        return self._folds

    def _look(self, at: int, stripped: str) -> int:
        """Judge a line that may announce something; returns the line to go on with."""
        start = self._start_of_attribution(at, stripped)
        if start is not None:
            marked = self._next_marked(at + 1)
            if marked is not None:
                return self._quote(start, self._end_of_marked(marked))
            if self._readable_before(start):
                return self._quote(start, self._end)
        elif at >= self._forwarded and self._opens_original(at, stripped):
            if self._readable:
                return self._quote(at, self._end)
            self._forwarded = at + _LINES_OF_HEADERS
        elif self._signature is None and self._opens_signature(at, stripped):
            self._signature = at
            return at + 1
        self._readable = self._readable or self._signature is None
        return at + 1

    # --- quotes

    def _quote(self, start: int, end: int) -> int:
        self._close_signature(start)
        if self._folds and self._folds[-1].end > start:
            start = self._folds[-1].end
        self._folds.append(Fold(kind="quote", start=start, end=end))
        return end

    def _end_of_marked(self, at: int) -> int:
        """Behind a block of `>` lines, blank lines between them included."""
        end = at + 1
        for index in range(at + 1, self._end):
            stripped = self._lines[index].lstrip()
            if stripped.startswith(">"):
                end = index + 1
            elif stripped:
                break
        return end

    def _next_marked(self, at: int) -> int | None:
        for index in range(at, min(at + 3, self._end)):
            stripped = self._lines[index].lstrip()
            if stripped:
                return index if stripped[0] == ">" else None
        return None

    def _readable_before(self, start: int) -> bool:
        first = self._folds[-1].end if self._folds else 0
        return bool(self._folds and self._readable) or any(self._lines[index].strip() for index in range(first, start))

    def _start_of_attribution(self, at: int, stripped: str) -> int | None:
        """The first line of an `On … wrote:` that ends in line `at`."""
        if stripped[-1] not in phrases.ATTRIBUTION_ENDS:
            return None
        if phrases.DATED_ADDRESS.match(stripped):
            return at if self._next_marked(at + 1) is not None else None
        if not _says_wrote(stripped):
            return None
        if phrases.OPENER.match(stripped) and phrases.EVIDENCE.search(stripped):
            return at
        for index in range(at - 1, max(at - _LINES_OF_ATTRIBUTION, -1), -1):
            above = self._lines[index].strip()
            if not above or above[0] == ">":
                break
            if phrases.OPENER.match(above) and phrases.EVIDENCE.search(above + stripped):
                return index
        return at if phrases.EVIDENCE.search(stripped) or self._next_marked(at + 1) is not None else None

    def _opens_original(self, at: int, stripped: str) -> bool:
        if stripped[0] in phrases.RULERS:
            if stripped.strip(_RULING):
                if phrases.ORIGINAL.match(stripped):
                    return True
            elif len(stripped) >= 20 and not stripped.strip("_-=—"):
                return any(self._is_header_block(index, ruled=True) for index in range(at + 1, min(at + 3, self._end)))
        return _has_colon(stripped) and self._is_header_block(at)

    def _is_header_block(self, at: int, *, ruled: bool = False) -> bool:
        """Whether `From:`, `Sent:`, `To:`, `Subject:` of some language follow each other.

        Below a ruler they may come in any order.
        """
        first = _label(self._lines[at])
        if first not in phrases.FROM_LABELS and not (ruled and first in phrases.OTHER_LABELS):
            return False
        labels = [first, *(_label(given) for given in self._lines[at + 1 : min(at + _LINES_OF_HEADERS, self._end)])]
        others = {phrases.OTHER_LABELS[label] for label in labels if label in phrases.OTHER_LABELS}
        return len(others) >= 2 and any(label in phrases.FROM_LABELS for label in labels)

    # --- signatures

    def _opens_signature(self, at: int, stripped: str) -> bool:
        left = self._end - at
        if stripped in ("--", "—"):
            strict = self._lines[at].startswith("-- ")
            return left <= (_LINES_OF_SIGNATURE if strict else _LINES_OF_BARE_SIGNATURE) or self._quote_follows(at)
        if stripped[0] in "_-=" and left <= _LINES_OF_FOOTER and len(stripped) >= 10 and not stripped.strip("_-="):
            return phrases.FOOTER.search("\n".join(self._lines[at + 1 : self._end])) is not None
        if _first(stripped) not in _FIRST and stripped[0] not in _HEADS and not stripped.endswith(_ENDS):
            return False
        return "," not in stripped and phrases.MOBILE.match(stripped) is not None and self._ends_soon(at)

    def _quote_follows(self, at: int) -> bool:
        below = self._lines[at + 1 : min(at + 1 + _LINES_OF_BARE_SIGNATURE, self._end)]
        return any(given.lstrip().startswith(">") for given in below)

    def _ends_soon(self, at: int) -> bool:
        """Whether at most a few words follow before the text ends or a quote begins."""
        for index in range(at + 1, min(at + 6, self._end)):
            stripped = self._lines[index].strip()
            if not stripped:
                return True
        return self._end - at <= 5

    def _close_signature(self, end: int) -> None:
        if self._signature is None:
            return
        while end > self._signature and not self._lines[end - 1].strip():
            end -= 1
        if end > self._signature:
            self._folds.append(Fold(kind="signature", start=self._signature, end=end))
        self._signature = None
