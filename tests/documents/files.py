"""Files of a folder of documents, written as somebody else would."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Protocol


class Read(Protocol):
    """What became of a file."""

    @property
    def document(self) -> object | None: ...

    @property
    def findings(self) -> Sequence[object]: ...


def put(root: Path, path: str, text: str | bytes) -> Path:
    """Write a file below a folder, which is made if need be."""
    file = root / path
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_bytes(text.encode() if isinstance(text, str) else text)
    return file


def is_read_or_told(found: Read) -> bool:
    """Whether a file gave a document, or it is told why not."""
    return found.document is not None or bool(found.findings)


def in_matter(data: bytes) -> bytes:
    """A document with these bytes as its front matter."""
    return b"+++\n" + data + b"\n+++\nHello"
