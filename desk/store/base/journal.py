"""What changed, what reps did, and the facts that taking it back sets."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Protocol

from desk.clock import Millis
from desk.model import Change, ChangeKind, Deed, State

Place = tuple[int, str, str]
"""Where a message lies: conversation, rule, rule's detail."""


class Changes(Protocol):
    def note(self, kind: ChangeKind, id: int, conversation_id: int | None = None) -> None:
        """For changes that no other method records (accounts, jobs)."""
        ...

    def since(self, seq: int, limit: int = 1000) -> list[Change]: ...
    def last(self) -> int: ...
    def whole_after(self, seq: int) -> bool:
        """Whether all that changed after it is known: it has happened, and nothing since was forgotten."""
        ...

    def forget(self, keep: int, limit: int = 5_000) -> int:
        """Drop the oldest beyond so many (one at least is kept), at most `limit` at once; returns how many."""
        ...

    def on_commit(self, callback: Callable[[int], None]) -> None:
        """Call back with the newest seq after each commit that changed something, in the writer's thread."""
        ...


class Deeds(Protocol):
    """The journal: what reps did, newest last, and which of it was taken back."""

    def add(self, deed: Deed, *, again: bool = False) -> int:
        """Keep a deed; a `group_id` of 0 makes it a group of its own. Unless it does something `again`, what the rep
        has undone before can no longer be redone."""
        ...

    def add_all(self, deeds: Sequence[Deed], *, again: bool = False) -> list[int]:
        """`add`, of many at once."""
        ...

    def newest(self, agent_id: int, since: Millis) -> int | None:
        """The group of the rep's newest deed that stands, unless that is older than `since`."""
        ...

    def of_group(self, group_id: int, agent_id: int, limit: int = 100) -> list[Deed]:
        """Those that stand, newest first."""
        ...

    def undone(self, agent_id: int, since: Millis) -> int | None:
        """The group of what the rep undid last, if that can be redone."""
        ...

    def undone_of_group(self, group_id: int, agent_id: int, limit: int = 100) -> list[Deed]:
        """Those that can be redone, oldest first."""
        ...

    def mark_undone(self, id: int, at: Millis) -> bool:
        """False if it was undone before."""
        ...

    def mark_redone(self, id: int) -> bool:
        """False if it stands, or was redone before."""
        ...

    def with_fact(self, subject: str, id: int, field: str) -> Deed | None:
        """The last deed that changed this fact, if it stands."""
        ...

    def about(self, subject: str, id: int, limit: int = 100) -> list[Deed]:
        """Deeds that changed anything of a subject, undone ones too, newest first."""
        ...

    def kinds(self, agent_id: int) -> dict[str, int]:
        """How many deeds of each kind are kept of a rep, undone ones too."""
        ...

    def changed_since(self, deed: Deed) -> dict[tuple[str, int, str], str]:
        """Of the facts of a deed, those that other reps' later deeds changed, and the name of who did last."""
        ...

    def touched_since(self, deed: Deed, subject: str, id: int) -> str | None:
        """Who else did anything to a subject after the deed."""
        ...

    def forget_before(self, at: Millis, limit: int = 50) -> int:
        """Drop the oldest deeds, at most `limit` at once; returns how many."""
        ...


class Placing(Protocol):
    """Where things belong, set as a whole: for merging, and for putting things back. The caller checks what stands."""

    def places(self, message_ids: Sequence[int]) -> dict[int, Place]: ...
    def places_in(self, conversation_id: int) -> dict[int, Place]:
        """Of every message, note and event of a conversation."""
        ...

    def place(self, places: Mapping[int, Place]) -> None:
        """Put messages where the mapping says; the caller lets both ends `recount`."""
        ...

    def recount(self, conversation_id: int) -> None:
        """Bring a row up to date from all its messages; the state stays."""
        ...

    def mails(self, conversation_id: int) -> int:
        """How many messages lie in it that came or went."""
        ...

    def senders(self, conversation_id: int) -> set[str]:
        """Folded addresses of whose mail lies in it, third parties aside: those who take part by what they wrote."""
        ...

    def erase(self, message_id: int) -> bool:
        """Take a note or an event away. False if it is neither."""
        ...

    def set_state(self, id: int, state: State, snoozed_until: Millis | None, merged_into: int | None) -> None: ...
    def set_waiting(self, id: int, since: Millis | None) -> None: ...
    def set_customer(self, id: int, customer_id: int, name: str, address: str) -> None: ...
    def remove_participants(self, id: int, addresses: Iterable[str]) -> None: ...
    def target(self, id: int) -> int:
        """The conversation that one went into, through any number of merges; itself if it was never merged."""
        ...
