"""Where answers and notes are written. What is typed is in the server's draft half a second later."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from msgspec.structs import replace
from textual.app import ComposeResult
from textual.containers import Vertical
from textual.timer import Timer

from desk.client import ClientError, Refused
from desk.keymap import Context
from desk.model import Address, Conversation, NewReply
from desk.text import clean
from screens.desk import Desk
from screens.render import one_line, shorten
from screens.transcript import person
from screens.widgets.bars import key_glyph
from screens.widgets.entry import Editor
from screens.widgets.ink import Inks
from screens.widgets.lines import Bar, Line

SAVE_AFTER_SECONDS = 0.4
TRY_AGAIN_SECONDS = 1.0


class ComposerHead(Bar):
    """To whom, and about what."""

    def __init__(self, composer: Composer, inks: Callable[[], Inks]) -> None:
        super().__init__(inks, id="composer-head")
        self._composer = composer

    def bar_lines(self, width: int) -> Sequence[Line]:
        composer = self._composer
        row, content = composer.conversation, composer.content
        if row is None:
            return []
        if composer.is_note:
            what = "note — only reps see it"
            return [
                Line(((" ", "text"), (what, "note"))),
                Line(((" on ", "dim"), (shorten(row.subject, width - 5), "text"))),
            ]
        to = ", ".join(person(a) for a in content.to) or person(
            Address(email=row.customer_address, name=row.customer_name)
        )
        copies = "".join(
            f"  {name} {', '.join(person(a) for a in people)}"
            for name, people in (("cc", content.cc), ("bcc", content.bcc))
            if people
        )
        subject = content.subject or f"Re: {row.subject}"
        return [
            Line(((" to ", "dim"), (shorten(to + copies, width - 5), "ours"))),
            Line(((" about ", "dim"), (shorten(subject, width - 8), "strong"))),
        ]


class ComposerFoot(Bar):
    """What goes along, and whether the draft is safe."""

    def __init__(self, composer: Composer, inks: Callable[[], Inks]) -> None:
        super().__init__(inks, id="composer-foot")
        self._composer = composer

    def bar_lines(self, width: int) -> Sequence[Line]:
        composer = self._composer
        spans: list[tuple[str, str]] = [(" ", "text")]
        if composer.is_note:
            return [Line(tuple(spans))]
        spans.append(("their message quoted below" if composer.content.quote else "nothing quoted", "dim"))
        for file in composer.content.attachments:
            name = file.partition(":")[2]
            spans.append((f"  +{shorten(name, 30)}", "link"))
        spans.append(("  · " + composer.saved, "warn" if composer.unsaved and composer.trouble else "dim"))
        return [Line(tuple(spans))]


class Composer(Vertical):
    """An answer or a note being written. Leaving it keeps it."""

    def __init__(self, desk: Desk, inks: Callable[[], Inks], closed: Callable[[], None]) -> None:
        super().__init__(id="composer")
        self.desk = desk
        self._on_closed = closed
        self.conversation: Conversation | None = None
        self.content = NewReply()
        self.is_note = False
        self.seen: int | None = None
        self.unsaved = False
        self.trouble = False
        self.saved = ""
        self.editor = Editor(id="editor")
        self.head = ComposerHead(self, inks)
        self.foot = ComposerFoot(self, inks)
        self._timer: Timer | None = None
        self._sending = False

    @property
    def context(self) -> Context:
        return "note" if self.is_note else "composer"

    def compose(self) -> ComposeResult:
        yield self.head
        yield self.editor
        yield self.foot

    # --- opening and leaving ------------------------------------------------------------------------------

    async def write(self, conversation: Conversation, seen: int | None, *, note: bool = False) -> None:
        """Begin, or go on where the rep left off. Raises ClientError."""
        await self.save()
        content = NewReply()
        if note:
            content = NewReply(body=self.desk.notes.get(conversation.id, ""))
        elif (draft := await self.desk.client.draft(conversation.id)) is not None:
            content = draft.content
        self.conversation, self.is_note, self.seen = conversation, note, seen
        self.content = content
        self.unsaved = self.trouble = False
        self.saved = "draft as you left it" if content.body else ""
        with self.prevent(Editor.Changed):
            self.editor.put(content.body)
        self.update()
        self.editor.focus()

    def update(self) -> None:
        """Say again what head and foot say."""
        self.head.update()
        self.foot.update()

    async def leave(self) -> None:
        """Put it away; the draft stays, unless there is nothing in it."""
        row = self.conversation
        if row is not None and not self.is_note and not self.editor.text.strip() and not self.content.attachments:
            self.unsaved = False
            await self._drop(row.id)
        await self.save()
        self.conversation = None if not self.unsaved else row
        self._on_closed()

    async def _drop(self, id: int) -> None:
        try:
            await self.desk.client.delete_draft(id)
        except Refused:
            return

    # --- the draft ----------------------------------------------------------------------------------------

    def on_text_area_changed(self) -> None:
        self.touch()

    def touch(self) -> None:
        """Something changed: save it soon."""
        if self.conversation is None:
            return
        if self.is_note:
            self.desk.notes[self.conversation.id] = self.editor.text
            return
        self.unsaved = True
        if not self.trouble:
            self.saved = "saving…"
        if self._timer is None:
            self._timer = self.set_timer(SAVE_AFTER_SECONDS, self._save_now)
        self.foot.update()

    def _save_now(self) -> None:
        self._timer = None
        self.run_worker(self.save(), group="draft", exit_on_error=False)

    def current(self) -> NewReply:
        """What is written, as it would be sent."""
        return replace(self.content, body=clean(self.editor.text), seen_message_id=self.seen)

    async def save(self) -> None:
        """Put the draft in the server's hands; where that fails, keep it and try again."""
        row = self.conversation
        if row is None or self.is_note or not self.unsaved or self._sending:
            return
        content = self.current()
        try:
            await self.desk.client.save_draft(row.id, content)
        except ClientError as error:
            self.trouble = True
            self.saved = f"draft not saved yet: {one_line(str(error))[:60]}"
            if self._timer is None:
                self._timer = self.set_timer(TRY_AGAIN_SECONDS, self._save_now)
        else:
            self.trouble = False
            if self.conversation is not None and self.conversation.id == row.id and self.current() == content:
                self.unsaved = False
                self.saved = "draft saved"
        self.foot.update()

    # --- sending ------------------------------------------------------------------------------------------

    async def send(self, *, resolve: bool = False) -> bool:
        """Send, or keep the note. False if the customer wrote meanwhile. Raises ClientError."""
        row = self.conversation
        if row is None or self._sending:
            return True
        if not self.editor.text.strip():
            self.desk.say("there is nothing written yet", "bad")
            return True
        self._sending = True
        try:
            if self.is_note:
                await self.desk.client.note(row.id, clean(self.editor.text))
                self.desk.notes.pop(row.id, None)
                self.desk.say("noted", "good")
            else:
                item = await self.desk.client.reply(row.id, replace(self.current(), resolve=resolve))
                self.desk.sent(item)
        except Refused as error:
            if error.problem.code != "moved-on":
                raise
            await self._moved_on(error)
            return False
        finally:
            self._sending = False
        self.unsaved = False
        self.conversation = None
        self._on_closed()
        return True

    async def _moved_on(self, error: Refused) -> None:
        key = key_glyph(self.desk.keymap.keys("send")[0])
        self.desk.say(f"not sent: {error.problem.message}. {key} again sends it as it is", "bad")

    # --- what goes along ----------------------------------------------------------------------------------

    def change(self, content: NewReply) -> None:
        """Other recipients, subject, quote or files."""
        self.content = content
        self.touch()
        self.update()
