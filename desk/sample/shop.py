"""The sample shop as typed data, read from the files beside this one."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterator
from importlib.resources import files
from typing import Any, Literal

import msgspec
from msgspec import Struct, field

from desk.clock import DAY, HOUR, MINUTE, Millis
from desk.model import OutboxState, Priority, State

Kind = Literal["in", "out", "note", "bounce", "auto"]
_KINDS: tuple[Kind, ...] = ("in", "out", "note", "bounce", "auto")
_AGO = re.compile(r"(\d+)([dhm])")
_UNITS = {"d": DAY, "h": HOUR, "m": MINUTE}


def ago(text: str) -> Millis:
    """`2d 3h` as a length of time in milliseconds."""
    return sum(int(count) * _UNITS[unit] for count, unit in _AGO.findall(text))


class Person(Struct, frozen=True, kw_only=True):
    """A customer: who they are, what they ordered, what the reps know of them."""

    name: str
    email: str
    phone: str = ""
    zone: str = ""
    language: str = ""
    tags: tuple[str, ...] = ()
    orders: dict[str, str] = field(default_factory=dict)
    """What was ordered, by the order's number."""
    notes: str = ""


class Line(Struct, frozen=True, kw_only=True):
    """One message of a thread."""

    kind: Kind
    ago: Millis
    body: str
    rep: str = ""
    """Login of the rep who wrote it; `me` is whoever loads the sample."""
    third: str = ""
    """Who wrote it, if not the customer."""
    quote: bool = False
    """Below the text, the message before is quoted."""
    html: str = ""
    """The same text as HTML, for mail programs that send both."""
    attach: tuple[str, ...] = ()
    sent: OutboxState = "sent"
    error: str = ""


class Thread(Struct, frozen=True, kw_only=True):
    """One conversation."""

    customer: str
    subject: str
    messages: tuple[Line, ...]
    rep: str = ""
    queue: str = ""
    state: State | None = None
    """None: what the messages make of it."""
    until: str = ""
    """How far from now a snoozed one comes back."""
    priority: Priority = "normal"
    tags: tuple[str, ...] = ()


class Shop(Struct, frozen=True, kw_only=True):
    """Everything there is to load."""

    name: str
    account: str
    address: str
    signature: str
    reps: dict[str, str]
    customers: dict[str, Person]
    queues: tuple[str, ...] = ()
    threads: tuple[Thread, ...] = field(default=())


def read_shop() -> Shop:
    """The shop and all its threads."""
    here = files("desk.sample")
    tables = tomllib.loads((here / "shop.toml").read_text("utf-8"))
    threads = [
        thread
        for name in ("threads-open", "threads-waiting", "threads-done")
        for thread in tomllib.loads((here / f"{name}.toml").read_text("utf-8"))["thread"]
    ]
    tables["threads"] = [{**thread, "messages": list(_lines(thread["messages"]))} for thread in threads]
    return msgspec.convert(tables, Shop)


def _lines(tables: list[dict[str, Any]]) -> Iterator[dict[str, Any]]:
    for table in tables:
        kind = next(kind for kind in _KINDS if kind in table)
        rest = {key: value for key, value in table.items() if key != kind}
        yield {**rest, "kind": kind, "ago": ago(table[kind]), "body": table["body"].strip("\n")}
