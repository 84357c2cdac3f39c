"""What `desk.mail.archive` finds beneath a path when nobody is in a hurry."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path

from desk.mail.archive import Skipped, files, look, mails
from desk.mail.parsed import Mailbox, NoMail, Slice, Source


def find(paths: Sequence[Path]) -> tuple[list[Source], list[Skipped]]:
    """Every mail, and every file that is none."""
    skipped: list[Skipped] = []
    found: list[Source] = []
    for source in files(paths, skipped.append):
        found += _mails_of(source, skipped)
    return found, skipped


def read(part: Slice | None) -> bytes:
    assert part is not None
    with open(part.path, "rb") as file:
        file.seek(part.offset)
        return file.read(part.length)


def _mails_of(source: Source, skipped: list[Skipped]) -> Iterator[Source]:
    file = source.slice
    assert file is not None
    seen = None if file.is_mail else look(file.path, read(file), file.length)
    if isinstance(seen, NoMail):
        skipped.append(Skipped(path=Path(file.path), reason=seen.reason))
    elif isinstance(seen, Mailbox):
        yield from mails(file.path)
    else:
        yield source
