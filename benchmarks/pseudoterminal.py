"""A program on a pseudo-terminal, and the moment each of its bytes arrives."""

from __future__ import annotations

import contextlib
import fcntl
import os
import pty
import re
import select
import signal
import struct
import termios
import time
from collections.abc import Mapping, Sequence
from re import Pattern

SYNC_QUERY = b"\x1b[?2026$p"
SYNC_ANSWER = b"\x1b[?2026;2$y"
"""What a terminal answers that can show an update all at once (mode 2026)."""


class Silent(Exception):
    """The program did not show what was waited for; the message ends with what it did."""


class PseudoTerminal:
    """Runs a program as its terminal would. Seconds are those of `time.perf_counter`."""

    def __init__(
        self, command: Sequence[str], width: int, height: int, environment: Mapping[str, str] | None = None
    ) -> None:
        self.seen = bytearray()
        """Every byte the program wrote."""
        self.started = time.perf_counter()
        self.pid, self._fd = pty.fork()
        if self.pid == 0:
            fcntl.ioctl(0, termios.TIOCSWINSZ, struct.pack("HHHH", height, width, 0, 0))
            surroundings = {**os.environ, "TERM": "xterm-256color", "COLORTERM": "truecolor", **(environment or {})}
            for size_of_another in ("COLUMNS", "LINES"):
                surroundings.pop(size_of_another, None)
            try:
                os.execvpe(command[0], list(command), surroundings)
            finally:
                os._exit(127)
        fcntl.ioctl(self._fd, termios.TIOCSWINSZ, struct.pack("HHHH", height, width, 0, 0))

    def __enter__(self) -> PseudoTerminal:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def read(self, seconds: float) -> bytes:
        """What comes first within that time; b'' if nothing does."""
        ready, _, _ = select.select([self._fd], [], [], max(seconds, 0))
        if not ready:
            return b""
        try:
            data = os.read(self._fd, 1 << 16)
        except OSError:
            return b""
        self.seen += data
        if SYNC_QUERY in data:
            self.send(SYNC_ANSWER)
        return data

    def send(self, keys: bytes) -> float:
        """Type; returns when."""
        now = time.perf_counter()
        os.write(self._fd, keys)
        return now

    def until(self, wanted: bytes | Pattern[bytes], seconds: float = 20.0, since: int | None = None) -> float:
        """Read until the program has written that, from now on or since an offset of `seen`; returns when it came."""
        pattern = re.compile(re.escape(wanted)) if isinstance(wanted, bytes) else wanted
        start = len(self.seen) if since is None else since
        deadline = time.perf_counter() + seconds
        while not pattern.search(self.seen, start):
            if time.perf_counter() > deadline:
                raise Silent(f"{wanted!r} did not come; the last was {bytes(self.seen[-2000:])!r}")
            self.read(0.05)
        return time.perf_counter()

    def answer(self, keys: bytes, wanted: bytes | Pattern[bytes]) -> float:
        """Seconds from the keys to what they bring."""
        offset = len(self.seen)
        sent = self.send(keys)
        return self.until(wanted, since=offset) - sent

    def wait(self, seconds: float) -> None:
        """Read what comes for so long, however much it is."""
        deadline = time.perf_counter() + seconds
        while (left := deadline - time.perf_counter()) > 0:
            self.read(left)

    def quiet(self, still: float = 0.15, seconds: float = 10.0) -> None:
        """Read until nothing came for `still` seconds."""
        deadline = time.perf_counter() + seconds
        while self.read(still) and time.perf_counter() < deadline:
            pass

    def key(self, keys: bytes) -> float:
        """Seconds from the key to the first byte the program writes after it."""
        sent = self.send(keys)
        if not self.read(5.0):
            raise Silent(f"no answer to {keys!r}")
        return time.perf_counter() - sent

    def memory(self) -> int:
        """Bytes of the program that are in memory now."""
        with open(f"/proc/{self.pid}/status", encoding="ascii") as status:
            return next(int(line.split()[1]) * 1024 for line in status if line.startswith("VmRSS"))

    def close(self) -> None:
        with contextlib.suppress(ProcessLookupError):
            os.kill(self.pid, signal.SIGTERM)
        os.close(self._fd)
        deadline = time.monotonic() + 5
        while time.monotonic() < deadline:
            if os.waitpid(self.pid, os.WNOHANG)[0]:
                return
            time.sleep(0.01)
        os.kill(self.pid, signal.SIGKILL)
        os.waitpid(self.pid, 0)
