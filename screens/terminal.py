"""How painted frames get to the terminal: at once, from the thread that painted them.

Textual hands all it writes to a thread of its own. That one wakes while the painting thread is still at work on what
follows, and waits for the interpreter until it is idle: 2 to 5 ms for each frame. Here a frame is one write that
never blocks; what the terminal does not take is written when it does.
"""

from __future__ import annotations

import contextlib
import os
import select
import time
from collections.abc import MutableMapping
from threading import RLock
from typing import Any, TextIO, cast

from textual._ansi_sequences import ANSI_SEQUENCES_KEYS
from textual.drivers.linux_driver import LinuxDriver

from screens.noticing import RESTORE_TITLE, SAVE_TITLE, title_sequence

FRAME_BEGINS, FRAME_ENDS = "\x1b[?2026h", "\x1b[?2026l"
"""Synchronized output: the terminal shows what stands between all at once."""
BEHIND_AT_MOST = 256 * 1024
"""Bytes a terminal may be behind; then painting waits for it."""
FAREWELL_SECONDS = 1.0
"""How long a terminal that takes nothing is waited for at the end."""


def keep_alt_with_digits() -> None:
    """Textual takes Alt with a digit for the character that Option types on a Mac with WezTerm (`¡` for 1)."""
    known = cast(MutableMapping[str, Any], ANSI_SEQUENCES_KEYS)
    for digit in "0123456789":
        known.pop(f"\x1b{digit}", None)


keep_alt_with_digits()


class DirectDriver(LinuxDriver):
    """Textual's driver for Linux and macOS, with output of its own where there is a terminal to write to."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._out: int | None = None
        self._lock = RLock()
        self._frame: list[str] | None = None
        self._behind = bytearray()
        self._watching = False
        self._title: str | None = None

    def start_application_mode(self) -> None:
        self.open_output()
        super().start_application_mode()  # type: ignore[no-untyped-call]
        if self._title is not None:
            self.write(SAVE_TITLE + title_sequence(self._title))

    def stop_application_mode(self) -> None:
        if self._title is not None:
            self.write(RESTORE_TITLE)
        super().stop_application_mode()

    def entitle(self, text: str | None) -> None:
        """Give the terminal a title of ours; None gives it back the one it had, as leaving Desk does."""
        if text is None and self._title is not None:
            self.write(RESTORE_TITLE)
        elif text is not None:
            self.write(("" if self._title is not None else SAVE_TITLE) + title_sequence(text))
        self._title = text

    def open_output(self) -> None:
        """From now on write to the terminal directly, if there is one."""
        self._out = _reopened(self._file) if self._file is not None else None

    def write(self, data: str) -> None:
        if self._out is None:
            super().write(data)
            return
        with self._lock:
            if data == FRAME_BEGINS:
                self._frame = []
            if self._frame is None:
                self._send(data)
                return
            self._frame.append(data)
            if data == FRAME_ENDS:
                whole, self._frame = "".join(self._frame), None
                self._send(whole)

    def _send(self, data: str) -> None:
        self._behind += data.encode("utf-8", "replace")
        if self._watching:
            self._wait_while_over(BEHIND_AT_MOST)
            return
        self._push()
        if self._behind:
            self._watching = True
            self._loop.call_soon_threadsafe(self._watch)

    def _push(self) -> None:
        """Write what the terminal takes now. A terminal that is gone takes everything."""
        if self._out is None:
            return
        try:
            while self._behind:
                del self._behind[: os.write(self._out, self._behind)]
        except BlockingIOError:
            pass
        except OSError:
            self._behind.clear()

    def _watch(self) -> None:
        with self._lock:
            if self._out is not None and self._watching:
                self._loop.add_writer(self._out, self._ready)

    def _ready(self) -> None:
        with self._lock:
            self._push()
            if not self._behind:
                self._unwatch()

    def _unwatch(self) -> None:
        if self._watching and self._out is not None:
            self._watching = False
            with contextlib.suppress(RuntimeError):
                self._loop.remove_writer(self._out)

    def _wait_while_over(self, size: int, seconds: float | None = None) -> None:
        deadline = None if seconds is None else time.monotonic() + seconds
        while self._out is not None and len(self._behind) > size:
            left = None if deadline is None else deadline - time.monotonic()
            if left is not None and left <= 0:
                return
            select.select((), (self._out,), (), left)
            self._push()

    def close(self) -> None:
        with self._lock:
            self._wait_while_over(0, FAREWELL_SECONDS)
            self._unwatch()
            out, self._out = self._out, None
            self._behind.clear()
            self._frame = None
            if out is not None:
                os.close(out)
        super().close()


def _reopened(file: TextIO) -> int | None:
    """The terminal once more, such that writing to it never blocks; None if it is no terminal.

    Opened anew, since not to block is a property that would be shared with the shell this terminal belongs to.
    """
    try:
        return os.open(os.ttyname(file.fileno()), os.O_WRONLY | os.O_NOCTTY | os.O_NONBLOCK | os.O_CLOEXEC)
    except OSError:
        return None
