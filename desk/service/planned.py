"""What Desk decides by itself, done: a plan put into the store, told in the conversation in one line, kept as a deed.

Rules, automations and the classification act through here, so that each is explained and taken back alike.
"""

from __future__ import annotations

from desk.clock import Clock, Millis
from desk.model import Agent, Conversation, Decision, Deed, Delta, Message, Undone
from desk.rules.planning import Plan, changed_tags
from desk.service import inbox, journal, promises, reading
from desk.service.errors import Lost
from desk.service.settling import settle
from desk.service.taking_back import Back
from desk.store.base import Store
from desk.text import line

DESK = Agent(id=0, login="", name="Desk")
"""Who does it: nobody. Its deeds are no rep's, so that no rep's undo reaches them by accident."""
_KIND = "by-itself:"
_BECAUSE = "; because "


def carry_out(store: Store, clock: Clock, plan: Plan, *, who: str, because: str) -> bool:
    """Do what is planned, inside the caller's transaction; False if there is nothing to do.

    `who`: such as `rule refunds`; `because`: what made it act, in words.
    """
    words = plan.words
    if not words and not plan.problems:
        return False
    now, id = clock.now(), plan.before.id
    _put(store, plan, now)
    said = [_note(store, plan.before, text, who, now) for text in plan.notes]
    problems = "".join(f"; {problem}" for problem in plan.problems)
    told = line(f"{who}: {words or 'nothing done'}{problems}{_BECAUSE}{because}")
    said.append(inbox.event(store, id, told, now))
    settled = settle(store, id)
    promises.refresh(store, [id])
    changed = journal.conversation(plan.before, inbox.get(store, id))
    texts: list[Delta] = [delta for each in said for delta in journal.event(store, each)]
    journal.record(store, clock, DESK, _KIND + who, told, [*changed, *settled, *texts])
    return True


def _put(store: Store, plan: Plan, now: Millis) -> None:
    """Write what differs."""
    before, after, id = plan.before, plan.after, plan.before.id
    if after.queue_name != before.queue_name:
        store.conversations.set_queue(id, store.queues.ensure(after.queue_name) if after.queue_name else None, now)
    if after.assignee_id != before.assignee_id:
        store.conversations.assign(id, after.assignee_id, now)
    if after.priority != before.priority:
        store.conversations.set_priority(id, after.priority, now)
    added, gone = changed_tags(before, after)
    for name in added:
        store.conversations.tag(id, store.tags.ensure(name), now)
    for name in gone:
        store.conversations.untag(id, store.tags.ensure(name), now)
    if (after.state, after.snoozed_until) != (before.state, before.snoozed_until):
        store.conversations.set_state(id, after.state, now, snoozed_until=after.snoozed_until)


def _note(store: Store, conversation: Conversation, text: str, who: str, now: Millis) -> int:
    id = store.messages.add(
        Message(
            conversation_id=conversation.id,
            channel=conversation.channel,
            account=conversation.account,
            direction="note",
            agent_name=who,
            body=text,
            at=now,
        )
    )
    reading.name_in_note(store, DESK, conversation.id, id, text)
    return id


# --- why, and back ----------------------------------------------------------------------------------------


def decisions(store: Store, conversation_id: int) -> list[Decision]:
    """What Desk did by itself to a conversation in the last seven days, newest first; older: its lines there."""
    inbox.get(store, conversation_id)
    return [_decision(deed) for deed in _deeds(store, conversation_id)]


def take_back(store: Store, clock: Clock, agent: Agent, conversation_id: int, name: str = "") -> Undone:
    """Take the newest decision back, or the newest of that name; it is not made again in this conversation.

    What somebody changed since stays. Raises Lost('nothing-to-undo').
    """
    with store.write():
        standing = [deed for deed in _deeds(store, conversation_id) if deed.undone_at is None]
        deed = next((each for each in standing if name in ("", who_of(each))), None)
        if deed is None:
            raise Lost("nothing-to-undo", f"nothing that {name or 'Desk'} did in #{conversation_id} still stands")
        undone = Back(store, clock, agent, deed, as_draft=False).run()
        store.routing.note(f"not {who_of(deed)}", conversation_id, clock.now())
    return undone


def forbidden(store: Store, who: str, conversation_id: int) -> bool:
    """Whether a rep has taken back there what it did."""
    return bool(store.routing.acted(f"not {who}", [conversation_id]))


def who_of(deed: Deed) -> str:
    """Such as `rule refunds`."""
    return deed.kind.removeprefix(_KIND)


def counted(store: Store) -> dict[str, int]:
    """How often each has acted in the last seven days."""
    return {kind.removeprefix(_KIND): number for kind, number in store.deeds.kinds(DESK.id).items()}


def _deeds(store: Store, conversation_id: int) -> list[Deed]:
    return [each for each in store.deeds.about("conversation", conversation_id) if each.kind.startswith(_KIND)]


def _decision(deed: Deed) -> Decision:
    words = deed.label.removeprefix(f"{who_of(deed)}: ")
    return Decision(deed_id=deed.id, name=who_of(deed), at=deed.at, words=words, undone_at=deed.undone_at)
