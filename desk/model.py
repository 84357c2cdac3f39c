"""The vocabulary: what the store keeps, the API sends and the terminal shows are these structs.

Instants are milliseconds since the epoch (see `desk.clock`). Ids are positive integers; 0 stands for
"not stored yet". Every text field has passed `desk.text.clean` before it gets here.
"""

from __future__ import annotations

from typing import Any, Generic, Literal, TypeVar

from msgspec import Struct, field

from desk.clock import Millis

T = TypeVar("T")

Channel = Literal["email", "chat", "callback"]
State = Literal["open", "waiting", "snoozed", "resolved", "spam", "merged"]
"""`open`: we owe the next step. `waiting`: the customer does. A customer's message reopens all but `spam`.

`merged`: it went into another conversation, `merged_into`; no view, count or search shows it."""
Priority = Literal["low", "normal", "high", "urgent"]
Direction = Literal["in", "out", "note", "event"]
"""`note`: seen by reps only. `event`: written by Desk itself (claimed, resolved, split, …)."""
MessageKind = Literal["message", "auto", "bounce", "calendar"]
Rule = Literal["token", "references", "subject", "bounce", "new", "outbound", "moved"]
"""How a message found its conversation; see `desk.service.threading`."""
IdentityKind = Literal["email", "phone", "visitor"]
OutboxState = Literal["held", "sending", "sent", "delivered", "read", "failed", "bounced", "unknown", "cancelled"]
FilingState = Literal["none", "pending", "done", "failed"]
"""The copy in the Sent folder: its own job with its own retries."""
LedgerOutcome = Literal["stored", "duplicate", "quarantined", "replayed"]
ChangeKind = Literal[
    "conversation",
    "message",
    "read",
    "mention",
    "customer",
    "outbox",
    "draft",
    "ledger",
    "agent",
    "queue",
    "tag",
    "account",
    "job",
    "presence",
    "answer",
    "setting",
]
View = str
"""A name: one of `BUILT_IN_VIEWS`, `queue:NAME`, `channel:NAME`, or `saved:NAME` of `[views]` in `desk.toml`."""
StateView = Literal["open", "mine", "unassigned", "waiting", "snoozed", "resolved", "spam", "all"]
"""The views that are nothing but a state and an assignee; `all` is all but what was merged."""
BUILT_IN_VIEWS = (
    "mine",
    "unassigned",
    "open",
    "waiting",
    "snoozed",
    "resolved",
    "sent",
    "failed",
    "quarantined",
    "spam",
    "all",
    "mentions",
)
ViewKind = Literal["built-in", "queue", "channel", "saved"]


class Model(Struct, frozen=True, kw_only=True):
    """Base of all rows: immutable, built by keyword."""


# --- people -----------------------------------------------------------------------------------------------


class Agent(Model, frozen=True, kw_only=True):
    """A support rep. `login` is unique."""

    id: int = 0
    login: str
    name: str
    created_at: Millis = 0


class Identity(Model, frozen=True, kw_only=True):
    """One address a customer is reached by; `(kind, value)` is unique, `value` normalised."""

    kind: IdentityKind
    value: str
    name: str = ""


class Customer(Model, frozen=True, kw_only=True):
    """One person, whatever addresses they write from."""

    id: int = 0
    name: str
    identities: tuple[Identity, ...] = ()
    notes: str = ""
    attributes: dict[str, str] = field(default_factory=dict)
    first_seen_at: Millis = 0
    rev: int = 1
    address: str = ""
    """Of the identities, the one we write to."""
    tags: tuple[str, ...] = ()
    zone: str = ""
    """Time zone, such as `Europe/Berlin` (IANA); empty if nobody knows."""
    language: str = ""
    """A BCP 47 tag, such as `de-AT`; empty if nobody knows."""
    merged_into: int | None = None
    """They turned out to be this other customer; no list or search shows them any more."""


