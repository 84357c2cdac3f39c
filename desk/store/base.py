"""The store as the service sees it: one small protocol a capability, one `Store` that holds them.

All methods are synchronous and run in a worker thread. Reads may run in any thread and see the last
commit. Writes happen inside `with store.write():`, one writer at a time; leaving the block commits, an
exception rolls back. Every write leaves rows in `changes` by itself: one per thing and transaction.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from contextlib import AbstractContextManager
from pathlib import Path
from typing import Protocol

from msgspec import Struct

from desk.answers.model import AnswerUse
from desk.clock import Millis
from desk.model import (
    Agent,
    Change,
    ChangeKind,
    Channel,
    Conversation,
    Customer,
    Deed,
    Direction,
    Draft,
    FilingState,
    Identity,
    IdentityKind,
    LedgerEntry,
    LedgerOutcome,
    Message,
    OutboxItem,
    OutboxState,
    Page,
    Priority,
    Queue,
    SearchPage,
    State,
    Tag,
    View,
)
from desk.query import EVERYTHING, Query


class StoreError(Exception):
    """Something the store cannot do; the message says what, where and what to do."""


class NewerSchema(StoreError):
    """The database was written by a newer Desk."""


class Agents(Protocol):
    def ensure(self, login: str, name: str = "") -> Agent:
        """The agent of that login, made if there is none."""
        ...

    def get(self, id: int) -> Agent | None: ...
    def all(self) -> list[Agent]: ...


class Names(Protocol):
    """Tags or queues: a small set of unique names (compared without case)."""

    def ensure(self, name: str) -> int: ...
    def all(self) -> list[Tag] | list[Queue]: ...


class Customers(Protocol):
    def find(self, kind: IdentityKind, value: str) -> int | None:
        """The id of the customer with that identity; `value` is compared as `desk.text.fold_address` writes it."""
        ...

    def expect(self, kind: IdentityKind, values: Iterable[str]) -> None:
        """`find` is about to be asked for these in this transaction: it is learned at once who they are."""
        ...

    def create(self, name: str, identities: Sequence[Identity], at: Millis) -> int: ...
    def add_identity(self, customer_id: int, identity: Identity) -> bool:
        """False if another customer has it already."""
        ...

    def get(self, id: int) -> Customer | None: ...
    def update(
        self,
        id: int,
        *,
        rev: int,
        name: str | None = None,
        notes: str | None = None,
        tags: Sequence[str] | None = None,
        attributes: Mapping[str, str] | None = None,
        zone: str | None = None,
        language: str | None = None,
        address: str | None = None,
        first_seen_at: Millis | None = None,
    ) -> bool:
        """Set what is not None. False if the customer has moved on from `rev`."""
        ...

    def remove_identity(self, customer_id: int, identity: Identity) -> bool:
        """False if the customer does not have it. Another of theirs becomes the address we write to."""
        ...

    def set_merged(self, id: int, into: int | None) -> None:
        """They are another customer now, who has their identities; themself: they were made by mistake."""
        ...

    def search(self, text: str, limit: int = 20) -> list[Customer]:
        """Customers whose name and identities hold all the words, anywhere; newest first. Neither case nor accents
        count. A millisecond or two among 100,000: it completes what is being typed."""
        ...

    def sharing(self, keys: Iterable[str], limit: int = 5_000) -> list[int]:
        """Customers with any of these keys of `desk.likeness`, those with most of them first."""
        ...

    def names(self, ids: Sequence[int]) -> dict[int, tuple[str, str]]:
        """Name and address by id."""
        ...


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

    def page(self, view: View, *, agent_id: int | None = None, offset: int = 0, limit: int = 100) -> Page[Conversation]:
        """The view in its order: running promises first, earliest first, then newest activity first."""
        ...

    def position(self, view: View, conversation_id: int, *, agent_id: int | None = None) -> int | None:
        """The offset of a conversation in a view, None if it is not in it."""
        ...

    def counts(self, *, agent_id: int | None = None) -> dict[View, int]: ...
    def of_customer(self, customer_id: int, limit: int = 50) -> list[Conversation]:
        """Newest first."""
        ...

    def ids_of_customer(self, customer_id: int) -> list[int]:
        """All, merged ones too, oldest first."""
        ...

    def claim(self, id: int, agent_id: int, at: Millis) -> bool:
        """One conditional statement: True for the single winner, and for who has it already."""
        ...

    def assign(self, id: int, agent_id: int | None, at: Millis) -> bool: ...
    def set_state(
        self, id: int, state: State, at: Millis, *, snoozed_until: Millis | None = None, rev: int | None = None
    ) -> bool:
        """False if there is none, or it has moved on from `rev`."""
        ...

    def set_priority(self, id: int, priority: Priority, at: Millis) -> bool: ...
    def set_queue(self, id: int, queue_id: int | None, at: Millis) -> bool: ...
    def set_due(self, id: int, due_at: Millis | None) -> None: ...
    def tag(self, id: int, tag_id: int, at: Millis) -> bool: ...
    def untag(self, id: int, tag_id: int, at: Millis) -> bool: ...
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

    def expect(self, instants: Sequence[Millis]) -> None:
        """Messages of these instants are about to be added in this transaction: what `add` has to know is learned
        at once."""
        ...

    def get(self, id: int) -> Message | None: ...
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


class Search(Protocol):
    def find(self, query: str, *, before: int | None = None, limit: int = 50) -> SearchPage:
        """Conversations with a message that matches, newest first.

        Words all have to occur; `"a phrase"` in order, `pre*` as a prefix, `-word` not at all. Anything else in
        the text is data, never syntax. Case and diacritics do not count; scripts without word breaks match
        anywhere.
        """
        ...

    def matching(
        self, query: Query, *, agent_id: int | None = None, before: int | None = None, limit: int = 50
    ) -> SearchPage:
        """`find` in the whole language: a message matches by its words, and by the fields of its conversation."""
        ...


class Selection(Struct, frozen=True, kw_only=True):
    """A list of conversations: those of a view that match a query.

    `view`: one of `BUILT_IN_VIEWS` but `quarantined`; `queue:NAME` or `channel:NAME`, the open ones of those;
    or `anything`, all but spam.
    """

    view: str
    query: Query = EVERYTHING
    agent_id: int | None = None
    """Who asks: whose `mine`, `is:unread` and so on are meant."""


class Views(Protocol):
    """Lists of conversations, filtered.

    A word matches a conversation if it occurs anywhere in its subject, customer's name or address, or tags, or if a
    mail or note of it has it as a whole word, provided it has three letters at least; a phrase likewise. A prefix
    begins a word of the mail. Case and accents do not count. Fields are those of `desk.query.fields`; what is unknown,
    such as a tag that nothing has, matches nothing.
    """

    def page(self, selection: Selection, *, offset: int = 0, limit: int = 100) -> Page[Conversation]:
        """A window in the order of the view: as the inbox; of `sent`, the newest first.

        Fast rather than complete: with a query counting may stop beyond the window, and of mails with a common word
        only the newest are looked at; then `exact` is False.
        """
        ...

    def position(self, selection: Selection, conversation_id: int) -> int | None:
        """The offset of a conversation, None if it is not among them."""
        ...

    def count(self, selection: Selection, at_most: int = 1_000) -> tuple[int, bool]:
        """How many there are, and whether that is all: it stops beyond `at_most`, and after 50 ms."""
        ...

    def ids(self, selection: Selection, limit: int = 100_000) -> list[int]:
        """All of them in order, none left out: for acting on them. May take as long as it takes."""
        ...

    def counts(self, agent_id: int | None = None) -> dict[str, int]:
        """Of every view but the saved ones: built-in ones by name, `queue:NAME` and `channel:NAME` where there are
        any open ones. `quarantined` counts the ledger's entries, `mentions` conversations."""
        ...


