"""Conversations and their messages."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Protocol

from desk.clock import Millis
from desk.model import Channel, Conversation, Direction, Message, Priority, State, View


class Conversations(Protocol):
    def create(
        self,
        *,
        subject: str,
        channel: Channel,
        account: str,
        customer_id: int,
        at: Millis,
        queue_id: int | None = None,
        state: State = "open",
    ) -> int: ...

    def get(self, id: int) -> Conversation | None: ...
    def many(self, ids: Sequence[int]) -> list[Conversation]:
        """In the order asked for; unknown ids are left out."""
        ...

    def counts(self, *, agent_id: int | None = None) -> dict[View, int]: ...
    def of_customer(self, customer_id: int, limit: int = 50) -> list[Conversation]:
        """Newest first."""
        ...

    def ids_of_customer(self, customer_id: int) -> list[int]:
        """All, merged ones too, oldest first."""
        ...

    def last_rep(self, id: int) -> int | None:
        """Who of us wrote in it last."""
        ...

    def claim(self, id: int, agent_id: int, at: Millis) -> bool:
        """One conditional statement: True for the single winner, and for who has it already."""
        ...

    def claim_all(self, reps: Mapping[int, int]) -> set[int]:
        """One conditional statement for many: each goes to its rep, by conversation. Those that were nobody's, which
        is who got theirs."""
        ...

    def assign(self, id: int, agent_id: int | None, at: Millis) -> bool: ...
    def set_state(
        self, id: int, state: State, at: Millis, *, snoozed_until: Millis | None = None, rev: int | None = None
    ) -> bool:
        """False if there is none, or it has moved on from `rev`."""
        ...

    def set_subject(self, id: int, subject: str, at: Millis) -> bool:
        """What it is about turned out to be something else."""

    def set_priority(self, id: int, priority: Priority, at: Millis) -> bool: ...
    def set_queue(self, id: int, queue_id: int | None, at: Millis) -> bool: ...
    def set_due(
        self,
        id: int,
        due_at: Millis | None,
        *,
        calendar: str = "",
        promised: Millis | None = None,
        due_work: Millis | None = None,
    ) -> None:
        """Until when the earliest running promise is to be kept; None if none runs.

        `calendar`: whose working time counts, "" for all time. `promised`: how much of it was promised, some hours
        where nobody says; what is left is told as a share of that. `due_work`: the calendar's working time from 1970
        to `due_at`; it is `due_at` where all time counts."""
        ...

    def tag(self, id: int, tag_id: int, at: Millis) -> bool: ...
    def untag(self, id: int, tag_id: int, at: Millis) -> bool: ...
    def value_tags(self, names: Sequence[str]) -> bool:
        """Which tags make a conversation worth more than another that is as urgent, the most valued first. False if
        that was known."""
        ...

    def snoozed_before(self, at: Millis, limit: int = 500) -> list[int]:
        """Snoozed conversations whose time has come."""
        ...

    def participants(self, id: int) -> set[str]:
        """Folded addresses of everybody who took part: senders that were accepted, and whom we wrote to."""
        ...

    def addressed(self, id: int) -> set[str]:
        """Folded To and Cc addresses of every mail in it, whoever wrote them there."""
        ...

    def add_participants(self, id: int, addresses: Iterable[str]) -> None: ...
    def of_subjects(
        self, account: str, folded_subjects: Sequence[str], since: Millis, limit: int = 20
    ) -> list[tuple[str, int, Millis, Millis]]:
        """`(folded subject, id, created_at, last_at)` of conversations with such a `desk.text.fold_subject` and any
        activity since: of each subject the newest `limit`."""
        ...


class Messages(Protocol):
    def add(self, message: Message, *, raw_packed: bytes = b"", sha256: str = "") -> int:
        """Store a message, its attachments' rows, its raw bytes and its search document, and bring the
        conversation's row (snippet, counts, last_at, third_party, waiting_since, state) up to date.

        A customer's message reopens the conversation and starts `waiting_since`; ours ends it and makes the
        state `waiting`; notes, events and whatever has `kind == "auto"` (an acknowledgement, a vacation notice)
        leave both alone. Returns the id: ids are ordered by `at`, also among messages that arrive late, so
        the order of ids is the order of time.
        """
        ...

    def expect(self, instants: Sequence[Millis], conversations: Iterable[int] = ()) -> None:
        """Messages of these instants, and of these conversations, are about to be added in this transaction: what
        `add` has to know is learned at once."""
        ...

    def get(self, id: int) -> Message | None: ...
    def many(self, ids: Sequence[int]) -> list[Message]:
        """In the order asked for; unknown ids are left out."""
        ...

    def of_conversation(
        self, conversation_id: int, *, before: int | None = None, after: int | None = None, limit: int = 50
    ) -> list[Message]:
        """A window, oldest first: the newest `limit`, or those next to the given message id."""
        ...

    def raw(self, id: int) -> bytes | None:
        """The bytes as they came or went."""
        ...

    def set_raw(self, id: int, raw_packed: bytes, sha256: str, size: int) -> None: ...
    def by_sha256(self, sha256: str) -> int | None: ...
    def by_sha256s(self, sha256s: Sequence[str]) -> dict[str, int]:
        """The messages that hold exactly these bytes, by hash; unknown ones are left out."""
        ...

    def by_rfc_ids(self, rfc_ids: Sequence[str]) -> list[tuple[str, int, int]]:
        """`(rfc id, message id, conversation id)` of the messages that carry one of these Message-IDs."""
        ...

    def awaiting(self, rfc_ids: Sequence[str]) -> list[tuple[str, int, int]]:
        """`(rfc id, message id, conversation id)` of stored messages whose In-Reply-To or References name one of
        these ids, if it was not in the store when they were added: the children of a parent that arrives late.

        Forgotten once a message with that id is committed."""
        ...

    def directions(self, ids: Sequence[int]) -> dict[int, Direction]: ...
    def withdraw(self, id: int, at: Millis) -> bool:
        """Take a message that was never sent out of its conversation, with its search document, and bring the
        conversation's row up to date: `waiting_since` runs again, and `waiting` or `resolved` becomes `open`, if a
        customer's message is now unanswered. Its outbox item stays. False if there is none."""
        ...

    def move(self, ids: Sequence[int], conversation_id: int, *, rule: str, detail: str, at: Millis) -> None:
        """Put messages into another conversation and bring both rows up to date."""
        ...

    def count(self) -> int: ...
    def newest(self) -> int | None:
        """The id of the latest of all; None if there is none."""
        ...
