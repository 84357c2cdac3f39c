"""The e-mail connector passes the test kit, over TLS and over STARTTLS, against real servers."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest

from connectors.contract import ConnectorContract
from tests.connectors.worlds import EmailWorld
from tests.servers.dovecot import Dovecot
from tests.servers.smtp import SmtpRelay


class TestOverTls(ConnectorContract):
    @pytest.fixture(autouse=True)
    def servers(self, own_dovecot: Dovecot, own_smtp: SmtpRelay) -> None:
        self.dovecot, self.smtp = own_dovecot, own_smtp

    def options(self) -> dict[str, Any]:
        return {"smtp": {"port": self.smtp.tls_port, "security": "tls"}}

    @contextmanager
    def world(self) -> Iterator[EmailWorld]:
        self.smtp.set()
        yield EmailWorld(self.dovecot, self.smtp, **self.options())


class TestOverStartTls(TestOverTls):
    def options(self) -> dict[str, Any]:
        return {"imap": {"port": self.dovecot.imap_port, "security": "starttls"}}


class TestMarkingSeen(TestOverTls):
    def options(self) -> dict[str, Any]:
        return {"after_store": "seen"}
