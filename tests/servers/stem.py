"""Desk's programs forked from a process that has imported all they need: up in a tenth of the time.

What is forked is a process like any other: a workspace, an environment and standard streams of its own, `main()` of
`python -m desk.server` or `python -m desk.cli`, and an end like any other. Run by its path with a socket for standard
input, this file is that process; it ends, and takes its children with it, when the other end of the socket is closed.
"""

from __future__ import annotations

import atexit
import contextlib
import functools
import gc
import importlib
import json
import os
import pkgutil
import select
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Mapping, Sequence
from typing import NoReturn

USED = (
    "aiosmtplib",
    "anyio._backends._asyncio",
    "anyio.streams.memory",
    "anyio.streams.tls",
    "babel.dates",
    "connectors.email.connector",
    "connectors.maildir.connector",
    "connectors.webchat.site",
    "desk.client",
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
SERVER = "desk.server.__main__"
COMMANDS = "desk.cli"
"""Modules whose `main()` can be run."""
STILL = "DESK_TESTS_STILL_AT"
"""For a server for which it is always one instant: which, in milliseconds."""
MESSAGE = 1 << 20
"""The most bytes of one request: an argument list and an environment."""


class Forked:
    """A forked program, with what of `subprocess.Popen` tests use."""

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

    def fork(
        self, program: str, arguments: Sequence[str], environment: Mapping[str, str], streams: tuple[int, int, int]
    ) -> Forked:
        """Start a program with these arguments, nothing but this environment, and its input, output and errors."""
        request = json.dumps([os.getcwd(), program, list(arguments), dict(environment)]).encode()
        fate, tell = os.pipe()
        try:
            with self._turn:
                socket.send_fds(self._socket, [request], [*streams, tell])
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
        """By a descriptor that becomes readable when the program ended: where its exit code goes."""
        self._pids: dict[int, int] = {}

    def run(self) -> str:
        """Serve until nobody asks any more. In a forked child, the program it is to become."""
        while True:
            ready, _, _ = select.select([self._requests, *self._pids], [], [])
            for each in ready:
                if each is not self._requests:
                    self._ended(each)
                elif not (received := socket.recv_fds(self._requests, MESSAGE, 4))[0]:
                    self._end_all()
                    return ""
                elif program := self._fork(received[0], *received[1]):
                    return program

    def _fork(self, request: bytes, *descriptors: int) -> str:
        *streams, tell = descriptors
        pid = os.fork()
        if pid == 0:
            return self._become(request, streams, tell)
        for stream in streams:
            os.close(stream)
        handle = os.pidfd_open(pid)
        self._pids[handle], self._fates[handle] = pid, tell
        self._requests.send(str(pid).encode())
        return ""

    def _become(self, request: bytes, streams: Sequence[int], tell: int) -> str:
        for descriptor in (tell, *self._pids, *self._fates.values()):
            os.close(descriptor)
        self._requests.close()
        for place, stream in enumerate(streams):
            os.dup2(stream, place)
            os.close(stream)
        folder, program, arguments, environment = json.loads(request)
        os.chdir(folder)
        os.environ.clear()
        os.environ.update(environment)
        time.tzset()
        sys.argv = [program, *arguments]
        return str(program)

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


def commands() -> list[str]:
    """The modules of the command line, of which each command takes a few."""
    package = importlib.import_module(COMMANDS)
    return [f"{COMMANDS}.{each.name}" for each in pkgutil.iter_modules(package.__path__) if each.name != "__main__"]


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


def end(code: int) -> NoReturn:
    """End as Python does, but for taking all apart that was imported: that takes as long as a command."""
    threading._shutdown()  # type: ignore[attr-defined]
    atexit._run_exitfuncs()
    for stream in (sys.stdout, sys.stderr):
        stream.flush()
    os._exit(code)


def main() -> int:
    for name in (*USED, *commands()):
        importlib.import_module(name)
    rehearse()
    gc.collect()
    gc.freeze()
    program = Nurse(socket.socket(fileno=os.dup(0))).run()
    if not program:
        return 0
    if STILL in os.environ:
        stand_still(int(os.environ[STILL]))
    end(int(importlib.import_module(program).main()))


if __name__ == "__main__":
    sys.exit(main())
