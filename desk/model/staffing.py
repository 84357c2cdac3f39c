"""Who works here: what reps may do, what they can do, whether they are there, and what queues ask of them."""

from __future__ import annotations

from collections.abc import Collection
from typing import Literal, get_args

from msgspec import Struct

from desk.clock import Millis
from desk.model.words import Channel, Model

Role = Literal["rep", "supervisor", "admin"]
"""Each may do what those before it may, and more; see `desk.service.permitting`."""
ROLES: tuple[Role, ...] = get_args(Role)
Availability = Literal["available", "busy", "away", "offline"]
"""`available`: takes new work. `busy`: goes on with what they have. `away`: not at the desk. `offline`: no terminal."""
AVAILABILITIES: tuple[Availability, ...] = get_args(Availability)
Push = Literal["off", "round-robin", "least-busy", "longest-idle"]
"""To whom a queue hands its work by itself: in turn, to who has least to do, to who has had nothing for longest."""


def ranks(role: Role, least: Role) -> bool:
    """Whether a role is as good as that one."""
    return ROLES.index(role) >= ROLES.index(least)


class Capacity(Struct, frozen=True, kw_only=True):
    """How much a rep does at once, and what each thing takes of it."""

    at_once: float = 3
    chat: float = 1
    email: float = 1
    call: float = 3


class Staff(Model, frozen=True, kw_only=True):
    """What `desk.toml` says of a rep at work."""

    login: str
    role: Role = "rep"
    skills: tuple[str, ...] = ()
    languages: tuple[str, ...] = ()
    """BCP 47 tags such as `de`; none: nobody said, so any."""
    queues: tuple[str, ...] = ()
    """The queues they work in; none: all that name nobody."""
    capacity: Capacity = Capacity()

    def speaks(self, wanted: Collection[str]) -> bool:
        """Whether one of these languages is theirs; `de` and `de-AT` understand each other."""
        own = {_base(each) for each in self.languages}
        return not own or not wanted or any(_base(each) in own for each in wanted)

    def knows(self, wanted: Collection[str]) -> bool:
        """Whether they have all of these skills."""
        return folded(wanted) <= folded(self.skills)


class QueueRules(Model, frozen=True, kw_only=True):
    """`[queues.NAME]`: who works in a queue, and how its work is handed out."""

    name: str
    reps: tuple[str, ...] = ()
    """Logins; none: whoever says no queues of their own."""
    skills: tuple[str, ...] = ()
    """All of which one needs."""
    languages: tuple[str, ...] = ()
    """One of which one needs."""
    channels: tuple[Channel, ...] = ()
    """New conversations of these begin here, unless their account names another queue."""
    calendar: str = ""
    """Of `[calendars]`: when the queue is open; empty: always."""
    open: bool = True
    """False: nothing of it is handed out."""
    push: Push = "off"
    accept_seconds: float = 30
    """How long a rep may look at what was pushed before it goes on to another."""
    returns: bool | None = None
    """Whether what is unanswered is nobody's again once its rep is away or offline; None: where it pushes."""

    @property
    def gives_back(self) -> bool:
        """Whether unanswered work of who is not there goes back."""
        return self.push != "off" if self.returns is None else self.returns

    def worked_by(self, staff: Staff) -> bool:
        """Whether a rep works here, as far as `desk.toml` says."""
        named = staff.login in self.reps or self.name.casefold() in folded(staff.queues)
        anybody = not self.reps and not staff.queues
        return (named or anybody) and staff.knows(self.skills) and staff.speaks(self.languages)


class AvailabilitySpan(Model, frozen=True, kw_only=True):
    """A stretch of time in which a rep was available, or was not."""

    id: int = 0
    agent_id: int
    state: Availability
    reason: str = ""
    """In the rep's own words, or in ours where the desk itself changed it."""
    began_at: Millis
    ended_at: Millis | None = None
    """None: it goes on."""


class QueueWord(Model, frozen=True, kw_only=True):
    """What a supervisor said of a queue at run time: it stands over `desk.toml` until it is taken back."""

    queue_id: int
    agent_id: int | None = None
    """The rep it is about; None: the queue itself."""
    agent_name: str = ""
    value: bool
    """Whether the rep works in it, or it is open."""
    by_id: int
    by_name: str = ""
    at: Millis


def folded(words: Collection[str]) -> frozenset[str]:
    """Names as they are compared: without case."""
    return frozenset(word.casefold() for word in words)


def _base(language: str) -> str:
    return language.replace("_", "-").split("-")[0].casefold()
