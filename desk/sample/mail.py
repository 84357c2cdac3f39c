"""The sample's mail as bytes of Internet mail (RFC 5322), as customers' programs would have written it."""

from __future__ import annotations

from datetime import UTC, datetime
from email import policy
from email.headerregistry import Address
from email.message import EmailMessage
from email.utils import format_datetime, getaddresses

from desk.clock import Millis
from desk.sample.files import attachment

_POLICY = policy.SMTP.clone(max_line_length=200)


def compose(
    *,
    sender: str,
    to: str,
    subject: str,
    body: str,
    at: Millis,
    message_id: str,
    references: tuple[str, ...] = (),
    html: str = "",
    attach: tuple[str, ...] = (),
    auto: bool = False,
) -> bytes:
    """A mail. Message-ID and references are without angle brackets; addresses as `Name <mailbox>`."""
    mail = _head(sender, to, subject, at, message_id, references)
    if auto:
        mail["Auto-Submitted"] = "auto-replied"
    mail.set_content(body + "\n")
    if html:
        mail.add_alternative(html, subtype="html")
    for spec in attach:
        file = attachment(spec)
        main, _, sub = file.media_type.partition("/")
        mail.add_attachment(file.data, maintype=main, subtype=sub, filename=file.name)
    return mail.as_bytes()


def bounce(*, to: str, failed: str, body: str, at: Millis, message_id: str, original: bytes) -> bytes:
    """A delivery report (RFC 3464) on a mail of ours."""
    sender = f"Mail Delivery System <mailer-daemon@{failed.rpartition('@')[2]}>"
    mail = _head(sender, to, "Undelivered Mail Returned to Sender", at, message_id, ())
    boundary = f"report-{message_id.partition('@')[0]}"
    head = mail.as_bytes().rstrip(b"\r\n")
    kind = f'multipart/report; report-type=delivery-status;\r\n boundary="{boundary}"'
    report = (
        f"Reporting-MTA: dns; mx.{failed.rpartition('@')[2]}\r\n\r\n"
        f"Final-Recipient: rfc822; {failed}\r\nAction: failed\r\nStatus: 4.2.1\r\n"
        "Diagnostic-Code: smtp; 452 4.2.1 mailbox temporarily disabled\r\n"
    )
    parts = (
        ("text/plain; charset=utf-8", body.replace("\n", "\r\n").encode()),
        ("message/delivery-status", report.encode()),
        ("text/rfc822-headers", original.partition(b"\r\n\r\n")[0] + b"\r\n"),
    )
    chunks = [f"--{boundary}\r\nContent-Type: {type}\r\n\r\n".encode() + data + b"\r\n" for type, data in parts]
    closing = f"--{boundary}--\r\n".encode()
    return head + f"\r\nMIME-Version: 1.0\r\nContent-Type: {kind}\r\n\r\n".encode() + b"".join(chunks) + closing


def unreadable(*, to: str, at: Millis, message_id: str) -> bytes:
    """A mail that no parser should follow to its end: a scanner that wrapped every page in the one before."""
    mail = _head("Office Scanner <scanner@copyshop.example>", to, "Scan: 200 pages", at, message_id, ())
    head = mail.as_bytes().rstrip(b"\r\n")
    depth = 200
    opening = "".join(
        f'Content-Type: multipart/mixed; boundary="page{level}"\r\n\r\n--page{level}\r\n' for level in range(depth)
    )
    return head + b"\r\nMIME-Version: 1.0\r\n" + opening.encode() + b"Content-Type: text/plain\r\n\r\nthe end\r\n"


def _head(sender: str, to: str, subject: str, at: Millis, message_id: str, references: tuple[str, ...]) -> EmailMessage:
    mail = EmailMessage(policy=_POLICY)
    mail["From"] = _mailbox(sender)
    mail["To"] = _mailbox(to)
    mail["Subject"] = subject
    mail["Date"] = format_datetime(datetime.fromtimestamp(at // 1000, UTC))
    mail["Message-ID"] = f"<{message_id}>"
    if references:
        mail["In-Reply-To"] = f"<{references[-1]}>"
        mail["References"] = " ".join(f"<{id}>" for id in references)
    return mail


def _mailbox(text: str) -> Address:
    ((name, email),) = getaddresses([text])
    return Address(display_name=name, addr_spec=email)
