"""What the composer says of what is being written."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING

from desk.model import ChatNow
from screens.render import cells, shorten
from screens.transcript import size_words
from screens.widgets.bars import key_glyph
from screens.widgets.ink import Inks
from screens.widgets.lines import Bar, Line

if TYPE_CHECKING:
    from screens.composer import Composer

BIGGEST_MAIL = 25 * 1024 * 1024
"""Bytes of attachments; most mail servers refuse more."""


class ComposerHead(Bar):
    """What it is, where that is not plain."""

    def __init__(self, composer: Composer, inks: Callable[[], Inks]) -> None:
        super().__init__(inks, id="composer-head")
        self._composer = composer

    def bar_lines(self, width: int) -> Sequence[Line]:
        work = self._composer.work
        if work is None:
            return []
        row = work.conversation
        about = f"on {row.subject}" if row is not None else ""
        if work.kind == "note":
            told, ink = "note — only reps see it; @ names a colleague", "note"
        elif work.kind == "forward":
            told, ink = "forward — the customer does not see it", "accent"
        else:
            told, ink, about = "new conversation", "accent", ""
        room = max(width - cells(told) - 3, 0)
        return [Line(((" ", "text"), (told, ink), (" ", "text"), (shorten(about, room), "dim")))]


class FilesBar(Bar):
    """The attachments, each with its number."""

    def __init__(self, composer: Composer, inks: Callable[[], Inks]) -> None:
        super().__init__(inks, id="composer-files")
        self._composer = composer

    def bar_lines(self, width: int) -> Sequence[Line]:
        files, sizes = self._composer.content.attachments, self._composer.sizes
        spans: list[tuple[str, str]] = [(" ", "text")]
        total, room = 0, width - 1
        for number, file in enumerate(files, 1):
            digest, _, name = file.partition(":")
            size = sizes.get(digest)
            total += size or 0
            told = f" {size_words(size)}" if size is not None else ""
            shown = shorten(name, 30)
            room -= cells(shown) + cells(told) + 6
            if room < 24 and number < len(files):
                spans.append((f"and {len(files) - number + 1} more ", "dim"))
                break
            spans += [(f"+{number} ", "dim"), (shown, "link"), (f"{told}  ", "dim")]
        if total > BIGGEST_MAIL:
            spans.append(("over 25 MB: most mail servers refuse that", "bad"))
        elif len(files) > 1 and total:
            spans.append((f"{size_words(total)} together", "dim"))
        return [Line(tuple(spans))]


def _way(chat: ChatNow | None, width: int) -> tuple[str, str]:
    """How the visitor of a chat reads what is written."""
    if chat is None or (chat.here and chat.state != "ended"):
        return "the visitor reads it at once", "dim"
    left = "the visitor ended the chat" if chat.state == "ended" else "the visitor has left"
    if chat.mails:
        return f"{left}: this goes by mail to {shorten(chat.email, max(width - 60, 16))}", "warn"
    return f"{left}: they read it if they come back" if chat.state != "ended" else left, "warn"


class ComposerFoot(Bar):
    """What keeps it from being sent; what is quoted; whether the draft is safe."""

    def __init__(self, composer: Composer, inks: Callable[[], Inks]) -> None:
        super().__init__(inks, id="composer-foot")
        self._composer = composer

    def bar_lines(self, width: int) -> Sequence[Line]:
        composer = self._composer
        work = composer.work
        if work is None:
            return []
        if composer.warning:
            return [Line(((" ", "text"), (shorten(composer.warning, width - 2), "bad")))]
        told: list[tuple[str, str]] = []
        if composer.missing:
            told.append((composer.missing, "warn"))
        if gaps := composer.editor.gaps:
            told.append(
                (f"{gaps} placeholder{'s' if gaps > 1 else ''} to settle: {key_glyph('tab')} goes there", "alarm")
            )
        if work.kind == "reply":
            told.append(("their message quoted below" if composer.content.quote else "nothing quoted", "dim"))
        if work.kind == "chat":
            told.append(_way(composer.chat(), width))
        if composer.saved:
            told.append((composer.saved, "warn" if composer.unsaved and composer.trouble else "dim"))
        spans: list[tuple[str, str]] = [(" ", "text")]
        for number, (text, ink) in enumerate(told):
            spans += [(" · ", "dim")] * bool(number)
            spans.append((text, ink))
        return [Line(tuple(spans))]
