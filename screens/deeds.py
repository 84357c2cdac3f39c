"""What reps decide about a conversation: whose it is, how it stands, what it is called."""

from __future__ import annotations

from collections.abc import Awaitable
from typing import Protocol, get_args

from textual.app import App

from desk.client import Refused
from desk.model import Conversation, Message, Priority
from desk.times import parse_when
from screens.desk import Desk
from screens.prompt import Judge
from screens.times import full_stamp, stamp

PRIORITIES: tuple[Priority, ...] = get_args(Priority)


class Stage(Protocol):
    """The screen the deeds are done on."""

    desk: Desk

    def target(self) -> Conversation | None:
        """The conversation that is meant."""
        ...

    def target_message(self) -> Message | None: ...
    def applied(self, conversation: Conversation) -> None:
        """A conversation changed by the rep's own hand: show it at once."""
        ...

    async def ask(
        self, title: str, value: str = "", judge: Judge | None = None, *, placeholder: str = ""
    ) -> str | None: ...
    @property
    def app(self) -> App[object]: ...


class Deeds:
    """One method an action of the group `Decide`."""

    def __init__(self, stage: Stage) -> None:
        self._stage = stage
        self._desk = stage.desk

    async def do_claim(self) -> None:
        row = self._stage.target()
        if row is None:
            return
        try:
            await self._change(row, self._desk.client.claim(row.id), "it is yours")
        except Refused as error:
            if error.problem.code != "taken":
                raise
            who = error.problem.detail.get("agent", "somebody else")
            self._desk.say(f"{who} was first; it is theirs", "bad")

    async def do_assign(self) -> None:
        row = self._stage.target()
        if row is None:
            return
        logins = [agent.login for agent in await self._desk.client.agents()]
        known = ", ".join(logins)

        def judge(text: str) -> tuple[str, bool]:
            if not text.strip():
                return "nobody", True
            near = [login for login in logins if login.startswith(text.strip())]
            return (", ".join(near), text.strip() in logins) if near else (f"reps: {known}", False)

        answer = await self._stage.ask("give it to", "", judge, placeholder=known)
        if answer is not None:
            login = answer.strip() or None
            said = f"given to {login}" if login else "it is nobody's now"
            await self._change(row, self._desk.client.assign(row.id, login), said)

    async def do_resolve(self) -> None:
        row = self._stage.target()
        if row is None:
            return
        done = row.state in ("resolved", "spam")
        state, said = ("open", "open again") if done else ("resolved", "resolved")
        await self._change(row, self._desk.client.set_state(row.id, state), said)  # type: ignore[arg-type]

    async def do_spam(self) -> None:
        row = self._stage.target()
        if row is None:
            return
        state, said = ("open", "not spam; it is open") if row.state == "spam" else ("spam", "marked as spam")
        await self._change(row, self._desk.client.set_state(row.id, state), said)  # type: ignore[arg-type]

    async def do_snooze(self) -> None:
        row = self._stage.target()
        if row is None:
            return
        now = self._desk.clock.now()

        def judge(text: str) -> tuple[str, bool]:
            at = parse_when(text, now)
            if at is not None:
                return f"→ {full_stamp(at)}", True
            return "1h · 2d · tomorrow · monday · fri 14:00 · 2026-12-01 9:00", False

        answer = await self._stage.ask("snooze until", "", judge, placeholder="tomorrow")
        until = parse_when(answer, now) if answer else None
        if until is not None:
            deed = self._desk.client.set_state(row.id, "snoozed", until=until)
            await self._change(row, deed, f"snoozed until {stamp(until, now)}")

    async def do_tag(self) -> None:
        row = self._stage.target()
        if row is None:
            return
        names = [tag.name for tag in await self._desk.client.tags()]

        def judge(text: str) -> tuple[str, bool]:
            last = text.split()[-1].lstrip("-") if text.strip() and not text.endswith(" ") else ""
            near = [name for name in names if name.casefold().startswith(last.casefold())]
            return "words to add, -word to take off   " + " ".join(near[:8]), True

        answer = await self._stage.ask("tags", "", judge, placeholder=" ".join(row.tags))
        words = (answer or "").replace(",", " ").split()
        add = [word.lstrip("#") for word in words if not word.startswith("-")]
        remove = [word[1:] for word in words if word.startswith("-") and len(word) > 1]
        if add or remove:
            await self._change(row, self._desk.client.tag(row.id, add, remove), "tagged")

    async def do_priority(self) -> None:
        row = self._stage.target()
        if row is None:
            return

        def judge(text: str) -> tuple[str, bool]:
            near = [name for name in PRIORITIES if text.strip() and name.startswith(text.strip().lower())]
            return (near[0], True) if len(near) == 1 else (" · ".join(PRIORITIES), False)

        answer = await self._stage.ask("priority", "", judge, placeholder=row.priority)
        if answer is not None:
            priority = next(name for name in PRIORITIES if name.startswith(answer.strip().lower()))
            await self._change(row, self._desk.client.set_priority(row.id, priority), f"priority {priority}")

    async def do_split(self) -> None:
        message = self._stage.target_message()
        if message is None:
            return
        made = await self._desk.client.split(message.id)
        self._desk.say(f"taken out into a conversation of its own: {made.subject}", "good")

    async def do_customer_notes(self) -> None:
        row = self._stage.target()
        if row is None:
            return
        from screens.notes import CustomerNotes

        customer = await self._desk.client.customer(row.customer_id)
        self._stage.app.push_screen(CustomerNotes(self._desk, customer))

    async def _change(self, row: Conversation, deed: Awaitable[Conversation], said: str) -> None:
        changed = await deed
        self._stage.applied(changed)
        self._desk.say(said, "good")
