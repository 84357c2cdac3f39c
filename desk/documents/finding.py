"""What is wrong with a file."""

from __future__ import annotations

from desk.model import Model


class Finding(Model, frozen=True, kw_only=True):
    """What is wrong with a document's file; it reads `file:line: message`."""

    file: str
    """Below the folder of such documents."""
    line: int
    message: str

    def __str__(self) -> str:
        return f"{self.file}:{self.line}: {self.message}"