class CustomerEdit(Model, frozen=True, kw_only=True):
    """What to change of a customer; what is None or empty stays as it is."""

    rev: int | None = None
    """Refused with `stale` unless the customer is still at this revision; None: whatever it is."""
    name: str | None = None
    notes: str | None = None
    zone: str | None = None
    language: str | None = None
    address: str | None = None
    """One of the identities: where we write to from now on."""
    add_tags: tuple[str, ...] = ()
    remove_tags: tuple[str, ...] = ()
    attributes: dict[str, str | None] = field(default_factory=dict)
    """By name; null takes one away."""
    add: tuple[Identity, ...] = ()
    """Addresses and phone numbers that are theirs, too."""
    remove: tuple[Identity, ...] = ()


class Likeness(Model, frozen=True, kw_only=True):
    """A customer who may be the same person, and why."""

    customer: Customer
    score: float
    """From 0 to 100."""
    reasons: tuple[str, ...]


class Queue(Model, frozen=True, kw_only=True):
    id: int = 0
    name: str


class Tag(Model, frozen=True, kw_only=True):
    id: int = 0
    name: str


# --- conversations ----------------------------------------------------------------------------------------


class Address(Model, frozen=True, kw_only=True):
    """A mailbox of RFC 5322 section 3.4: display name and addr-spec."""

    email: str
    name: str = ""


class Conversation(Model, frozen=True, kw_only=True):
    """One matter with one customer; also the row of the inbox list, so a page needs no further query."""

    id: int = 0
    subject: str
    channel: Channel = "email"
    account: str = ""
    state: State = "open"
    priority: Priority = "normal"
    customer_id: int
    customer_name: str = ""
    customer_address: str = ""
    assignee_id: int | None = None
    assignee_name: str | None = None
    queue_id: int | None = None
    queue_name: str | None = None
    tags: tuple[str, ...] = ()
    snippet: str = ""
    """The first words of the newest message, one line."""
    messages: int = 0
    has_attachments: bool = False
    third_party: bool = False
    """Somebody who was not a participant wrote into it."""
    created_at: Millis = 0
    last_at: Millis = 0
    """When the newest message came or went."""
    last_direction: Direction = "in"
    waiting_since: Millis | None = None
    """The earliest customer message that nobody has answered yet."""
    due_at: Millis | None = None
    """The earliest promise still running; the inbox is sorted by it."""
    snoozed_until: Millis | None = None
    rev: int = 1
    """Grows by one with every change; conditional updates name the one they saw."""
    unread: bool = False
    """The customer wrote something that the rep who asks has not seen yet."""
    mentioned: bool = False
    """A colleague named the rep who asks in a note that they have not seen yet."""
    merged_into: int | None = None
    """For `state == "merged"`: where its messages are now. None if there were none to keep."""


class Fold(Model, frozen=True, kw_only=True):
    """Lines `start` to `end` (end not included) of a body that are shown folded."""

    kind: Literal["quote", "signature"]
    start: int
    end: int


class Attachment(Model, frozen=True, kw_only=True):
    """A file of a message; its bytes lie in the store's blobs under `sha256`."""

    id: int = 0
    message_id: int = 0
    name: str
    media_type: str
    size: int
    sha256: str
    inline: bool = False
    content_id: str = ""


class Recipient(Model, frozen=True, kw_only=True):
    """What a delivery report says of one recipient (RFC 3464)."""

    address: str
    action: str = ""
    status: str = ""
    diagnostic: str = ""


_INSTANT_SHIFT = 10


def first_id_at(at: Millis) -> int:
    """The lowest message id of an instant: ids are ordered by time, 1,024 to the millisecond.

    They stay below 2^53, so that JSON readers which know only doubles keep them whole (RFC 8259, section 6).
    """
    return at << _INSTANT_SHIFT


def instant_of(message_id: int) -> Millis:
    """When the message with that id came or went."""
    return message_id >> _INSTANT_SHIFT


