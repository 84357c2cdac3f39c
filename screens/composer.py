"""Where answers, forwards, notes and first messages are written. What is typed is in the server's draft soon after."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Collection, Coroutine, Sequence
from functools import partial
from typing import Any

from msgspec.structs import replace
from textual.app import ComposeResult
from textual.containers import Vertical
from textual.timer import Timer

from desk.answers.model import Beginning, FilledAnswer, Place
from desk.client import ClientError, Refused, Unreachable
from desk.keymap import Context
from desk.model import Address, ChatNow, Conversation, NewReply
from desk.text import fold_address, fold_subject, line
from screens.composing.assisting import InFields, InText
from screens.composing.bars import ComposerFoot, ComposerHead, FilesBar
from screens.composing.canned import Canned
from screens.composing.fields import Field, FieldName, Fields
from screens.composing.offers import OfferList
from screens.composing.people import addresses, line_of
from screens.composing.work import Work
from screens.desk import Desk
from screens.render import one_line, typed
from screens.widgets.entry import Editor, Entry
from screens.widgets.ink import Inks

SAVE_AFTER_SECONDS = 0.2
TRY_AGAIN_SECONDS = 1.0
PATIENCE_SECONDS = 1.0
"""How long a rep who leaves waits for a server that is slow to keep the draft."""


class Composer(Vertical):
    """Something being written. Leaving it keeps it."""

    def __init__(
        self,
        desk: Desk,
        inks: Callable[[], Inks],
        closed: Callable[[], None],
        start: Callable[[Coroutine[Any, Any, None]], object],
    ) -> None:
        super().__init__(id="composer")
        self.desk = desk
        self._on_closed = closed
        self.work: Work | None = None
        self.content = NewReply()
        self.seen: int | None = None
        self.unsaved = self.trouble = False
        self.saved = ""
        self.warning = ""
        """What keeps it from being sent, until something is typed."""
        self.missing = ""
        """That no canned answer has what is looked for."""
        self.sending = False
        self.sizes: dict[str, int] = {}
        self.chat: Callable[[], ChatNow | None] = lambda: None
        """How the chat stands that is answered."""
        self.fields = Fields(inks)
        self.offers = OfferList(desk, inks)
        self.editor = Editor(id="editor")
        self.canned = Canned(desk, inks)
        self.head = ComposerHead(self, inks)
        self.files = FilesBar(self, inks)
        self.foot = ComposerFoot(self, inks)
        self._inks = inks
        self._begun = False
        """Whether it is a draft of before."""
        self._blind = False
        """Whether a draft of before may lie with a server that was away."""
        self._timer: Timer | None = None
        self.in_fields = InFields(self, self.offers, start)
        self.in_text = InText(self, self.offers, start)
        self.editor.assistant = self.in_text.key
        self.editor.edited = self.in_text.edited
        for field in self.fields.fields.values():
            field.entry.assistant = partial(self.in_fields.key, field)

    def compose(self) -> ComposeResult:
        yield self.head
        yield self.fields
        yield self.offers
        yield self.editor
        yield self.canned
        yield self.files
        yield self.foot

    # --- what it is ---------------------------------------------------------------------------------------

    @property
    def conversation(self) -> Conversation | None:
        return self.work.conversation if self.work is not None else None

    @property
    def is_note(self) -> bool:
        return self.work is not None and self.work.kind == "note"

    @property
    def context(self) -> Context:
        return "note" if self.is_note else "composer"

    def default_to(self) -> tuple[Address, ...]:
        row = self.conversation
        if row is None or self.work is None or self.work.kind != "reply" or "@" not in row.customer_address:
            return ()
        return (Address(email=row.customer_address, name=row.customer_name),)

    def _default_subject(self) -> str:
        row = self.conversation
        if row is None or self.work is None or self.work.kind != "reply":
            return ""
        marked = fold_subject(row.subject) != line(row.subject).casefold() and not row.subject.startswith("[")
        return line(row.subject) if marked else f"Re: {line(row.subject)}"

    # --- opening and leaving ------------------------------------------------------------------------------

    async def write(self, work: Work) -> None:
        """Begin, or go on where the rep left off; a server that is away keeps nobody from writing. Raises Refused."""
        await self.save()
        draft, accounts, self._blind = None, [], False
        try:
            draft = await self.desk.client.draft(work.place, work.content.slot)
            accounts = await self.in_fields.accounts.load() if work.kind == "new" else []
        except Unreachable:
            self._blind = draft is None
        self.work, self.seen = work, work.seen
        self.content = draft.content if draft is not None else work.content
        self.sizes |= work.sizes
        self.unsaved = self.trouble = self.sending = False
        self.saved = "draft as you left it" if draft is not None else ""
        self._begun = draft is not None
        self.warning = ""
        self._fill(several_accounts=len(accounts) > 1, account=accounts[0].text if accounts else "")
        self.update()
        self.go_to(self._first())

    def _fill(self, *, several_accounts: bool, account: str) -> None:
        content, kind = self.content, self.work.kind if self.work else "reply"
        self.set_class(kind == "new", "-alone")
        with self.prevent(Editor.Changed):
            self.editor.put(content.body)
        if kind == "forward" or content.body.startswith("\n"):
            self.editor.move_cursor((0, 0))
        self.fields["from"].put(content.account or account)
        self.fields["to"].put(line_of(content.to or self.default_to()))
        self.fields["cc"].put(line_of(content.cc))
        self.fields["bcc"].put(line_of(content.bcc))
        self.fields["subject"].put(content.subject or self._default_subject())
        self.fields["file"].put("")
        names: list[FieldName] = ["from"] if kind == "new" and several_accounts else []
        if kind not in ("note", "chat"):
            names += ["to"]
            names += ["cc"] if content.cc else []
            names += ["bcc"] if content.bcc else []
            names += ["subject"]
        self.fields.show(names)

    def _first(self) -> Entry | Editor:
        """Where people type first: to whom, if that is not known."""
        if self.work is not None and self.work.kind in ("new", "forward") and not self.fields["to"].text:
            return self.fields["to"].entry
        return self.editor

    def update(self) -> None:
        """Say again what the bars say."""
        for bar in (self.head, self.files, self.foot):
            bar.update()
        self.head.display = self.work is not None and self.work.kind not in ("reply", "chat")
        self.files.display = bool(self.content.attachments)
        self.editor.gap_style = self._inks()("alarm")

    def miss(self, told: str) -> None:
        """Say that no canned answer was found; empty: some were, or none is looked for."""
        if told != self.missing:
            self.missing = told
            self.foot.update()

    def empty(self) -> bool:
        """Whether nothing was written that is worth keeping."""
        content, work = self.current(), self.work
        if work is None or (content.attachments and (work.kind != "forward" or self._begun)):
            return False
        if work.kind == "forward" and not self._begun:
            return content.body == work.content.body and not (content.to or content.cc or content.bcc)
        return not (content.body.strip() or (work.kind == "new" and (content.to or content.subject)))

    async def leave(self) -> bool:
        """Put it away; whether there was something to keep. Where it cannot be kept yet, it stays at hand."""
        work = self.work
        kept = work is not None and not self.empty()
        if work is not None and not kept:
            await self.drop()
        saving = asyncio.ensure_future(self.save())
        await asyncio.wait((saving,), timeout=PATIENCE_SECONDS)
        if not self.unsaved:
            self.work = None
        self.close()
        return kept

    async def drop(self) -> None:
        """Throw the draft away."""
        self.unsaved = False
        if self.work is not None:
            try:
                await self.desk.client.delete_draft(self.work.place, self.content.slot)
            except Refused:
                return

    def close(self) -> None:
        """It is no longer written here."""
        self.in_text.close()
        self.in_fields.close()
        self._on_closed()

    # --- the draft ----------------------------------------------------------------------------------------

    def on_text_area_changed(self) -> None:
        self.touch()

    def on_text_area_selection_changed(self) -> None:
        self.in_text.moved()

    def on_input_changed(self, event: Entry.Changed) -> None:
        event.stop()
        field = self.fields.of(event.input)
        if field is not None:
            field.judge()
            if field.entry.has_focus:
                self.in_fields.look(field)
            if field.field != "file":
                self.touch()

    def touch(self) -> None:
        """Something changed: save it soon."""
        if self.work is None or self.sending:
            return
        self.unsaved = True
        self.warning = ""
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
        fields, content = self.fields, replace(self.content, body=typed(self.editor.text), seen_message_id=self.seen)
        if self.work is None or self.is_note:
            return content
        to, subject = addresses(fields["to"].text), fields["subject"].text.strip()
        return replace(
            content,
            account=fields["from"].text.strip() if self.work.kind == "new" else "",
            to=() if to == self.default_to() else to,
            cc=addresses(fields["cc"].text),
            bcc=addresses(fields["bcc"].text),
            subject="" if subject == self._default_subject() else subject,
        )

    def filled_for(self) -> Place:
        """What canned answers are filled for."""
        if self.conversation is not None:
            return self.conversation.id
        content = self.current()
        first = content.to[0] if content.to else Address(email="")
        return Beginning(to=first.email, name=first.name, subject=content.subject, account=content.account)

    async def save(self) -> None:
        """Put the draft in the server's hands; where that fails, keep it and try again."""
        work = self.work
        if work is None or not self.unsaved or self.sending:
            return
        try:
            await self._join(work)
            content = self.current()
            await self.desk.client.save_draft(work.place, content)
        except ClientError as error:
            self.trouble = True
            self.saved = f"draft not saved yet: {one_line(str(error))[:60]}"
            if self._timer is None:
                self._timer = self.set_timer(TRY_AGAIN_SECONDS, self._save_now)
        else:
            self.trouble = False
            if self.work is work and self.current() == content:
                self.unsaved = False
                self.saved = "draft saved"
        self.foot.update()

    async def _join(self, work: Work) -> None:
        """What was written while the server was away goes below what lay there. Raises ClientError."""
        if not self._blind:
            return
        draft = await self.desk.client.draft(work.place, work.content.slot)
        self._blind = False
        if draft is not None and self.work is work and draft.content.body.strip():
            written = self.editor.text
            self.content = draft.content
            self._fill(several_accounts=False, account="")
            self.editor.put(f"{draft.content.body.rstrip()}\n\n{written}")
            self.update()

    # --- moving about -------------------------------------------------------------------------------------

    def parts(self) -> Sequence[Entry | Editor]:
        """Where people type, from the top."""
        return [*(field.entry for field in self.fields.shown), self.editor]

    def move(self, by: int) -> bool:
        """To another part."""
        parts = self.parts()
        at = next((index for index, part in enumerate(parts) if part.has_focus), len(parts) - 1)
        self.go_to(parts[(at + by) % len(parts)])
        return True

    def go_to(self, part: Entry | Editor) -> None:
        """Type there from now on."""
        self.in_fields.close()
        self.screen.set_focus(part, scroll_visible=False)

    async def entered(self, field: Field) -> bool:
        """Enter was pressed in a field, and nothing was offered."""
        if field.field == "file":
            await self.attach_typed()
            return True
        return self.move(1)

    # --- what goes along ----------------------------------------------------------------------------------

    attach: Callable[[str], Coroutine[Any, Any, bool]]
    """Attaches the file of a path; False if that was refused, and told."""

    async def attach_typed(self) -> None:
        """Attach what stands in the field for paths, and close it."""
        field = self.fields["file"]
        path = field.text.strip()
        if not path or await self.attach(path):
            field.put("")
            self.fields.hide("file")
            self.go_to(self.editor)

    def add_people(self, to: Collection[Address], cc: Collection[Address]) -> None:
        """They get it, too."""
        now = self.current()
        there = {fold_address(each.email) for each in (*(now.to or self.default_to()), *now.cc, *now.bcc)}
        for name, people in (("to", to), ("cc", cc)):
            new = [each for each in people if fold_address(each.email) not in there]
            field = self.fields[name]  # type: ignore[index]
            if new:
                field.put(", ".join(filter(None, (field.text.rstrip(" ,"), line_of(new)))))
                self.fields.reveal(name)  # type: ignore[arg-type]
                self.touch()

    def change(self, content: NewReply) -> None:
        """Something else of it is different: what is quoted, which files go along."""
        self.content = content
        self.update()
        self.touch()

    def took(self, filled: FilledAnswer) -> None:
        """An answer stands in the text now; its files come along."""
        content = self.content
        files = [*content.attachments, *(file for file in filled.attachments if file not in content.attachments)]
        keys = [*content.answers, *((filled.key,) if filled.key not in content.answers else ())]
        self.change(replace(content, attachments=tuple(files), answers=tuple(keys)))

    def remove_file(self, number: int | None = None) -> bool:
        """Take off the last file, or the one of that number, from 1; False if there is none."""
        files = list(self.content.attachments)
        at = len(files) - 1 if number is None else number - 1
        if not 0 <= at < len(files):
            return False
        del files[at]
        self.change(replace(self.content, attachments=tuple(files)))
        return True
