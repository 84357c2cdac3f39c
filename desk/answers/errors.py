"""What can be wrong with an answer."""

from __future__ import annotations

from collections.abc import Mapping


class AnswerError(Exception):
    """Base. `code` is stable, the message says what, where and what to do."""

    def __init__(self, code: str, message: str, detail: Mapping[str, str] | None = None) -> None:
        super().__init__(message)
        self.code = code
        self.message = message
        self.detail = dict(detail or {})


class NoSuchAnswer(AnswerError):
    """There is no such answer, or it is another rep's own."""

    def __init__(self, key: str) -> None:
        super().__init__("not-found", f"there is no answer {key}", {"what": "answer", "id": key})


class StaleAnswer(AnswerError):
    """Its file has changed since it was read, or is there already: `stale`, `exists`. Nothing was written."""


class BadAnswer(AnswerError):
    """It cannot be kept like this."""
