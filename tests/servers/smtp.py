"""A real SMTP submission server on loopback that delivers into a `Dovecot`."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tests.servers.base import LocalServer
from tests.servers.common import Certificate, dies_with_parent, write_certificates
from tests.servers.dovecot import Dovecot


@dataclass(frozen=True)
class Delivery:
    """One mail the relay took, with its envelope. `at` in seconds since the epoch."""

    at: float
    message_id: str
    sender: str
    recipients: list[str]
    mail_options: list[str]
    content: bytes


class SmtpRelay(LocalServer):
    """Submission with AUTH (any user, password `secret`): `port` needs STARTTLS, `tls_port` is TLS at once.

    Recipients that begin with `ghost` are refused for good (550), `later` for now (451). Mail to `@example.test`
    goes into the Dovecot's mailboxes, other mail is only recorded. A process of its own, so it can be killed.
    """

    def __init__(
        self,
        directory: Path | None,
        dovecot: Dovecot,
        *,
        certificate: Certificate | None = None,
        size_limit: int = 30_000_000,
        smtputf8: bool = False,
        token: str = "",
    ) -> None:
        """`certificate` None: Dovecot's own, so one `ca_file` serves both. `size_limit` in bytes.

        `token`: what it takes with XOAUTH2; nothing if empty.
        """
        super().__init__(directory, prefix="sm", ports=2, log="relay.log")
        self.port, self.tls_port = (port.number for port in self._reserved)
        self._dovecot = dovecot
        self._limits = {"size_limit": size_limit, "smtputf8": smtputf8, "token": token}
        if certificate is None:
            for name in ("cert.pem", "key.pem", "ca.pem"):
                shutil.copyfile(dovecot.dir / name, self.dir / name)
        else:
            write_certificates(self.dir, certificate)
        self.set()

    # --- life ---------------------------------------------------------------------------------------------

    def kill(self) -> None:
        """End it at once; what it delivered stays counted."""
        process, self._process = self._process, None
        if process is not None:
            process.kill()
            process.communicate()

    # --- knobs and what came ------------------------------------------------------------------------------

    def set(self, **knobs: Any) -> None:
        """Change its mind from the next mail on; without arguments it is well-behaved again.

        `drop`: hang up at the final 250, `before-accept` (not delivered), `after-accept` (delivered, but the client is
        not told) or `after-reply` (told, then gone). `data_reply`: answer the content with this line instead.
        `delay`: seconds before that answer. `hold`: take the mail, and keep the answer back for as long as this is
        set. `rcpt_replies`: address -> reply line to RCPT.
        """
        unknown = knobs.keys() - {"drop", "data_reply", "delay", "hold", "rcpt_replies"}
        if unknown:
            raise TypeError(f"unknown knobs: {', '.join(sorted(unknown))}")
        draft = self.dir / "knobs.json.new"
        draft.write_text(json.dumps(knobs))
        draft.replace(self.dir / "knobs.json")

    def deliveries(self, message_id: str | None = None) -> list[Delivery]:
        """What it took, oldest first; all, or those with that Message-ID."""
        log = self.dir / "deliveries.jsonl"
        lines = log.read_text().splitlines() if log.exists() else []
        taken = [_delivery(json.loads(line)) for line in lines]
        return [one for one in taken if message_id is None or one.message_id == message_id.strip("<>")]

    def count(self, message_id: str) -> int:
        """How often a mail with that Message-ID was accepted."""
        return len(self.deliveries(message_id))

    # --- plumbing -----------------------------------------------------------------------------------------

    def _launch(self) -> subprocess.Popen[bytes]:
        settings = {
            "port": self.port,
            "tls_port": self.tls_port,
            "lmtp_port": self._dovecot.lmtp_port,
            **self._limits,
        }
        (self.dir / "settings.json").write_text(json.dumps(settings))
        program = Path(__file__).with_name("relay.py")
        with self._log.open("wb") as log:
            return subprocess.Popen(
                [*dies_with_parent(), sys.executable, str(program), str(self.dir)],
                stdin=subprocess.PIPE,
                stdout=log,
                stderr=log,
            )


def _delivery(entry: dict[str, Any]) -> Delivery:
    return Delivery(**{**entry, "content": entry["content"].encode("latin-1")})
