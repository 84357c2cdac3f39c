"""The Maildir connector passes the test kit on real folders."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from connectors.contract import ConnectorContract
from tests.connectors.maildirs import MaildirWorld


class TestMaildir(ConnectorContract):
    def options(self) -> dict[str, Any]:
        return {}

    @contextmanager
    def world(self) -> Iterator[MaildirWorld]:
        with TemporaryDirectory(prefix="maildir") as folder:
            yield MaildirWorld(Path(folder), **self.options())


class TestMarkingSeen(TestMaildir):
    def options(self) -> dict[str, Any]:
        return {"after_store": "seen"}
