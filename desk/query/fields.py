"""The fields of the language: what each is called, what it takes, what it means."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Literal, get_args

from msgspec import Struct

from desk.model import Channel, Priority, State

STATES = tuple(state for state in get_args(State) if state != "merged")

PLAIN_PROMISES = "[promises]"
"""As `policy`: what no policy with a name promises; no policy can be called so."""

Takes = Literal["text", "name", "choice", "date", "form"]


class FieldKind(Struct, frozen=True, kw_only=True):
    """One field. `takes`: any `text`, a `name` that exists or not, a `choice` of `values`, a `date`, or a `form`."""

    help: str
    takes: Takes = "text"
    values: tuple[str, ...] = ()
    """All there are for a `choice`; those with a meaning of their own for a `name`; what is offered of a `form`."""
    form: str = ""
    """The regular expression of a value's whole, in lower case."""
    wants: str = ""
    """The same in words."""
    of_now: tuple[str, ...] = ()
    """Those of `values` that hold at an instant, and perhaps not a moment later."""
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
    "policy": FieldKind(
        help="a promise by this policy runs, or is paused",
        takes="name",
        values=(PLAIN_PROMISES,),
        example="policy:gold",
    ),
    "customer": FieldKind(
        help="who it is: a tag of the customer, @ and a domain, or an address",
        takes="name",
        example="customer:@example.org",
    ),
    "language": FieldKind(
        help="the customer's language; pt is pt-BR, too; none: nobody said",
        takes="form",
        values=("none",),
        form=r"[a-z]{2,3}(?:-[a-z0-9]{2,8}){0,3}|none",
        wants="write one like de or pt-BR, or none",
        example="language:de",
    ),
    "rating": FieldKind(
        help="how its chat was rated, from 1 to 5",
        takes="form",
        values=("1", "2", "3", "4", "5", "<3", ">3"),
        form="(?:[<>]=?)?[1-5]",
        wants="write a number from 1 to 5, or <3, <=2, >3, >=4",
        example="rating:<3",
    ),
    "before": FieldKind(help="the newest mail is older than this", takes="date", example="before:2026-11-01"),
    "after": FieldKind(help="the newest mail is of this time or later", takes="date", example="after:yesterday"),
    "has": FieldKind(help="what it holds", takes="choice", values=("attachment",), example="has:attachment"),
    "is": FieldKind(
        help="what it is, for you; due: a promise runs; late: one is broken by now",
        takes="choice",
        values=("unread", "mine", "unassigned", "due", "late", "mentioned", "failed", "third-party"),
        of_now=("late",),
        example="is:unread",
    ),
}

DATES = ("today", "yesterday", "monday", "3d", "2w", "2026-11-01")
"""What completion offers where a date belongs."""
