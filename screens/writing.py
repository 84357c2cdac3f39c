"""Opening the composer: answers, forwards, notes, new conversations, drafts; leaving it, and taking back."""

from __future__ import annotations

import secrets
from collections.abc import Coroutine
from typing import TYPE_CHECKING, Any

from desk.client import Refused
from desk.model import Conversation, Draft, Message, NewReply
from screens.composer import Composer
from screens.composing.articles import Articles
from screens.composing.forwarding import files_of, forwarded, subject_of_forward
from screens.composing.including import Including
from screens.composing.people import everybody
from screens.composing.sending import Sending
from screens.composing.work import Kind, Work
from screens.macros import Macros
from screens.render import typed
from screens.widgets.bars import key_glyph

if TYPE_CHECKING:
    from screens.inbox import InboxScreen


class Writing(Including, Articles, Sending, Macros):
    """One method an action of the group `Answer`."""

    def __init__(self, inbox: InboxScreen) -> None:
        self._inbox = inbox
        self._desk = inbox.desk
        self.composer: Composer | None = None

    # --- beginning ----------------------------------------------------------------------------------------

    async def do_reply(self) -> None:
        await self.write(self._inbox.target())

    async def do_reply_all(self) -> None:
        row = self._inbox.target()
        message = await self._message(row)
        if row is None or message is None:
            return
        own = [each.address for each in await self._desk.client.mailboxes()]
        to, cc = everybody(message, own)
        await self.begin("reply", row, NewReply(to=to, cc=cc))
        if self.composer is not None:
            self.composer.add_people(to, cc)

    async def do_forward(self) -> None:
        row = self._inbox.target()
        message = await self._message(row)
        if row is None or message is None:
            return
        content = NewReply(
            body=typed(forwarded(message)),
            subject=subject_of_forward(message.subject or row.subject),
            attachments=files_of(message),
            forwards=message.id,
            slot=f"forward {message.id}",
        )
        await self.begin("forward", row, content, {file.sha256: file.size for file in message.attachments})

    async def do_note(self, argument: str | None = None) -> None:
        row = self._inbox.target()
        if argument is None or row is None:
            await self.write(row, note=True)
            return
        await self._desk.client.note(row.id, typed(argument))
        self._desk.did()
        self._desk.say("noted", "good")

    async def do_compose(self, argument: str | None = None) -> None:
        """A new conversation; `argument`: with whom."""
        from screens.composing.people import addresses

        slot = secrets.token_hex(6)
        await self.begin("new", None, NewReply(slot=slot, to=addresses(argument or "")))

    async def _message(self, row: Conversation | None) -> Message | None:
        """The message that is meant: the one being read, or else the newest mail of the conversation."""
        if row is None:
            return None
        pane, chosen = self._inbox.conversation, self._inbox.target_message()
        reading = pane.conversation is not None and pane.conversation.id == row.id
        if reading and chosen is not None and chosen.direction in ("in", "out") and self._inbox.page_name != "list":
            return chosen
        newest = await self._desk.client.messages(row.id, limit=50)
        mails = [message for message in newest if message.direction in ("in", "out")]
        came = [message for message in mails if message.direction == "in"]
        return next(iter([*reversed(came), *reversed(mails)]), None)

    async def write(self, row: Conversation | None, *, note: bool = False) -> None:
        """Write an answer, or a note, or go on with it."""
        if row is not None:
            kind: Kind = "note" if note else _kind_of_answer(row)
            await self.begin(kind, row, NewReply(slot="note" if note else ""))

    async def begin(
        self, kind: Kind, row: Conversation | None, content: NewReply, sizes: dict[str, int] | None = None
    ) -> None:
        """Open the composer below the conversation. Raises ClientError."""
        inbox, pane = self._inbox, self._inbox.conversation
        inbox.turn_to("conversation")
        if row is not None and (pane.conversation is None or pane.conversation.id != row.id or not pane.newest_seen()):
            await pane.open(row)
        if self.composer is None:
            self.composer = Composer(self._desk, inbox.inks, self._closed, inbox.start)
            self.composer.attach = self.attach
            self.composer.chat = lambda: pane.chat
            pane.chat_changed = self.composer.foot.update
            await pane.mount(self.composer)
        seen = pane.newest_seen() if row is not None else None
        await self.composer.write(Work(kind=kind, conversation=row, content=content, seen=seen, sizes=sizes or {}))
        pane.set_class(kind == "new", "-alone")
        self.composer.display = True
        inbox.release_keys()
        inbox.update_bars()
        if row is not None:
            inbox.call_after_refresh(self._keep_in_sight)
            if inbox.customer.current != row.id:
                inbox.start(inbox.customer.open(row.customer_id, row.id))

    def _keep_in_sight(self) -> None:
        """The message that is answered stays in sight above the composer."""
        transcript = self._inbox.conversation.transcript
        if transcript.messages:
            transcript.show_at(transcript.stretch, transcript.selected)

    async def take_up(self, draft: Draft) -> None:
        """Go on with a draft, wherever it belongs. Raises ClientError."""
        row = None
        if draft.conversation_id:
            try:
                row = await self._desk.client.conversation(draft.conversation_id)
                if row.merged_into:
                    row = await self._desk.client.conversation(row.merged_into)
            except Refused:
                return
        kind: Kind = "new" if row is None else _kind_of_answer(row, draft.content)
        if row is not None and draft.slot:
            kind = "note" if draft.slot == "note" else "forward"
        await self.begin(kind, row, draft.content)
        if row is not None:
            await self._inbox.viewing.find(row.id)

    # --- leaving ------------------------------------------------------------------------------------------

    def _closed(self) -> None:
        if self.composer is not None:
            self.composer.display = False
        self._inbox.conversation.set_class(False, "-alone")
        self._inbox.turn_to("conversation" if self._inbox.conversation.conversation is not None else "list")
        self._inbox.update_bars()

    def do_leave(self) -> Coroutine[Any, Any, None] | None:
        if self.composer is None:
            return None
        self._inbox.hold_keys()
        return self._left(self.composer)

    async def _left(self, composer: Composer) -> None:
        try:
            if await composer.leave():
                self._desk.say("the draft is kept")
        finally:
            self._inbox.release_keys()

    async def do_discard(self) -> None:
        composer = self.composer
        if composer is None or composer.work is None:
            return
        draft = Draft(agent_id=0, conversation_id=composer.work.place, content=composer.current())
        thrown = None if composer.empty() else draft
        await composer.drop()
        composer.work = None
        composer.close()
        self._desk.did()
        self._desk.thrown = thrown
        undo = self._desk.keymap.key("undo", "list") if thrown else ""
        self._desk.say(f"thrown away; {key_glyph(undo)} brings it back" if undo else "thrown away")

    async def bring_back(self) -> bool:
        """What was thrown away just now is a draft again; False if nothing was. Raises ClientError."""
        draft, self._desk.thrown = self._desk.thrown, None
        if draft is None:
            return False
        await self._desk.client.save_draft(draft.conversation_id, draft.content)
        await self.take_up(draft)
        self._desk.say("it is a draft again", "good")
        return True

    async def do_undo_send(self) -> None:
        going = self._desk.takeable()
        if going is None:
            return
        draft = await self._desk.client.undo_send(going.outbox_id)
        self._desk.taken_back(going.outbox_id)
        await self.take_up(draft)
        self._desk.say("taken back; it was not sent", "good")


def _kind_of_answer(row: Conversation, content: NewReply | None = None) -> Kind:
    """In a chat what is said there, unless it names somebody to mail it to."""
    return "chat" if row.channel == "chat" and not (content and content.to) else "reply"
