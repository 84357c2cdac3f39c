"""What the pool and its workers say to each other, and what becomes of a mail that neither could read.

A question is a frame: a length and a MessagePack list of `Source`. The answers come in order, in frames of as many as
fit `FRAME_BYTES`: length, processor seconds used so far, a list of `Parsed | Refused`; the first frame holds nothing
but the worker's process id. A third pipe, its fate, tells how far a worker came: `BEGUN` for each mail it takes up,
and from the nursery, once it has ended, `ENDED` with its exit status.
"""

from __future__ import annotations

import hashlib
import os
import struct

from desk.mail.packing import pack
from desk.mail.parsed import Refused, Source

QUESTION = struct.Struct("<I")
ANSWER = struct.Struct("<Id")
PID = struct.Struct("<i")
BEGUN = b"."
ENDED = b"!"
STATUS = struct.Struct("<i")
FRAME_BYTES = 256 * 1024
"""Bytes of mail whose answers go into one frame; a larger mail has a frame of its own."""
MEMORY = 1536 * 1024 * 1024
"""Address space of a parser process, bytes."""
KEPT_AT_MOST = 256 * 1024 * 1024
"""Bytes of a refused mail that are still worth keeping."""


def read_slice(source: Source, most: int = KEPT_AT_MOST) -> bytes:
    """The bytes of a source, at most `most` and one more.

    Raises OSError if the file cannot be read.
    """
    if source.slice is None:
        return source.raw
    given = source.slice
    length = most + 1 if given.length < 0 else min(given.length, most + 1)
    file = os.open(given.path, os.O_RDONLY | os.O_CLOEXEC)
    try:
        if given.length < 0:
            length = min(length, os.fstat(file).st_size - given.offset)
        data = os.pread(file, max(length, 0), given.offset)
        while len(data) < length and (more := os.pread(file, length - len(data), given.offset + len(data))):
            data += more
        return data
    finally:
        os.close(file)


def refuse(source: Source, reason: str) -> Refused:
    """The answer for a mail that could not be read, with its bytes as far as they can be had."""
    try:
        raw = read_slice(source)
    except OSError as error:
        where = source.slice.path if source.slice else source.external_id
        identity = hashlib.sha256(f"{where}\n{source.slice}".encode()).hexdigest()
        return Refused(sha256=identity, size=0, raw_packed=pack(b""), reason=f"cannot be read: {error}")
    sha256 = hashlib.sha256(raw).hexdigest()
    if len(raw) > KEPT_AT_MOST:
        where = source.slice.path if source.slice else source.external_id
        reason = f"{reason}; larger than {KEPT_AT_MOST >> 20} MB, so its bytes are only in {where}"
        return Refused(sha256=sha256, size=len(raw), raw_packed=pack(b""), reason=reason)
    return Refused(sha256=sha256, size=len(raw), raw_packed=pack(raw), reason=reason)
