"""What reps decide about a conversation: whose it is, how it stands, what it is called."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Protocol

from textual.app import App

from desk.client import Refused
from desk.commandline import PRIORITIES, words
from desk.model import Conversation, Message, Priority, State
from desk.times import parse_when
from screens.desk import Desk
from screens.prompt import Judge
from screens.targets import Targets
from screens.times import full_stamp, stamp

One = Callable[[Conversation], Awaitable[Conversation | None]]
"""A deed on one conversation; None if it came to nothing, and that was told."""


class Stage(Protocol):
    """The screen the deeds are done on."""

    desk: Desk

    def target(self) -> Conversation | None:
        """The conversation that is meant."""
        ...

    def targets(self, count: int | None = None) -> Targets:
        """The conversations that are meant: those selected, or else the target, or so many from it on."""
        ...

    async def carry_out(
        self, targets: Targets, step: str, one: One, told: str, told_of_many: str = "", *, leaves: bool = False
    ) -> None:
        """Do it to one conversation by `one`, to several by the step, as one deed to undo; tell how it went."""
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
    """One method an action of the group `Decide`. Each does what it is told, and asks if it is told nothing."""

    def __init__(self, stage: Stage) -> None:
        self._stage = stage
        self._desk = stage.desk

    async def do_claim(self, count: int | None = None) -> None:
        async def claim(row: Conversation) -> Conversation | None:
            try:
                return await self._desk.client.claim(row.id)
            except Refused as error:
                if error.problem.code != "taken":
                    raise
                self._desk.say(f"{error.problem.detail.get('agent', 'somebody else')} was first; it is theirs", "bad")
                return None

        await self._stage.carry_out(self._stage.targets(count), "claim", claim, "it is yours", "they are yours")

    async def do_assign(self, argument: str | None = None, count: int | None = None) -> None:
        rows = self._stage.targets(count)
        if not rows:
            return
        if argument is None:
            argument = await self._whom(rows)
        if argument is None:
            return
        me = self._desk.me
        login = {"": None, "nobody": None, "me": me.login if me else None}.get(argument, argument)
        told = f"given to {login}" if login else "nobody's now"
        assign = self._desk.client.assign
        await self._stage.carry_out(rows, f"assign {login or 'nobody'}", lambda row: assign(row.id, login), told)
        self._desk.remember("assign", login or "nobody")

    async def _whom(self, rows: Targets) -> str | None:
        logins = [agent.login for agent in await self._desk.client.agents()]
        known = ", ".join(logins)

        def judge(text: str) -> tuple[str, bool]:
            if not text.strip():
                return "nobody", True
            near = [login for login in (*logins, "me", "nobody") if login.startswith(text.strip())]
            return (", ".join(near), text.strip() in near) if near else (f"reps: {known}", False)

        answer = await self._stage.ask(
            _asked("give", rows, "to") if len(rows) > 1 else "give it to", "", judge, placeholder=known
        )
        return None if answer is None else answer.strip()

    async def do_resolve(self, argument: str | None = None, count: int | None = None) -> None:
        rows = self._stage.targets(count)
        done = rows.first is not None and rows.first.state in ("resolved", "spam")
        on = not done if argument is None else argument == "on"
        await self._state(rows, "resolved" if on else "open", "resolved" if on else "open again")
        self._desk.remember("resolve", "on" if on else "off")

    async def do_spam(self, argument: str | None = None, count: int | None = None) -> None:
        rows = self._stage.targets(count)
        on = not (rows.first is not None and rows.first.state == "spam") if argument is None else argument == "on"
        await self._state(rows, "spam" if on else "open", "marked as spam" if on else "not spam; open")
        self._desk.remember("spam", "on" if on else "off")

    async def _state(self, rows: Targets, state: State, told: str) -> None:
        step = {"resolved": "resolve", "open": "reopen"}.get(state, state)
        await self._stage.carry_out(
            rows, step, lambda row: self._desk.client.set_state(row.id, state), told, leaves=state != "open"
        )

    async def do_snooze(self, argument: str | None = None, count: int | None = None) -> None:
        rows = self._stage.targets(count)
        if not rows:
            return
        now = self._desk.clock.now()

        def judge(text: str) -> tuple[str, bool]:
            at = parse_when(text, now)
            if at is not None:
                return f"→ {full_stamp(at)}", True
            return "1h · 2d · tomorrow · monday · fri 14:00 · 2026-12-01 9:00", False

        if argument is None:
            argument = await self._stage.ask(_asked("snooze", rows, "until"), "", judge, placeholder="tomorrow")
        until = parse_when(argument, now) if argument else None
        if until is None:
            if argument:
                self._desk.say(f"{argument} is no time to come; write {judge('')[0]}", "bad")
            return
        snooze = self._desk.client.set_state
        told = f"snoozed until {stamp(until, now)}"
        await self._stage.carry_out(
            rows, f"snooze {argument}", lambda row: snooze(row.id, "snoozed", until=until), told, leaves=True
        )
        self._desk.remember("snooze", argument)

    async def do_tag(self, argument: str | None = None, count: int | None = None) -> None:
        rows = self._stage.targets(count)
        if not rows:
            return
        if argument is None:
            argument = await self._which_tags(rows)
        named = [word.text for word in words((argument or "").replace(",", " "))]
        add = [name.lstrip("+#") for name in named if not name.startswith("-") and name.lstrip("+#")]
        remove = [name[1:].lstrip("#") for name in named if name.startswith("-") and len(name) > 1]
        if add or remove:
            step = " ".join(["tag", *(f"+{name}" for name in add), *(f"-{name}" for name in remove)])
            tag = self._desk.client.tag
            await self._stage.carry_out(rows, step, lambda row: tag(row.id, add, remove), "tagged")
            self._desk.remember("tag", argument)

    async def _which_tags(self, rows: Targets) -> str | None:
        names = [tag.name for tag in await self._desk.client.tags()]

        def judge(text: str) -> tuple[str, bool]:
            last = text.split()[-1].lstrip("-+#") if text.strip() and not text.endswith(" ") else ""
            near = [name for name in names if name.casefold().startswith(last.casefold())]
            closed = text.count('"') % 2 == 0
            return "words to add, -word to take off   " + " ".join(near[:8]), closed

        here = " ".join(rows.one.tags) if rows.one is not None else ""
        return await self._stage.ask(_asked("tags", rows), "", judge, placeholder=here)

    async def do_priority(self, argument: str | None = None, count: int | None = None) -> None:
        rows = self._stage.targets(count)
        if not rows:
            return

        def judge(text: str) -> tuple[str, bool]:
            near = _priorities(text)
            return (near[0], True) if len(near) == 1 else (" · ".join(PRIORITIES), False)

        if argument is None:
            here = rows.first.priority if rows.first is not None else ""
            argument = await self._stage.ask(_asked("priority", rows), "", judge, placeholder=here)
        if argument is None:
            return
        priority = _priorities(argument)[0]
        prefer = self._desk.client.set_priority
        said = f"priority {priority}"
        await self._stage.carry_out(rows, said, lambda row: prefer(row.id, priority), said)
        self._desk.remember("priority", priority)


def _asked(what: str, rows: Targets, rest: str = "") -> str:
    """The question, with how many conversations it is about if there are several."""
    return " ".join(part for part in (what, f"{len(rows):,} conversations" if len(rows) > 1 else "", rest) if part)


def _priorities(text: str) -> list[Priority]:
    return [name for name in PRIORITIES if text.strip() and name.startswith(text.strip().lower())]
