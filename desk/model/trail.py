"""Where visitors of a site were, who is there now, and how they were invited to chat."""

from __future__ import annotations

from typing import Literal

from desk.clock import Millis
from desk.model.visiting import ChatState, Visitor
from desk.model.words import Model

StepKind = Literal["page", "search", "article"]
"""`page`: one of the shop's. `search`: words they looked for help with. `article`: an answer they read."""
InvitationState = Literal["offered", "shown", "accepted", "refused"]
"""`offered`: their browser has not said yet that it shows it. `shown`: and they have said neither yes nor no."""


class TrailStep(Model, frozen=True, kw_only=True):
    """One page that a visitor saw, or one thing they did there. All of it is what their browser says."""

    id: int = 0
    visitor_id: int
    visit: Millis
    """When the visit began that it is part of; half an hour without a sign ends a visit."""
    kind: StepKind = "page"
    at: Millis
    lasted: Millis = 0
    """For how long a page was before their eyes."""
    url: str = ""
    """Scheme, host and path, without what may be a secret (query, fragment)."""
    title: str = ""
    """Of the page or the article; of a search its words."""
    referrer: str = ""
    """The page from which they came to this one, if it was another site's; as `url`."""
    cart: float | None = None
    """What lay in their cart when they left the page, as the shop says."""
    currency: str = ""


class Sighting(Model, frozen=True, kw_only=True):
    """What a visitor's browser says of the page it shows; none of it is believed to be more than that."""

    key: str
    """Its own name for this showing of the page: the same key is the same page, however often it is said."""
    url: str = ""
    title: str = ""
    referrer: str = ""
    lasted: Millis = 0
    """For how long it has been before their eyes."""
    idle: Millis = 0
    """For how long they have not moved."""
    cart: float | None = None
    currency: str = ""
    gone: bool = False
    """They leave it."""


class Invitation(Model, frozen=True, kw_only=True):
    """A visitor asked whether they would like to chat."""

    id: int = 0
    visitor_id: int | None
    """None: nobody remembers who it was."""
    account: str
    rule: str = ""
    """Its name in `[invitations]`; empty: a rep invited by hand."""
    agent_id: int | None = None
    text: str
    state: InvitationState = "offered"
    at: Millis
    decided_at: Millis | None = None
    """When they said yes or no."""
    conversation_id: int | None = None
    """The chat that came of it."""


class InvitationCounts(Model, frozen=True, kw_only=True):
    """What became of the invitations of one rule."""

    rule: str
    """Empty: those by hand."""
    shown: int = 0
    accepted: int = 0
    refused: int = 0
    talked: int = 0
    """Of those accepted: the visitor said something."""
    resolved: int = 0
    """Of the chats that came of it."""
    rated: int = 0
    rating: float | None = None
    """The mean, 1 to 5; None if nobody rated."""


class VisitorNow(Model, frozen=True, kw_only=True):
    """A visitor who is on the site at this moment."""

    visitor: Visitor
    customer: str = ""
    """The name of the customer they are known to be; empty if they are nobody we know."""
    url: str = ""
    title: str = ""
    since: Millis = 0
    """When they came to this page."""
    came_at: Millis = 0
    """When this visit began."""
    pages: int = 0
    """Seen in this visit."""
    visits: int = 1
    """This one, and those before that are remembered."""
    referrer: str = ""
    """The page of another site that led them here."""
    cart: float | None = None
    currency: str = ""
    idle: Millis = 0
    """How long they had not moved when they were last heard of."""
    chat: ChatState | Literal["none"] = "none"
    conversation_id: int | None = None
    """Of their newest chat."""
    invited: InvitationState | Literal["none"] = "none"
    """In this visit."""


class Trail(Model, frozen=True, kw_only=True):
    """Where the visitor of a conversation was."""

    visitor: Visitor | None = None
    """None: nobody follows the conversation on a site, or they did not agree to be seen and are not remembered."""
    now: VisitorNow | None = None
    """If they are on the site at this moment."""
    steps: tuple[TrailStep, ...] = ()
    """The newest first; pages without end are had by `before`."""
