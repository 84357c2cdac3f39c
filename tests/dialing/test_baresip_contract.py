"""baresip passes the test kit, with real calls over SIP on loopback."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory

from connectors.dialing.contract import DialerContract
from tests.dialing.worlds import SipWorld, sip_world


class TestBaresip(DialerContract):
    @contextmanager
    def world(self) -> Iterator[SipWorld]:
        with TemporaryDirectory(prefix="sip") as folder, sip_world(Path(folder)) as world:
            yield world
