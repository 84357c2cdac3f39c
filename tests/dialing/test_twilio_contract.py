"""Twilio's dialer passes the test kit."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

import pytest

from connectors.dialing.contract import DialerContract
from connectors.dialing.twilio import dialer
from tests.dialing.worlds import TwilioWorld
from tests.servers.twilio import Twilio


class TestTwilio(DialerContract):
    @pytest.fixture(autouse=True)
    def little_patience(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(dialer, "_PATIENCE_SECONDS", 1.0)

    @contextmanager
    def world(self) -> Iterator[TwilioWorld]:
        with Twilio() as company:
            yield TwilioWorld(company)
