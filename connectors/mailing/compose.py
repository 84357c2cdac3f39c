"""A message as the bytes that go over the wire (RFC 5322, MIME). The same message always gives the same bytes."""

from __future__ import annotations

import base64
import binascii
import re
from collections.abc import Sequence
from datetime import UTC, datetime
from hashlib import sha256
from html import escape

from connectors.base import Account, File, Outgoing, Permanent, Wire
from connectors.mailing import headers
from desk.model import Address, Message
from desk.text import fold_address

_QUOTE_AT_MOST = 64 * 1024
"""Characters of an earlier message that are quoted; what exceeds it is replaced by a mark."""
_MEDIA_TYPE = re.compile(r"(?!message/|multipart/)[A-Za-z0-9][\w.+-]{0,60}/[A-Za-z0-9][\w.+-]{0,80}", re.ASCII)
_TOKEN_LOCAL = re.compile(r"desk\.[0-9A-Za-z.]{1,60}")
_LINK = re.compile(r"(?:https?://|mailto:)[^\s<>\"']+[^\s<>\"'.,;:!?)\]]")


def prepare(outgoing: Outgoing, account: Account, *, plus_token: bool = False) -> Wire:
    """The message as sent from the account. Raises Permanent, saying what has to be corrected."""
    message = outgoing.message
    recipients = _recipients(message)
    raw = _head(outgoing, account, plus_token) + _body(outgoing, account)
    return Wire(
        raw=raw,
        sender=headers.address(account.address, "the account's address"),
        recipients=recipients,
        rfc_message_id=message.rfc_message_id,
    )


def _recipients(message: Message) -> tuple[str, ...]:
    found: dict[str, str] = {}
    for each in (*message.to, *message.cc, *message.bcc):
        spec = headers.address(each.email)
        found.setdefault(fold_address(spec), spec)
    if not found:
        raise Permanent("the message has no recipient")
    return tuple(found.values())


def _head(outgoing: Outgoing, account: Account, plus_token: bool) -> bytes:
    message = outgoing.message
    sender = Address(email=account.address, name=account.display_name)
    fields = [
        headers.date_field(message.at),
        headers.mailboxes("From", (sender,)),
        headers.mailboxes("To", message.to) or headers.field("To", "undisclosed-recipients:;"),
        headers.mailboxes("Cc", message.cc),
        headers.mailboxes("Reply-To", _reply_to(message, sender) if plus_token else ()),
        headers.text_field("Subject", message.subject),
        headers.field("Message-ID", headers.message_id(message.rfc_message_id)),
        headers.thread_fields(message.in_reply_to, message.references),
    ]
    fields += _by_itself(outgoing)
    fields.append(headers.field("MIME-Version", "1.0"))
    head = b"".join(fields)
    if any(len(line) > headers.LONGEST_LINE for line in head.split(b"\r\n")):
        raise Permanent("a header line would be longer than mail allows; shorten the longest name")
    return head


def _by_itself(outgoing: Outgoing) -> list[bytes]:
    """What tells other machines that no person sent it (RFC 3834, section 5), and its recipient how to refuse it."""
    if outgoing.message.kind != "auto":
        return []
    suppress = "X-Auto-Response-Suppress"  # keeps Exchange from answering automatically in turn
    if outgoing.unsubscribe is None:
        return [headers.field("Auto-Submitted", "auto-replied"), headers.field(suppress, "All")]
    return [
        headers.field("Auto-Submitted", "auto-generated"),
        headers.field(suppress, "OOF, AutoReply"),
        headers.unsubscribe_fields(outgoing.unsubscribe),
    ]


def _reply_to(message: Message, sender: Address) -> tuple[Address, ...]:
    """The sender's address with the Message-ID's token added to its local part (RFC 5233), if it fits."""
    token = message.rfc_message_id.partition("@")[0]
    local, _, domain = sender.email.rpartition("@")
    if not _TOKEN_LOCAL.fullmatch(token) or len(local) + 1 + len(token) > 64:
        return ()
    return (Address(email=f"{local}+{token}@{domain}", name=sender.name),)


# --- body -------------------------------------------------------------------------------------------------


def _body(outgoing: Outgoing, account: Account) -> bytes:
    quoted = outgoing.quoted
    written = _text(outgoing.message.body, account.signature, quoted)
    styled = _html(outgoing.message.body, account.signature, quoted)
    seed = outgoing.message.rfc_message_id
    text = _multipart("alternative", [_text_part("plain", written), _text_part("html", styled)], f"{seed} alternative")
    if not outgoing.files:
        return text
    return _multipart("mixed", [text, *map(_file_part, outgoing.files)], f"{seed} mixed")


def _lines(text: str) -> list[str]:
    return text.replace("\r\n", "\n").replace("\r", "\n").rstrip("\n").split("\n")


