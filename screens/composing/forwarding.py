"""A message passed on: who wrote it, to whom and when, and its text, below what the rep says of it."""

from __future__ import annotations

from desk.clock import iso
from desk.model import Message
from desk.text import line
from screens.composing.people import line_of

MARK = "---------- Forwarded message ----------"


def forwarded(message: Message) -> str:
    """The text of a forward: room for the rep's words, the header block, the message."""
    facts = (
        ("From", line_of((message.sender,)) if message.sender else ""),
        ("Date", iso(message.at)),
        ("Subject", line(message.subject)),
        ("To", line_of(message.to)),
        ("Cc", line_of(message.cc)),
    )
    block = [f"{name}: {value}" for name, value in facts if value]
    return "\n".join(["", "", MARK, *block, "", message.body])


def subject_of_forward(subject: str) -> str:
    """`Fwd: ` before a subject that has no such mark yet."""
    given = line(subject)
    marked = given.casefold().startswith(("fwd:", "fw:", "wg:", "tr:"))
    return given if marked else f"Fwd: {given}".strip()


def files_of(message: Message) -> tuple[str, ...]:
    """The message's attachments as those of a reply: they are stored already."""
    return tuple(f"{file.sha256}:{line(file.name) or 'attachment'}" for file in message.attachments)
