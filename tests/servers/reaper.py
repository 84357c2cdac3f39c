"""Starts a command in a session of its own and reaps all its orphans. Run as `reaper.py COMMAND…`.

Prints the session's id, lives as long as any process of it does, and takes them with it when killed. Without it, in a
container whose first process does not reap, killed servers stay zombies, which their successors' lock files take for
living owners.
"""

from __future__ import annotations

import ctypes
import os
import signal
import sys

_SET_PDEATHSIG, _SET_CHILD_SUBREAPER = 1, 36


def main() -> None:
    libc = ctypes.CDLL(None)
    libc.prctl(_SET_CHILD_SUBREAPER, 1, 0, 0, 0)
    child = os.fork()
    if child == 0:
        os.setsid()
        libc.prctl(_SET_PDEATHSIG, signal.SIGKILL, 0, 0, 0)
        os.execvp(sys.argv[1], sys.argv[1:])
    print(child, flush=True)  # noqa: T201
    os.close(1)
    while True:
        try:
            os.wait()
        except ChildProcessError:
            return


if __name__ == "__main__":
    main()
