"""What can be wrong with a document."""

from __future__ import annotations

from collections.abc import Mapping


class DocumentError(Exception):
    """Base. `code` is stable, the message says what, where and what to do."""

    def __init__(self, code: str, message: str, detail: Mapping[str, str] | None = None) -> None:
        super().__init__(message)
        self.code = code
        self.message = message
        self.detail = dict(detail or {})


class NoSuchDocument(DocumentError):
    """There is none of that key that may be seen. `what`: such as "answer"."""

    def __init__(self, what: str, key: str) -> None:
        super().__init__("not-found", f"there is no {what} {key}", {"what": what, "id": key})


class StaleDocument(DocumentError):
    """Its file has changed since it was read, or is there already: `stale`, `exists`. Nothing was written."""


class BadDocument(DocumentError):
    """It cannot be kept like this."""
