"""A document as text: front matter in TOML between `+++` lines, then the body.

The same language as `desk.toml`, so a title may hold a colon and a shortcut `no` stays a word. What somebody wrote
around our keys (comments, keys of their own, the order) survives a save.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Mapping
from typing import Any

from msgspec import Struct

FENCE = "+++"
_CLOSING = re.compile(r"^\+\+\+[ \t]*$", re.MULTILINE)
_AT = re.compile(r"\s*\(at (?:line (\d+), column \d+|end of document)\)$")


class Bad(ValueError):
    """The front matter cannot be read; `line` counts from 1 in the file."""

    def __init__(self, line: int, message: str) -> None:
        super().__init__(message)
        self.line = line


class Split(Struct, frozen=True):
    """A file's front matter (None: it has none), its body, and the line the body begins at."""

    matter: str | None
    body: str
    body_line: int = 1


def split(text: str) -> Split:
    """Front matter and body. Raises Bad."""
    if text.startswith("---\n"):
        told = 'write title = "…" for title: …; `desk answers import` converts answers'
        raise Bad(1, f"front matter is TOML between {FENCE} lines here, not YAML: {told}")
    opening, newline, rest = text.partition("\n")
    if opening.rstrip() != FENCE or not newline:
        return Split(None, text)
    closing = _CLOSING.search(rest)
    if closing is None:
        raise Bad(1, f"the front matter begins here and never ends; write a line {FENCE} below it")
    matter = rest[: closing.start()]
    body = rest[closing.end() :].removeprefix("\n")
    return Split(matter, body, matter.count("\n") + 3)


def read(matter: str) -> dict[str, Any]:
    """The keys of a front matter. Raises Bad."""
    try:
        return tomllib.loads(matter)
    except tomllib.TOMLDecodeError as error:
        message = str(error)
        found = _AT.search(message)
        line = int(found[1]) if found and found[1] else matter.count("\n") + 1
        what = _AT.sub("", message)
        raise Bad(line + 1, f'{what[:1].lower()}{what[1:]}; texts stand in quotes: title = "…"') from error


def line_of(matter: str, key: str) -> int:
    """The line in the file where a key stands; 1 if it stands nowhere."""
    found = re.search(rf"^\s*[\"']?{re.escape(key)}[\"']?\s*=", matter, re.MULTILINE)
    return matter.count("\n", 0, found.end()) + 2 if found else 1


def write(before: str, keys: Mapping[str, Any], body: str) -> str:
    """The text `before` with these keys and this body; a key that is empty is taken out.

    Raises Bad if the text before cannot be read.
    """
    import tomlkit

    old = split(before)
    given = read(old.matter or "")
    document = tomlkit.parse(old.matter or "")
    for key, value in keys.items():
        if value in ("", [], None):
            if key in document:
                del document[key]
        elif given.get(key) != value:
            document[key] = value
    matter = tomlkit.dumps(document)
    if matter and not matter.endswith("\n"):
        matter += "\n"
    return f"{FENCE}\n{matter}{FENCE}\n\n{body}\n"
