"""What reps decide about a conversation: whose it is, how it stands, what it is called."""

from __future__ import annotations

from desk.client import Refused
from desk.model import Conversation, Priority, State
from desk.steps import (
    PRIORITIES,
    Assign,
    Claim,
    SetPriority,
    SetQueue,
    SetState,
    Snooze,
    StepError,
    Transfer,
    parse,
    tags,
)
from desk.times import parse_when
from screens.reader import ReaderScreen
from screens.tagging import tag_judge
from screens.targets import Targets
from screens.times import full_stamp, stamp


class Deeds:
    """One method an action of the group `Decide`. Each does what it is told, and asks if it is told nothing."""

    def __init__(self, stage: ReaderScreen) -> None:
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

        await self._stage.carry_out(self._stage.targets(count), Claim(), claim, "it is yours", "they are yours")

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
        await self._stage.carry_out(rows, Assign(login or "nobody"), lambda row: assign(row.id, login), told)
        self._desk.remember("assign", login or "nobody")

    async def _whom(self, rows: Targets) -> str | None:
        from screens.whom import pick_rep

        title = _asked("Give", rows, "to") if len(rows) > 1 else "Give it to"
        return await pick_rep(self._stage.app, self._desk, title, rows.rows)

    async def do_transfer(self, argument: str | None = None, count: int | None = None) -> None:
        rows = self._stage.targets(count)
        if not rows:
            return
        try:
            step = parse(f"transfer {argument}") if argument is not None else await self._over_to(rows)
        except StepError as error:
            self._desk.say(str(error), "bad")
            return
        if not isinstance(step, Transfer):
            return
        given = self._desk.client.transfer

        async def hand_over(row: Conversation) -> Conversation:
            return await given(row.id, agent=step.rep or None, queue=step.queue or None, note=step.note)

        told = f"transferred to {step.rep or f'the queue {step.queue}'}"
        await self._stage.carry_out(rows, step, hand_over, told)

    async def _over_to(self, rows: Targets) -> Transfer | None:
        from screens.whom import pick_rep_or_queue

        title = _asked("Transfer", rows, "to") if len(rows) > 1 else "Transfer it to"
        picked = await pick_rep_or_queue(self._stage.app, self._desk, title, rows.rows)
        if picked is None:
            return None
        note = await self._stage.ask(f"note for {picked.text}", "", placeholder="why, for reps only")
        if note is None:
            return None
        return Transfer(queue=picked.text, note=note) if picked.queue else Transfer(rep=picked.text, note=note)

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
        await self._stage.carry_out(
            rows, SetState(state), lambda row: self._desk.client.set_state(row.id, state), told, leaves=state != "open"
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
        if not argument:
            return
        until = parse_when(argument, now)
        if until is None:
            self._desk.say(f"{argument} is no time to come; write {judge('')[0]}", "bad")
            return
        snooze = self._desk.client.set_state
        told = f"snoozed until {stamp(until, now)}"
        await self._stage.carry_out(
            rows, Snooze(argument), lambda row: snooze(row.id, "snoozed", until=until), told, leaves=True
        )
        self._desk.remember("snooze", argument)

    async def do_tag(self, argument: str | None = None, count: int | None = None) -> None:
        rows = self._stage.targets(count)
        if not rows:
            return
        if argument is None:
            argument = await self._which_tags(rows)
        if not argument:
            return
        try:
            step = tags(argument)
        except StepError as error:
            self._desk.say(str(error), "bad")
            return
        tag = self._desk.client.tag
        await self._stage.carry_out(rows, step, lambda row: tag(row.id, step.add, step.remove), "tagged")
        self._desk.remember("tag", argument)

    async def _which_tags(self, rows: Targets) -> str | None:
        here = " ".join(rows.one.tags) if rows.one is not None else ""
        judge = tag_judge(await self._desk.client.tags())
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
        await self._stage.carry_out(rows, SetPriority(priority), lambda row: prefer(row.id, priority), said)
        self._desk.remember("priority", priority)

    async def do_queue(self, argument: str | None = None, count: int | None = None) -> None:
        rows = self._stage.targets(count)
        if not rows:
            return
        if argument is None:
            argument = await self._which_queue(rows)
        if not argument:
            return
        name = None if argument == "none" else argument
        place = self._desk.client.set_queue
        told = f"in the queue {name}" if name else "in no queue"
        await self._stage.carry_out(rows, SetQueue(name), lambda row: place(row.id, name), told)
        self._desk.remember("queue", argument)

    async def _which_queue(self, rows: Targets) -> str | None:
        names = [*(queue.name for queue in await self._desk.client.queues()), "none"]

        def near(text: str) -> list[str]:
            whole = [name for name in names if name.casefold() == text.strip().casefold()]
            return whole or [name for name in names if name.casefold().startswith(text.strip().casefold())]

        def judge(text: str) -> tuple[str, bool]:
            found = near(text)
            return (" · ".join(found), len(found) == 1) if found else (f"queues: {' · '.join(names)}", False)

        here = (rows.first.queue_name or "none") if rows.first is not None else ""
        answer = await self._stage.ask(_asked("queue", rows), "", judge, placeholder=here)
        return near(answer)[0] if answer is not None else None


def _asked(what: str, rows: Targets, rest: str = "") -> str:
    """The question, with how many conversations it is about if there are several."""
    return " ".join(part for part in (what, f"{len(rows):,} conversations" if len(rows) > 1 else "", rest) if part)


def _priorities(text: str) -> list[Priority]:
    return [name for name in PRIORITIES if text.strip() and name.startswith(text.strip().lower())]
