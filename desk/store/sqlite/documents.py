"""What a message is kept as beside its plain columns, and what it is found by."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator, Sequence

import msgspec
from msgspec import Struct

from desk.model import Address, Fold, Message, Recipient
from desk.store.sqlite.words import bare, begins_a_word, indexable

Document = tuple[int, str, str, str, str]
"""Id, subject, body, names with addresses, names of files."""


class Detail(Struct, array_like=True, omit_defaults=True):
    """What is read only together with the whole message: one MessagePack value in its row.

    New fields go to the end, with a default: older values stay readable.
    """

    sender: Address | None = None
    to: tuple[Address, ...] = ()
    cc: tuple[Address, ...] = ()
    bcc: tuple[Address, ...] = ()
    reply_to: tuple[Address, ...] = ()
    folds: tuple[Fold, ...] = ()
    links: tuple[str, ...] = ()
    in_reply_to: str = ""
    references: tuple[str, ...] = ()
    recipients: tuple[Recipient, ...] = ()


encode = msgspec.msgpack.Encoder().encode
decode = msgspec.msgpack.Decoder(Detail).decode


def detail(m: Message) -> Detail:
    """The part of a message that its columns leave out."""
    return Detail(m.sender, m.to, m.cc, m.bcc, m.reply_to, m.folds, m.links, m.in_reply_to, m.references, m.recipients)


def document(id: int, m: Message) -> Document:
    """What a message is found by."""
    files = "\n".join(attachment.name for attachment in m.attachments)
    return id, indexable(m.subject), indexable(m.body), indexable(_names(m)), indexable(files)


def _names(m: Message | Detail) -> str:
    people = (m.sender, *m.to, *m.cc, *m.bcc, *m.reply_to)
    return "\n".join(f"{address.name} {address.email}" for address in dict.fromkeys(people) if address)


def found_in(
    reader: sqlite3.Connection,
    prefixes: Sequence[str],
    row: tuple[int, int, int, str, str, bytes],
) -> bool:
    """Whether words of a message's document begin with each of the prefixes; no more is read than is needed."""
    missing: Sequence[str] = prefixes
    for text in _texts(reader, row):
        missing = [prefix for prefix in missing if not begins_a_word(prefix, text)]
        if not missing:
            return True
    return False


def _texts(reader: sqlite3.Connection, row: tuple[int, int, int, str, str, bytes]) -> Iterator[str]:
    id, _, files, subject, body, packed = row
    yield bare(body)
    yield bare(subject)
    yield bare(_names(decode(packed)))
    if files:
        for (name,) in reader.execute("SELECT name FROM attachments WHERE message_id = ?", (id,)):
            yield bare(name)
