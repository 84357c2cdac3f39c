"""A real SMTP submission server on loopback that delivers into a `Dovecot`."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tests.servers.common import (
    PASSWORD,
    Certificate,
    ServerFailed,
    dies_with_parent,
    free_port,
    tail,
    wait_for_port,
    write_certificates,
)
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


class SmtpRelay:
    """Submission with AUTH (any user, password `secret`): `port` needs STARTTLS, `tls_port` is TLS at once.

    Recipients that begin with `ghost` are refused for good (550), `later` for now (451). Mail to `@example.test`
    goes into the Dovecot's mailboxes, other mail is only recorded. A process of its own, so it can be killed.
    """

    host = "127.0.0.1"
    password = PASSWORD

    def __init__(
        self,
        directory: Path | None,
        dovecot: Dovecot,
        *,
        certificate: Certificate | None = None,
        size_limit: int = 30_000_000,
        smtputf8: bool = False,
    ) -> None:
        """`certificate` None: Dovecot's own, so one `ca_file` serves both. `size_limit` in bytes."""
        self._owned = directory is None
        self.dir = directory or Path(tempfile.mkdtemp(prefix="sm"))
        self.dir.mkdir(parents=True, exist_ok=True)
        self._dovecot = dovecot
        self._limits = {"size_limit": size_limit, "smtputf8": smtputf8}
        self._process: subprocess.Popen[bytes] | None = None
        self.port = self.tls_port = 0
        if certificate is None:
            for name in ("cert.pem", "key.pem", "ca.pem"):
                shutil.copyfile(dovecot.dir / name, self.dir / name)
        else:
            write_certificates(self.dir, certificate)
        self.set()

    # --- life ---------------------------------------------------------------------------------------------

    def start(self) -> SmtpRelay:
        """Start, on the ports of the last time if there was one. Returns when it answers."""
        for fresh in (not self.port, True, True):
            if fresh:
                self.port, self.tls_port = free_port(), free_port()
            try:
                self._launch()
            except ServerFailed as error:
                self.kill()
                if "address already in use" not in str(error).lower():
                    raise
            else:
                return self
        raise ServerFailed(f"no free ports:\n{tail(self._log)}")

    def kill(self) -> None:
        """End it at once."""
        process, self._process = self._process, None
        if process is not None:
            process.kill()
            process.communicate()

    stop = kill

    def restart(self) -> None:
        """Kill, and start again on the same ports; what it delivered stays counted."""
        self.kill()
        self.start()

    def close(self) -> None:
        self.kill()
        if self._owned:
            shutil.rmtree(self.dir, ignore_errors=True)

    def __enter__(self) -> SmtpRelay:
        try:
            return self.start()
        except BaseException:
            self.close()
            raise

    def __exit__(self, *_: object) -> None:
        self.close()

    @property
    def ca_file(self) -> Path:
        return self.dir / "ca.pem"

    # --- knobs and what came ------------------------------------------------------------------------------

    def set(self, **knobs: Any) -> None:
        """Change its mind from the next mail on; without arguments it is well-behaved again.

        `drop`: hang up at the final 250, `before-accept` (not delivered), `after-accept` (delivered, but the client is
        not told) or `after-reply` (told, then gone). `data_reply`: answer the content with this line instead.
        `delay`: seconds before that answer. `rcpt_replies`: address -> reply line to RCPT.
        """
        unknown = knobs.keys() - {"drop", "data_reply", "delay", "rcpt_replies"}
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

    @property
    def _log(self) -> Path:
        return self.dir / "relay.log"

    def _launch(self) -> None:
        settings = {
            "port": self.port,
            "tls_port": self.tls_port,
            "lmtp_port": self._dovecot.lmtp_port,
            **self._limits,
        }
        (self.dir / "settings.json").write_text(json.dumps(settings))
        program = Path(__file__).with_name("relay.py")
        with self._log.open("wb") as log:
            self._process = subprocess.Popen(
                [*dies_with_parent(), sys.executable, str(program), str(self.dir)],
                stdin=subprocess.PIPE,
                stdout=log,
                stderr=log,
            )
        for port in (self.port, self.tls_port):
            wait_for_port(port, self._process, self._log)


def _delivery(entry: dict[str, Any]) -> Delivery:
    return Delivery(**{**entry, "content": entry["content"].encode("latin-1")})
