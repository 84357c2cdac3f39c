"""A real terminal for tests: tmux on a socket of its own."""

from __future__ import annotations

import os
import shlex
import subprocess
import time
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from uuid import uuid4


class Tmux:
    """One tmux server with one window of a fixed size, running one command.

    Use as a context manager; leaving it ends this server and what runs in it, nothing else.
    """

    def __init__(
        self,
        command: Sequence[str],
        *,
        directory: Path,
        columns: int = 80,
        rows: int = 24,
        environment: Mapping[str, str] | None = None,
    ) -> None:
        self._name = f"desk-{uuid4().hex[:12]}"
        self._command = list(command)
        self._directory = directory
        self._size = (columns, rows)
        self._environment = {
            "TERM": "tmux-256color",
            "TEXTUAL_ANIMATIONS": "none",
            "LANG": "C.UTF-8",
            "LC_ALL": "C.UTF-8",
            **(environment or {}),
        }

    def __enter__(self) -> Tmux:
        columns, rows = self._size
        assignments = [f"{name}={value}" for name, value in self._environment.items()]
        line = shlex.join(["env", "-u", "TMUX", "-u", "NO_COLOR", *assignments, *self._command])
        self._tmux(
            "-f",
            "/dev/null",
            "new-session",
            "-d",
            "-x",
            str(columns),
            "-y",
            str(rows),
            "-c",
            str(self._directory),
            line,
        )
        self._tmux("set-option", "-g", "remain-on-exit", "on")
        self._tmux("set-option", "-g", "set-clipboard", "on")
        self._tmux("set-option", "-sg", "escape-time", "0")
        return self

    def __exit__(self, *_: object) -> None:
        self._tmux("kill-server", check=False)

    def type(self, text: str) -> None:
        """Type text as it stands, newlines excepted."""
        self._tmux("send-keys", "-l", "--", text)

    def press(self, *keys: str) -> None:
        """Press keys by tmux's names: `Enter`, `Escape`, `C-j`, `j`."""
        self._tmux("send-keys", *keys)

    def screen(self) -> str:
        """What a person sees now."""
        return self._tmux("capture-pane", "-p")

    def title(self) -> str:
        """What the program in it calls the window."""
        return self._tmux("display-message", "-p", "#{pane_title}").strip()

    def clipboard(self) -> str:
        """What the program in it put on the clipboard (OSC 52)."""
        return self._tmux("show-buffer", check=False)

    def dead(self) -> bool:
        """Whether the program in it has ended."""
        return self._tmux("display-message", "-p", "#{pane_dead}").strip() == "1"

    def wait_for(self, wanted: str | Callable[[str], bool], *, seconds: float = 20.0) -> str:
        """The first screen that holds the text or satisfies the condition.

        Raises AssertionError with the last screen when the time is over.
        """
        holds = (lambda screen: wanted in screen) if isinstance(wanted, str) else wanted
        deadline = time.monotonic() + seconds
        while True:
            screen = self.screen()
            if holds(screen):
                return screen
            if time.monotonic() > deadline:
                raise AssertionError(f"not on the screen within {seconds} s: {wanted!r}\n{screen}")
            time.sleep(0.02)

    def _tmux(self, *arguments: str, check: bool = True) -> str:
        environment = {name: value for name, value in os.environ.items() if name not in ("TMUX", "NO_COLOR")}
        done = subprocess.run(
            ["tmux", "-L", self._name, *arguments],
            capture_output=True,
            text=True,
            check=False,
            env={**environment, "LANG": "C.UTF-8", "LC_ALL": "C.UTF-8"},
        )
        if check and done.returncode:
            raise RuntimeError(f"tmux {arguments[0]}: {done.stderr.strip()}")
        return done.stdout