class Message(Model, frozen=True, kw_only=True):
    """One message, note or event of a conversation."""

    id: int = 0
    """Grows with `at`: a message of an earlier instant has a lower id, however late it was imported."""
    conversation_id: int
    channel: Channel = "email"
    account: str = ""
    direction: Direction
    kind: MessageKind = "message"
    agent_id: int | None = None
    agent_name: str | None = None
    sender: Address | None = None
    to: tuple[Address, ...] = ()
    cc: tuple[Address, ...] = ()
    bcc: tuple[Address, ...] = ()
    reply_to: tuple[Address, ...] = ()
    subject: str = ""
    body: str = ""
    folds: tuple[Fold, ...] = ()
    links: tuple[str, ...] = ()
    """Targets of the `[n]` marks in the body, numbered from 1."""
    attachments: tuple[Attachment, ...] = ()
    rfc_message_id: str = ""
    """Without angle brackets."""
    in_reply_to: str = ""
    references: tuple[str, ...] = ()
    rule: Rule = "new"
    rule_detail: str = ""
    """In words: what exactly the rule matched."""
    third_party: bool = False
    recipients: tuple[Recipient, ...] = ()
    """For `kind == "bounce"`."""
    at: Millis = 0
    outbox_id: int | None = None
    outbox_state: OutboxState | None = None
    size: int = 0


class HeaderField(Model, frozen=True, kw_only=True):
    """A header field of a mail (RFC 5322, section 2.2)."""

    name: str
    value: str
    """Unfolded, its encoded words decoded (RFC 2047)."""
    raw: str = ""
    """As it stands in the message, if that is something else; lines that go on begin with white space."""


# --- going out --------------------------------------------------------------------------------------------


class NewReply(Model, frozen=True, kw_only=True):
    """What a rep wants sent: the API's input, and the content of a draft."""

    body: str = ""
    subject: str = ""
    to: tuple[Address, ...] = ()
    """Empty: the conversation's customer."""
    cc: tuple[Address, ...] = ()
    bcc: tuple[Address, ...] = ()
    quote: bool = False
    resolve: bool = False
    attachments: tuple[str, ...] = ()
    """`sha256:name` of blobs uploaded before."""
    answers: tuple[str, ...] = ()
    """Keys of the canned answers in it; they count as used once it is sent."""
    seen_message_id: int | None = None
    """The newest message the rep had on the screen; a newer one from the customer stops the send."""
    slot: str = ""
    """Which of a rep's drafts in a conversation it is: `` for the answer, `note`, `forward`; or of those that begin
    one, any word."""
    account: str = ""
    """For a draft that begins a conversation: where it is sent from."""
    forwards: int | None = None
    """The message that is passed on to somebody else: the conversation stands as it did, for nobody was answered."""
    send_at: Millis | None = None
    """Not before this instant; and not at all if the customer wrote meanwhile: then it is a draft again."""


class Draft(Model, frozen=True, kw_only=True):
    """What is being written, saved as typed; one per rep, conversation (0: yet to begin) and slot."""

    agent_id: int
    conversation_id: int
    content: NewReply
    updated_at: Millis = 0
    rev: int = 1

    @property
    def slot(self) -> str:
        """See `NewReply.slot`."""
        return self.content.slot


class OutboxItem(Model, frozen=True, kw_only=True):
    """A message on its way out."""

    id: int = 0
    message_id: int
    conversation_id: int
    account: str
    state: OutboxState = "held"
    rfc_message_id: str
    content: NewReply | None = None
    """What the rep asked for; taking it back makes this the draft again."""
    quoted_id: int | None = None
    """The message to quote below the answer, when the rep asked for it."""
    hold_until: Millis = 0
    """End of the undo window."""
    next_attempt_at: Millis = 0
    attempts: int = 0
    error: str = ""
    """In words, for the rep."""
    filing: FilingState = "none"
    filing_attempts: int = 0
    filing_next_at: Millis = 0
    filing_error: str = ""
    created_at: Millis = 0
    updated_at: Millis = 0
    rev: int = 1


