"""Worlds in which a customer's phone rings, one for each dialer."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Literal

import pytest

from connectors.base import Account, ConnectorError
from connectors.dialing import asterisk, baresip, launch, twilio
from connectors.dialing.base import Factory
from connectors.dialing.trial import Manner, PhoneWorld
from tests.servers.ari import REP, Asterisk
from tests.servers.sip import Baresip, Callee, Cut
from tests.servers.twilio import CALLER_ID, SID, TOKEN, Twilio
from tests.servers.twilio import REP as MIA

NUMBER = "+491701234567"
NONSENSE = (
    b"",
    b"<html>",
    b"null",
    b"[]",
    b'"Up"',
    b'{"sid": 7, "calls": {"0": {}}, "system": [], "status": {}, "state": []}',
    b'{"calls": [null, 7, {"status": ["busy"]}], "message": "\x1b[31m"}',
    b'{"friendly_name": "\\u001b]52;c;\\u0007", "status": "\\u202eactive", "system": {"version": "\\u001b[2J"}}',
    b"\xff\xfe\x00",
    b"[" * 100_000,
)
"""Bodies that no service should send."""


class SipWorld(PhoneWorld):
    """baresip calls, sipp is called."""

    factory = baresip.factory
    number = NUMBER

    def __init__(self, phone: Baresip, callee: Callee, cut: Cut) -> None:
        self.phone, self.callee, self.cut = phone, callee, cut
        self.account = self._account()
        self.secret = lambda: None

    def _account(self, **options: Any) -> Account:
        uri = f"sip:{{number}}@127.0.0.1:{self.callee.port}"
        return Account(name="phone", options={"control": f"127.0.0.1:{self.cut.port}", "uri": uri, **options})

    def customer(self, manner: Manner) -> None:
        self.callee.behave(manner)

    def rang(self) -> int:
        return self.callee.begun

    def ringing(self) -> bool:
        return self.callee.begun > self.callee.over

    def interrupt(self) -> None:
        self.phone.kill()

    def restore(self) -> None:
        self.phone.start()

    def break_dialling(self, when: Literal["before", "after"]) -> None:
        self.cut.when = when

    def brief(self) -> Account:
        return self._account(ring_seconds=1.0)


@contextmanager
def sip_world(folder: Path) -> Iterator[SipWorld]:
    """A fresh one."""
    with (
        Baresip(folder / "phone") as phone,
        Callee(folder / "customer") as callee,
        Cut(phone.control_port, lambda: callee.begun) as cut,
    ):
        yield SipWorld(phone, callee, cut)


class LaunchWorld(PhoneWorld):
    """A program that is started; its phone is a file with a line for each call."""

    factory = launch.factory
    number = NUMBER

    def __init__(self, folder: Path) -> None:
        self.calls = folder / "calls"
        self.program = folder / "call"
        self.restore()
        self.account = Account(name="phone", options={"command": [str(self.program), "{uri}"]})
        self.secret = lambda: None

    def customer(self, manner: Manner) -> None:
        """Whatever it does, nobody hears of it."""

    def rang(self) -> int:
        return len(self.calls.read_text().splitlines()) if self.calls.exists() else 0

    def ringing(self) -> bool:
        return False

    def interrupt(self) -> None:
        self.program.unlink()

    def restore(self) -> None:
        self.program.write_text(f'#!/bin/sh\necho "$1" >> "{self.calls}"\n')
        self.program.chmod(0o755)


class ExchangeWorld(PhoneWorld):
    """One that is asked over HTTP to ring the rep's phone and then the customer's."""

    number = NUMBER
    rep = "mia"
    mia: str
    """The rep's phone."""
    bad: str
    """Such a phone, if it were one."""

    def __init__(self, server: Any, secret: str) -> None:
        self.server = server
        self.account = self.set_to()
        self.secret = lambda: secret

    @abstractmethod
    def options(self) -> dict[str, Any]:
        """Good ones."""

    def set_to(self, **options: Any) -> Account:
        """The account, but with these options."""
        return Account(name="phone", options={**self.options(), **options})

    def customer(self, manner: Manner) -> None:
        self.server.manner = manner

    def rang(self) -> int:
        return int(self.server.rang)

    def ringing(self) -> bool:
        return bool(self.server.ringing)

    def interrupt(self) -> None:
        self.server.kill()

    def restore(self) -> None:
        self.server.start()

    def break_dialling(self, when: Literal["before", "after"]) -> None:
        self.server.break_at = when

    def brief(self) -> Account:
        return self.set_to(ring_seconds=1)

    def opened(self, **options: Any) -> Any:
        """A dialer, with these options."""
        return self.factory.open(self.set_to(**options), self.secret)


class AsteriskWorld(ExchangeWorld):
    """An exchange as it is described."""

    factory = asterisk.factory
    mia = REP
    bad = "100"

    def __init__(self, server: Asterisk) -> None:
        super().__init__(server, "secret")

    def options(self) -> dict[str, Any]:
        return {"url": self.server.url, "user": "desk", "endpoint": "PJSIP/{number}@trunk", "phones": {"mia": REP}}


class TwilioWorld(ExchangeWorld):
    """A telephone company as it is documented."""

    factory = twilio.factory
    mia = MIA
    bad = "client:mia<x>"

    def __init__(self, server: Twilio) -> None:
        super().__init__(server, TOKEN)

    def options(self) -> dict[str, Any]:
        common = {"url": self.server.url, "account_sid": SID, "caller_id": CALLER_ID, "phones": {"mia": MIA}}
        return {**common, "poll_seconds": 0.05}


def told_wrong(factory: Factory, options: dict[str, Any], finding: str) -> None:
    """Those settings are refused, with that among what is said."""
    given = Account(name="phone", options=options)
    assert any(finding in problem for problem in factory.validate(given)), factory.validate(given)
    with pytest.raises(ConnectorError):
        factory.open(given, lambda: None)
