"""Where a body quotes an earlier mail or carries a signature: ranges of lines to fold, never to delete.

One pattern finds the lines that may announce something; of each only the first 500 characters are looked at, once,
so no text can make it slow.
"""

from __future__ import annotations

import re
from collections.abc import Iterable

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
_BEFORE_STEM = len("ha ")
_RULING = "-_=*— "
_LABEL = phrases.LABEL_AT_MOST
_ENDS = phrases.MOBILE_ENDS
_FIRST = phrases.MOBILE_FIRST


def _any_of(words: Iterable[str], end: str) -> str:
    """A pattern for one of `words` in any case and what follows it; fast because each initial is a set of its own."""
    by_initial: dict[str, list[str]] = {}
    for word in sorted(words):
        by_initial.setdefault(word[0], []).append(re.escape(word[1:]))
    return "|".join(f"[{first}{first.upper()}](?i:{'|'.join(rest)}){end}" for first, rest in by_initial.items())


def _initials(words: Iterable[str]) -> str:
    return "".join(sorted({initial for word in words for initial in (word[0], word[0].upper())}))


_SENDER = _any_of(phrases.FROM_LABELS, r"[ \t*\xa0]*[:：]")
_MOBILE = _any_of(_FIRST, "[ ]") + "|[发發]自我的"
_BEGINS = _initials({*_FIRST, *phrases.FROM_LABELS, "发", "發"})
_TAILS = "".join(sorted(phrases.ATTRIBUTION_ENDS))
_SIGNS = (
    r"(>[^\n]*+(?:\s*+>[^\n]*+)*+)",
    rf"[-_=*—][-_=*— ]*+(?:(?i:{phrases.ORIGINAL_WORDS})|[^\S\n]*+(?=\n|\Z))",
    rf"(?:\*[ \t*\xa0]*)?(?=[{_BEGINS}])(?:{_SENDER}|{_MOBILE})",
    rf"(?>[^\n]*\S)(?:((?<=[{_TAILS}]))|{'|'.join(f'(?<={end})' for end in _ENDS)})",
)
_SIGN = re.compile(rf"\n[^\S\n]*+(?:{'|'.join(_SIGNS)})")
"""A line that may begin or end something, from the line break before it: a whole block of `>` lines (group 1), a rule
or `Original Message`, the sender's label or the first words of a telephone, or else the end of an attribution
(group 2) or of what a telephone says."""
_ATTRIBUTION = 2


def fold(text: str) -> tuple[Fold, ...]:
    """The quotes and signatures of a body, in order and without overlap.

    A fold to the end of the text is only made where something above it remains to be read.
    """
    return tuple(_Folder(text).run())


def _first(stripped: str) -> str:
    return stripped[: stripped.find(" ", 0, _LABEL)].lower()


def _says_wrote(stripped: str) -> bool:
    if not stripped.isascii():
        return phrases.WROTE.search(stripped) is not None
    lower = stripped.lower()
    found = [at for at in map(lower.find, phrases.WROTE_STEMS) if at >= 0]
    return bool(found) and phrases.WROTE.search(stripped, max(min(found) - _BEFORE_STEM, 0)) is not None


def _has_colon(stripped: str) -> bool:
    head = stripped[:_LABEL]
    return ":" in head or "：" in head


def _label(given: str) -> str:
    """What stands before the colon of a header line."""
    label, colon, _ = given[:_LINE_AT_MOST].lstrip(" \t*\xa0")[: _LABEL + 2].replace("：", ":").partition(":")
    return label.strip(" \t*\xa0").casefold() if colon else ""


class _Folder:
    def __init__(self, text: str) -> None:
        self._text = text
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
        text = "\n" + self._text
        last = min(self._end, _LINES_AT_MOST)
        at = following = counted = 0
        for sign in _SIGN.finditer(text):
            start, end = sign.span()
            at += text.count("\n", counted, start)
            counted = start
            if at >= last:
                break
            if at < following:
                continue
            self._pass_over(following, at)
            if sign[1]:
                following = self._quote(at, at + text.count("\n", start, end))
            else:
                stripped = self._lines[at].strip()[:_LINE_AT_MOST]
                following = self._look(at, stripped, may_open=sign.lastindex != _ATTRIBUTION)
        self._close_signature(self._end)
        return self._folds

    def _pass_over(self, start: int, end: int) -> None:
        """Lines that announce nothing."""
        if not self._readable and self._signature is None:
            self._readable = any(map(str.strip, self._lines[start:end]))

    def _look(self, at: int, stripped: str, *, may_open: bool) -> int:
        """Judge a line that may announce something; returns the line to go on with.

        `may_open`: it may begin a quoted mail or a signature, and not only end an attribution.
        """
        start = self._start_of_attribution(at, stripped)
        if start is not None:
            marked = self._next_marked(at + 1)
            if marked is not None:
                return self._quote(start, self._end_of_marked(marked))
            if self._readable_before(start):
                return self._quote(start, self._end)
        elif may_open and at >= self._forwarded and self._opens_original(at, stripped):
            if self._readable:
                return self._quote(at, self._end)
            self._forwarded = at + _LINES_OF_HEADERS
        elif may_open and self._signature is None and self._opens_signature(at, stripped):
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
        if stripped[-1] not in _TAILS:
            return None
        if "<" in stripped and phrases.DATED_ADDRESS.match(stripped):
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
        if _first(stripped) not in _FIRST and stripped[0] not in "发發" and not stripped.endswith(_ENDS):
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
