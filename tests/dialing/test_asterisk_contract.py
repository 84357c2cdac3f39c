"""Asterisk's dialer passes the test kit."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from connectors.dialing.contract import DialerContract
from tests.dialing.worlds import AsteriskWorld
from tests.servers.ari import Asterisk


class TestAsterisk(DialerContract):
    @contextmanager
    def world(self) -> Iterator[AsteriskWorld]:
        with Asterisk() as exchange:
            yield AsteriskWorld(exchange)
