"""The terminal over 100,000 messages in 25,000 conversations: start, keys, opening, search, memory.

Measured from outside, on a pseudo-terminal and once more through tmux: from the byte of the key to the first byte the
program writes after it. Keys come 20 to 60 ms apart, as a held-down or quick hand sends them.

`DESK_BENCH_FOLDER` names a folder that keeps the workspaces for the next time, `DESK_BENCH_CONVERSATIONS` another
number of conversations, of four messages each; the list is compared with one of 1,000 in any case.
"""

from __future__ import annotations

import os
import random
import shutil
import signal
import statistics
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from benchmarks.many import COMMON, fill
from benchmarks.pseudoterminal import PseudoTerminal
from desk.launch import ensure_server
from desk.workspace import Workspace

SIZES = ((80, 24), (200, 60))
CONVERSATIONS, FEW = 25_000, 1_000
MESSAGES_EACH = 4
STARTS, OPENINGS, SEARCHES = 9, 40, 40


def run() -> Iterator[tuple[str, str]]:
    many = int(os.environ.get("DESK_BENCH_CONVERSATIONS", CONVERSATIONS))
    with workspaces() as folder:
        home, few = _workspace(folder, many), _workspace(folder, FEW)
        with serving(home), serving(few):
            yield f"inbox of {many:,} usable from the command, server running", _starts(home)
            yield f"inbox of {FEW:,} usable from the command, server running", _starts(few)
            for width, height in SIZES:
                size = f"{width}x{height}"
                yield from _keys(f"{size}, pty", home, width, height, tmux=False)
                if shutil.which("tmux"):
                    yield from _keys(f"{size}, tmux", home, width, height, tmux=True)
            yield from _keys(f"80x24, pty, {FEW:,} conversations", few, 80, 24, tmux=False)
            for name, place, tmux in (("pty", home, False), ("tmux", home, True)):
                if tmux and not shutil.which("tmux"):
                    continue
                yield f"opening a conversation, Enter to its text, {name}", _openings(place, tmux=tmux)
                for word in ("rareword", COMMON):
                    yield f"search for {word!r}, Enter to the screen, {name}", _searches(place, word, tmux=tmux)
            for count, place in ((many, home), (FEW, few)):
                yield f"memory, inbox of {count:,} after scrolling 500 rows", _memory(place)


@contextmanager
def workspaces() -> Iterator[Path]:
    """The folder that holds them: one that is kept, or one for now."""
    kept = os.environ.get("DESK_BENCH_FOLDER")
    if kept:
        yield Path(kept)
        return
    with tempfile.TemporaryDirectory(prefix="dkb") as name:
        yield Path(name)


def _workspace(folder: Path, conversations: int) -> Workspace:
    """One that was kept, or a new one; it has its name only once it is whole."""
    whole = folder / str(conversations)
    if not whole.exists():
        begun = folder / f"{conversations}-{os.getpid()}"
        fill(begun, conversations, conversations * MESSAGES_EACH)
        begun.rename(whole)
    return Workspace(whole)


@contextmanager
def serving(home: Workspace) -> Iterator[None]:
    """With a server of the workspace."""
    ensure_server(home)
    try:
        yield
    finally:
        if (pid := home.holder()) is not None:
            os.kill(pid, signal.SIGTERM)
            _ended(pid, 10.0)


def _ended(pid: int, seconds: float) -> None:
    """Wait for a server to end, so that its folder can be removed."""
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline and Path(f"/proc/{pid}").exists():
        with suppress(ChildProcessError):
            os.waitpid(pid, os.WNOHANG)
        time.sleep(0.02)


def desk_command(home: Workspace) -> list[str]:
    return [sys.executable, "-m", "desk.cli", "--workspace", str(home)]


def open_terminal(home: Workspace, width: int, height: int, *, tmux: bool = False) -> PseudoTerminal:
    """A terminal with the inbox loaded."""
    command = desk_command(home)
    if tmux:
        command = [
            "tmux",
            "-u",
            "-L",
            f"desk-bench-{os.getpid()}-{time.monotonic_ns()}",
            "-f",
            "/dev/null",
            "new-session",
            *command,
            ";",
            "set-option",
            "destroy-unattached",
            "on",
        ]
    terminal = PseudoTerminal(command, width, height)
    terminal.until(b"Customer", since=0)
    terminal.until(b" of ", since=0)
    terminal.quiet(0.6)
    return terminal


def _starts(home: Workspace) -> str:
    times = []
    for _ in range(STARTS):
        with PseudoTerminal(desk_command(home), 120, 40) as terminal:
            times.append(terminal.until(b"Customer", since=0) - terminal.started)
            terminal.quiet(0.3)
    return f"median {statistics.median(times):.3f} s, {min(times):.3f} to {max(times):.3f}"


def _keys(what: str, home: Workspace, width: int, height: int, *, tmux: bool) -> Iterator[tuple[str, str]]:
    with open_terminal(home, width, height, tmux=tmux) as terminal:
        rows = height - 4
        page = [b"j"] * rows + [b"k"] * rows
        yield (
            f"key in the page, {what}",
            _spread(lambda key: terminal.key(key), terminal, page * (240 // len(page) + 1)),
        )
        for _ in range(rows):
            terminal.key(b"j")
            terminal.quiet(0.02)
        yield f"key scrolling, {what}", _spread(lambda key: terminal.key(key), terminal, [b"j"] * 300)


def _spread(press: Callable[[bytes], float], terminal: PseudoTerminal, keys: list[bytes]) -> str:
    dice = random.Random(3)
    times = []
    for key in keys:
        terminal.quiet(dice.uniform(0.02, 0.06))
        times.append(press(key))
    return told(times)


def told(times: list[float]) -> str:
    """Seconds as a figure in milliseconds."""
    ordered = sorted(time * 1000 for time in times)
    p95, p99 = (ordered[min(int(len(ordered) * share), len(ordered) - 1)] for share in (0.95, 0.99))
    return (
        f"median {statistics.median(ordered):.1f} ms, p95 {p95:.1f}, p99 {p99:.1f}, max {ordered[-1]:.1f}"
        f"  (n={len(ordered)})"
    )


def _openings(home: Workspace, *, tmux: bool) -> str:
    """Opened at once after the cursor came: nothing could be fetched beforehand."""
    times = []
    with open_terminal(home, 80, 24, tmux=tmux) as terminal:
        for _ in range(OPENINGS):
            terminal.send(b"jj")
            terminal.read(0.02)
            offset = len(terminal.seen)
            sent = terminal.send(b"\r")
            times.append(terminal.until("┃ ".encode(), since=offset) - sent)
            terminal.quiet(0.1)
            terminal.send(b"h")
            terminal.quiet(0.3)
    return told(times)


def _searches(home: Workspace, word: str, *, tmux: bool) -> str:
    times = []
    with open_terminal(home, 80, 24, tmux=tmux) as terminal:
        for _ in range(SEARCHES):
            terminal.send(b"/")
            terminal.quiet(0.15)
            terminal.send(b"\x15")
            terminal.quiet(0.05)
            terminal.send(word.encode())
            terminal.quiet(0.15)
            offset = len(terminal.seen)
            sent = terminal.send(b"\r")
            times.append(terminal.until(f"for {word}".encode(), since=offset) - sent)
            terminal.quiet(0.15)
            terminal.send(b"h")
            terminal.quiet(0.3)
    return told(times)


def _memory(home: Workspace) -> str:
    with open_terminal(home, 80, 24) as terminal:
        for _ in range(500):
            terminal.key(b"j")
        terminal.quiet(0.3)
        return f"{terminal.memory() / 1e6:.1f} MB"
