"""What comes with a message: its links, its files, its header and its source."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from pathlib import Path
from typing import TypeVar

from desk.client import Refused
from desk.model import Attachment, HeaderField, Message
from desk.saving import free_path, safe_name, write_new
from screens.confirm import Confirm
from screens.keeping import downloads, files_and_folders, folders, judge_folder, judge_target, path_of
from screens.outside import NothingOpens, open_outside, private_copy, warnings
from screens.pager import Pager
from screens.picker import result_of
from screens.prompt import Judge
from screens.reader import ReaderScreen
from screens.render import body, cells, one_line, shorten, wrap
from screens.transcript import size_words
from screens.widgets.lines import BLANK, Line

Answer = TypeVar("Answer")

DIGITS_AT_MOST = 6
ALL = 0
"""Instead of a number: all of them, which `EACH` asks for."""
EACH = ("*", "all")
SOURCE_SHOWN = 1_000_000
"""Bytes of a message's source that are shown; all of it can be saved."""


class Parts:
    """One method an action. Nothing is opened but by the rep's word, after it was shown what it is."""

    def __init__(self, inbox: ReaderScreen) -> None:
        self._inbox = inbox
        self._desk = inbox.desk
        self._folder: Path | None = None
        """Where something was saved last."""

    # --- links --------------------------------------------------------------------------------------------

    async def do_open_link(self, argument: str | None = None, count: int | None = None) -> None:
        from screens.disguise import disguised
        from screens.links import link_lines, target

        message = self._inbox.target_message()
        links = message.links if message is not None else ()
        number = await self._which("link", [shorten(link, 60) for link in links], argument, count)
        if number is None:
            return
        link = links[number - 1]
        where = target(link)
        mask = disguised(message.body, links).get(number) if message is not None else None
        title = f"Open link {number}?" if where.url else f"Link {number}"
        if (
            await self._confirm(title, lambda width: link_lines(link, where, width, mask[0] if mask else ""))
            and where.url
        ):
            await self._open(where.url, "opened")

    async def _which(
        self, what: str, names: list[str], argument: str | None, count: int | None, *, all_of_them: bool = False
    ) -> int | None:
        """The number of one of several: as it was told, the only one, or as it is answered; maybe `ALL`."""
        if not names:
            self._desk.say(f"this message has no {what}", "bad")
            return None
        told = argument if argument is not None else (str(count) if count is not None else None)
        if told is None and len(names) > 1:
            asked = f"{what} 1-{len(names)}" + (", or * for all" if all_of_them else "")
            told = await self._inbox.ask(asked, "", _judge_number(names, all_of_them=all_of_them))
            if told is None:
                return None
            if all_of_them and told.strip() in EACH:
                return ALL
        text = "1" if told is None else told.strip().strip("[]+")
        number = int(text) if text.isdecimal() and len(text) < DIGITS_AT_MOST else 0
        if not 1 <= number <= len(names):
            self._desk.say(f"there is no {what} {shorten(text, 20)}; there are 1 to {len(names)}", "bad")
            return None
        return number

    async def _confirm(self, title: str, lines: Callable[[int], Sequence[Line]]) -> bool:
        return await result_of(self._inbox.app, Confirm(self._desk, title, lines)) is True

    async def _open(self, what: str, told: str) -> None:
        try:
            await open_outside(what)
        except NothingOpens as error:
            self._desk.say(str(error), "bad")
        else:
            self._desk.say(told, "good")

    # --- files --------------------------------------------------------------------------------------------

    async def _file(self, argument: str | None, count: int | None) -> Attachment | None:
        message = self._inbox.target_message()
        files = message.attachments if message is not None else ()
        number = await self._which("attachment", [one_line(file.name)[:30] for file in files], argument, count)
        return files[number - 1] if number is not None else None

    async def do_save_attachment(self, argument: str | None = None, count: int | None = None) -> None:
        message = self._inbox.target_message()
        files = message.attachments if message is not None else ()
        names = [one_line(file.name)[:30] for file in files]
        number = await self._which("attachment", names, argument, count, all_of_them=True)
        if number == ALL:
            await self._save_all(files)
        elif number is not None:
            file = files[number - 1]
            await self._save(file.name, lambda: self._desk.client.blob(file.sha256))

    async def _save(self, name: str, fetch: Callable[[], Awaitable[bytes]]) -> None:
        proposed = free_path(self._folder or downloads(), safe_name(name))
        answer = await self._inbox.ask("save as", str(proposed), judge_target, complete=files_and_folders)
        if answer is None:
            return
        if (path := self._written(path_of(answer, name), await fetch())) is not None:
            self._desk.say(f"saved as {path}", "good")

    async def _save_all(self, files: Sequence[Attachment]) -> None:
        proposed = str(self._folder or downloads())
        answer = await self._inbox.ask(f"save all {len(files)} in", proposed, judge_folder, complete=folders)
        if answer is None:
            return
        folder = Path(answer.strip()).expanduser()
        for file in files:
            data = await self._desk.client.blob(file.sha256)
            if self._written(free_path(folder, safe_name(file.name)), data) is None:
                return
        self._desk.say(f"{len(files)} files saved in {folder}", "good")

    def _written(self, path: Path, data: bytes) -> Path | None:
        """The file, once it is there; None if it could not be written, which is told."""
        try:
            write_new(path, data)
        except OSError as error:
            self._desk.say(f"{path} was not written: {error.strerror or error}", "bad")
            return None
        self._folder = path.parent
        return path

    async def do_open_attachment(self, argument: str | None = None, count: int | None = None) -> None:
        file = await self._file(argument, count)
        if file is None:
            return
        with self._inbox.unread():
            data = await self._desk.client.blob(file.sha256)
        name = safe_name(file.name)

        def lines(width: int) -> list[Line]:
            return file_lines(file, name, warnings(name, data), width)

        if not await self._confirm("Open this file?", lines):
            return
        try:
            path = private_copy(name, data)
        except OSError as error:
            self._desk.say(f"no copy could be made: {error.strerror or error}", "bad")
            return
        await self._open(str(path), f"a copy of {name} was opened")

    # --- what is behind it --------------------------------------------------------------------------------

    async def do_headers(self) -> None:
        message = self._inbox.target_message()
        if message is None:
            return
        fields = await self._of_mail(message, self._desk.client.headers)
        if fields is not None:
            title = f"Header of: {message.subject or '(no subject)'}"
            pager = Pager(self._desk, one_line(title), lambda width: header_lines(fields, width))
            await result_of(self._inbox.app, pager)

    async def do_source(self) -> None:
        message = self._inbox.target_message()
        if message is None:
            return
        data = await self._of_mail(message, self._desk.client.raw)
        if data is None:
            return
        text = data[:SOURCE_SHOWN].decode("utf-8", "replace")
        title = f"Source, {size_words(len(data))}: {message.subject or '(no subject)'}"

        def lines(width: int) -> list[Line]:
            return source_lines(text, len(data) > SOURCE_SHOWN, width)

        pager = Pager(self._desk, one_line(title), lines, leads_to=("save-source",))
        if await result_of(self._inbox.app, pager) == "save-source":

            async def fetch() -> bytes:
                return data

            await self._save(f"message-{message.id}.eml", fetch)

    async def _of_mail(self, message: Message, ask: Callable[[int], Awaitable[Answer]]) -> Answer | None:
        try:
            return await ask(message.id)
        except Refused as error:
            if error.status != 404:
                raise
            self._desk.say("this never was a mail: it has no header and no source", "bad")
            return None


