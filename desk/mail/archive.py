"""Old mail on disk: mailbox files, Maildirs, single messages, and folders of all of these, one by one.

`files` lists, a parser process opens each file, looks what it is and reads it if it is one mail; of a mailbox file
`mails` then names the slices. Their `external_id` is left empty: only the content's SHA-256, known once it is read,
makes a second import a no-op.
"""

from __future__ import annotations

import itertools
import mmap
import os
import re
from collections.abc import Callable, Iterator, Sequence
from operator import attrgetter
from pathlib import Path

from msgspec import Struct

from desk.clock import Millis
from desk.mail.parsed import Mailbox, NoMail, Slice, Source

_SNIFFED = 16 * 1024
_CERTAIN = frozenset({".eml", ".msg", ".mbox", ".mbx", ".emlx"})
_SINGLE = frozenset({".eml", ".msg", ".emlx"})
LOOKED_AT = 1024 * 1024
"""Bytes of a file that `look` wants to see; it counts the mails in these and extrapolates."""
_FIELD = re.compile(rb"(?:>?From |[!-9;-~]+[ \t]*:|\r?\n)")
_KNOWN_FIELD = re.compile(
    rb"^(?:from|to|date|received|message-id|return-path|delivered-to|mime-version|content-type|x-original-to)[ \t]*:",
    re.IGNORECASE | re.MULTILINE,
)
_UNMISTAKABLE = re.compile(
    rb"(?:From [^\n]{1,300}\n)?(?:Return-Path|Received|Delivered-To|Message-ID|From|Date|Subject|To|MIME-Version):",
    re.IGNORECASE,
)
_HEADER_BLOCK = re.compile(rb"\A(?:\s*\n)?(?:>?From [^\n]*\n)?((?:(?:[!-9;-~]+[ \t]*:|[ \t])[^\n]*(?:\n|\Z))+)")


class Skipped(Struct, frozen=True, kw_only=True):
    """A file that holds no mail, and how that was seen."""

    path: Path
    reason: str


OnSkip = Callable[[Skipped], None]


def files(paths: Sequence[Path], on_skip: OnSkip) -> Iterator[Source]:
    """Every file beneath `paths` that may be mail, folders in the order of their names; none has been opened.

    Raises:
        FileNotFoundError: one of the paths does not exist; nothing has been yielded then.
    """
    for path in paths:
        if not path.exists():
            raise FileNotFoundError(f"{path}: no such file or folder")
    for path in paths:
        yield from _folder(str(path), on_skip) if path.is_dir() else _file(path, on_skip)


def count(paths: Sequence[Path]) -> int:
    """How many files there are beneath `paths`, quickly; that some are no mail, others many, is not seen yet."""
    return sum(sum(1 for _ in _files_in(str(path), _ignore)) if path.is_dir() else 1 for path in paths)


def look(path: str, data: bytes, size: int) -> Mailbox | NoMail | None:
    """What a file is that begins with `data`; None for a single mail.

    `data` are all its bytes, or at least the first `LOOKED_AT`; `size` is how many it has.
    """
    extension = os.path.splitext(path)[1].lower()
    reason = "" if extension in _CERTAIN else _not_mail(data[:_SNIFFED])
    if reason:
        return NoMail(reason=reason)
    if extension in _SINGLE or not data.startswith(b"From "):
        return None
    found = 1 + sum(1 for _ in _separators(data))
    if found == 1 and len(data) >= size:
        return None
    return Mailbox(about=max(1, round(found * size / len(data))))


def mails(path: str) -> Iterator[Source]:
    """Each message of a mailbox file with its `From ` line; together the slices are the file, byte for byte.

    Raises OSError if the file cannot be read.
    """
    with open(path, "rb") as opened, mmap.mmap(opened.fileno(), 0, access=mmap.ACCESS_READ) as data:
        at = 0
        for following in itertools.chain(_separators(data), (len(data),)):
            yield Source(external_id="", slice=Slice(path=path, offset=at, length=following - at))
            at = following


def _file(path: Path, skip: OnSkip) -> Iterator[Source]:
    in_maildir = path.parent.name in ("cur", "new") and _is_maildir(str(path.parent.parent))
    yield from _source(str(path), path.stat(), in_maildir, skip)


