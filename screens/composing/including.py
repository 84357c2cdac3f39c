"""What goes along with a text, and how it is edited: files, who gets it, what is quoted, answers, an editor outside."""

from __future__ import annotations

import asyncio
from collections.abc import Coroutine
from pathlib import Path
from typing import TYPE_CHECKING, Any

from msgspec.structs import replace

from screens.composing.editing import EditorFailed, Outside, edit_outside, rendered, understood
from screens.composing.people import line_of
from screens.desk import Desk
from screens.render import one_line, typed

if TYPE_CHECKING:
    from screens.composer import Composer
    from screens.inbox import InboxScreen

BIGGEST_FILE = 25 * 1024 * 1024
"""Bytes of an attachment; most mail servers refuse more."""


class Including:
    """One method an action within the composer."""

    _inbox: InboxScreen
    _desk: Desk
    composer: Composer | None

    # --- where people type --------------------------------------------------------------------------------

    def do_next_part(self) -> None:
        if self.composer is not None:
            self.composer.move(1)

    def do_previous_part(self) -> None:
        if self.composer is not None:
            self.composer.move(-1)

    def do_recipients(self) -> None:
        composer = self.composer
        if composer is None or composer.is_note:
            return
        if composer.work is not None and composer.work.kind == "chat":
            composer.work = replace(composer.work, kind="reply")
        composer.fields.reveal("to", "cc", "bcc", "subject")
        composer.go_to(composer.fields["to"].entry)

    def do_next_gap(self) -> None:
        composer = self.composer
        if composer is not None:
            composer.go_to(composer.editor)
            if not composer.editor.next_gap():
                self._desk.say("every placeholder is settled")

    # --- what goes along ----------------------------------------------------------------------------------

    def do_quote(self) -> None:
        composer = self.composer
        if composer is not None and composer.work is not None and composer.work.kind == "reply":
            composer.change(replace(composer.content, quote=not composer.content.quote))

    def do_attach(self, argument: str | None = None) -> Coroutine[Any, Any, None] | None:
        composer = self.composer
        if composer is None or composer.is_note:
            return None
        if argument is not None:
            return self._attached(argument)
        composer.fields.reveal("file")
        composer.go_to(composer.fields["file"].entry)
        return None

    async def _attached(self, path: str) -> None:
        await self.attach(path)

    async def attach(self, path: str) -> bool:
        """Attach the file of a path; False if it cannot be, and that was told. Raises ClientError."""
        composer = self.composer
        file = Path(path.strip()).expanduser()
        wrong = await asyncio.to_thread(_fault, file)
        if composer is None or wrong:
            self._desk.say(wrong, "bad")
            return False
        try:
            data = await asyncio.to_thread(file.read_bytes)
        except OSError as error:
            self._desk.say(f"{one_line(file.name)} cannot be read: {error.strerror or error}", "bad")
            return False
        digest = await self._desk.client.upload(data)
        composer.sizes[digest] = len(data)
        content = composer.content
        composer.change(replace(content, attachments=(*content.attachments, f"{digest}:{one_line(file.name)}")))
        return True

    def do_detach(self, argument: str | None = None) -> None:
        composer = self.composer
        if composer is not None and not composer.remove_file(int(argument) if argument else None):
            self._desk.say("there is no such attachment" if argument else "nothing is attached")

    async def do_insert_answer(self, argument: str | None = None) -> None:
        composer = self.composer
        if composer is None or composer.is_note:
            return
        composer.go_to(composer.editor)
        editor = composer.editor
        if argument is None:
            row, column = editor.cursor_location
            before = editor.document.get_line(row)[:column]
            editor.insert("::" if not before or before[-1].isspace() else " ::")
            return
        name = argument if "/" in argument else f"::{argument.removeprefix('::')}"
        filled = await self._desk.client.fill_answer(name, composer.filled_for())
        editor.insert(filled.body.strip("\n"))
        composer.took(filled)

    # --- an editor outside --------------------------------------------------------------------------------

    async def do_editor(self) -> None:
        composer = self.composer
        if composer is None or composer.work is None:
            return
        now, headers = composer.current(), not composer.is_note
        fields = composer.fields
        before = Outside(
            body=now.body, subject=fields["subject"].text, to=now.to or composer.default_to(), cc=now.cc, bcc=now.bcc
        )
        content = rendered(before, headers=headers)
        try:
            edited = edit_outside(self._inbox.app, content, suffix=".eml" if headers else ".md")
        except EditorFailed as error:
            self._desk.say(str(error), "bad")
            return
        after = understood(edited, headers=headers)
        if typed(after.body) != now.body:
            composer.editor.write_over(after.body)
        if headers:
            self._put_headers(composer, before, after)
        composer.touch()

    def _put_headers(self, composer: Composer, before: Outside, after: Outside) -> None:
        fields = composer.fields
        for name, was, now in (
            ("to", before.to, after.to),
            ("cc", before.cc, after.cc),
            ("bcc", before.bcc, after.bcc),
        ):
            if now != was:
                fields[name].put(line_of(now))  # type: ignore[index]
                if now:
                    fields.reveal(name)  # type: ignore[arg-type]
        if after.subject != before.subject:
            fields["subject"].put(after.subject)

    def do_command_here(self) -> None:
        everywhere: Any = self._inbox.everywhere()
        everywhere.do_command()


def _fault(file: Path) -> str:
    """Why a file cannot be attached."""
    name = one_line(str(file))
    try:
        if file.is_dir():
            return f"{name} is a folder"
        size = file.stat().st_size
    except OSError:
        return f"there is no file {name}"
    over = size / 1_048_576
    return f"{name} has {over:.0f} MB: most mail servers refuse more than 25" if size > BIGGEST_FILE else ""
