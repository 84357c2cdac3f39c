"""What a Maildir is: `tmp`, `new` and `cur`, names that are unique, flags behind a colon.

Source: D. J. Bernstein, "Using maildir format", https://cr.yp.to/proto/maildir.html.
"""

from __future__ import annotations

import errno
import os
import re
from pathlib import Path

from desk import text

PARTS = ("cur", "new", "tmp")

_DELIVERED = re.compile(r"[0-9]{9,11}\.[^.]+\..+")
"""A delivering program's name, `second.unique.host`; no other message ever bears it."""


def unique(name: str) -> str:
    """A file's name without its flags, as text that can be stored."""
    return os.fsencode(name.partition(":")[0]).decode("utf-8", "backslashreplace")


def is_delivered(name: str) -> bool:
    """Whether a program delivered it as one should: whole before it was seen, under a name of its own for ever."""
    return _DELIVERED.match(name) is not None


def with_flag(name: str, flag: str) -> str:
    """The name with that flag among its flags, which stand in the order of their letters."""
    base, _, info = name.partition(":")
    flags = set(info.removeprefix("2,")) if info.startswith("2,") else set()
    return f"{base}:2,{''.join(sorted(flags | {flag}))}"


def explain(error: OSError, folder: Path) -> tuple[str, str]:
    """What is wrong with a Maildir, and what to do about it."""
    missing = [part for part in PARTS if not (folder / part).is_dir()]
    make = "make it: mkdir -m 700 -p " + " ".join(f"{folder}/{part}" for part in PARTS)
    if isinstance(error, FileNotFoundError | NotADirectoryError) and not folder.is_dir():
        return f"there is no folder {folder}", make
    if isinstance(error, FileNotFoundError | NotADirectoryError) and missing:
        return f"{folder} is no Maildir: it has no folder {' and no '.join(missing)}", make
    if isinstance(error, PermissionError):
        return f"{folder} is closed to the user Desk runs as", "give that user the right to read and write it"
    if error.errno in (errno.ENOSPC, errno.EDQUOT):
        return f"the disk with {folder} is full", "make room"
    if error.errno == errno.EROFS:
        return f"{folder} can only be read", "name a folder that can be written to"
    return f"{folder}: {text.line(error.strerror or str(error))}", "check the folder"