def _folder(folder: str, skip: OnSkip) -> Iterator[Source]:
    for entry, in_maildir in _files_in(folder, skip):
        try:
            yield from _source(entry.path, entry.stat(), in_maildir, skip)
        except OSError as error:
            skip(_unreadable(entry.path, error))


def _files_in(folder: str, skip: OnSkip) -> Iterator[tuple[os.DirEntry[str], bool]]:
    """Every file beneath a folder but the hidden and the half delivered, and whether it lies in a Maildir."""
    try:
        with os.scandir(folder) as found:
            entries = sorted(found, key=attrgetter("name"))
    except OSError as error:
        skip(Skipped(path=Path(folder), reason=f"cannot be listed: {error.strerror}"))
        return
    names = {entry.name for entry in entries}
    has_unfinished = "cur" in names and "new" in names
    in_maildir = os.path.basename(folder) in ("cur", "new") and _is_maildir(os.path.dirname(folder))
    for entry in entries:
        try:
            is_folder = entry.is_dir(follow_symlinks=False)
            is_file = not is_folder and not entry.name.startswith(".") and entry.is_file()
        except OSError as error:
            skip(_unreadable(entry.path, error))
            continue
        if is_file:
            yield entry, in_maildir
        elif is_folder and not (has_unfinished and entry.name == "tmp"):
            yield from _files_in(entry.path, skip)


def _unreadable(path: str, error: OSError) -> Skipped:
    return Skipped(path=Path(path), reason=f"cannot be read: {error.strerror}")


def _ignore(_: Skipped) -> None:
    """Who only counts is told nothing."""


def _is_maildir(folder: str) -> bool:
    return os.path.isdir(os.path.join(folder, "cur")) and os.path.isdir(os.path.join(folder, "new"))


def _source(path: str, stat: os.stat_result, in_maildir: bool, skip: OnSkip) -> Iterator[Source]:
    if not stat.st_size:
        skip(Skipped(path=Path(path), reason="is empty"))
        return
    whole = Slice(path=path, length=stat.st_size, is_mail=in_maildir)
    yield Source(external_id="", slice=whole, received_at=_maildir_date(path, stat) if in_maildir else None)


def _not_mail(start: bytes) -> str:
    """Why a file that begins like this cannot be mail, '' if it looks like it."""
    if _UNMISTAKABLE.match(start) and b"\nFrom: " in start and b"\nDate: " in start:
        return ""
    if b"\n" not in start:
        start = start.replace(b"\r", b"\n")
    block = _HEADER_BLOCK.match(start)
    if block is None:
        return "does not begin with the headers of a mail"
    if len(set(map(bytes.lower, _KNOWN_FIELD.findall(block[1])))) < 2:
        return "begins with headers, but not with those of a mail"
    return ""


_MAILDIR_TIME = re.compile(r"(\d{9,10})\.")


def _maildir_date(path: str, stat: os.stat_result) -> Millis:
    """Delivery time: the seconds a Maildir name begins with, else the file's."""
    named = _MAILDIR_TIME.match(os.path.basename(path))
    return int(named[1]) * 1000 if named else int(stat.st_mtime * 1000)


def _separators(data: mmap.mmap | bytes) -> Iterator[int]:
    """Where the second and all later messages of a mailbox file begin.

    A `From ` line counts if it carries a date and a blank line stands before it or a header field behind it, so
    that text which was never quoted as `>From ` seldom divides a message.
    """
    at = data.find(b"\nFrom ") + 1
    while at:
        line_end = data.find(b"\n", at)
        if line_end < 0:
            return
        if _separates(data, at, line_end):
            yield at
        at = data.find(b"\nFrom ", line_end) + 1


_DATED = re.compile(rb"From .{0,300}?\b\d{1,2}:\d\d(?::\d\d)?\b.{0,60}\d\d", re.DOTALL)


def _separates(data: mmap.mmap | bytes, at: int, line_end: int) -> bool:
    if line_end - at > 1000 or not _DATED.match(data[at:line_end]):
        return False
    before = data[max(at - 4, 0) : at]
    if before.endswith((b"\n\n", b"\n\r\n")):
        return True
    return _FIELD.match(data[line_end + 1 : line_end + 200]) is not None