class Reads(Protocol):
    """Who has read what, and who was named in a note.

    A conversation is unread to a rep if the customer's newest message came after they last read it; or, if they never
    did, since they are a rep, by an hour's tolerance. What was there before is not new to them; nor is what is resolved
    or spam.
    """

    def read(self, agent_id: int, conversation_id: int, message_id: int | None = None) -> bool:
        """Up to that message, or all of it. False if there was nothing to read, or something newer has come.

        Mentions up to that message are seen then."""
        ...

    def unread(self, agent_id: int, conversation_id: int) -> bool:
        """Make it unread again. False if it was, or there is none."""
        ...

    def seen(self, agent_id: int, conversation_id: int) -> int | None:
        """The newest message that was there when the rep read it last; None if that is not known."""
        ...

    def mention(self, agent_id: int, conversation_id: int, message_id: int) -> None:
        """A note names a rep."""
        ...

    def marked(self, rows: Sequence[Conversation], agent_id: int | None) -> list[Conversation]:
        """The same with `unread` and `mentioned` as they are for that rep."""
        ...

    def counts(self, agent_id: int) -> tuple[int, int]:
        """How many open ones of theirs are unread, and in how many they were mentioned and did not see it yet."""
        ...


class Outbox(Protocol):
    def add(self, item: OutboxItem) -> int: ...
    def get(self, id: int) -> OutboxItem | None: ...
    def of_message(self, message_id: int) -> OutboxItem | None: ...
    def by_rfc_id(self, rfc_message_id: str) -> OutboxItem | None: ...
    def by_rfc_ids(self, rfc_message_ids: Sequence[str]) -> list[OutboxItem]: ...
    def in_states(self, states: Sequence[OutboxState], limit: int = 200) -> list[OutboxItem]:
        """Newest first."""
        ...

    def due(self, at: Millis, limit: int = 50) -> list[OutboxItem]:
        """Held items whose undo window and back-off have ended, earliest first."""
        ...

    def next_due_at(self, account: str | None = None) -> Millis | None:
        """When the next held item is due: of all, or of one account."""
        ...

    def advance(
        self,
        id: int,
        expect: Sequence[OutboxState],
        state: OutboxState,
        at: Millis,
        *,
        error: str = "",
        next_attempt_at: Millis | None = None,
        count_attempt: bool = False,
    ) -> bool:
        """One conditional statement; False if the item is in none of the expected states."""
        ...

    def filing_due(self, at: Millis, limit: int = 50) -> list[OutboxItem]: ...
    def set_filing(
        self, id: int, state: FilingState, at: Millis, *, error: str = "", next_at: Millis | None = None
    ) -> None: ...

    def counts(self) -> dict[OutboxState, int]: ...


