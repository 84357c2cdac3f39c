"""The protocol between Desk and telephones.

A dialer calls one number for one attempt of a callback, tells how the call goes, and hangs up. It knows nothing of the
store: whoever calls `dial` has stored the attempt, and won it against everybody else, before.

What may not happen is that a customer's phone rings twice for one attempt. So errors are the three of
`connectors.base`, and being wrong about *certainly* is the worst that a dialer can do:

- `Temporary`: certainly not dialled, worth another try later, with the same reference or a new one;
- `Permanent`: certainly not dialled, and another try would not help;
- `Uncertain`: it may have rung. Never dialled again by a program: `became_of` may know more, else a person decides.

Third parties register theirs as an entry point in the group `desk.dialers`, naming a `Factory`.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Sequence
from typing import Literal, Protocol

from msgspec import Struct

from connectors.base import Account, SecretSource
from desk.clock import Millis
from desk.model import Check

CallState = Literal["dialling", "ringing", "answered", "ended"]
"""In this order. `dialling`: under way, and nothing heard of the customer's phone. `ringing` may be left out."""

Reason = Literal[
    "reached",
    "voicemail",
    "no-answer",
    "busy",
    "unreachable",
    "wrong-number",
    "cancelled",
    "failed",
    "unknown",
]
"""Why a call ended.

`reached`: somebody, or a machine nobody recognised, answered. `voicemail`: a machine did. `unreachable`: switched off,
no way there, too busy a network. `wrong-number`: there is no such number. `cancelled`: hung up on our side before
an answer. `failed`: it was not put through, and the customer's phone did not ring. `unknown`: the dialer cannot know;
the rep says.
"""


class Attempt(Struct, frozen=True, kw_only=True):
    """One number to be called once."""

    reference: str
    """Unique to this attempt, for ever: 1 to 64 letters, digits and dashes. It never makes a phone ring twice."""
    number: str
    """E.164, such as +491701234567; checked where it came in, and nothing else is taken here."""
    rep: str = ""
    """The login of who will speak: whose own phone is put through, where a dialer has one for each."""
    at: Millis = 0
    """When the attempt was made; what happened before cannot be this call."""


class Progress(Struct, frozen=True, kw_only=True):
    """A step of a call."""

    state: CallState
    at: Millis
    reason: Reason | None = None
    """Of `ended`, and only of that."""
    words: str = ""
    """What the telephone network or the program said, as a harmless line."""


class Call(Protocol):
    """A call that is under way, or over."""

    attempt: Attempt

    @property
    def latest(self) -> Progress:
        """The last step so far."""
        ...

    def progress(self) -> AsyncIterator[Progress]:
        """Every step from the first on, until `ended`. May be followed by several, and again.

        Raises `Uncertain` where it breaks off before anybody knows whether the customer was reached.
        """
        ...

    async def hang_up(self) -> None:
        """Ask for the end, which `progress` then tells. Again, or after the end: nothing. Raises `Temporary`."""
        ...


class Dialer(Protocol):
    """One way to call. Made anew when its settings change."""

    account: Account
    tells: bool
    """Whether it hears what becomes of a call. Where not, the call stays `dialling` until `hang_up`, by which the rep
    says that it is over, and ends `unknown`."""

    async def dial(self, attempt: Attempt) -> Call:
        """Begin the call. With a reference that this dialer was given before: that same call, or what it raised.

        Raises `Temporary`, `Permanent` or `Uncertain`.
        """
        ...

    async def became_of(self, attempt: Attempt) -> Progress | None:
        """Where a call stands that this dialer does not follow, such as one of before a crash; None: it cannot tell.

        None does not mean that it was not dialled.
        """
        ...

    async def check(self) -> Sequence[Check]:
        """Try everything short of a call, and say in plain words what works and what does not. Never raises."""
        ...

    async def close(self) -> None:
        """Let go, and tell those who follow a call that it is out of sight.

        It is not hung up, unless it needs the dialer to be put through.
        """
        ...


class Factory(Protocol):
    """Makes dialers of one kind; what an entry point in `desk.dialers` names."""

    name: str
    needs_secret: bool
    """Whether it logs in with a secret."""
    at_the_rep: bool
    """Whether it has to run on the rep's own machine, whose phone or desktop it uses."""

    def validate(self, account: Account) -> list[str]:
        """What is wrong with the settings, as `option: what, and what to do`; empty if nothing."""
        ...

    def open(self, account: Account, secret: SecretSource) -> Dialer:
        """Connects to nothing yet. Raises `ConnectorError` if the settings are not valid."""
        ...


__all__ = ["Attempt", "Call", "CallState", "Dialer", "Factory", "Progress", "Reason"]
