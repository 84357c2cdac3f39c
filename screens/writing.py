"""Answers and notes: the composer on the inbox, what goes along, and taking back."""

from __future__ import annotations

from pathlib import Path

from msgspec.structs import replace

from desk.model import Address, Conversation
from desk.text import clean
from screens.composer import Composer
from screens.reader import ReaderScreen
from screens.transcript import person

BIGGEST_FILE = 25 * 1024 * 1024
"""Bytes of an attachment; most mail servers refuse more."""


class Writing:
    """One method an action of the group `Answer`."""

    def __init__(self, inbox: ReaderScreen) -> None:
        self._inbox = inbox
        self._desk = inbox.desk
        self.composer: Composer | None = None

    async def do_reply(self) -> None:
        await self.write(self._inbox.target())

    async def do_note(self, argument: str | None = None) -> None:
        row = self._inbox.target()
        if argument is None or row is None:
            await self.write(row, note=True)
            return
        await self._desk.client.note(row.id, clean(argument))
        self._desk.say("noted", "good")

    async def write(self, row: Conversation | None, *, note: bool = False) -> None:
        """Open the composer below the conversation."""
        if row is None:
            return
        inbox = self._inbox
        inbox.turn_to("conversation")
        pane = inbox.conversation
        if pane.conversation is None or pane.conversation.id != row.id or not pane.transcript.messages:
            await pane.open(row)
        if self.composer is None:
            self.composer = Composer(self._desk, inbox.inks, self._closed)
            await pane.mount(self.composer)
        self.composer.display = True
        await self.composer.write(row, pane.newest_seen(), note=note)
        inbox.release_keys()
        inbox.update_bars()

    def _closed(self) -> None:
        if self.composer is not None:
            self.composer.display = False
        self._inbox.turn_to("conversation")
        self._inbox.update_bars()

    async def do_leave(self) -> None:
        if self.composer is not None:
            note = self.composer.is_note
            await self.composer.leave()
            if self.composer.editor.text.strip():
                self._desk.say("the note is kept until you leave Desk" if note else "the draft is kept")

    async def do_send(self) -> None:
        await self._send(resolve=False)

    async def do_send_resolve(self) -> None:
        await self._send(resolve=True)

    async def _send(self, *, resolve: bool) -> None:
        composer, pane = self.composer, self._inbox.conversation
        if composer is None:
            return
        if not await composer.send(resolve=resolve):
            await pane.reload(stay=False)
            composer.seen = pane.newest_seen()

    async def do_undo_send(self) -> None:
        going = self._desk.takeable()
        if going is None:
            return
        await self._desk.client.undo_send(going.outbox_id)
        self._desk.taken_back(going.outbox_id)
        await self.write(await self._desk.client.conversation(going.conversation_id))
        self._desk.say("taken back; it was not sent", "good")

    # --- what goes along ----------------------------------------------------------------------------------

    def do_quote(self) -> None:
        if self.composer is not None:
            self.composer.change(replace(self.composer.content, quote=not self.composer.content.quote))

    async def do_attach(self, argument: str | None = None) -> None:
        composer = self.composer
        if composer is None:
            return
        answer = argument or await self._inbox.ask("attach", "", _judge_file, placeholder="path of a file")
        if answer:
            path = Path(answer.strip()).expanduser()
            digest = await self._desk.client.upload(path.read_bytes())
            files = (*composer.content.attachments, f"{digest}:{path.name}")
            composer.change(replace(composer.content, attachments=files))

    async def do_recipients(self) -> None:
        composer = self.composer
        if composer is None or composer.conversation is None:
            return
        content, row = composer.content, composer.conversation
        to = ", ".join(person(a) for a in content.to) or person(
            Address(email=row.customer_address, name=row.customer_name)
        )
        ask = self._inbox.ask
        told = await ask("to", to, _judge_addresses)
        if told is None:
            return
        copied = await ask("cc", ", ".join(person(a) for a in content.cc), _judge_addresses)
        subject = await ask("subject", content.subject or f"Re: {row.subject}") if copied is not None else None
        if copied is None or subject is None:
            return
        composer.change(replace(content, to=addresses(told), cc=addresses(copied), subject=subject.strip()))


def addresses(text: str) -> tuple[Address, ...]:
    """What people type in a To line: `Name <a@b>, c@d`."""
    from email.utils import getaddresses

    return tuple(Address(email=email, name=name) for name, email in getaddresses([text]) if email)


def _judge_addresses(text: str) -> tuple[str, bool]:
    wrong = [address.email for address in addresses(text) if address.email.count("@") != 1]
    return (f"{wrong[0]} is no address", False) if wrong else ("", True)


def _judge_file(text: str) -> tuple[str, bool]:
    path = Path(text.strip()).expanduser() if text.strip() else None
    if path is None or not path.is_file():
        return "no such file yet", False
    size = path.stat().st_size
    return (f"{size:,} bytes", True) if size <= BIGGEST_FILE else ("over 25 MB: most mail servers refuse that", False)
