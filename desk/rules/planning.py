"""What steps make of a conversation when nobody takes them: first as a plan, which says it, then done (elsewhere)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, tzinfo

from msgspec import Struct
from msgspec.structs import replace

from desk.clock import Millis
from desk.model import Agent, Conversation
from desk.steps import Assign, Note, SetPriority, SetQueue, SetState, Snooze, Step, Tag
from desk.times import parse_when


class Plan(Struct, frozen=True, kw_only=True):
    """A conversation as it is and as it is to be. Queues, tags and reps are told by their names, whatever the ids."""

    before: Conversation
    after: Conversation
    notes: tuple[str, ...] = ()
    problems: tuple[str, ...] = ()
    """What could not be planned, in words; the rest holds."""

    @property
    def words(self) -> str:
        """What it changes: `queue none → Returns, tags +refund`; empty if all is so already."""
        notes = [f"{len(self.notes)} notes" if len(self.notes) > 1 else "a note"] if self.notes else []
        return ", ".join([*difference(self.before, self.after), *notes])


def unfit(step: Step) -> str:
    """Why a step is none for a rule, and what is instead; '' if it is one."""
    match step:
        case Assign(to=to) if to.casefold() == "me":
            return "nobody is me here; write assign LOGIN"
        case SetQueue() | Tag() | SetPriority() | SetState() | Snooze() | Note() | Assign():
            return ""
        case _:
            return "this needs a rep who does it; there are queue, assign, tag, priority, note, snooze, resolve, spam"


def plan(
    conversation: Conversation, todo: Sequence[Step], reps: Mapping[str, Agent], now: Millis, zone: tzinfo | None = None
) -> Plan:
    """What the steps come to, one after the other. `reps`: by folded login."""
    after, notes, problems = conversation, [], []
    for step in todo:
        match step:
            case SetQueue(name=name):
                after = replace(after, queue_name=name)
            case Tag(add=add, remove=remove):
                after = replace(after, tags=_tags(after.tags, add, remove))
            case SetPriority(priority=priority):
                after = replace(after, priority=priority)
            case SetState(state=state):
                after = replace(after, state=state, snoozed_until=None)
            case Snooze(when=when):
                until = parse_when(when, now, zone)
                if until is None:
                    problems.append(f"{when!r} is in the past")
                else:
                    after = replace(after, state="snoozed", snoozed_until=until)
            case Assign(to=to):
                rep = reps.get(to.casefold())
                if rep is None and to.casefold() != "nobody":
                    problems.append(f"there is no rep {to}")
                else:
                    after = replace(after, assignee_id=rep and rep.id, assignee_name=rep and rep.name)
            case Note(text=text):
                notes.append(text)
    return Plan(before=conversation, after=after, notes=tuple(notes), problems=tuple(problems))


def difference(before: Conversation, after: Conversation) -> list[str]:
    """What differs, in words."""
    said = []
    for what, was, now in (
        ("queue", before.queue_name or "none", after.queue_name or "none"),
        ("assignee", before.assignee_name or "nobody", after.assignee_name or "nobody"),
        ("priority", before.priority, after.priority),
        ("state", _state(before), _state(after)),
    ):
        if was.casefold() != now.casefold():
            said.append(f"{what} {was} → {now}")
    added, gone = changed_tags(before, after)
    if added or gone:
        said.append(" ".join(["tags", *(f"+{name}" for name in added), *(f"-{name}" for name in gone)]))
    return said


def changed_tags(before: Conversation, after: Conversation) -> tuple[list[str], list[str]]:
    """Those put on, and those taken off."""
    had, has = ({name.casefold() for name in each.tags} for each in (before, after))
    return (
        [name for name in after.tags if name.casefold() not in had],
        [name for name in before.tags if name.casefold() not in has],
    )


def _tags(tags: tuple[str, ...], add: Sequence[str], remove: Sequence[str]) -> tuple[str, ...]:
    dropped, has = {name.casefold() for name in remove}, {name.casefold() for name in tags}
    kept = [name for name in tags if name.casefold() not in dropped]
    return (*kept, *(name for name in add if name.casefold() not in has | dropped))


def _state(conversation: Conversation) -> str:
    if conversation.state != "snoozed" or conversation.snoozed_until is None:
        return conversation.state
    return f"snoozed until {datetime.fromtimestamp(conversation.snoozed_until / 1000, UTC):%Y-%m-%d %H:%M} UTC"
