"""Of which shape a day is, by time stamps of what really came in.

Mail tells by its Date header, in the local time of whoever wrote it (RFC 5322, section 3.6.1). Anything else tells by
the first time of each line, or of each element of a JSON list, as RFC 3339 writes it. A day begins where most comes in
during the hours that a shop is open, so that it does not matter in which time zone the stamps are.
"""

from __future__ import annotations

import re
import tarfile
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime
from email.utils import parsedate_to_datetime
from pathlib import Path

import msgspec

from desk.mail.archive import LOOKED_AT, files, look
from desk.mail.parsed import Mailbox, NoMail
from desk.mail.protocol import read_slice
from desk.simulation.week import Curve

AT_LEAST = 50
"""Times that make a shape."""
_A_DAY = 48
"""Steps of a day: half hours."""
_LARGEST = 256 * 1024 * 1024
_DATE = re.compile(rb"^Date:[ \t]*([^\r\n]+)", re.IGNORECASE | re.MULTILINE)
_DATES = re.compile(rb"^From [^\n]*\n(?:[^\n\r]+\r?\n)*?Date:[ \t]*([^\r\n]+)", re.IGNORECASE | re.MULTILINE)
_STAMP = re.compile(rb"\d{4}-\d\d-\d\d[T ](\d\d):(\d\d)")


class Shapeless(ValueError):
    """Of which file no shape can be made, and why."""


def curve(paths: Sequence[Path], hours: float) -> Curve:
    """How much comes in during each half hour of a day of so many hours.

    `paths`: mailbox files, Maildirs, mails, files of times, folders or tar archives of these. Raises FileNotFoundError,
    OSError for what cannot be read, `Shapeless` where there are too few times.
    """
    found = Counter(half for data in _contents(paths) for half in _halves(*data))
    if found.total() < AT_LEAST:
        where = ", ".join(map(str, paths))
        raise Shapeless(f"{where}: {found.total()} times found; a day takes its shape from {AT_LEAST} or more")
    steps = max(1, min(_A_DAY, round(hours * 2)))
    days = [[found[(first + step) % _A_DAY] for step in range(steps)] for first in range(_A_DAY)]
    return tuple(map(float, max(days, key=sum)))


def _contents(paths: Sequence[Path]) -> Iterator[tuple[str, bytes]]:
    archives = [path for path in paths if path.is_file() and tarfile.is_tarfile(path)]
    for archive in archives:
        with tarfile.open(archive) as opened:
            for member in opened:
                stream = opened.extractfile(member) if member.isfile() else None
                if stream is not None:
                    yield member.name, stream.read(_LARGEST)
    for source in files([path for path in paths if path not in archives], lambda _: None):
        assert source.slice is not None
        yield source.slice.path, read_slice(source, _LARGEST)


def _halves(name: str, data: bytes) -> Iterable[int]:
    """In which half hours of a day what is in a file came."""
    kind = look(name, data[:LOOKED_AT], len(data))
    if isinstance(kind, NoMail):
        stamps = (_STAMP.search(each) for each in _elements(data))
        return [_half(int(found[1]), int(found[2])) for found in stamps if found is not None and int(found[1]) < 24]
    dates = _DATES.findall(data) if isinstance(kind, Mailbox) else _DATE.findall(data.replace(b"\r", b""))[:1]
    return [_half(at.hour, at.minute) for at in map(_parsed, dates) if at is not None]


def _elements(data: bytes) -> Sequence[bytes]:
    if data.lstrip()[:1] == b"[":
        try:
            return [bytes(each) for each in msgspec.json.decode(data, type=list[msgspec.Raw])]
        except msgspec.MsgspecError:
            pass
    return data.splitlines()


def _parsed(date: bytes) -> datetime | None:
    try:
        return parsedate_to_datetime(date[:200].decode("ascii", "replace"))
    except (ValueError, OverflowError, IndexError, TypeError):
        return None


def _half(hour: int, minute: int) -> int:
    return hour * 2 + minute // 30