class Chapter(Model, frozen=True, kw_only=True):
    """A conversation in a customer's timeline."""

    conversation: Conversation
    asked_at: Millis | None = None
    """When the customer first wrote in it."""
    answered_at: Millis | None = None
    """When we first answered that; None if we have not."""

    @property
    def answer_ms(self) -> Millis | None:
        """The time to the first answer."""
        if self.asked_at is None or self.answered_at is None:
            return None
        return self.answered_at - self.asked_at


class CustomerSummary(Model, frozen=True, kw_only=True):
    """All that there is about a customer, newest conversation first."""

    customer: Customer
    conversations: dict[str, int] = field(default_factory=dict)
    """How many, by state."""
    messages_in: int = 0
    messages_out: int = 0
    last_in_at: Millis | None = None
    last_out_at: Millis | None = None
    timeline: tuple[Chapter, ...] = ()


# --- deeds and taking them back ---------------------------------------------------------------------------


class Delta(Model, frozen=True, kw_only=True):
    """One fact that a deed changed. The values are JSON; what they say depends on `field` (`desk.service.facts`)."""

    subject: Literal["conversation", "message", "customer", "outbox"]
    id: int
    field: str
    before: Any = None
    after: Any = None


class Deed(Model, frozen=True, kw_only=True):
    """What a rep did in one step, with what it changed."""

    id: int = 0
    group_id: int = 0
    """Deeds of one group are taken back together; a deed that stands alone is its own group."""
    agent_id: int
    agent_name: str = ""
    at: Millis
    kind: str
    """Such as `state`, `tag`, `merge`, `send`."""
    label: str
    """In words, as in "undone: LABEL"."""
    group_label: str = ""
    deltas: tuple[Delta, ...] = ()
    undone_at: Millis | None = None


class Left(Model, frozen=True, kw_only=True):
    """What an undo did not touch, and why."""

    conversation_id: int | None = None
    customer_id: int | None = None
    what: str
    """Such as `assignee`, `state`, `answer`."""
    who: str = ""
    """The rep who changed it since, if one did."""
    said: str
    """A sentence for the rep."""


class Undone(Model, frozen=True, kw_only=True):
    """What an undo (or redo) did."""

    label: str
    at: Millis
    """When the deed was done."""
    deeds: int = 1
    conversations: tuple[int, ...] = ()
    customers: tuple[int, ...] = ()
    left: tuple[Left, ...] = ()
    draft: Draft | None = None
    """An answer that was taken back."""
    note: str = ""
    """The words of a note that was taken away."""
    whole: bool = True
    """False while more of a large group is yet to be undone."""


# --- bookkeeping ------------------------------------------------------------------------------------------


class Change(Model, frozen=True, kw_only=True):
    """One thing changed. `seq` has no order but growth; readers resume from the last one they saw."""

    seq: int = 0
    at: Millis = 0
    kind: ChangeKind
    id: int
    conversation_id: int | None = None


class LedgerEntry(Model, frozen=True, kw_only=True):
    """What became of one thing that came in."""

    id: int = 0
    at: Millis
    account: str
    external_id: str
    """Unique within the account, such as `INBOX/1700000000/42` or `sha256:…`."""
    outcome: LedgerOutcome
    message_id: int | None = None
    conversation_id: int | None = None
    rule: Rule | None = None
    reason: str = ""
    subject: str = ""
    sender: str = ""
    size: int = 0


class Page(Struct, Generic[T], frozen=True, kw_only=True):
    """A window of a longer list."""

    items: list[T]
    total: int
    offset: int = 0
    exact: bool = True
    """False: there are more than `total`, which was as far as it was worth counting; or old mails were left out."""


