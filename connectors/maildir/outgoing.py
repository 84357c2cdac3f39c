"""Writing answers into a Maildir: whole or not at all, and under the same name however often."""

from __future__ import annotations

import os
import re
from contextlib import suppress
from hashlib import sha256
from pathlib import Path

from connectors.base import Temporary, Uncertain, Wire
from connectors.maildir.folder import explain, unique

_SAFE = re.compile(r"[A-Za-z0-9][A-Za-z0-9._=+-]{0,120}@[A-Za-z0-9.-]{1,100}")


def name_of(rfc_message_id: str) -> str:
    """The file's name: the Message-ID itself where it can be one, else its hash."""
    if _SAFE.fullmatch(rfc_message_id):
        return rfc_message_id
    return sha256(rfc_message_id.encode("utf-8", "replace")).hexdigest()


def holds(folder: Path, rfc_message_id: str) -> bool:
    """Whether the message lies there, read or not. Raises OSError if the folder cannot be asked."""
    name = name_of(rfc_message_id)
    if name in os.listdir(folder / "new"):
        return True
    return any(unique(each) == name for each in os.listdir(folder / "cur"))


def write(folder: Path, wire: Wire) -> bool:
    """Put the message there; False if it lay there already. Raises Temporary, or Uncertain.

    Written to `tmp`, brought to the disk, and only then moved to `new`.
    """
    name = name_of(wire.rfc_message_id)
    temporary = folder / "tmp" / name
    try:
        if holds(folder, wire.rfc_message_id):
            return False
        try:
            _write_down(temporary, _envelope(wire) + wire.raw)
            temporary.rename(folder / "new" / name)
        except OSError:
            with suppress(OSError):
                temporary.unlink()
            raise
    except OSError as error:
        what, hint = explain(error, folder)
        raise Temporary(f"the answer was not written: {what}; {hint}") from error
    _bring_to_disk(folder / "new")
    return True


def _envelope(wire: Wire) -> bytes:
    """Who it is from and for, hidden recipients too: what a program that takes it on has to know, and to remove."""
    lines = [f"Return-Path: <{wire.sender}>", *(f"X-Envelope-To: {each}" for each in wire.recipients)]
    return "".join(f"{line}\r\n" for line in lines).encode()


def _write_down(path: Path, data: bytes) -> None:
    flags = os.O_WRONLY | os.O_CREAT | os.O_TRUNC | os.O_NOFOLLOW | os.O_CLOEXEC
    with open(os.open(path, flags, 0o600), "wb") as file:
        file.write(data)
        file.flush()
        os.fsync(file.fileno())


def _bring_to_disk(folder: Path) -> None:
    try:
        descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
        try:
            os.fsync(descriptor)
        finally:
            os.close(descriptor)
    except OSError as error:
        what, _ = explain(error, folder.parent)
        raise Uncertain(f"the answer was written, but it is not certain that it is on the disk: {what}") from error
