"""The life of the server's process: lock, socket, serve, and an orderly end."""

from __future__ import annotations

import gc
import os
import sys
from pathlib import Path
from typing import TYPE_CHECKING

from desk.launch import ALREADY_RUNS
from desk.server.lock import AlreadyRuns, Lock, is_at
from desk.workspace import Workspace, WorkspaceError

if TYPE_CHECKING:
    import socket

FAILED = 1
TURN_SECONDS = 0.001
"""How long a thread may keep the others waiting. Python's 0.005 are felt: what a key asks for takes several turns."""


def serve(workspace: Workspace | Path | None = None, *, background: bool = False) -> int:
    """Serve a workspace until SIGTERM, SIGINT or `POST /stop`; returns the exit code.

    0 after an orderly end, `ALREADY_RUNS` if another server holds the workspace, 1 if it cannot be served (the
    reason is on standard error and in the log).
    """
    os.umask(0o077)
    home = workspace if isinstance(workspace, Workspace) else Workspace(workspace)
    try:
        lock = Lock(home.prepare().lock)
        lock.acquire(str(os.getpid()), str(home.socket))
    except AlreadyRuns as error:
        sys.stderr.write(f"desk: {error}\n")
        return ALREADY_RUNS
    except (WorkspaceError, OSError) as error:
        sys.stderr.write(f"desk: {error}\n")
        return FAILED
    try:
        return _serve(home, lock, background=background)
    finally:
        lock.release()


def _serve(home: Workspace, lock: Lock, *, background: bool) -> int:
    from desk.server.logs import start_logging
    from desk.server.memory import share_one_heap

    share_one_heap()
    if background and home.console.exists():
        os.truncate(home.console, 0)
    start_logging(home.log, console=not background)
    sys.setswitchinterval(TURN_SECONDS)
    gc.disable()  # until all is loaded: nothing of it is garbage
    from desk.server.serving import Failed, run

    path = home.socket
    listener = _bind(path)
    bound = path.lstat()
    try:
        run(home, listener, still_ours=lambda: lock.holds() and is_at(bound, path))
    except Failed as error:
        sys.stderr.write(f"desk: {error}\n")
        return FAILED
    finally:
        listener.close()
        if is_at(bound, path):
            path.unlink(missing_ok=True)
    return 0


def _bind(path: Path) -> socket.socket:
    """A bound socket only we may connect to. It does not listen yet: who connects too early is refused.

    What stands in its place is stale, for we hold the lock.
    """
    import socket

    listener = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
    path.unlink(missing_ok=True)
    listener.bind(str(path))
    path.chmod(0o600)
    return listener
