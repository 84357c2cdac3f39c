"""Find the workspace's server, or start one in the background: what a client does before anything else.

Imports nothing that costs time; the inbox has to be on the screen half a second after Enter.
"""

from __future__ import annotations

import os
import socket
import subprocess
import sys
import threading
import time
from pathlib import Path

from desk.workspace import PRIVATE_FILE, Workspace, WorkspaceError

START_SECONDS = 20.0
"""How long a server may take to answer. A cold start takes about one; a migration of a large store longer."""

ALREADY_RUNS = 75
"""Exit code of a server that found another one holding the workspace (EX_TEMPFAIL of sysexits.h)."""

_POLL_SECONDS = 0.005
_LOG_LINES = 12


class LaunchError(Exception):
    """No server answers and none could be started; the message ends with what it said last."""


def answers(path: Path) -> bool:
    """Whether a server listens on that socket. A socket file without a server refuses."""
    with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as probe:
        probe.settimeout(2.0)
        try:
            probe.connect(str(path))
        except OSError:
            return False
    return True


def ensure_server(workspace: Workspace | Path, *, seconds: float = START_SECONDS) -> Path:
    """The socket of a running server, started now if there was none.

    However many start at once, one server results and all get its socket. Raises LaunchError.
    """
    home = workspace if isinstance(workspace, Workspace) else Workspace(workspace)
    try:
        if answers(path := home.socket):
            return path
        home.prepare()
        return _start(home, time.monotonic() + seconds)
    except WorkspaceError as error:
        raise LaunchError(str(error)) from error


def dial(socket: Path, login: str, reference: str) -> None:
    """Have this machine make a call, in a process of its own (`desk.phone`); nothing is waited for. Raises OSError."""
    _leave(
        subprocess.Popen(
            [sys.executable, "-m", "desk.phone", str(socket), login, reference],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            start_new_session=True,
        )
    )


def _leave(process: subprocess.Popen[bytes]) -> None:
    """It goes on by itself; should it end before us, somebody has waited for it, and no zombie stays."""
    threading.Thread(target=process.wait, name="left alone", daemon=True).start()


def _start(home: Workspace, deadline: float) -> Path:
    process: subprocess.Popen[bytes] | None = _spawn(home)
    while not answers(path := home.socket):
        if process is not None:
            code = process.poll()
            if code == ALREADY_RUNS:
                process = None
            elif code is not None:
                raise LaunchError(f"the server for {home} ended with exit code {code}{_last_words(home)}")
        elif not _held(home):
            process = _spawn(home)
        if time.monotonic() > deadline:
            raise LaunchError(f"the server for {home} does not answer{_last_words(home)}")
        time.sleep(_POLL_SECONDS)
    if process is not None:
        _leave(process)
    return path


def _spawn(home: Workspace) -> subprocess.Popen[bytes]:
    command = [sys.executable, "-m", "desk.server", "--workspace", str(home.folder), "--background"]
    with open(os.open(home.console, os.O_WRONLY | os.O_CREAT | os.O_APPEND, PRIVATE_FILE), "ab") as console:
        return subprocess.Popen(
            command,
            stdin=subprocess.DEVNULL,
            stdout=console,
            stderr=console,
            cwd="/",
            start_new_session=True,
            close_fds=True,
        )


def _held(home: Workspace) -> bool:
    """Whether a server is alive behind the lock: it may be on its way up, or on its way out."""
    holder = home.holder()
    if holder is None:
        return False
    try:
        os.kill(holder, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    return True


def _last_words(home: Workspace) -> str:
    for file in (home.console, home.log):
        try:
            lines = file.read_text("utf-8", errors="replace").splitlines()[-_LOG_LINES:]
        except OSError:
            continue
        if lines:
            return f"; {file} ends with:\n" + "\n".join(lines)
    return f"; nothing was logged in {home.logs}"