class ViewInfo(Model, frozen=True, kw_only=True):
    """A view as a list of views shows it."""

    name: View
    title: str
    kind: ViewKind
    count: int = 0
    exact: bool = True
    """False: there are more."""
    unread: int = 0
    """How many of these the rep has not read: for `mine`, and for `mentions`."""
    query: str = ""
    """What it holds, in the search language."""
    problem: str = ""
    """Why a saved view cannot be shown."""


class SearchHit(Model, frozen=True, kw_only=True):
    """A conversation that matched, with the newest message that did."""

    conversation: Conversation
    message_id: int
    excerpt: str = ""
    at: Millis = 0


class SearchPage(Model, frozen=True, kw_only=True):
    """Hits newest first; pass `next_before` on for the following page, None at the end."""

    hits: tuple[SearchHit, ...]
    next_before: int | None = None


class Problem(Model, frozen=True, kw_only=True):
    """An error as the API tells it: what, where, what to do. `code` is stable, `message` is for people."""

    code: str
    message: str
    detail: dict[str, str] = field(default_factory=dict)


class Check(Model, frozen=True, kw_only=True):
    """One finding of `desk doctor`."""

    what: str
    status: Literal["ok", "warning", "failed"]
    message: str
    hint: str = ""


class AccountStatus(Model, frozen=True, kw_only=True):
    """How one connected account is doing."""

    name: str
    connector: str
    address: str = ""
    state: Literal["starting", "connected", "retrying", "stopped", "needs-secret", "paused"] = "starting"
    error: str = ""
    since: Millis = 0
    last_received_at: Millis | None = None


class ImportJob(Model, frozen=True, kw_only=True):
    """Progress of `desk import`. Counts are of messages."""

    id: int = 0
    state: Literal["running", "done", "failed", "cancelled"] = "running"
    total: int | None = None
    messages: int = 0
    new: int = 0
    duplicate: int = 0
    quarantined: int = 0
    conversations: int = 0
    skipped: int = 0
    """Files that hold no mail."""
    seconds: float = 0.0
    parse_seconds: float = 0.0
    """CPU seconds the parsers used, all together."""
    store_seconds: float = 0.0
    error: str = ""


Doing = Literal["viewing", "replying", "gone"]


class Presence(Model, frozen=True, kw_only=True):
    """A rep who has a conversation before them."""

    conversation_id: int
    agent_id: int
    agent_name: str
    doing: Doing
    since: Millis


class BulkFailure(Model, frozen=True, kw_only=True):
    """A conversation that an act on many left as it was, and why."""

    conversation_id: int
    code: str
    message: str


class BulkJob(Model, frozen=True, kw_only=True):
    """Progress of an act on many conversations; what it did is undone in one go."""

    id: int = 0
    state: Literal["running", "done", "failed", "cancelled"] = "running"
    label: str = ""
    steps: tuple[str, ...] = ()
    total: int = 0
    done: int = 0
    """Looked at so far, failures included."""
    failed: int = 0
    failures: tuple[BulkFailure, ...] = ()
    """The first hundred."""
    seconds: float = 0.0
    error: str = ""


class LookupRow(Model, frozen=True, kw_only=True):
    """One line of what another system knows."""

    label: str
    value: str


class LookupResult(Model, frozen=True, kw_only=True):
    """What another system says of a customer: rows, or why there are none."""

    name: str
    rows: tuple[LookupRow, ...] = ()
    error: str = ""
    at: Millis = 0
    """When it was asked."""


class Status(Model, frozen=True, kw_only=True):
    """What `desk status` says."""

    version: str
    pid: int
    workspace: str
    started_at: Millis
    conversations: int
    messages: int
    last_seq: int
    accounts: tuple[AccountStatus, ...] = ()
    outbox: dict[str, int] = field(default_factory=dict)
    quarantined: int = 0
    drafts: int = 0
    settings_error: str = ""
    """What is wrong with `desk.toml` as it is now, a finding a line; what it said before counts until it is mended."""
