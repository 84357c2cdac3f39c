"""Addresses as people type them: `Ada <ada@example.com>, bob@example.com`, and who an answer to all goes to."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator
from typing import NamedTuple

from desk.model import Address, Message
from desk.text import fold_address
from screens.render import one_line

_LOCAL = re.compile(r"[^\s\x00-\x20\x7f-\xa0@<>()\[\]\\,;:\"]{1,64}")
_DOMAIN = re.compile(r"(?=.{1,255}$)(?:[^\W_](?:[\w-]{0,61}[^\W_])?\.)*[^\W_](?:[\w-]{0,61}[^\W_])?\.?")
_QUOTED_FOR = re.compile(r'[,;<>"\\@()\[\]:]')
_ANGLE = re.compile(r"(.*)<([^<>]*)>?\s*", re.DOTALL)


class Part(NamedTuple):
    """What stands between two commas, and its columns."""

    text: str
    start: int
    end: int


def parts(text: str) -> list[Part]:
    """The addresses of a line, as typed; commas and semicolons divide them, within quotes they do not."""
    return list(_parts(text))


def _parts(text: str) -> Iterator[Part]:
    start, quoted, index = 0, False, 0
    while index <= len(text):
        char = text[index : index + 1]
        if quoted and char == "\\":
            index += 1
        elif char == '"':
            quoted = not quoted
        elif not char or (char in ",;" and not quoted):
            piece = text[start:index]
            left = start + len(piece) - len(piece.lstrip())
            yield Part(piece.strip(), left, max(left, start + len(piece.rstrip())))
            start = index + 1
        index += 1


def address(text: str) -> Address:
    """What one part means, be it an address or not."""
    text = text.strip()
    match = _ANGLE.fullmatch(text) if "<" in text else None
    if match is None:
        return Address(email=text)
    name = match[1].strip()
    if len(name) > 1 and name[0] == name[-1] == '"':
        name = re.sub(r"\\(.)", r"\1", name[1:-1])
    return Address(email=match[2].strip(), name=one_line(name))


def addresses(text: str) -> tuple[Address, ...]:
    """What a line means."""
    return tuple(address(part.text) for part in parts(text) if part.text)


def written(someone: Address) -> str:
    """An address as a part that `address` understands as the same."""
    name = one_line(someone.name)
    if not name or name == someone.email:
        return one_line(someone.email)
    if _QUOTED_FOR.search(name):
        name = '"' + name.replace("\\", "\\\\").replace('"', '\\"') + '"'
    return f"{name} <{one_line(someone.email)}>"


def line_of(people: Collection[Address]) -> str:
    """Addresses as a line."""
    return ", ".join(map(written, people))


def is_address(email: str) -> bool:
    """Whether mail can be sent there (RFC 5321), as far as the text tells."""
    local, _, domain = email.rpartition("@")
    return bool(_LOCAL.fullmatch(local) and _DOMAIN.fullmatch(domain))


def fault(text: str) -> str:
    """What is wrong with a line of addresses; empty if nothing is."""
    wrong = next((part for part in parts(text) if part.text and not is_address(address(part.text).email)), None)
    return f"{wrong.text} is no address" if wrong else ""


def everybody(message: Message, own: Collection[str]) -> tuple[tuple[Address, ...], tuple[Address, ...]]:
    """To whom an answer to all of a message goes, and who gets a copy. `own`: addresses of ours."""
    ours = {fold_address(each) for each in own}
    seen: set[str] = set(ours)
    if message.direction == "in":
        first = message.reply_to or ((message.sender,) if message.sender else ())
        rest = (*message.to, *message.cc)
    else:
        first, rest = message.to, message.cc
    return tuple(_fresh(first, seen)), tuple(_fresh(rest, seen))


def _fresh(people: Collection[Address], seen: set[str]) -> Iterator[Address]:
    """Those not seen yet, and not our own tokens (`address+desk.…`)."""
    for each in people:
        folded = fold_address(each.email)
        plain = re.sub(r"\+desk\.[^@]*@", "@", folded)
        if plain not in seen and folded not in seen:
            seen.add(folded)
            yield each
