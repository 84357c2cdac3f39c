"""The fields of the language: what each is called, what it takes, what it means."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Literal, get_args

from msgspec import Struct

from desk.model import Channel, Priority, State

STATES = tuple(state for state in get_args(State) if state != "merged")

Takes = Literal["text", "name", "choice", "date"]


class FieldKind(Struct, frozen=True, kw_only=True):
    """One field. `takes`: any `text`, a `name` that exists or not, a `choice` of `values`, or a `date`."""

    help: str
    takes: Takes = "text"
    values: tuple[str, ...] = ()
    """All there are for a `choice`; those with a meaning of their own for a `name`."""
    example: str


FIELDS: Mapping[str, FieldKind] = {
    "from": FieldKind(help="who wrote a mail of it: a part of the name or address", example="from:ada@example.org"),
    "to": FieldKind(help="whom a mail of it went to (To or Cc): a part of the address", example="to:orders@"),
    "subject": FieldKind(help="a part of the subject", example='subject:"spare part"'),
    "tag": FieldKind(help="a tag on it; tag:ref* for a beginning", takes="name", example="tag:refund"),
    "queue": FieldKind(help="the queue it is in", takes="name", values=("none",), example="queue:Returns"),
    "assignee": FieldKind(
        help="whose it is: me, nobody, a rep's login or name",
        takes="name",
        values=("me", "nobody"),
        example="assignee:me",
    ),
    "state": FieldKind(help="its state", takes="choice", values=STATES, example="state:waiting"),
    "channel": FieldKind(
        help="the channel it came by", takes="choice", values=get_args(Channel), example="channel:email"
    ),
    "priority": FieldKind(help="its priority", takes="choice", values=get_args(Priority), example="priority:urgent"),
    "before": FieldKind(help="the newest mail is older than this", takes="date", example="before:2026-11-01"),
    "after": FieldKind(help="the newest mail is of this time or later", takes="date", example="after:yesterday"),
    "has": FieldKind(help="what it holds", takes="choice", values=("attachment",), example="has:attachment"),
    "is": FieldKind(
        help="what it is for you",
        takes="choice",
        values=("unread", "mine", "unassigned", "mentioned", "failed", "third-party"),
        example="is:unread",
    ),
}

DATES = ("today", "yesterday", "monday", "3d", "2w", "2026-11-01")
"""What completion offers where a date belongs."""
