"""Keys that mean nothing yet: a count, and the beginning of keys that go one after the other."""

from __future__ import annotations

from msgspec import Struct

from desk.keymap.action import TYPED, Context
from desk.keymap.keymap import Keymap

COUNT_DIGITS = 5


class Press(Struct, frozen=True):
    """What a key press came to."""

    action: str | None = None
    """The action to carry out now."""
    count: int | None = None
    taken: bool = True
    """Whether the key was for us."""
    unknown: str = ""
    """Keys that mean nothing together."""


class Pending:
    """Reads keys one by one. True while some are waiting for more."""

    def __init__(self, keymap: Keymap) -> None:
        self._keymap = keymap
        self.count = ""
        self.keys = ""

    def __bool__(self) -> bool:
        return bool(self.count or self.keys)

    def __str__(self) -> str:
        """What waits, as people pressed it."""
        return self.count + self.keys.replace(" ", "")

    def clear(self) -> bool:
        """Forget what waits; whether there was something."""
        waited = bool(self)
        self.count = self.keys = ""
        return waited

    def press(self, context: Context, key: str) -> Press:
        """Take a key. `escape` takes back what waits before it means anything else."""
        if key == "escape" and self.clear():
            return Press()
        together = f"{self.keys} {key}" if self.keys else key
        action = self._keymap.find(context, together) if not (self.count and key.isdigit()) else None
        if action is not None:
            count = int(self.count) if self.count else None
            self.clear()
            return Press(action, count)
        if self._counts(context, key):
            self.count = (self.count + key)[:COUNT_DIGITS]
            return Press()
        if self._keymap.begins(context, together):
            self.keys = together
            return Press()
        unknown = together if self.keys else ""
        return Press(taken=self.clear(), unknown=unknown)

    def _counts(self, context: Context, key: str) -> bool:
        if self.keys or context in TYPED or len(key) != 1 or key not in "0123456789":
            return False
        return bool(self.count) or key != "0"
