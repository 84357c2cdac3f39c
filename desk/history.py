"""Lines that were typed, kept in a file that only their writer may read."""

from __future__ import annotations

import os
from pathlib import Path

KEPT = 1_000
_ROOM = KEPT * 2
"""Lines in the file before the oldest ones are dropped from it."""


class History:
    """The lines typed in a workspace, oldest first, without repetitions; kept in memory where there is no file."""

    def __init__(self, file: Path | None) -> None:
        self._file = file if file is not None and file.parent.is_dir() else None
        self.lines = self._read()

    def add(self, line: str) -> None:
        """A line was typed. A file that cannot be written is no reason to stop anybody."""
        line = " ".join(line.split())
        if not line or not line.isprintable():
            return
        self.lines = [*[each for each in self.lines if each != line][-KEPT + 1 :], line]
        if self._file is None:
            return
        try:
            with open(
                os.open(self._file, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600), "a", encoding="utf-8"
            ) as file:
                os.fchmod(file.fileno(), 0o600)
                file.write(line + "\n")
        except OSError:
            self._file = None

    def _read(self) -> list[str]:
        if self._file is None:
            return []
        try:
            text = self._file.read_text("utf-8", errors="replace")
        except OSError:
            return []
        written = [line for line in text.splitlines() if line and line.isprintable()]
        lines = list(dict.fromkeys(reversed(written)))[:KEPT][::-1]
        if len(written) > _ROOM:
            self._shorten(lines)
        return lines

    def _shorten(self, lines: list[str]) -> None:
        """Write what is kept in one step, so that a crash leaves the one file or the other."""
        assert self._file is not None
        fresh = self._file.with_name(f".{self._file.name}.{os.getpid()}")
        try:
            with open(os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w", encoding="utf-8") as file:
                file.write("".join(f"{line}\n" for line in lines))
            os.replace(fresh, self._file)
        except OSError:
            return