class Drafts(Protocol):
    def save(self, draft: Draft) -> Draft:
        """Insert or replace the rep's draft of that conversation (0: a new conversation) and slot."""
        ...

    def get(self, agent_id: int, conversation_id: int, slot: str = "") -> Draft | None: ...
    def of_agent(self, agent_id: int) -> list[Draft]:
        """Newest first."""
        ...

    def delete(self, agent_id: int, conversation_id: int, slot: str = "") -> bool: ...


class Ledger(Protocol):
    def add(self, entry: LedgerEntry, *, raw_packed: bytes = b"", sha256: str = "") -> int:
        """`raw_packed`, with its `sha256`, for bytes that live nowhere else: quarantined, or a duplicate's own."""
        ...

    def seen(self, account: str, external_ids: Sequence[str]) -> set[str]:
        """Those of the given ids that are in the ledger already."""
        ...

    def get(self, id: int) -> LedgerEntry | None: ...
    def page(
        self, *, outcome: LedgerOutcome | None = None, before: int | None = None, limit: int = 100
    ) -> list[LedgerEntry]:
        """Newest first, below id `before`."""
        ...

    def of_message(self, message_id: int) -> list[LedgerEntry]: ...
    def kept_sha256(self, sha256: str) -> int | None:
        """The newest entry that keeps these very bytes itself, as no message does."""
        ...

    def kept_sha256s(self, sha256s: Sequence[str]) -> dict[str, int]: ...
    def raw(self, id: int) -> bytes | None: ...
    def resolve_quarantine(self, id: int, *, message_id: int, conversation_id: int, at: Millis) -> bool:
        """`quarantined` -> `replayed`; the bytes then live with the message."""
        ...

    def counts(self) -> dict[LedgerOutcome, int]: ...


