"""Delivery reports: the standard kind (RFC 3464) by its fields, older mail systems' by their words.

A report names the recipients it is about and, where it can be found, the Message-ID of the mail that came back.
"""

from __future__ import annotations

import re
from functools import lru_cache

from desk.mail import addresses, headers
from desk.mail.headers import Headers
from desk.mail.mime import Part
from desk.mail.parsed import Report
from desk.mail.prose import of_prose
from desk.model import Address, Recipient
from desk.text import fold_address, line

_STATUS_TYPES = frozenset({"message/delivery-status", "message/global-delivery-status", "text/delivery-status"})
_FEEDBACK_TYPE = "message/feedback-report"
_ORIGINAL_TYPES = frozenset(
    {"message/rfc822", "message/global", "text/rfc822-headers", "message/rfc822-headers", "text/rfc822"}
    | {"message/global-headers", "message/partial"}
)
_RECIPIENTS_AT_MOST = 200
_DIAGNOSTIC_AT_MOST = 500
_STATUS_BYTES = 256 * 1024

_DAEMON = re.compile(
    r"(?:mailer[-_.]?daemon|mail-?daemon|post[-_.]?master|mdaemon|double-bounce|"
    r"(?:e500_smtp_)?mail[-_.]?delivery(?:[-_.]?(?:sub)?system)?|[^@]{0,30}-daemon)[^@]{0,3}(?:@|$)",
    re.IGNORECASE,
)
_MACHINE = re.compile(
    r"(?:bounces?|no-?reply|autoreply|sysop|majordomo|mmdf|smtp|root|mailadm|[^@]{0,30}-(?:bounces?|owner|admin)|ndr)@",
    re.IGNORECASE,
)
_SUBJECT = re.compile(
    r"undeliver|return(?:ed|ing)? (?:mail|to sender|message)|failure notice|non[- ]?deliver|not delivered|"
    r"could ?n.t be (?:delivered|sent)|could not be (?:delivered|sent)|bounced?\b|user unknown|mail delivery|"
    r"deliver(?:y|ing) (?:status|fail|report|problem|error|delay|notification|has)|problems? delivering|can.?t send|"
    r"(?:mail|message) (?:system error|failure|error|could not|status|delayed)|(?:mail|message|delivery|e-?mail) fail|"
    r"failed (?:mail|message|delivery)|(?:delayed|rejected|blocked|deferred) (?:mail|message)|processing error|"
    r"warning: (?:could not|message)|dsn:|abuse report|email feedback|feedback report|postmaster (?:notify|email)|"
    r"(?:mail|message) (?:was )?(?:rejected|blocked|deferred|refused)|automatically rejected|error during delivery|"
    r"unzustellbar|nicht zugestellt|zustellung|nicht zustellbar|échec de (?:la )?remise|non remis|"
    r"no se puede entregar|no entregado|impossibile (?:recapitare|consegnare)|mancato recapito|não (?:foi )?entreg|"
    r"onbestelbaar|недоставлен|не доставлен|不達|配信(?:でき|不能|エラー)|送信できません|メールエラー|エラー通知|"
    r"退信|无法投递|传输失败|투递 실패|반송",
    re.IGNORECASE,
)
_PLAIN_SUBJECT = re.compile(
    r"\s*(?:undeliver|returned mail|mail (?:could not be delivered|delivery failed|error)|"
    r"delivery (?:status notification|failure)|failure notice|non-?delivery|automatically rejected mail)",
    re.IGNORECASE,
)
"""So plain that the words of the text decide, whoever sent it."""
_FAILED_FIELDS = ("x-failed-recipients", "x-actual-recipients", "x-failed-recipient")
_FAILED = frozenset(_FAILED_FIELDS)


def find(root: Part, sender: Address | None, subject: str, text: str) -> Report | None:
    """The delivery report that a mail is, None if it is none."""
    leaves = list(root.leaves()) if root.children else [root]
    certainty = _CERTAIN
    status = next((part for part in leaves if part.media_type in _STATUS_TYPES), None)
    fields = root.headers
    if status is not None:
        recipients = _of_status(status.content()[:_STATUS_BYTES])
    elif any(part.media_type == _FEEDBACK_TYPE for part in leaves):
        recipients = _of_feedback(leaves)
    else:
        certainty = _certainty(fields, sender, subject, root)
        if not certainty:
            return None
        recipients = ()
    own = {fold_address(address.email) for address in addresses.addresses(fields.plain("to"))}
    if sender:
        own.add(fold_address(sender.email))
    prose = of_prose(text, own)
    if not recipients and status is None:
        recipients = _of_fields(fields, prose.recipients) or prose.recipients
        if certainty < _CERTAIN and not (prose.failed and recipients):
            return None
        if not recipients and not prose.failed:
            return None
    original = _original(leaves)
    if not recipients:
        recipients = prose.recipients or (_addressed(original.plain("to")) if original is not None else ())
    return Report(
        original_message_id=_original_id(original, prose.message_id, fields),
        recipients=recipients[:_RECIPIENTS_AT_MOST],
    )


