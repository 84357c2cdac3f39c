"""What is promised and what became of it, told to people."""

from __future__ import annotations

from collections.abc import Iterator

from desk.clock import Clock, Millis
from desk.model import PolicyInfo, PromiseBoard, PromiseKind, PromiseTally
from desk.promises import Plan, Policy
from desk.service import promises
from desk.store.base import Store


def board(store: Store, clock: Clock, since: Millis) -> PromiseBoard:
    """The policies, and how many promises run, and were kept, broken or void since an instant."""
    return PromiseBoard(since=since, policies=policies(store), tallies=tallies(store, since, clock.now() + 1))


def policies(store: Store) -> tuple[PolicyInfo, ...]:
    """What is promised to whom, in the order in which it counts."""
    return tuple(_infos(promises.of(store)))


def tallies(store: Store, since: Millis, until: Millis) -> tuple[PromiseTally, ...]:
    """How many promises were kept, broken or void in a time, and how many are open now, by policy and kind."""
    counted: dict[tuple[str, PromiseKind], dict[str, int]] = {}
    for policy, kind, state, number in store.promises.tally(since, until):
        counted.setdefault((policy, kind), {})[state] = number
    return tuple(PromiseTally(policy=policy, kind=kind, **of) for (policy, kind), of in counted.items())


def _infos(plan: Plan) -> Iterator[PolicyInfo]:
    yield from map(_info, plan.policies)
    for channel, within in plan.plain.items():
        yield PolicyInfo(name="", when=(f"channel {channel}",), first=within, next=within)


def _info(policy: Policy) -> PolicyInfo:
    conditions = ("channel", "queue", "priority", "tag", "customer")
    return PolicyInfo(
        name=policy.name,
        when=tuple(f"{each} {' or '.join(values)}" for each in conditions if (values := getattr(policy, each))),
        first=policy.first,
        next=policy.next,
        resolution=policy.resolution,
        calendar=policy.calendar,
        pause=policy.pause,
    )
