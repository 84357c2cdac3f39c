"""What supervisors do in a colleague's conversation: whisper, and take it over. Listening in leaves no trace here.

A whisper is a note, so it has no line in a chat, and nothing else is ever shown to a visitor (`desk.service.chats`).
"""

from __future__ import annotations

from desk.clock import Clock
from desk.model import Agent, Conversation, Message
from desk.service import inbox, journal, permitting
from desk.service.errors import Invalid
from desk.store.base import Store


def whisper(store: Store, clock: Clock, agent: Agent, id: int, body: str) -> Message:
    """Write something for the rep whose conversation it is, who is told at once. Raises `Forbidden`, `Invalid`."""
    permitting.require(agent, "supervise")
    text = inbox.worded(body)
    with store.write():
        row = inbox.standing(store, id)
        if row.assignee_id in (None, agent.id):
            whose = "nobody's" if row.assignee_id is None else "your own"
            raise Invalid("nobody-to-hear", f"#{id} is {whose}, so there is nobody to whisper to; write a note")
        message_id = inbox.noted(store, clock, agent, row, text, "whisper")
        store.reads.mention(row.assignee_id or 0, id, message_id)
        label = f"whisper to {row.assignee_name} in #{id}"
        journal.record(store, clock, agent, "note", label, journal.event(store, message_id))
    written = store.messages.get(message_id)
    assert written is not None
    return written


def heard(store: Store, agent: Agent) -> list[Message]:
    """What was whispered to a rep in conversations that they have not looked at since, the newest first."""
    found = (store.messages.get(id) for id in store.reads.whispers(agent.id))
    return [message for message in found if message is not None]


def take_over(store: Store, clock: Clock, agent: Agent, id: int) -> Conversation:
    """Make it the supervisor's, whoever has it, and tell them; again is fine. Raises `Forbidden`."""
    permitting.require(agent, "supervise")
    with store.write():
        before = inbox.standing(store, id)
        if before.assignee_id == agent.id:
            return before
        store.conversations.assign(id, agent.id, clock.now())
        words = f"taken over by {agent.name}" + (f" from {before.assignee_name}" if before.assignee_name else "")
        said = inbox.event(store, id, words, clock.now(), agent)
        if before.assignee_id is not None:
            store.reads.mention(before.assignee_id, id, said)
        after = inbox.get(store, id)
        deltas = [*journal.conversation(before, after), *journal.event(store, said)]
        journal.record(store, clock, agent, "assign", f"#{id} {words}", deltas)
    return after
