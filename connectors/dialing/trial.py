"""What the test kit of dialers works with: a world with one customer's phone, and ways to wait for a call."""

from __future__ import annotations

import asyncio
import time
import unittest
from abc import abstractmethod
from collections.abc import Callable
from typing import Literal

from connectors.base import Account
from connectors.dialing.base import Attempt, Call, CallState, Dialer, Factory, Progress
from connectors.trial import PATIENCE, Outside

Manner = Literal["answers", "answers and hangs up", "rings", "busy", "absent", "wrong"]
"""What the customer's phone does. `absent`: it cannot be reached. `wrong`: there is no such number."""


class PhoneWorld(Outside):
    """A way to call, and one customer's phone. After `restore` the calls there were are forgotten."""

    factory: Factory
    number: str
    """The customer's."""
    rep: str = ""

    @abstractmethod
    def customer(self, manner: Manner) -> None:
        """What the customer's phone does from now on."""

    @abstractmethod
    def rang(self) -> int:
        """How many calls were put through to the customer's phone so far, whatever it did then."""

    @abstractmethod
    def ringing(self) -> bool:
        """Whether the phone rings, or is in a call, now."""

    def break_dialling(self, when: Literal["before", "after"]) -> None:
        """Of the next call let the connection break before the last word: `before` or `after` the call was begun."""
        raise unittest.SkipTest("this dialer cannot be broken off there")

    def brief(self) -> Account:
        """The account, but set to let it ring for about a second."""
        return self.account


ORDER: tuple[CallState, ...] = ("dialling", "ringing", "answered", "ended")


def attempt(world: PhoneWorld, reference: str = "callback-1-1") -> Attempt:
    """An attempt to call the customer, made now."""
    return Attempt(reference=reference, number=world.number, rep=world.rep, at=time.time_ns() // 1_000_000)


async def course(call: Call) -> list[Progress]:
    """Every step of it until its end."""
    async with asyncio.timeout(PATIENCE):
        return [step async for step in call.progress()]


async def until(call: Call, state: CallState) -> None:
    """Wait until it has come so far."""
    async with asyncio.timeout(PATIENCE):
        async for step in call.progress():
            if step.state == state:
                return
    raise AssertionError(f"the call ended without {state}: {call.latest}")


async def until_true(condition: Callable[[], bool]) -> None:
    """Wait until it is so."""
    async with asyncio.timeout(PATIENCE):
        while not condition():  # noqa: ASYNC110
            await asyncio.sleep(0.02)


async def silence(world: PhoneWorld) -> None:
    """Wait until the customer's phone has stopped ringing."""
    await until_true(lambda: not world.ringing())


def states_of(steps: list[Progress]) -> list[CallState]:
    """The states passed; the words of `dialling` may have changed."""
    states = [step.state for step in steps]
    return [state for index, state in enumerate(states) if state != "dialling" or index == 0]


def must_tell(dialer: Dialer) -> None:
    if not dialer.tells:
        raise unittest.SkipTest("this dialer hears nothing of its calls")