def _text(body: str, signature: str, quoted: Message | None) -> str:
    out = _lines(body)
    if signature.strip():
        out += ["", "-- ", *_lines(signature)]
    if quoted is not None:
        out += ["", attribution(quoted), *(_quote(line) for line in _quotable(quoted))]
    return "\n".join(out) + "\n"


def _quote(line: str) -> str:
    return f">{line}" if line.startswith(">") else f"> {line}".rstrip()


def _quotable(message: Message) -> list[str]:
    body = message.body
    if len(body) > _QUOTE_AT_MOST:
        body = body[:_QUOTE_AT_MOST] + "\n[…]"
    return _lines(body)


def attribution(message: Message) -> str:
    """The line above a quotation."""
    when = datetime.fromtimestamp(message.at // 1000, UTC).strftime("%Y-%m-%d %H:%M UTC")
    sender = message.sender
    who = (sender.name or sender.email) if sender else "somebody"
    return f"On {when}, {' '.join(who.split())} wrote:"


def _html(body: str, signature: str, quoted: Message | None) -> str:
    out = ['<!DOCTYPE html><html><head><meta charset="utf-8"></head><body>', f"<div>{_html_lines(_lines(body))}</div>"]
    if signature.strip():
        out.append(f"<div><br>-- <br>{_html_lines(_lines(signature))}</div>")
    if quoted is not None:
        style = "margin:0 0 0 .8ex;border-left:1px solid #ccc;padding-left:1ex"
        out.append(f"<div><br>{escape(attribution(quoted))}</div>")
        out.append(f'<blockquote type="cite" style="{style}">{_html_lines(_quotable(quoted))}</blockquote>')
    return "\n".join([*out, "</body></html>"]) + "\n"


def _html_lines(lines: Sequence[str]) -> str:
    return "<br>\n".join(_html_line(line) for line in lines)


def _html_line(line: str) -> str:
    out, end = [], 0
    for link in _LINK.finditer(line):
        target = escape(link[0])
        out += [_spaced(line[end : link.start()]), f'<a href="{target}">{target}</a>']
        end = link.end()
    return "".join([*out, _spaced(line[end:])])


def _spaced(text: str) -> str:
    """Escaped, with runs of spaces kept."""
    spaced = escape(text.expandtabs(4)).replace("  ", " &nbsp;")
    return "&nbsp;" + spaced[1:] if spaced.startswith(" ") else spaced


# --- MIME -------------------------------------------------------------------------------------------------


def _multipart(subtype: str, parts: Sequence[bytes], seed: str) -> bytes:
    # RFC 2045 section 6.7: "=_" can occur neither in quoted-printable nor in base64
    boundary = b"=_desk_" + sha256(seed.encode("utf-8", "replace")).hexdigest()[:32].encode()
    head = b'Content-Type: multipart/%s;\r\n boundary="%s"\r\n\r\n' % (subtype.encode(), boundary)
    return head + b"".join(b"--%s\r\n%s\r\n" % (boundary, part) for part in parts) + b"--%s--\r\n" % boundary


def _text_part(subtype: str, text: str) -> bytes:
    data = text.encode("utf-8", "replace")
    encoding, coded = _transfer(data)
    head = f"Content-Type: text/{subtype}; charset=utf-8\r\nContent-Transfer-Encoding: {encoding}\r\n\r\n"
    return head.encode() + coded


def _transfer(data: bytes) -> tuple[str, bytes]:
    """The encoding of RFC 2045 in which the text travels unharmed, and most legibly."""
    if _needs_none(data):
        return "7bit", data.replace(b"\n", b"\r\n")
    if sum(byte > 127 for byte in data) * 4 > len(data):
        return "base64", _base64(data.replace(b"\n", b"\r\n"))
    coded = binascii.b2a_qp(data, istext=True)
    return "quoted-printable", coded.replace(b"\n", b"\r\n")


_NEEDS_CODING = re.compile(rb"[\x00-\x08\x0b-\x1f\x7f-\xff]|=_|[ \t]\n|^From ", re.MULTILINE)


def _needs_none(data: bytes) -> bool:
    if _NEEDS_CODING.search(data):
        return False
    return all(len(line) <= 78 for line in data.split(b"\n"))


def _file_part(file: File) -> bytes:
    media_type = file.media_type if _MEDIA_TYPE.fullmatch(file.media_type) else "application/octet-stream"
    head = (
        f"Content-Type: {media_type}\r\n"
        f"Content-Disposition: {headers.disposition(file.name)}\r\n"
        "Content-Transfer-Encoding: base64\r\n\r\n"
    )
    return head.encode() + _base64(file.data)


def _base64(data: bytes) -> bytes:
    return base64.encodebytes(data).replace(b"\n", b"\r\n")
