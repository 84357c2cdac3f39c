"""Old mail on disk: mailbox files, Maildirs, single messages, and folders of all of these, one by one.

Nothing is read twice and nothing is loaded whole; a parser process reads the slices that `scan` names. Their
`external_id` is left empty: only the content's SHA-256, known once it is read, makes a second import a no-op.
"""

from __future__ import annotations

import mmap
import os
import re
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

from msgspec import Struct

from desk.clock import Millis
from desk.mail.addresses import envelope_date
from desk.mail.parsed import Slice, Source

_SNIFFED = 16 * 1024
_CERTAIN = frozenset({".eml", ".msg", ".mbox", ".mbx", ".emlx"})
_SINGLE = frozenset({".eml", ".msg", ".emlx"})
_WINDOW = 16 * 1024 * 1024
"""Bytes of a mailbox file that `count` looks at before it extrapolates."""
_SMALL_FILES = 300
"""Files of less than 16 KB that `count` opens before it believes that the others are like them."""
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


def scan(paths: Sequence[Path], on_skip: OnSkip | None = None) -> Iterator[Source]:
    """Every mail beneath `paths`, folders in the order of their names; what is no mail is told to `on_skip`.

    Raises:
        FileNotFoundError: one of the paths does not exist; nothing has been yielded then.
    """
    for path in paths:
        if not path.exists():
            raise FileNotFoundError(f"{path}: no such file or folder")
    skip = on_skip or (lambda _: None)
    for path in paths:
        for file in _files(path, skip):
            yield from _of_file(file, skip)


def count(paths: Sequence[Path]) -> int:
    """About how many mails `scan` would find, quickly.

    Large mailbox files are counted by their first 16 MB, small files by the first few hundred of them.
    """
    total = 0.0
    small = in_small = 0
    for file in (file for path in paths for file in _files(path, lambda _: None)):
        if file.size >= _SNIFFED:
            total += _estimate(file)
        elif small < _SMALL_FILES:
            small, in_small = small + 1, in_small + _estimate(file)
        else:
            total += in_small / small
    return round(total + in_small)


class _File(Struct, frozen=True):
    path: str
    size: int
    modified: float
    in_maildir: bool


def _files(path: Path, skip: OnSkip) -> Iterator[_File]:
    if path.is_dir():
        yield from _folder(str(path), skip)
        return
    found = path.stat()
    yield _File(str(path), found.st_size, found.st_mtime, path.parent.name in ("cur", "new"))


def _folder(folder: str, skip: OnSkip) -> Iterator[_File]:
    try:
        with os.scandir(folder) as found:
            entries = sorted(found, key=lambda entry: entry.name)
    except OSError as error:
        skip(Skipped(path=Path(folder), reason=f"cannot be listed: {error.strerror}"))
        return
    names = {entry.name for entry in entries}
    maildir = "cur" in names and "new" in names
    inside = os.path.basename(folder) in ("cur", "new") and _is_maildir(os.path.dirname(folder))
    for entry in entries:
        try:
            if entry.is_dir(follow_symlinks=False):
                if not (maildir and entry.name == "tmp"):
                    yield from _folder(entry.path, skip)
            elif entry.is_file() and not entry.name.startswith("."):
                stat = entry.stat()
                yield _File(entry.path, stat.st_size, stat.st_mtime, inside)
        except OSError as error:
            skip(Skipped(path=Path(entry.path), reason=f"cannot be read: {error.strerror}"))


def _is_maildir(folder: str) -> bool:
    return os.path.isdir(os.path.join(folder, "cur")) and os.path.isdir(os.path.join(folder, "new"))


def _of_file(file: _File, skip: OnSkip) -> Iterator[Source]:
    try:
        start = _start_of(file.path)
    except OSError as error:
        skip(Skipped(path=Path(file.path), reason=f"cannot be read: {error.strerror}"))
        return
    extension = os.path.splitext(file.path)[1].lower()
    certain = file.in_maildir or extension in _CERTAIN
    reason = _not_mail(file, start, certain)
    if reason:
        skip(Skipped(path=Path(file.path), reason=reason))
    elif start.startswith(b"From ") and not file.in_maildir and extension not in _SINGLE:
        yield from _of_mailbox(file, start)
    else:
        received_at = _maildir_date(file) if file.in_maildir else None
        yield _source(file.path, 0, file.size, received_at)


def _start_of(path: str) -> bytes:
    opened = os.open(path, os.O_RDONLY | os.O_CLOEXEC)
    try:
        return os.read(opened, _SNIFFED)
    finally:
        os.close(opened)


def _not_mail(file: _File, start: bytes, certain: bool) -> str:
    """Why a file cannot be mail, '' if it looks like it."""
    if not file.size:
        return "is empty"
    if certain:
        return ""
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


def _source(path: str, offset: int, length: int, received_at: Millis | None) -> Source:
    return Source(external_id="", slice=Slice(path=path, offset=offset, length=length), received_at=received_at)


_MAILDIR_TIME = re.compile(r"(\d{9,10})\.")


def _maildir_date(file: _File) -> Millis:
    """Delivery time: the seconds a Maildir name begins with, else the file's."""
    named = _MAILDIR_TIME.match(os.path.basename(file.path))
    return int(named[1]) * 1000 if named else int(file.modified * 1000)


def _of_mailbox(file: _File, start: bytes) -> Iterator[Source]:
    """Each message of a mailbox file with its `From ` line; together the slices are the file, byte for byte."""
    if len(start) == file.size:
        yield from _messages(file.path, start)
        return
    with open(file.path, "rb") as opened, mmap.mmap(opened.fileno(), 0, access=mmap.ACCESS_READ) as data:
        yield from _messages(file.path, data)


def _messages(path: str, data: mmap.mmap | bytes) -> Iterator[Source]:
    at = 0
    for following in _separators(data):
        yield _source(path, at, following - at, _envelope_date(data, at))
        at = following
    yield _source(path, at, len(data) - at, _envelope_date(data, at))


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


def _envelope_date(data: mmap.mmap | bytes, at: int) -> Millis | None:
    end = data.find(b"\n", at, at + 1000)
    return envelope_date(data[at : end if end > 0 else at + 200])


def _estimate(file: _File) -> int:
    if file.in_maildir or not file.size:
        return 1 if file.size else 0
    extension = os.path.splitext(file.path)[1].lower()
    try:
        if file.size < _SNIFFED and extension in (".eml", ".txt"):
            return 1
        with open(file.path, "rb") as opened:
            data = opened.read(_WINDOW if opened.read(5) == b"From " else 1)
    except OSError:
        return 0
    if len(data) <= 1:
        return 1
    found = 1 + sum(1 for _ in _separators(data))
    return found if len(data) + 5 >= file.size else max(1, round(found * file.size / len(data)))
