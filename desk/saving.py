"""Bytes from outside become files: under a name that is only a name, and never over a file that is there."""

from __future__ import annotations

import os
import re
from pathlib import Path

from desk.text import line

_UNSAFE = re.compile(r'[/\\:*?"<>|\x00-\x1f]')
_BYTES_AT_MOST = 240
"""File systems take 255, and a number may have to be added."""


def safe_name(name: str) -> str:
    """A file name made of a sender's: no folders, no hidden files, at most 141 characters, never empty."""
    plain = _UNSAFE.sub("_", line(name)).strip(" .")
    stem, dot, suffix = plain.rpartition(".")
    if not dot:
        stem, suffix = plain, ""
    ending = f".{suffix[:20]}" if dot else ""
    if len(plain) > 120:
        stem = stem[: 120 - len(ending)]
    while len((stem + ending).encode()) > _BYTES_AT_MOST:
        stem = stem[:-1]
    return stem + ending or "attachment"


def free_path(folder: Path, name: str) -> Path:
    """A path in the folder where there is no file yet: the name, or one with a number."""
    stem, suffix = Path(name).stem, Path(name).suffix
    for number in range(10_000):
        path = folder / (f"{stem}-{number}{suffix}" if number else name)
        if not path.exists() and not path.is_symlink():
            return path
    raise FileExistsError(f"{folder / name} exists ten thousand times")


def write_new(path: Path, data: bytes, *, mode: int = 0o666) -> None:
    """Write a file that must not exist, not even as a link. Raises OSError."""
    flags = os.O_WRONLY | os.O_CREAT | os.O_EXCL | getattr(os, "O_NOFOLLOW", 0) | getattr(os, "O_CLOEXEC", 0)
    with os.fdopen(os.open(path, flags, mode), "wb") as file:
        file.write(data)