def _judge_number(names: list[str], *, all_of_them: bool) -> Judge:
    listed = "  ".join(f"{number} {name}" for number, name in enumerate(names, 1))

    def judge(text: str) -> tuple[str, bool]:
        if all_of_them and text.strip() in EACH:
            return f"all {len(names)}", True
        number = int(text) if text.strip().isdecimal() and len(text) < DIGITS_AT_MOST else 0
        good = 1 <= number <= len(names)
        return names[number - 1] if good else listed, good

    return judge


def file_lines(file: Attachment, name: str, warned: list[str], width: int) -> list[Line]:
    """What a file says it is, what it will be called, and what may happen."""
    facts = [("file", name, "strong"), ("type", file.media_type, "text"), ("size", size_words(file.size), "text")]
    if one_line(file.name) != name:
        facts.insert(1, ("they wrote", file.name, "dim"))
    lines = [BLANK, *(Line(((f" {what:<11}", "dim"), (shorten(value, width - 13), ink))) for what, value, ink in facts)]
    for warning in warned:
        lines += [BLANK, *(Line(((" ", "text"), (part, "alarm"))) for part in wrap(warning, width - 2))]
    told = "A copy that cannot be changed is handed to the program that your desktop has for it."
    return [*lines, BLANK, *(Line(((" ", "text"), (part, "dim"))) for part in wrap(told, width - 2)), BLANK]


def header_lines(fields: list[HeaderField], width: int) -> list[Line]:
    """Every field decoded, then those that are written otherwise as they are written."""
    lines = [line for field in fields for line in _field(field.name, field.value, "text", width)]
    written = [field for field in fields if field.raw]
    if written:
        lines += [BLANK, Line(((" as they are written", "accent"),)), BLANK]
        lines += [line for field in written for line in _field(field.name, field.raw, "dim", width)]
    return lines or [BLANK, Line(((" no header", "dim"),))]


def _field(name: str, value: str, ink: str, width: int) -> list[Line]:
    named = shorten(name, max(width // 3, 8)) + ": "
    text = body(value)
    if "\n" not in text and 1 + cells(named) + cells(text) <= width:
        return [Line(((" ", "text"), (named, "name"), (text, ink)))]
    lines = [Line(((" ", "text"), (named, "name")))]
    return lines + [Line((("   ", "text"), (part.lstrip(), ink))) for part in wrap(text, width - 4)]


def source_lines(text: str, more: bool, width: int) -> list[Line]:
    """A message as it came or went, in lines that fit; nothing in it is obeyed."""
    lines = [Line(((" ", "text"), (part, "text"))) for part in wrap(body(text), width - 2)]
    if more:
        lines += [BLANK, Line(((" … and more, which can be saved", "accent"),))]
    return lines
