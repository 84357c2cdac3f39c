"""What a command ends with: one exit code a kind of outcome, one way to say why."""

from __future__ import annotations

from enum import IntEnum


class Exit(IntEnum):
    """Exit codes of `desk`; scripts rely on them (docs/cli.md)."""

    OK = 0
    FAILED = 1
    """Refused, or tried and did not work."""
    USAGE = 2
    UNREACHABLE = 3
    """No server answered, and none could be started."""
    NOT_FOUND = 4
    LOST = 5
    """Somebody or something was faster: taken, moved on, already sent."""
    INTERRUPTED = 130
    BROKEN_PIPE = 141
    """The reader of our output went away, as `head` does."""


class Failure(Exception):
    """Ends a command. `code` is stable, the message says what and where, `hint` what to do."""

    def __init__(
        self,
        message: str,
        *,
        code: str = "failed",
        exit: Exit = Exit.FAILED,
        hint: str = "",
        detail: dict[str, str] | None = None,
    ) -> None:
        super().__init__(message)
        self.code = code
        self.exit = exit
        self.hint = hint
        self.detail = detail or {}


class ReaderGone(Exception):
    """Whoever read our output went away. Not an OSError, because click would turn that into exit code 1."""


_BY_STATUS = {404: Exit.NOT_FOUND, 409: Exit.LOST}
_NOT_A_RACE = frozenset({"not-empty", "still-quarantined"})


def from_status(status: int, code: str) -> Exit:
    """The exit code for an answer of the server with that HTTP status and problem code."""
    if code in _NOT_A_RACE:
        return Exit.FAILED
    return _BY_STATUS.get(status, Exit.FAILED)
