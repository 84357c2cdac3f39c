"""Desk servers forked from a process that has imported all they need: up in a tenth of the time.

What is forked is a process like any other: a workspace, an environment and an output of its own, `main()` of
`python -m desk.server`, and Python's own end. Run by its path with a socket for standard input, this file is that
process; it ends, and takes its servers with it, when the other end of the socket is closed.
"""

from __future__ import annotations

import contextlib
import functools
import gc
import importlib
import json
import os
import select
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Mapping, Sequence

USED = (
    "aiosmtplib",
    "anyio._backends._asyncio",
    "anyio.streams.memory",
    "anyio.streams.tls",
    "babel.dates",
    "connectors.email.connector",
    "connectors.maildir.connector",
    "connectors.webchat.site",
    "desk.server.__main__",
    "desk.server.logs",
    "desk.server.memory",
    "desk.server.serving",
    "encodings.idna",
    "encodings.utf_8_sig",
    "getpass",
    "litestar._kwargs",
    "litestar.middleware._internal.exceptions",
    "litestar.openapi.spec",
    "litestar.middleware.allowed_hosts",
    "litestar.middleware.csrf",
    "litestar.middleware.response_cache",
    "litestar.plugins.attrs",
    "phonenumbers",
    "sqlite_utils.db",
    "tomlkit",
    "uvicorn.lifespan.off",
    "uvicorn.logging",
    "uvicorn.loops.asyncio",
    "uvicorn.protocols.http.httptools_impl",
)
"""What a server has imported once it answers, or after its first deeds."""
STILL = "DESK_TESTS_STILL_AT"
"""For a server for which it is always one instant: which, in milliseconds."""
MESSAGE = 1 << 20
"""The most bytes of one request: an argument list and an environment."""


class Forked:
    """A forked server, with what of `subprocess.Popen` tests use."""

    def __init__(self, pid: int, fate: int) -> None:
        """`fate`: where its exit code will be written."""
        self.pid = pid
        self.returncode: int | None = None
        self._fate = fate

    def poll(self) -> int | None:
        """Its exit code, negative for a signal's number; None while it runs."""
        try:
            return self.wait(0)
        except subprocess.TimeoutExpired:
            return None

    def wait(self, timeout: float | None = None) -> int:
        """Wait `timeout` seconds for its end. Raises subprocess.TimeoutExpired."""
        if self.returncode is None:
            ready, _, _ = select.select([self._fate], [], [], timeout)
            if not ready:
                raise subprocess.TimeoutExpired("desk.server", timeout or 0.0)
            self.returncode = int(os.read(self._fate, 16) or -signal.SIGKILL)
            os.close(self._fate)
        return self.returncode

    def send_signal(self, number: int) -> None:
        if self.poll() is None:
            os.kill(self.pid, number)

    def kill(self) -> None:
        self.send_signal(signal.SIGKILL)


class Stem:
    """The process servers are forked from, seen from the tests."""

    def __init__(self) -> None:
        self._turn = threading.Lock()
        self._socket, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        with theirs:  # in a session of its own: an interrupt is for the tests, which end it by going away
            self._process = subprocess.Popen(
                [sys.executable, "-P", __file__], stdin=theirs.fileno(), start_new_session=True
            )

    def fork(self, arguments: Sequence[str], environment: Mapping[str, str], output: int) -> Forked:
        """Start a server with these arguments and nothing but this environment; `output`: where it prints."""
        request = json.dumps([os.getcwd(), list(arguments), dict(environment)]).encode()
        fate, tell = os.pipe()
        try:
            with self._turn:
                socket.send_fds(self._socket, [request], [output, tell])
                return Forked(int(self._socket.recv(16)), fate)
        finally:
            os.close(tell)


@functools.cache
def stem() -> Stem:
    """This process's one."""
    return Stem()


class Nurse:
    """The process itself: forks on request, tells of every end."""

    def __init__(self, requests: socket.socket) -> None:
        self._requests = requests
        self._fates: dict[int, int] = {}
        """By a descriptor that becomes readable when the server ended: where its exit code goes."""
        self._pids: dict[int, int] = {}

    def run(self) -> bool:
        """Serve until nobody asks any more. True in a forked child, which then is to become a server."""
        while True:
            ready, _, _ = select.select([self._requests, *self._pids], [], [])
            for each in ready:
                if each is not self._requests:
                    self._ended(each)
                elif not (received := socket.recv_fds(self._requests, MESSAGE, 2))[0]:
                    self._end_all()
                    return False
                elif self._fork(received[0], *received[1]):
                    return True

    def _fork(self, request: bytes, output: int, tell: int) -> bool:
        pid = os.fork()
        if pid == 0:
            self._become(request, output, tell)
            return True
        os.close(output)
        handle = os.pidfd_open(pid)
        self._pids[handle], self._fates[handle] = pid, tell
        self._requests.send(str(pid).encode())
        return False

    def _become(self, request: bytes, output: int, tell: int) -> None:
        for descriptor in (tell, *self._pids, *self._fates.values()):
            os.close(descriptor)
        self._requests.close()
        null = os.open(os.devnull, os.O_RDONLY)
        for descriptor, place in ((null, 0), (output, 1), (output, 2)):
            os.dup2(descriptor, place)
        os.close(null)
        os.close(output)
        folder, arguments, environment = json.loads(request)
        os.chdir(folder)
        os.environ.clear()
        os.environ.update(environment)
        time.tzset()
        sys.argv = ["desk.server", *arguments]

    def _ended(self, handle: int) -> None:
        _, status = os.waitpid(self._pids.pop(handle), 0)
        os.close(handle)
        tell = self._fates.pop(handle)
        with contextlib.suppress(BrokenPipeError):
            os.write(tell, str(os.waitstatus_to_exitcode(status)).encode())
        os.close(tell)

    def _end_all(self) -> None:
        for pid in self._pids.values():
            os.kill(pid, signal.SIGKILL)


def rehearse() -> None:
    """Have the routes put together, and the types of all that they take looked at."""
    from msgspec import ValidationError, convert

    from desk.server.app import routes

    handlers = [each for route in routes().routes for each in getattr(route, "route_handlers", ())]
    for handler in handlers:
        with contextlib.suppress(ValidationError):
            convert({}, handler.signature_model)


def stand_still(now: int) -> None:
    """Of all that tells a server the time, nothing goes on."""
    from desk.clock import SystemClock

    SystemClock.now = lambda self: now  # type: ignore[method-assign]


def main() -> int:
    for name in USED:
        importlib.import_module(name)
    rehearse()
    gc.collect()
    gc.freeze()
    if Nurse(socket.socket(fileno=os.dup(0))).run():
        if STILL in os.environ:
            stand_still(int(os.environ[STILL]))
        return int(importlib.import_module("desk.server.__main__").main())
    return 0


if __name__ == "__main__":
    sys.exit(main())
