"""Looking into a mailbox from a test, over IMAP."""

from __future__ import annotations

import ssl
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from email import message_from_bytes
from email.message import Message
from pathlib import Path

from imapclient import IMAPClient

from tests.servers.common import PATIENCE, eventually


@dataclass(frozen=True)
class Mail:
    """One mail as the server keeps it."""

    uid: int
    flags: frozenset[str]
    raw: bytes

    @property
    def parsed(self) -> Message:
        """Parsed by the tolerant standard parser (compat32)."""
        return message_from_bytes(self.raw)

    @property
    def message_id(self) -> str:
        return str(self.parsed.get("Message-ID", "")).strip().strip("<>")


class Mailbox:
    """A user's mailbox; every call logs in anew, so it survives restarts of the server."""

    def __init__(self, host: str, port: int, user: str, password: str, ca_file: Path) -> None:
        self.user = user
        self._where = (host, port)
        self._password = password
        self._ca_file = ca_file

    @contextmanager
    def client(self, folder: str | None = None) -> Iterator[IMAPClient]:
        """A logged-in IMAPClient, with the folder selected if one is named."""
        context = ssl.create_default_context(cafile=str(self._ca_file))
        host, port = self._where
        with IMAPClient(host, port=port, ssl=True, ssl_context=context, timeout=PATIENCE) as client:
            client.login(self.user, self._password)
            if folder is not None:
                client.select_folder(folder)
            yield client

    def folders(self) -> list[str]:
        with self.client() as client:
            return sorted(name for _, _, name in client.list_folders())

    def mails(self, folder: str = "INBOX") -> list[Mail]:
        """All mails in UID order; looking leaves no mark."""
        with self.client(folder) as client:
            uids = client.search("ALL")
            fetched = client.fetch(uids, ["BODY.PEEK[]", "FLAGS"]) if uids else {}
        return [
            Mail(uid, frozenset(flag.decode() for flag in data[b"FLAGS"]), data[b"BODY[]"])
            for uid, data in sorted(fetched.items())
        ]

    def count(self, message_id: str, folder: str = "INBOX") -> int:
        """How many mails with that Message-ID there are."""
        return sum(mail.message_id == message_id.strip("<>") for mail in self.mails(folder))

    def wait(
        self, condition: Callable[[list[Mail]], bool] = bool, folder: str = "INBOX", seconds: float = PATIENCE
    ) -> list[Mail]:
        """The mails, once they fulfil the condition (any mail at all, unless told otherwise)."""
        mails: list[Mail] = []

        def fulfilled() -> bool:
            mails[:] = self.mails(folder)
            return condition(mails)

        eventually(fulfilled, seconds, every=0.05, what=f"what was expected in {folder} of {self.user}")
        return mails

    def append(
        self, raw: bytes, folder: str = "INBOX", flags: Sequence[str] = (), arrived: datetime | None = None
    ) -> None:
        """`arrived`: the INTERNALDATE; default: now."""
        with self.client() as client:
            client.append(folder, raw, flags=flags, msg_time=arrived)

    def set_flags(self, uid: int, flags: Sequence[str], folder: str = "INBOX") -> None:
        with self.client(folder) as client:
            client.set_flags([uid], list(flags))

    def create(self, folder: str) -> None:
        with self.client() as client:
            client.create_folder(folder)

    def delete(self, folder: str) -> None:
        with self.client() as client:
            client.delete_folder(folder)

    def uidvalidity(self, folder: str = "INBOX") -> int:
        with self.client() as client:
            return int(client.folder_status(folder, ["UIDVALIDITY"])[b"UIDVALIDITY"])
