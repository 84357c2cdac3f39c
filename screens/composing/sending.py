"""Sending what was written: now, later, with what comes after; and what is stopped because somebody wrote meanwhile."""

from __future__ import annotations

from typing import TYPE_CHECKING

from msgspec import Struct
from msgspec.structs import replace

from desk.answers.template import unsettled
from desk.client import Refused
from desk.clock import Millis
from desk.model import Conversation, NewReply, OutboxItem
from desk.times import EXAMPLES, parse_when
from screens.composer import Composer
from screens.composing.work import Work
from screens.desk import Desk
from screens.times import full_stamp, stamp
from screens.widgets.bars import key_glyph

if TYPE_CHECKING:
    from screens.inbox import InboxScreen


class How(Struct, frozen=True, kw_only=True):
    """How something is sent."""

    now: bool = False
    """Without the time in which it can be taken back."""
    resolve: bool = False
    onward: bool = False
    """To the next conversation afterwards."""
    at: Millis | None = None
    snooze: Millis | None = None


class Sending:
    """One method an action that sends."""

    _inbox: InboxScreen
    _desk: Desk
    composer: Composer | None

    def do_send(self) -> None:
        self._send(How())

    def do_send_now(self) -> None:
        self._send(How(now=True))

    def do_send_resolve(self) -> None:
        self._send(How(resolve=True))

    def do_send_next(self) -> None:
        self._send(How(onward=True))

    async def do_send_later(self, argument: str | None = None) -> None:
        at = await self._when("send later", argument)
        if at is not None:
            self._send(How(at=at))

    async def do_send_snooze(self, argument: str | None = None) -> None:
        until = await self._when("send, and snooze until", argument)
        if until is not None:
            self._send(How(snooze=until))

    async def _when(self, title: str, words: str | None) -> Millis | None:
        def judge(text: str) -> tuple[str, bool]:
            at = parse_when(text, self._desk.clock.now())
            return (f"→ {full_stamp(at)}", True) if at is not None else (f"when? {EXAMPLES}", False)

        if self.composer is None or self.composer.is_note or not self._ready(self.composer):
            return None
        words = words or await self._inbox.ask(title, "", judge, placeholder="tomorrow 9:00")
        at = parse_when(words, self._desk.clock.now()) if words else None
        if words and at is None:
            self._desk.say(f"{words} is past", "bad")
        return at

    # --- the way out --------------------------------------------------------------------------------------

    def _send(self, how: How) -> None:
        """Send what is written at this moment; keys pressed meanwhile wait for what comes after."""
        composer = self.composer
        if composer is None or composer.work is None or composer.sending or not self._ready(composer):
            return
        composer.sending = True
        here = self._inbox.rows.current
        at = self._inbox.rows.cursor if here is not None and here.id == composer.work.place else None
        self._inbox.open_for_typing(self._sent(composer, composer.work, composer.current(), how, at))

    def _ready(self, composer: Composer) -> bool:
        """Whether it can be sent as it is; if not, that is told."""
        composer.warning = self._wrong(composer, composer.current())
        composer.foot.update()
        return not composer.warning

    def _wrong(self, composer: Composer, content: NewReply) -> str:
        """Why it cannot be sent as it is."""
        assert composer.work is not None
        kind = composer.work.kind
        if not content.body.strip() and not content.attachments:
            return "there is nothing written yet"
        if kind == "note":
            return ""
        if kind == "chat":
            return self._unsettled(composer, content)
        if fault := composer.fields.faults():
            return f"not sent: {fault}"
        nobody = not (content.to or content.cc or content.bcc)
        if nobody and (kind != "reply" or not composer.fields["to"].text.strip()):
            composer.go_to(composer.fields["to"].entry)
            return "not sent: say to whom"
        if kind == "new" and not content.subject:
            composer.go_to(composer.fields["subject"].entry)
            return "not sent: a new conversation needs a subject"
        return self._unsettled(composer, content)

    def _unsettled(self, composer: Composer, content: NewReply) -> str:
        if gaps := unsettled(content.body):
            composer.go_to(composer.editor)
            composer.editor.next_gap()
            return f"not sent: nothing fills {gaps[0].name} yet; write what is meant in its place"
        return ""

    async def _sent(self, composer: Composer, work: Work, content: NewReply, how: How, at: int | None) -> None:
        """`at`: where the conversation stood under the cursor."""
        try:
            if work.kind == "note":
                await self._noted(work, content)
            else:
                item = await self._queued(work, content, how)
                self._tell(item, how)
        except Refused as error:
            composer.sending = False
            if error.problem.code != "moved-on":
                composer.warning = f"not sent: {error.problem.message}"
                composer.foot.update()
                self._inbox.release_keys()
                return
            await self._stopped(composer, error)
            self._inbox.release_keys(drop=True)
            return
        except BaseException:
            composer.sending = False
            composer.touch()
            self._inbox.release_keys()
            raise
        composer.sending = composer.unsaved = False
        if work.kind == "chat" and not (how.resolve or how.onward or how.snooze):
            await composer.write(replace(work, seen=self._inbox.conversation.newest_seen()))
            self._inbox.conversation.to_end()
            self._inbox.release_keys()
            return
        composer.work = None
        composer.close()
        await self._onward(work, item.conversation_id if work.kind != "note" else work.place, how, at)
        self._inbox.release_keys()

    async def _noted(self, work: Work, content: NewReply) -> None:
        await self._desk.client.note(work.place, content.body)
        self._desk.did()
        self._desk.say("noted", "good")

    async def _queued(self, work: Work, content: NewReply, how: How) -> OutboxItem:
        client = self._desk.client
        if work.kind == "chat":  # what came into sight while it was written is known
            content = replace(content, seen_message_id=self._inbox.conversation.newest_seen())
        content = replace(content, resolve=how.resolve, send_at=how.at, snooze_until=how.snooze)
        if work.kind != "new":
            return await client.reply(work.place, content, now=how.now)
        accounts = await client.mailboxes()
        account = content.account or (accounts[0].name if accounts else "")
        return await client.compose(account, content, now=how.now)

    def _tell(self, item: OutboxItem, how: How) -> None:
        if item.state != "held":
            self._desk.did()
            self._desk.say("said in the chat", "good")
        elif how.at is not None:
            at = stamp(item.hold_until, self._desk.clock.now())
            undo = key_glyph(self._desk.keymap.key("undo", "list"))
            self._desk.did()
            self._desk.say(f"goes out at {at}; {undo} takes it back", "good")
        elif how.now:
            self._desk.did()
            self._desk.say("on its way", "good")
        else:
            self._desk.sent(item)

    async def _onward(self, work: Work, conversation_id: int, how: How, at: int | None) -> None:
        """Where to after it was sent."""
        if work.kind == "new":
            self._inbox.show_conversation(await self._desk.client.conversation(conversation_id))
        elif how.onward:
            self._next_after(await self._desk.client.conversation(conversation_id))
        elif how.resolve or how.snooze is not None:
            self._inbox.acting.went(await self._desk.client.conversation(conversation_id), at)

    def _next_after(self, row: Conversation) -> None:
        inbox = self._inbox
        rows, here = inbox.rows, inbox.rows.current
        if here is not None and here.id == row.id:
            if inbox.hits is None and inbox.pages.left_by(row, self._desk.me):
                inbox.pages.remove(row.id)
                rows.settle(rows.cursor)
            else:
                rows.move_to(rows.cursor + 1)
        rows.refresh_changed()
        following = rows.current
        if following is None or following.id == row.id:
            inbox.turn_to("list")
        else:
            inbox.show_conversation(following)

    # --- somebody wrote meanwhile -------------------------------------------------------------------------

    async def _stopped(self, composer: Composer, error: Refused) -> None:
        """Show what is new above what was written; sending it as it is, or going on, is one key away."""
        pane, row = self._inbox.conversation, composer.conversation
        if row is None:
            return
        if pane.conversation is None or pane.conversation.id != row.id:
            await pane.open(row)
        await pane.reload(stay=False)
        pane.transcript.seen = composer.seen
        await pane.to_new()
        composer.seen = pane.newest_seen()
        send, leave = (key_glyph(self._desk.keymap.key(action, "composer")) for action in ("send", "leave"))
        said = error.problem.message.removesuffix("; read that first")
        composer.unsaved = True
        try:
            await composer.save()
        finally:
            composer.warning = f"NOT SENT: {said}, see above. {send} sends this as it is, {leave} keeps the draft"
            composer.foot.update()
