"""Where in `desk.toml` something stands, and how a setting is named: `desk.undo_seconds`, `accounts."a.b".queue`."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from pathlib import Path

_HEADER = re.compile(r"\s*\[\[?\s*([^\[\]]+?)\s*\]\]?\s*(?:#.*)?$")
_KEY = re.compile(r"""\s*((?:[A-Za-z0-9_-]+|"[^"]*"|'[^']*')(?:\s*\.\s*(?:[A-Za-z0-9_-]+|"[^"]*"|'[^']*'))*)\s*=""")
_KEY_PART = re.compile(r"""[A-Za-z0-9_-]+|"[^"]*"|'[^']*'""")
_PATH = re.compile(r"""(?:[A-Za-z0-9_-]+|"[^"]*"|'[^']*')(?:\.(?:[A-Za-z0-9_-]+|"[^"]*"|'[^']*'))*""")
_BARE = re.compile(r"[A-Za-z0-9_-]+")


def line_of(lines: Sequence[str], at: tuple[str, ...]) -> int | None:
    """The line, from 1, where the key stands; the nearest table around it if it is written inline."""
    table: tuple[str, ...] = ()
    best: tuple[int, int] | None = None
    for number, line in enumerate(lines, 1):
        if header := _HEADER.match(line):
            table = _parts(header[1])
            path = table
        elif key := _KEY.match(line):
            path = (*table, *_parts(key[1]))
        else:
            continue
        depth = len(path)
        if path == at[:depth] and (best is None or depth > best[0]):
            best = (depth, number)
    return best[1] if best else None


def _parts(dotted: str) -> tuple[str, ...]:
    return tuple(part.strip("\"'") for part in _KEY_PART.findall(dotted))


def split_path(path: str) -> tuple[str, ...]:
    """The parts of a setting's name. Raises ValueError."""
    if not _PATH.fullmatch(path):
        raise ValueError(f'{path!r} names no setting; write it like desk.undo_seconds or accounts."a.b".queue')
    return _parts(path)


def join_path(parts: Iterable[str]) -> str:
    """A setting's name, as `split_path` takes it apart."""
    return ".".join(part if _BARE.fullmatch(part) else f'"{part}"' for part in parts)


def syntax_error(message: str, path: Path) -> str:
    """What the TOML parser says of a file, with the file's name and line."""
    found = re.search(r"\(at line (\d+), column (\d+)\)", message)
    place = f"{path}:{found[1]}" if found else str(path)
    what = message.partition(" (at ")[0]
    if "overwrite a value" in what or "twice" in what:
        what = "this key or table stands here for the second time; keep one"
    return f"{place}: {what[:1].lower()}{what[1:]}"
