"""Mail that automations send, and who wants none of it."""

from __future__ import annotations

from typing import Literal

from desk.clock import Millis
from desk.model.words import Model, OutboxState

AutoMailState = Literal["planned", "held", "queued", "dropped"]
"""`planned`: its time has not come. `held`: its time came, and something keeps it back for now. `queued`: it is in the
outbox, or has left it. `dropped`: it never goes."""
RefusalSource = Literal["one-click", "page", "mail", "rep"]
"""By what the recipient's mail program offers (RFC 8058), on the page of the mail's link, by a mail to the address in
List-Unsubscribe (RFC 2369), or as a rep was told."""


class Unsubscribe(Model, frozen=True, kw_only=True):
    """Where the recipient of an automatic mail refuses more of them."""

    url: str = ""
    """One click is enough there (RFC 8058) if it begins with https; empty: there is no site."""
    mailto: str = ""
    """RFC 6068."""


class AutoMail(Model, frozen=True, kw_only=True):
    """A mail of an automation in a conversation: there is one at most, ever."""

    id: int = 0
    automation: str
    conversation_id: int
    moment: Millis
    """From when on its time is counted: when the conversation was resolved, for one."""
    due_at: Millis
    """When it is to go."""
    next_at: Millis = 0
    """When it is looked at next."""
    state: AutoMailState = "planned"
    why: str = ""
    """What keeps it back, or dropped it, in words."""
    account: str = ""
    address: str = ""
    """Folded; known once it was looked at."""
    unsubscribe: Unsubscribe = Unsubscribe()
    outbox_id: int | None = None
    updated_at: Millis = 0
    subject: str = ""
    """The conversation's, as is its customer's name: to be shown."""
    customer_name: str = ""
    outbox_state: OutboxState | None = None
    answered_at: Millis | None = None
    """When the customer first wrote after it."""


class Refusal(Model, frozen=True, kw_only=True):
    """Somebody wants no automatic mail to an address; or, with `refuses` false, does want it again."""

    id: int = 0
    address: str
    """Folded."""
    refuses: bool = True
    source: RefusalSource
    at: Millis
    agent_name: str = ""
    """The rep who noted it."""
    conversation_id: int | None = None
    """Where the mail belongs by which it was said."""
