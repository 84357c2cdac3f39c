"""What the servers share: ports, waiting, certificates."""

from __future__ import annotations

import os
import shutil
import socket
import subprocess
import time
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Literal, TypeVar

import trustme

from tests.servers.patience import Deadline

T = TypeVar("T")

PASSWORD = "secret"
PATIENCE = 60.0
"""Seconds to wait for what is certain to come: more than the product ever needs, on a machine busy with other tests."""
Certificate = Literal["good", "wrong-host", "expired", "self-signed"]
"""`good`: signed by `ca.pem`, for localhost and 127.0.0.1. `self-signed`: by an authority nobody was given."""


class ServerFailed(Exception):
    """A server did not start or stopped by itself; the message ends with its log."""


class Port:
    """A loopback port that nobody else is given until it is released, though a server may listen on it.

    The system hands out no port that a socket is bound to; binding it a second time, by its number, is what
    SO_REUSEADDR allows while only one of them listens. Where nobody listens, connections are refused.
    """

    def __init__(self) -> None:
        self._holder = socket.socket()
        self._holder.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        self._holder.bind(("127.0.0.1", 0))
        self.number: int = self._holder.getsockname()[1]

    def release(self) -> None:
        self._holder.close()


def free_port() -> int:
    """A port nobody listens on at this moment."""
    port = Port()
    port.release()
    return port.number


def eventually(condition: Callable[[], T], seconds: float = PATIENCE, *, every: float = 0.02, what: str = "") -> T:
    """The first true answer of `condition`; AssertionError if there is none in time."""
    deadline = Deadline(seconds)
    while True:
        if answer := condition():
            return answer
        if deadline.passed():
            raise AssertionError(f"{what or 'the condition'} did not come true within {seconds:g} s; last: {answer!r}")
        time.sleep(every)


def listening(port: int) -> bool:
    try:
        socket.create_connection(("127.0.0.1", port), timeout=1).close()
    except OSError:
        return False
    return True


def wait_for_port(port: int, process: subprocess.Popen[bytes], log: Path, seconds: float = PATIENCE) -> None:
    def ready() -> bool:
        if process.poll() is not None:
            raise ServerFailed(f"exited with {process.returncode} before port {port} opened:\n{tail(log)}")
        return listening(port)

    try:
        eventually(ready, seconds, what=f"port {port}")
    except AssertionError as error:
        raise ServerFailed(f"{error}\n{tail(log)}") from error


def tail(log: Path, lines: int = 15) -> str:
    return "\n".join(log.read_text(errors="replace").splitlines()[-lines:]) if log.exists() else "(no log)"


def write_certificates(directory: Path, kind: Certificate) -> None:
    """Write `cert.pem`, `key.pem` and `ca.pem`, the authority a client is to trust."""
    trusted = trustme.CA()
    issuer = trustme.CA() if kind == "self-signed" else trusted
    names = ("mail.elsewhere.test",) if kind == "wrong-host" else ("localhost", "127.0.0.1")
    ended = datetime(2020, 1, 1, tzinfo=UTC) if kind == "expired" else None
    issued = issuer.issue_cert(*names, not_after=ended)
    trusted.cert_pem.write_to_path(str(directory / "ca.pem"))
    issued.private_key_pem.write_to_path(str(directory / "key.pem"))
    (directory / "cert.pem").unlink(missing_ok=True)
    for blob in issued.cert_chain_pems:
        blob.write_to_path(str(directory / "cert.pem"), append=True)


def dies_with_parent() -> list[str]:
    """The prefix of a command that is to end when the starting thread does, where the system offers it."""
    setpriv = shutil.which("setpriv")
    return [setpriv, "--pdeathsig", "KILL"] if setpriv else []


def is_root() -> bool:
    return os.geteuid() == 0
