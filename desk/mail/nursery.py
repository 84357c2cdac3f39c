"""Where parser processes come from: one that has imported all they need, and forks them in 3 ms instead of 150."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
import threading
from pathlib import Path

import msgspec

from desk.mail.parsed import Limits

_HOME = str(Path(__file__).resolve().parents[2])


class Nursery:
    """Asks for workers; starts the process they are forked from when the first is wanted. Safe to share."""

    def __init__(self, limits: Limits) -> None:
        self.limits = limits
        self._turn = threading.Lock()
        self._popen: subprocess.Popen[bytes] | None = None
        self._socket: socket.socket | None = None

    def warm(self) -> None:
        """Start the process, unless it runs."""
        with self._turn:
            self._running()

    def fork(self, questions: int, answers: int, fate: int, niceness: int) -> None:
        """A new worker with these three descriptors (see `desk.mail.protocol`), which stay the caller's to close.

        Raises OSError if the process cannot be reached.
        """
        with self._turn:
            socket.send_fds(self._running(), [bytes([niceness])], [questions, answers, fate])

    def end(self) -> int | None:
        """End the process; workers go on. Returns its exit status, None if there was none."""
        with self._turn:
            popen, ours = self._popen, self._socket
            self._popen = self._socket = None
        if popen is None or ours is None:
            return None
        ours.close()
        try:
            return popen.wait(1.0)
        except subprocess.TimeoutExpired:
            popen.kill()
            return popen.wait()

    def _running(self) -> socket.socket:
        if self._socket is None or self._popen is None or self._popen.poll() is not None:
            self._start()
        assert self._socket
        return self._socket

    def _start(self) -> None:
        if self._socket is not None:
            self._socket.close()
        self._socket, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_STREAM)
        path = os.pathsep.join(filter(None, [_HOME, os.environ.get("PYTHONPATH", "")]))
        with theirs:
            self._popen = subprocess.Popen(
                [sys.executable, "-P", "-m", "desk.mail.worker", msgspec.json.encode(self.limits).decode()],
                stdin=theirs.fileno(),
                stdout=subprocess.DEVNULL,
                env={**os.environ, "PYTHONPATH": path},
                start_new_session=True,
            )
