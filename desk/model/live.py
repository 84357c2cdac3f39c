"""Figures of the live queue and of reports. What each means exactly stands in docs/metrics.md."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Literal

from msgspec import field

from desk.clock import Millis
from desk.model.promising import PromiseTally
from desk.model.staffing import Availability
from desk.model.words import Channel, Model, State


class Figures(Model, frozen=True, kw_only=True):
    """What was counted over some time. None: there was nothing to divide by."""

    arrived: int = 0
    """Waits that began."""
    arrived_first: int = 0
    """Of these: the first of their conversation."""
    answered: int = 0
    """Waits that ended by our answer."""
    answered_first: int = 0
    closed: int = 0
    """Waits that ended without an answer."""
    kept: int = 0
    """Promised answers that came in time."""
    broken: int = 0
    """Promised answers that came late, and chats that were abandoned after the promise had ended."""
    service_level: float | None = None
    """`kept / (kept + broken)`."""
    speed: Millis | None = None
    """How long customers waited for the first answer, on average."""
    speed_90: Millis | None = None
    """As long as nine of ten waited at most (nearest rank)."""
    abandoned: int = 0
    """Chats that their visitors ended before the first answer."""
    abandonment: float | None = None
    """`abandoned / (abandoned + first answers in chats)`."""
    resolved: int = 0
    at_first_contact: float | None = None
    """Of the resolved: those that took one answer at most."""
    reopened: int = 0
    called: int = 0
    """Calls to customers that rang."""
    calls_kept: int = 0
    """Callbacks first tried no later than promised."""
    calls_missed: int = 0
    """Callbacks first tried later than promised."""
    rated: int = 0
    rating: float | None = None
    """From 1 (bad) to 5 (good), on average."""
    asked: int = 0
    """Visitors' questions to the help articles."""
    self_service: float | None = None
    """Of these: those that an article answered, and who did not go on to a person."""


class Standing(Model, frozen=True, kw_only=True):
    """How a conversation that is not done with stands, as far as the live queue asks."""

    id: int
    state: State
    channel: Channel
    queue_id: int | None = None
    agent_id: int | None = None
    """Whose it is."""
    waiting_since: Millis | None = None
    """None, too, where the log knows nothing of the wait."""
    due_at: Millis | None = None


class Waiting(Model, frozen=True, kw_only=True):
    """What is so at this moment."""

    open: int = 0
    unassigned: int = 0
    """Of these: nobody's."""
    waiting: Mapping[str, int] = {}
    """How many wait for an answer, by channel."""
    longest: Millis | None = None
    """Since when who waits longest does."""
    risk_5: int = 0
    """Promises that end within so many minutes."""
    risk_15: int = 0
    risk_60: int = 0
    broken: int = 0
    """Promises that have ended, of what still waits."""
    broken_today: int = 0
    """Of today's promises: those that were broken, whether it still waits or not."""


class Quarter(Model, frozen=True, kw_only=True):
    """A quarter of an hour."""

    at: Millis
    """When it began."""
    arrived: int = 0
    answered: int = 0
    waiting: int = 0
    """How many waited at its end; of the present one, now."""
    speed: Millis | None = None
    """The average speed of answer of those who were answered in it."""
    speed_90: Millis | None = None
    """What nine of ten of them did not exceed."""


class LiveQueue(Model, frozen=True, kw_only=True):
    """One queue, or all together."""

    id: int | None = None
    """0: what is in no queue. None: all together."""
    name: str = ""
    open: bool = True
    """Whether its work is handed out."""
    now: Waiting = field(default_factory=Waiting)
    today: Figures = Figures()
    quarters: tuple[Quarter, ...] = ()
    """Those of today, oldest first."""


class LiveAgent(Model, frozen=True, kw_only=True):
    """A rep, at this moment and today."""

    id: int
    name: str
    login: str = ""
    state: Availability = "offline"
    reason: str = ""
    since: Millis | None = None
    """When that began; None: it is not known."""
    spent: Mapping[Availability, Millis] = {}
    """How long they were what today."""
    on: int | None = None
    """The conversation before them."""
    on_since: Millis | None = None
    doing: str = ""
    """`viewing` it, or `replying`."""
    has: Mapping[str, int] = {}
    """Open conversations of theirs, by channel."""
    unanswered: int = 0
    """Of these: those that wait."""
    today: Figures = Figures()


class Alert(Model, frozen=True, kw_only=True):
    """A number that is too high."""

    name: str
    words: str
    since: Millis


class Live(Model, frozen=True, kw_only=True):
    """The live queue."""

    at: Millis
    since: Millis
    """When today began, for who asks."""
    total: LiveQueue
    queues: tuple[LiveQueue, ...] = ()
    agents: tuple[LiveAgent, ...] = ()
    occupancy: float | None = None
    """Of the reps who are available or busy: those who have a conversation before them. None: nobody is there."""
    alerts: tuple[Alert, ...] = ()


ReportBy = Literal["day", "week", "month", "hour", "weekday", "weekday-hour", "queue", "channel", "rep"]
"""What the figures of a report are told apart by."""


class ReportRow(Model, frozen=True, kw_only=True):
    """Figures of one day, queue, rep or whatever the report is by."""

    name: str
    """Empty: what has none, such as what is in no queue, or was done by nobody."""
    figures: Figures


class Report(Model, frozen=True, kw_only=True):
    """The figures of a time."""

    since: Millis
    until: Millis
    by: ReportBy
    rows: tuple[ReportRow, ...] = ()
    total: Figures = Figures()
    queue: str = ""
    """Only of this queue, channel, rep; empty: of all. `-` is what is in no queue."""
    channel: str = ""
    rep: str = ""
    """Their login."""
    promises: tuple[PromiseTally, ...] = ()
    """What became of promises, by policy, if the report is of all."""


class Need(Model, frozen=True, kw_only=True):
    """How many people an hour takes, in a queue and channel."""

    at: Millis
    """When it begins."""
    queue_id: int
    """0: what is in no queue."""
    channel: Channel
    likely: float
    """How many are likely to come; nine of ten such hours lie between `low` and `high`."""
    low: float
    high: float
    people: int
    """Whom it takes for what is likely,"""
    people_high: int
    """and for as many as may well come."""


class StaffHour(Model, frozen=True, kw_only=True):
    """An hour of a queue: what is likely to come, whom it takes, and who is to be there."""

    at: Millis
    """When it begins."""
    queue_id: int
    """0: what is in no queue."""
    queue: str = ""
    likely: float = 0
    """How many are likely to come, by all channels; nine of ten such hours lie between `low` and `high`."""
    low: float = 0
    high: float = 0
    people: int = 0
    """Whom it takes for what is likely,"""
    people_high: int = 0
    """and for as many as may well come."""
    rostered: float | None = None
    """How many are to be there, those for a part of the hour as that part; None: there is no roster."""
    reps: tuple[str, ...] = ()
    """Their logins."""
    channels: tuple[Need, ...] = ()

    @property
    def spare(self) -> float | None:
        """How many more are to be there than it takes for what is likely; negative: how many are missing."""
        return None if self.rostered is None else self.rostered - self.people


class Staffing(Model, frozen=True, kw_only=True):
    """The next hours, beginning with the one that is now."""

    at: Millis
    hours: tuple[StaffHour, ...] = ()
    """In order of time; of each hour, the queues by name."""
    available: Mapping[int, int] = {}
    """How many are available now, by queue; 0: of all."""
    notes: tuple[str, ...] = ()
    """What of the roster cannot be understood."""
