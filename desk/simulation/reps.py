"""Reps at work: several things at once, each slower for it."""

from __future__ import annotations

from collections.abc import Mapping

from desk.clock import Millis
from desk.model import Channel
from desk.model.staffing import Capacity
from desk.simulation.week import Kind, Task


class Rep:
    """One rep, who works from `begin` until the work is done.

    Attention is shared: while what they do asks for more than one person has, all of it goes slower alike.
    """

    def __init__(self, number: int, kinds: Mapping[Channel, Kind], capacity: Capacity) -> None:
        self.number = number
        self.doing: list[Task] = []
        self.worked: float = 0
        """Attention given so far, in milliseconds."""
        self._kinds = kinds
        self._takes: dict[Channel, float] = {
            "chat": capacity.chat,
            "email": capacity.email,
            "callback": capacity.call,
        }
        self._at_once = capacity.at_once
        self._at: Millis = 0

    def room(self, channel: Channel) -> bool:
        """Whether they can take on one more of a channel; nobody writes two mails at once."""
        if channel == "email" and any(task.channel == "email" for task in self.doing):
            return False
        return self.taken + self._takes[channel] <= self._at_once

    @property
    def taken(self) -> float:
        """How much of their room is taken."""
        return sum(self._takes[task.channel] for task in self.doing)

    @property
    def attention(self) -> float:
        """What is asked of them now; 1 is all they have."""
        return sum(self._kinds[task.channel].attention for task in self.doing)

    def until(self, now: Millis) -> list[Task]:
        """Work until now; returns what is done by then."""
        passed, asked = now - self._at, self.attention
        self._at = now
        self.worked += passed * min(asked, 1.0)
        for task in self.doing:
            task.work -= passed / max(asked, 1.0)
        done = [task for task in self.doing if task.work < 1]
        for task in done:
            task.ended_at = now
            self.doing.remove(task)
        return done

    def begin(self, task: Task, now: Millis) -> None:
        task.begun_at = now
        self.doing.append(task)

    def free_at(self) -> Millis | None:
        """When the first of what they do is done, if nothing is added."""
        if not self.doing:
            return None
        return self._at + max(1, round(min(task.work for task in self.doing) * max(self.attention, 1.0)))
