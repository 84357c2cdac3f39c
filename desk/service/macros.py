"""Macros: a named list of steps, previewed and then run, one transaction a conversation."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from msgspec.structs import replace

from desk.answers.model import MacroPreview, StepPreview
from desk.answers.template import unsettled
from desk.clock import Clock, Millis
from desk.model import Agent, Conversation, State
from desk.service import inbox, steps
from desk.service.errors import ServiceError
from desk.service.journal import Group, together
from desk.service.steps import Means
from desk.service.transferring import queue_named
from desk.steps import (
    Assign,
    Claim,
    Mark,
    Note,
    Reply,
    SetPriority,
    SetQueue,
    SetState,
    Snooze,
    Step,
    Tag,
    Transfer,
    render,
)
from desk.store.base import Store
from desk.times import parse_when


def run(
    store: Store,
    clock: Clock,
    agent: Agent,
    conversation_id: int,
    todo: Sequence[Step],
    means: Means,
    group: Group,
    *,
    seen_message_id: int | None = None,
) -> None:
    """Do all steps to a conversation or, if one is refused, none (ServiceError). `group`: what is undone together."""
    with together(group), store.write():
        for step in todo:
            seen = seen_message_id if isinstance(step, Reply) else None
            steps.run(store, clock, agent, conversation_id, step, means, seen_message_id=seen)


def preview(
    store: Store, clock: Clock, agent: Agent, conversation_id: int, todo: Sequence[Step], means: Means
) -> MacroPreview:
    """What the steps would do, one after the other. Raises NotFound."""
    (conversation,) = store.reads.marked([inbox.get(store, conversation_id)], agent.id)
    newest = store.messages.of_conversation(conversation_id, limit=1)
    foreseer = _Foreseer(store, clock, agent, conversation, means)
    foreseen = tuple(foreseer.step(step) for step in todo)
    return MacroPreview(
        conversation_id=conversation_id,
        subject=conversation.subject,
        customer_name=conversation.customer_name,
        steps=foreseen,
        seen_message_id=newest[-1].id if newest else None,
        ready=not any(each.problem or each.gaps for each in foreseen),
    )


class _Foreseer:
    """Says what steps would do to a conversation, each to what the ones before would leave."""

    def __init__(self, store: Store, clock: Clock, agent: Agent, conversation: Conversation, means: Means) -> None:
        self.store = store
        self.clock = clock
        self.agent = agent
        self.now = conversation
        self.means = means

    def step(self, step: Step) -> StepPreview:
        try:
            return self._foresee(step, render(step))
        except ServiceError as error:
            return StepPreview(step=render(step), effect="refused", problem=error.message)

    def _foresee(self, step: Step, said: str) -> StepPreview:
        match step:
            case SetState(state=state):
                return StepPreview(step=said, effect=self._state(state))
            case Snooze(when=when):
                return self._snooze(said, when)
            case Tag(add=add, remove=remove):
                return StepPreview(step=said, effect=self._tag(add, remove))
            case Assign(to=to):
                return StepPreview(step=said, effect=self._assign(steps.rep(self.store, self.agent, to)))
            case Claim():
                return self._claim(said)
            case SetPriority(priority=priority):
                effect = self._from_to("priority", self.now.priority, priority)
                self.now = replace(self.now, priority=priority)
                return StepPreview(step=said, effect=effect)
            case SetQueue(name=name):
                effect = self._from_to("queue", self.now.queue_name or "none", name or "none")
                self.now = replace(self.now, queue_name=name)
                return StepPreview(step=said, effect=effect)
            case Transfer(rep=login, queue=queue, note=note):
                return StepPreview(step=said, effect=self._transfer(login, queue), body=note)
            case Mark(read=read):
                effect = self._from_to("it", "unread" if self.now.unread else "read", "read" if read else "unread")
                self.now = replace(self.now, unread=not read)
                return StepPreview(step=said, effect=effect)
            case Note(text=text):
                return StepPreview(step=said, effect="a note", body=text)
            case Reply():
                return self._reply(said, step)

    def _from_to(self, what: str, before: str, after: str) -> str:
        return f"{what} stays {after}" if before == after else f"{what} {before} → {after}"

    def _transfer(self, login: str, queue: str) -> str:
        if login:
            return self._assign(steps.somebody(self.store, self.agent, login))
        name = queue_named(self.store, queue)
        effect = self._from_to("queue", self.now.queue_name or "none", name)
        self.now = replace(self.now, queue_name=name, assignee_id=None, assignee_name=None)
        return f"{effect}, nobody's"

    def _state(self, state: State, until: Millis | None = None) -> str:
        before = self.now.state
        self.now = replace(self.now, state=state, snoozed_until=until)
        return self._from_to("state", before, state)

    def _snooze(self, said: str, when: str) -> StepPreview:
        until = parse_when(when, self.clock.now(), self.means.zone)
        if until is None:
            return StepPreview(step=said, effect="refused", problem=f"{when!r} is in the past")
        self._state("snoozed", until)
        then = datetime.fromtimestamp(until / 1000, self.means.zone)
        return StepPreview(step=said, effect=f"snoozed until {then:%Y-%m-%d %H:%M}")

    def _tag(self, add: Sequence[str], remove: Sequence[str]) -> str:
        has = {name.casefold(): name for name in self.now.tags}
        new = [name for name in add if name.casefold() not in has]
        gone = [name for name in remove if name.casefold() in has]
        dropped = {name.casefold() for name in gone}
        self.now = replace(self.now, tags=(*(tag for tag in self.now.tags if tag.casefold() not in dropped), *new))
        return (
            " ".join(["tags", *(f"+{name}" for name in new), *(f"-{name}" for name in gone)])
            if new or gone
            else "tags stay"
        )

    def _assign(self, to: Agent | None) -> str:
        before = self.now.assignee_name or "nobody"
        self.now = replace(self.now, assignee_id=to.id if to else None, assignee_name=to.name if to else None)
        return self._from_to("assignee", before, to.name if to else "nobody")

    def _claim(self, said: str) -> StepPreview:
        if self.now.assignee_id not in (None, self.agent.id):
            return StepPreview(step=said, effect="refused", problem=f"{self.now.assignee_name} has it already")
        return StepPreview(step=said, effect=self._assign(self.agent))

    def _reply(self, said: str, step: Reply) -> StepPreview:
        new = self.means.write(self.store, self.clock, self.agent, self.now, step)
        account = self.means.sender(self.now.account)
        gaps = tuple(unsettled(new.body))
        if self.now.assignee_id is None:
            self._assign(self.agent)
        self._state("waiting")
        files = f", {len(new.attachments)} attached" if new.attachments else ""
        effect = f"a reply from {account.address} to {self.now.customer_address}{files}"
        return StepPreview(step=said, effect=effect, body=new.body, gaps=gaps)
