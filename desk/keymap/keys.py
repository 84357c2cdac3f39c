"""How keys are written: `j`, `G`, `?`, `space`, `ctrl+j`, `pagedown`, and one after the other, `g o`."""

from __future__ import annotations

import re
from typing import NamedTuple

SEQUENCE_AT_MOST = 3
"""Keys of one sequence."""

_NAMED = frozenset(
    ["enter", "escape", "tab", "space", "backspace", "delete", "insert", "home", "end", "pageup", "pagedown"]
    + ["up", "down", "left", "right"]
    + [f"f{number}" for number in range(1, 25)]
)
_MODIFIERS = ("ctrl", "alt", "shift")
_NOT_IN_TERMINALS = {
    "ctrl+i": "terminals send it as tab",
    "ctrl+m": "terminals send it as enter",
    "ctrl+h": "terminals send it as backspace",
    "ctrl+enter": "most terminals send it as enter",
    "shift+enter": "most terminals send it as enter",
    "alt+enter": "most terminals send it as enter",
    "ctrl+space": "many terminals do not send it",
    "ctrl+q": "it always leaves Desk",
    "ctrl+c": "it always copies what is selected",
}
_SPELLINGS = {"esc": "escape", "return": "enter", "del": "delete", "pgup": "pageup", "pgdn": "pagedown", " ": "space"}
_CONTROL = re.compile(r"[a-z0-9\\\]^_@]")


class Finding(NamedTuple):
    """One thing that is wrong with the table `[keys]`, and where in it."""

    at: tuple[str, ...]
    message: str

    def __str__(self) -> str:
        return f"keys.{'.'.join(self.at)}: {self.message}"


class KeymapError(ValueError):
    """A remapping that cannot work; the message says which, why and what to do, a line for each finding."""

    def __init__(self, *findings: str | Finding) -> None:
        super().__init__("\n".join(map(str, findings)))
        self.findings = findings


def normal_key(written: str) -> str:
    """A key as this package compares it. Raises KeymapError for what is no key, or none that a terminal sends."""
    if len(written) == 1 and written.isprintable() and written != " ":
        return written
    text = written.strip().lower().replace("-", "+") if len(written) > 1 else written
    *modifiers, name = text.split("+") if text not in _SPELLINGS else [text]
    name = _SPELLINGS.get(name, name)
    if any(modifier not in _MODIFIERS for modifier in modifiers) or len(set(modifiers)) != len(modifiers):
        raise KeymapError(f"{written!r} is no key")
    key = "+".join((*sorted(modifiers), name))
    if key in _NOT_IN_TERMINALS:
        raise KeymapError(f"{written!r} cannot be used: {_NOT_IN_TERMINALS[key]}")
    if name in _NAMED:
        return key
    if modifiers == ["ctrl"] and _CONTROL.fullmatch(name):
        return key
    if modifiers == ["alt"] and len(name) == 1 and name.isprintable():
        return key

    raise KeymapError(
        f"{written!r} is no key that a terminal sends; use a character, a name such as enter or f2, or ctrl+letter"
    )


def normal_keys(written: str) -> str:
    """`normal_key`, for keys one after the other: `g o`. Raises KeymapError."""
    parts = written.split() if written.strip() and len(written) > 1 else [written]
    if len(parts) > SEQUENCE_AT_MOST:
        raise KeymapError(f"{written!r} is too long; at most {SEQUENCE_AT_MOST} keys one after the other")
    keys = [normal_key(part) for part in parts]
    if len(keys) > 1 and "escape" in keys:
        raise KeymapError(f"{written!r} cannot be used: escape takes back the keys pressed before it")
    return " ".join(keys)


def is_text(key: str) -> bool:
    """Whether a key writes something where people type."""
    return len(key) == 1 or key == "space"


def pressed(key: str, character: str | None) -> str:
    """A key press as the toolkit reports it, in this package's words."""
    if character == " ":
        return "space"
    if character and character.isprintable() and "+" not in key.replace("plus", ""):
        return character
    return key