class Changes(Protocol):
    def note(self, kind: ChangeKind, id: int, conversation_id: int | None = None) -> None:
        """For changes that no other method records (accounts, jobs)."""
        ...

    def since(self, seq: int, limit: int = 1000) -> list[Change]: ...
    def last(self) -> int: ...
    def on_commit(self, callback: Callable[[int], None]) -> None:
        """Call back with the newest seq after each commit that changed something, in the writer's thread."""
        ...


class Cursors(Protocol):
    def get(self, account: str, key: str) -> str | None: ...
    def set(self, account: str, key: str, value: str) -> None: ...
    def all(self, account: str) -> dict[str, str]: ...


class AnswerUses(Protocol):
    """How often reps sent replies with a canned answer. Nobody looks at it live, so it leaves no changes."""

    def add(self, key: str, agent_id: int, at: Millis) -> None: ...
    def counts(self) -> dict[str, int]:
        """Answer's key to how often, by anybody."""
        ...

    def of(self, key: str) -> list[AnswerUse]:
        """A rep each, who used it most first."""
        ...

    def move(self, key: str, to: str) -> None:
        """The answer has another key now; what was counted under both adds up."""
        ...


class Meta(Protocol):
    """A few named values of the workspace itself."""

    def get(self, name: str) -> str | None: ...
    def set(self, name: str, value: str) -> None: ...


class Blobs(Protocol):
    """Attachment bytes on disk by content hash."""

    def put(self, data: bytes) -> str:
        """Write durably unless present; returns the SHA-256, hex."""
        ...

    def put_many(self, files: Sequence[bytes]) -> list[str]:
        """`put` of several, much quicker than one by one; returns the SHA-256s in their order."""
        ...

    def path(self, sha256: str) -> Path | None: ...
    def read(self, sha256: str) -> bytes | None: ...


class Deeds(Protocol):
    """The journal: what reps did, newest last, and which of it was taken back."""

    def add(self, deed: Deed, *, again: bool = False) -> int:
        """Keep a deed; a `group_id` of 0 makes it a group of its own. Unless it does something `again`, what the rep
        has undone before can no longer be redone."""
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

    def changed_since(self, deed: Deed) -> dict[tuple[str, int, str], str]:
        """Of the facts of a deed, those that other reps' later deeds changed, and the name of who did last."""
        ...

    def touched_since(self, deed: Deed, subject: str, id: int) -> str | None:
        """Who else did anything to a subject after the deed."""
        ...

    def forget_before(self, at: Millis, limit: int = 50) -> int:
        """Drop the oldest deeds, at most `limit` at once; returns how many."""
        ...


class History(Protocol):
    """What there was with one customer, over all conversations and channels."""

    def states(self, customer_id: int) -> dict[str, int]:
        """How many conversations, by state; merged ones are not counted."""
        ...

    def mails(self, customer_id: int) -> dict[Direction, tuple[int, Millis]]:
        """How many came and went, and when the last did."""
        ...

    def turns(self, conversation_ids: Sequence[int]) -> list[tuple[int, Direction, Millis]]:
        """Conversation, direction and instant of whatever people wrote in these, in the order of time."""
        ...


Place = tuple[int, str, str]
"""Where a message lies: conversation, rule, rule's detail."""


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
        """Folded addresses of whose mail lies in it."""
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


class Store(Protocol):
    agents: Agents
    queues: Names
    tags: Names
    customers: Customers
    conversations: Conversations
    messages: Messages
    search: Search
    views: Views
    reads: Reads
    outbox: Outbox
    drafts: Drafts
    ledger: Ledger
    changes: Changes
    deeds: Deeds
    answer_uses: AnswerUses
    placing: Placing
    history: History
    cursors: Cursors
    meta: Meta
    blobs: Blobs

    def write(self) -> AbstractContextManager[None]:
        """A transaction, taken at once (`BEGIN IMMEDIATE`); nests by joining the outer one.

        An exception that leaves only an inner block undoes only what was done inside it."""
        ...

    def check(self) -> list[str]:
        """Integrity findings in words; empty when all is well."""
        ...

    def close(self) -> None: ...
