"""Bytes in, `Parsed` out: the whole reading of one mail."""

from __future__ import annotations

import hashlib
import re

from desk.mail import addresses, calendar, headers, quotes, reports
from desk.mail.auto import auto_kind
from desk.mail.body import Content
from desk.mail.headers import Headers
from desk.mail.mime import Broken, Part, Reader
from desk.mail.packing import pack
from desk.mail.parsed import AutoKind, Calendar, Limits, Parsed, Report
from desk.model import Address, MessageKind
from desk.text import line

__all__ = ["DEFAULT_LIMITS", "Broken", "parse"]

DEFAULT_LIMITS = Limits()

_MEGABYTE = 1024 * 1024
_SUBJECT_AT_MOST = 2_000
_QUOTED_FROM = re.compile(rb"^>(>{0,20}From )", re.MULTILINE)
_FIRST_QUOTED_FROM = re.compile(rb"\n>>?From ")
"""Quicker to look for than the whole pattern; nobody quotes deeper first."""
_BOM = b"\xef\xbb\xbf"


def parse(source_raw: bytes, limits: Limits = DEFAULT_LIMITS) -> Parsed:
    """Read one mail.

    Whatever a stranger wrote, this returns or raises `Broken`; odd but readable mail has its `defects` named.
    The time it may take is not bounded here: `desk.mail.pool` runs it where it can be killed.

    Raises:
        Broken: the mail exceeds one of the limits.
    """
    if len(source_raw) > limits.size:
        size, most = len(source_raw) / _MEGABYTE, limits.size / _MEGABYTE
        raise Broken(f"{size:,.1f} MB, more than the {most:,.0f} MB that one mail may have")
    root = Reader(_readable(source_raw), limits).read()
    content = Content(limits)
    content.add(root)
    return _assembled(source_raw, root, content)


def _readable(raw: bytes) -> bytes:
    """The mail without what a mailbox file or an old system wrapped around it."""
    data = raw
    if b"\r" in data and b"\n" not in data:
        data = data.replace(b"\r", b"\n")
    envelope = headers.envelope_length(data)
    if envelope:
        data = data[envelope:]
        if _FIRST_QUOTED_FROM.search(data):
            data = _QUOTED_FROM.sub(rb"\1", data)
    if data.startswith((_BOM, b"\n", b"\r\n")):
        data = data.removeprefix(_BOM).lstrip(b"\r\n")
    return data


def _assembled(raw: bytes, root: Part, content: Content) -> Parsed:
    fields = root.headers
    body = content.text
    subject = line(fields.text("subject"))[:_SUBJECT_AT_MOST]
    sender = _sender(fields)
    report = reports.find(root, sender, subject, body)
    invitation = calendar.read(content.calendar) if content.calendar else None
    auto = auto_kind(fields, subject)
    defects = content.defects if fields.plain("from") else ["no From field", *content.defects]
    return Parsed(
        sha256=hashlib.sha256(raw).hexdigest(),
        size=len(raw),
        raw_packed=pack(raw),
        kind=_kind(report, invitation, auto),
        auto="auto-generated" if report and not auto else auto,
        message_id=addresses.message_id(fields.plain("message-id")),
        in_reply_to=next(iter(addresses.message_ids(fields.plain("in-reply-to"))), ""),
        references=addresses.message_ids(fields.plain("references")),
        subject=subject,
        sender=sender,
        reply_to=_addresses(fields, "reply-to"),
        to=_addresses(fields, "to"),
        cc=_addresses(fields, "cc"),
        delivered_to=_delivered_to(fields),
        date=addresses.date(fields.plain("date")),
        received_at=addresses.envelope_date(raw[: headers.envelope_length(raw)]),
        body=body,
        folds=quotes.fold(body),
        links=content.links,
        parts=tuple(content.parts),
        report=report,
        calendar=invitation,
        defects=tuple(dict.fromkeys(defects)),
    )


def _kind(report: Report | None, invitation: Calendar | None, auto: AutoKind) -> MessageKind:
    if report is not None:
        return "bounce"
    if invitation is not None:
        return "calendar"
    return "auto" if auto == "auto-replied" else "message"


def _addresses(fields: Headers, name: str) -> tuple[Address, ...]:
    return addresses.addresses(fields.plain(name)) if name in fields else ()


def _sender(fields: Headers) -> Address | None:
    """The author; where From names nobody, who else the mail says it came from."""
    for name in ("from", "sender", "return-path"):
        found = _addresses(fields, name)
        if found:
            return found[0]
    return None


_DELIVERED_FIELDS = ("delivered-to", "x-original-to", "envelope-to", "x-delivered-to", "x-envelope-to")
_DELIVERED = frozenset(_DELIVERED_FIELDS)


def _delivered_to(fields: Headers) -> tuple[str, ...]:
    if not fields.any_of(_DELIVERED):
        return ()
    found = (
        address.email
        for name in _DELIVERED_FIELDS
        for value in fields.all(name)[:20]
        for address in addresses.addresses(value)
    )
    return tuple(dict.fromkeys(found))
