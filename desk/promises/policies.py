"""Policies: what is promised to whom."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from functools import cached_property

import msgspec
from msgspec import Struct

from desk.clock import Millis
from desk.model import Channel, Priority, PromiseKind
from desk.promises.calendar import ALWAYS, Calendar, WorkingClock
from desk.text import fold_address

PLAIN = ""
"""The name of what `[promises]` says, which is no policy of its own; and of the calendar in which all time counts."""


class Case(Struct, frozen=True, kw_only=True):
    """What policies go by."""

    channel: Channel = "email"
    queue: str = ""
    priority: Priority = "normal"
    tags: tuple[str, ...] = ()
    address: str = ""
    """The customer's."""
    customer_tags: tuple[str, ...] = ()


class Policy(Struct, frozen=True, kw_only=True):
    """What is promised to those whom all of its conditions fit: empty ones fit everybody, of several one is enough."""

    name: str = PLAIN
    channel: tuple[str, ...] = ()
    queue: tuple[str, ...] = ()
    priority: tuple[str, ...] = ()
    tag: tuple[str, ...] = ()
    customer: tuple[str, ...] = ()
    """An address, `@` and a domain, or a tag of the customer."""
    first: Millis | None = None
    """How long until the first answer of ours at most, in working time; None: that is not promised."""
    next: Millis | None = None
    """The same for every answer after that."""
    resolution: Millis | None = None
    """The same until the matter is resolved."""
    calendar: str = PLAIN
    pause: bool = True
    """Whether the clock stands still while we wait for the customer."""

    def fits(self, case: Case) -> bool:
        return (
            (not self.channel or case.channel in self.channel)
            and (not self.priority or case.priority in self.priority)
            and (not self.queue or _one_of(self.queue, (case.queue,)))
            and (not self.tag or _one_of(self.tag, case.tags))
            and (not self.customer or any(is_theirs(each, case) for each in self.customer))
        )

    def promised(self, kind: PromiseKind) -> Millis | None:
        """How long is promised; a callback has a time instead."""
        match kind:
            case "first":
                return self.first
            case "next":
                return self.next
            case "resolution":
                return self.resolution
            case _:
                return None


def _one_of(wanted: tuple[str, ...], names: Iterable[str]) -> bool:
    folded = {name.casefold() for name in names}
    return any(each.casefold() in folded for each in wanted)


def is_theirs(wanted: str, case: Case) -> bool:
    """Whether an address, `@` and a domain, or a tag is that of the customer."""
    if "@" not in wanted:
        return has_tag(wanted, case.customer_tags)
    address, folded = fold_address(case.address), fold_address(wanted)
    return address.endswith(folded) if wanted.startswith("@") else address == folded


def has_tag(wanted: str, tags: Iterable[str]) -> bool:
    """Whether it is one of the tags of a customer."""
    return _one_of((wanted,), tags)


def domain_of(address: str) -> str:
    """From its last `@` on."""
    return address[address.rfind("@") :]


class Plan(Struct, frozen=True, kw_only=True, dict=True):
    """All that is promised: the first policy that fits counts, and the plain promises where none does."""

    policies: tuple[Policy, ...] = ()
    plain: Mapping[str, Millis] = {}
    """How long an answer takes at most, by channel, all time counting."""
    calendars: Mapping[str, Calendar] = {}

    def policy(self, case: Case) -> Policy | None:
        """What is promised in a case; None: nothing."""
        for policy in self.policies:
            if policy.fits(case):
                return policy
        return self._plain.get(case.channel)

    @cached_property
    def of_customers(self) -> bool:
        """Whether it has to be known who the customer is."""
        return any(policy.customer for policy in self.policies)

    @cached_property
    def _plain(self) -> dict[str, Policy]:
        return {channel: Policy(first=within, next=within) for channel, within in self.plain.items()}

    def clock(self, calendar: str) -> WorkingClock:
        """That of a calendar by name; all time counts in those that there are not."""
        if calendar not in self._clocks:
            self._clocks[calendar] = WorkingClock(self.calendars.get(calendar, ALWAYS))
        return self._clocks[calendar]

    @cached_property
    def _clocks(self) -> dict[str, WorkingClock]:
        return {}

    def written(self) -> str:
        """As text, which is the same for the same plan."""
        return msgspec.json.encode(self, order="deterministic").decode()

    @staticmethod
    def read(text: str) -> Plan:
        """What was written."""
        return msgspec.json.decode(text, type=Plan)


def plain_plan(promises: Mapping[str, Millis]) -> Plan:
    """An answer within so long, by channel, and nothing else."""
    return Plan(plain=promises)
