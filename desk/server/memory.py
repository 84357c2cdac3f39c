"""Where a process that has many threads takes its memory from."""

from __future__ import annotations

import ctypes
from typing import Final

_ARENA_MAX: Final = -8
"""glibc's M_ARENA_MAX, see mallopt(3)."""


def share_one_heap() -> None:
    """Let all threads take memory from one heap; before the first begins. Changes nothing where there is no glibc.

    A thread's own heap grows page by page, each with a call of the system: the thread that writes stores an import
    with a twentieth less processor time without. Threads of Python seldom want memory in the same moment.
    """
    mallopt = getattr(ctypes.CDLL(None), "mallopt", None)
    if mallopt is not None:
        mallopt(_ARENA_MAX, 1)
