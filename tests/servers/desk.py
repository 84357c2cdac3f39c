"""A real server of ours in a process of its own, over a workspace of its own."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import tempfile
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path

import pytest

from desk.client import Client
from desk.launch import answers
from desk.settings import environment_name
from desk.workspace import Workspace
from tests.servers.common import PASSWORD, ServerFailed, eventually, tail
from tests.servers.dovecot import Dovecot
from tests.servers.schema import lay_schema
from tests.servers.smtp import SmtpRelay
from tests.servers.stem import SERVER, Forked, stem

__all__ = ["DeskServer", "desk_server", "new_desk"]


class DeskServer:
    """`desk.server` in a fresh workspace; `kill` it, `start` it again, and ask it through `client`."""

    def __init__(self, settings: str = "", *, environment: Mapping[str, str] | None = None) -> None:
        """`settings`: what `desk.toml` says. `environment`: added to the process's own."""
        self._root = Path(tempfile.mkdtemp(prefix="dk"))
        self.home = Workspace(self._root / "w").prepare()
        self.environment = {"PYTHON_KEYRING_BACKEND": "keyring.backends.null.Keyring", **(environment or {})}
        self._process: Forked | None = None
        self._output = self._root / "output.log"
        if settings:
            self.configure(settings)

    # --- life ---------------------------------------------------------------------------------------------

    def start(self) -> DeskServer:
        """Start and wait until it answers. Raises ServerFailed with its log."""
        process = self.launch()

        def ready() -> bool:
            if process.poll() is not None:
                raise ServerFailed(f"desk exited with {process.returncode}:\n{self.log()}")
            return answers(self.socket)

        eventually(ready, 30, every=0.005, what="an answering desk")
        return self

    def launch(self) -> Forked:
        """Start without waiting."""
        lay_schema(self.home.database)
        arguments = ["--workspace", str(self.home.folder)]
        with self._output.open("ab") as output, open(os.devnull, "rb") as nothing:
            streams = (nothing.fileno(), output.fileno(), output.fileno())
            self._process = stem().fork(SERVER, arguments, {**os.environ, **self.environment}, streams)
        return self._process

    def kill(self) -> None:
        """kill -9."""
        self._end(signal.SIGKILL)

    def stop(self) -> int:
        """SIGTERM, and wait; returns the exit code."""
        return self._end(signal.SIGTERM)

    def restart(self) -> None:
        self.stop()
        self.start()

    def reload(self) -> None:
        """Make a running server read its settings anew."""
        os.kill(self.pid, signal.SIGHUP)

    def close(self) -> None:
        self.kill()
        shutil.rmtree(self._root, ignore_errors=True)

    def __enter__(self) -> DeskServer:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def _end(self, number: int) -> int:
        process, self._process = self._process, None
        if process is None:
            return 0
        process.send_signal(number)
        try:
            return process.wait(30)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()
            raise

    # --- what tests ask for -------------------------------------------------------------------------------

    @property
    def pid(self) -> int:
        assert self._process is not None, "no server was started"
        return self._process.pid

    @property
    def socket(self) -> Path:
        return self.home.socket

    def client(self, agent: str = "mia", *, timeout: float = 20.0) -> Client:
        """A client of this server; to be closed, or used with `async with`."""
        return Client(self.socket, agent, timeout=timeout)

    def configure(self, settings: str) -> None:
        """Write `desk.toml`. A running server sees it after `reload`."""
        self.home.settings.write_text(settings, "utf-8")
        self.home.settings.chmod(0o600)

    def log(self) -> str:
        """The end of what it logged and printed."""
        return f"{tail(self.home.log, 40)}\n{tail(self._output, 40)}"


def email_account(
    name: str, address: str, dovecot: Dovecot, smtp: SmtpRelay, *, extra: str = "", imap: str = ""
) -> str:
    """What `desk.toml` says to connect a mailbox of the test servers. `extra`: more lines; `imap`: more of its keys."""
    return f"""
[accounts.{name}]
connector = "email"
address = "{address}"
name = "Support"
imap = {{ host = "localhost", port = {dovecot.imaps_port}, security = "tls", ca_file = "{dovecot.ca_file}"{imap} }}
smtp = {{ host = "localhost", port = {smtp.port}, security = "starttls", ca_file = "{smtp.ca_file}" }}
{extra}
"""


def password(name: str) -> dict[str, str]:
    """The environment that holds the test servers' password for an account."""
    return {environment_name(name): PASSWORD}


@pytest.fixture
def new_desk() -> Iterator[Callable[..., DeskServer]]:
    """Makes workspaces with servers not yet started; takes what `DeskServer` takes."""
    made: list[DeskServer] = []

    def make(settings: str = "", *, environment: Mapping[str, str] | None = None) -> DeskServer:
        made.append(DeskServer(settings, environment=environment))
        return made[-1]

    yield make
    for server in made:
        server.close()


@pytest.fixture
def desk_server(new_desk: Callable[..., DeskServer]) -> DeskServer:
    """A running server over an empty workspace."""
    return new_desk().start()
