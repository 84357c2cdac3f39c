"""What happened: the log that every figure of the live queue and of the reports is counted from."""

from __future__ import annotations

from typing import Literal

from desk.clock import Millis
from desk.model.words import Channel, Model

HappeningKind = Literal[
    "arrived",
    "resumed",
    "answered",
    "closed",
    "resolved",
    "reopened",
    "assigned",
    "queued",
    "tagged",
    "abandoned",
    "returned",
    "rated",
    "called",
    "asked",
    "helped",
]
"""A *wait* is the time in which a customer has written and nobody has answered.

`arrived`: a wait began. `answered`, `closed`: it ended by our answer, or without one (resolved, spam, merged).
`resumed`: it goes on, for what had ended it was taken back, or moved here.
`resolved`, `reopened`: the conversation. `assigned`, `queued`: it is somebody's, or in a queue, from now on; or
nobody's, or in none. `tagged`: it got a tag. `abandoned`: who chatted went before the first answer;
`returned`: they came back while nobody had answered, so that this does not count.
`rated`: a chat, by its visitor.
`called`: an attempt to make a callback is over. `asked`: a visitor looked for help in the articles; `helped`: one of
these answered it, and they did not go on to a person."""


class Happening(Model, frozen=True, kw_only=True):
    """One thing that happened; never changed afterwards."""

    id: int = 0
    """Grows in the order of commits."""
    at: Millis
    """When it happened, which may be earlier than when Desk learned of it: mail that lay at a server for a while."""
    kind: HappeningKind
    conversation_id: int | None = None
    channel: Channel | None = None
    queue_id: int | None = None
    agent_id: int | None = None
    """Who did it, as far as that is known: who answered or called, whose it is or was."""
    value: int | None = None
    """`answered`: how long the wait was (milliseconds); None if it is older than the log. `resumed`: what was told of
    the answer that does not count any more, with its `late` and `first`; None if none was. `resolved`: how many
    answers it took. `tagged`: the tag's id.
    `rated`: 1 to 5. `called`: how long the call lasted (milliseconds). `helped`: 1, or -1 if it is
    taken back."""
    late: Millis | None = None
    """How much later than promised it was; negative: earlier, None: nothing was promised."""
    first: bool = False
    """`arrived`, `answered`, `called`: the first of its conversation, or of its callback."""
