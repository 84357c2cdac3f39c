"""A workspace with one real mailbox, and a server that may be killed at any moment."""

from __future__ import annotations

import os
import signal
from email.message import EmailMessage
from pathlib import Path

from desk.client import Client, ClientError
from desk.launch import answers, ensure_server
from desk.workspace import Workspace
from tests.servers.common import eventually
from tests.servers.dovecot import Dovecot
from tests.servers.smtp import SmtpRelay


class Rig:
    """One workspace on one account; `dovecot` and `smtp` play the world outside.

    Use as a context manager; leaving it ends the server, whoever started it.
    """

    def __init__(self, folder: Path, dovecot: Dovecot, smtp: SmtpRelay, address: str, *, undo_seconds: float) -> None:
        self.workspace = Workspace(folder).prepare()
        self.dovecot, self.smtp, self.address = dovecot, smtp, address
        login = f'host = "127.0.0.1", security = "starttls", user = "{address}", ca_file = "{dovecot.ca_file}"'
        lines = [
            "[desk]",
            f"undo_seconds = {undo_seconds}",
            "[accounts.support]",
            'connector = "email"',
            f'address = "{address}"',
            'name = "Support"',
            f"imap = {{ port = {dovecot.imap_port}, {login} }}",
            f"smtp = {{ port = {smtp.port}, {login} }}",
        ]
        self.workspace.settings.write_text("\n".join(lines) + "\n")
        os.environ["DESK_PASSWORD_SUPPORT"] = "secret"

    def __enter__(self) -> Rig:
        return self

    def __exit__(self, *_: object) -> None:
        self.kill()

    def start(self) -> Path:
        """The socket of the running server, started if need be."""
        return ensure_server(self.workspace)

    def client(self, agent: str = "rep") -> Client:
        return Client(self.start(), agent)

    def kill(self) -> None:
        """SIGKILL to the server, and wait until its last thread has let go of the socket."""
        pid = self.workspace.holder()
        if pid is None or not self._serves(pid):
            return
        os.kill(pid, signal.SIGKILL)
        eventually(lambda: not answers(self.workspace.socket), what="the killed server's socket closed")

    def _serves(self, pid: int) -> bool:
        """Whether that process is this workspace's server, and no other's that got its number."""
        try:
            command = Path(f"/proc/{pid}/cmdline").read_bytes()
        except OSError:
            return False
        return os.fsencode(str(self.workspace.folder)) in command

    async def stop(self) -> None:
        try:
            async with Client(self.workspace.socket, "rep") as client:
                await client.stop()
        except ClientError:
            self.kill()


def mail(number: int, address: str, *, sender: str | None = None) -> bytes:
    """A customer's mail with a number to know it by."""
    message = EmailMessage()
    message["From"] = sender or f"Customer {number} <customer{number}@elsewhere.test>"
    message["To"] = address
    message["Subject"] = f"question {number}"
    message["Message-ID"] = f"<question-{number}@elsewhere.test>"
    message.set_content(f"This is question number {number}.\n")
    return message.as_bytes()


async def whole_view(client: Client, view: str = "all") -> list[int]:
    """The ids of all conversations in a view."""
    ids: list[int] = []
    while True:
        page = await client.conversations(view, offset=len(ids), limit=200)  # type: ignore[arg-type]
        ids += [conversation.id for conversation in page.items]
        if not page.items:
            return ids
