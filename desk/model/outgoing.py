"""What goes out: what is written, drafts of it, and its way out."""

from __future__ import annotations

from desk.clock import Millis
from desk.model.conversations import Address
from desk.model.words import FilingState, Model, OutboxState


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
    snooze_until: Millis | None = None
    """Hide the conversation until then."""
    attachments: tuple[str, ...] = ()
    """`sha256:name` of blobs uploaded before."""
    answers: tuple[str, ...] = ()
    """Keys of the canned answers in it; they count as used once it is sent."""
    seen_message_id: int | None = None
    """The newest message the rep had on the screen; a newer one from the customer stops the send."""
    slot: str = ""
    """Which of a rep's drafts in a conversation it is: empty for the answer, `note`, `forward ID`; or of those that
    begin one, any word."""
    account: str = ""
    """For a draft that begins a conversation: where it is sent from."""
    forwards: int | None = None
    """The message that is passed on to somebody else: the conversation stands as it did, for nobody was answered."""
    on_site: bool = False
    """A mail to a visitor who left a chat: they find it there, too. Desk itself decides that, whatever is asked."""
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
