"""Whether a mail was written by a machine, and so must not be answered by one (RFC 3834)."""

from __future__ import annotations

import re

from desk.mail.headers import Headers, end_of_block, envelope_length, parse
from desk.mail.parsed import AutoKind

_REPLY_FIELDS = frozenset(
    {"x-autoreply", "x-autorespond", "x-auto-reply", "x-autoresponder", "x-vacation", "x-mail-autoreply"}
)
_LIST_FIELDS = frozenset({"list-id", "list-post", "x-mailing-list", "x-mailman-version", "x-beenthere", "x-ml-name"})
_BULK_FIELDS = frozenset({"list-unsubscribe", "feedback-id", "x-campaign-id", "x-mailgun-tag", "x-csa-complaints"})
_REPLY_SUBJECT = re.compile(
    r"\s*(?:auto(?:matic)?[ -]?(?:reply|response|antwort)|automatische antwort|abwesenheits|"
    r"out of (?:the )?office|ooo:|vacation:|r[ée]ponse automatique|absence du bureau|respuesta autom[áa]tica|"
    r"fuera de (?:la )?oficina|risposta automatica|fuori sede|resposta autom[áa]tica|automatisch antwoord|afwezig|"
    r"autosvar|automatisk svar|automaattinen vastaus|odpowied[źz] automatyczna|automatick[áa] odpov[ěe][ďd]|"
    r"автоответ|otomatik yan[ıi]t|自動応答|自動返信|自动回复|자동 회신)",
    re.IGNORECASE,
)


def auto_kind_of(raw: bytes) -> AutoKind:
    """`auto_kind`, of a mail as it came that could be read once."""
    begins = envelope_length(raw)
    fields = parse(raw[begins : end_of_block(raw, begins, len(raw))])
    return auto_kind(fields, fields.text("subject"))


def auto_kind(headers: Headers, subject: str) -> AutoKind:
    """Why no automatic answer may go out, '' where nothing forbids it."""
    submitted = headers.plain("auto-submitted").split(";")[0].split("(")[0].strip().lower()
    precedence = headers.plain("precedence").lower()
    if submitted.startswith("auto-replied") or precedence == "auto_reply" or _replies(headers, subject):
        return "auto-replied"
    if submitted and submitted != "no":
        return "auto-generated"
    if precedence == "list" or headers.any_of(_LIST_FIELDS):
        return "list"
    if precedence in ("bulk", "junk") or headers.any_of(_BULK_FIELDS):
        return "bulk"
    if _null_return_path(headers) or _suppressed(headers):
        return "auto-generated"
    return ""


def _replies(headers: Headers, subject: str) -> bool:
    if headers.any_of(_REPLY_FIELDS) and any(headers.plain(name).lower() not in ("", "no") for name in _REPLY_FIELDS):
        return True
    return _REPLY_SUBJECT.match(subject) is not None


def _null_return_path(headers: Headers) -> bool:
    return headers.plain("return-path").replace(" ", "") == "<>"


def _suppressed(headers: Headers) -> bool:
    """[MS-OXCMAIL]: Exchange asks that some kinds of automatic answers be held back."""
    return headers.plain("x-auto-response-suppress").lower() not in ("", "none")