_CERTAIN = 2


def _certainty(fields: Headers, sender: Address | None, subject: str, root: Part) -> int:
    """0: no report; 1: one if the text says that something was not delivered, and to whom; 2: one."""
    if fields.any_of(_FAILED) or root.parameters.get("report-type", "").lower() == "delivery-status":
        return _CERTAIN
    is_daemon, machine = _kind_of(sender.email) if sender is not None else (False, True)
    if is_daemon:
        return _CERTAIN if _SUBJECT.search(subject) else 1
    returned = fields.plain("return-path").replace(" ", "") == "<>"
    if (returned or machine) and _SUBJECT.search(subject):
        return _CERTAIN
    return 1 if (returned and machine) or _PLAIN_SUBJECT.match(subject) else 0


@lru_cache(maxsize=4096)
def _kind_of(email: str) -> tuple[bool, bool]:
    """Whether a mail system sends from an address, and whether some machine does."""
    return _DAEMON.match(email) is not None, _MACHINE.match(email) is not None


# --- the standard kind


def _of_status(content: bytes) -> tuple[Recipient, ...]:
    """RFC 3464 section 2.3: blocks of fields, one a recipient."""
    found: dict[str, Recipient] = {}
    for block in _blocks(content)[: _RECIPIENTS_AT_MOST + 1]:
        recipient = _of_block(headers.parse(block))
        if recipient is not None:
            found.setdefault(fold_address(recipient.address), recipient)
    return tuple(found.values())


_BLANK = re.compile(rb"\n[ \t\r]*\n")


def _blocks(content: bytes) -> list[bytes]:
    return _BLANK.split(content.replace(b"\r\n", b"\n"))


def _of_block(fields: Headers) -> Recipient | None:
    address = ""
    for name in ("original-recipient", "final-recipient", "x-actual-recipient"):
        candidate = _typed(fields.plain(name))
        if "@" in candidate:
            address = candidate
            break
        address = address or candidate
    if not address:
        return None
    return Recipient(
        address=address,
        action=line(fields.plain("action")).partition(" ")[0].strip(";").lower()[:40],
        status=_status(fields.plain("status")),
        diagnostic=_typed(fields.plain("diagnostic-code"))[:_DIAGNOSTIC_AT_MOST],
    )


def _typed(value: str) -> str:
    """The value of a `type; value` field such as `rfc822; bob@example.com`."""
    kind, semicolon, rest = value.partition(";")
    content = rest if semicolon and len(kind) < 40 and "@" not in kind else value
    return line(content).strip("<>\"' ")


_STATUS = re.compile(r"\b[245]\.\d{1,3}\.\d{1,3}\b")


def _status(value: str) -> str:
    match = _STATUS.search(value)
    return match.group() if match else ""


def _of_feedback(leaves: list[Part]) -> tuple[Recipient, ...]:
    """RFC 5965: somebody called our mail unwanted."""
    part = next(part for part in leaves if part.media_type == _FEEDBACK_TYPE)
    fields = headers.parse(part.content()[:_STATUS_BYTES].replace(b"\r\n", b"\n").strip())
    named = [address for value in fields.all("original-rcpt-to") for address in addresses.addresses(value)]
    original = _original(leaves)
    if not named and original is not None:
        named = list(addresses.addresses(original.plain("to")))
    kind = line(fields.plain("feedback-type")) or "abuse"
    return tuple(Recipient(address=address.email, action="complained", diagnostic=kind) for address in named)


# --- the mail that came back


def _original(leaves: list[Part]) -> Headers | None:
    for part in leaves:
        if part.media_type in _ORIGINAL_TYPES:
            content = part.content().lstrip(b"\r\n")
            content = content[headers.envelope_length(content) :]
            return headers.parse(content[: headers.end_of_block(content, 0, min(len(content), _STATUS_BYTES))])
    return None


def _original_id(original: Headers | None, in_prose: str, fields: Headers) -> str:
    if original is not None:
        found = addresses.message_id(original.plain("message-id"))
        if found:
            return found
    if in_prose:
        return in_prose
    for name in ("x-original-message-id", "original-message-id", "in-reply-to", "references"):
        found_ids = addresses.message_ids(fields.plain(name))
        if found_ids:
            return found_ids[-1]
    return ""


def _of_fields(fields: Headers, described: tuple[Recipient, ...]) -> tuple[Recipient, ...]:
    """Exim and others name the failed in a header field; what the text says of them is kept."""
    known = {fold_address(recipient.address): recipient for recipient in described}
    named = [address for name in _FAILED_FIELDS for address in _addressed(fields.plain(name))]
    return tuple(known.get(fold_address(recipient.address), recipient) for recipient in named)


def _addressed(value: str) -> tuple[Recipient, ...]:
    return tuple(Recipient(address=address.email, action="failed") for address in addresses.addresses(value))
