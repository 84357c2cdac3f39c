"""Whether a mail was written by a machine, and so must not be answered by one (RFC 3834)."""

from __future__ import annotations

import re

from desk.mail.headers import Headers
from desk.mail.parsed import AutoKind

_REPLY_FIELDS = ("x-autoreply", "x-autorespond", "x-auto-reply", "x-autoresponder", "x-vacation", "x-mail-autoreply")
_LIST_FIELDS = ("list-id", "list-post", "x-mailing-list", "x-mailman-version", "x-beenthere", "x-ml-name")
_BULK_FIELDS = ("list-unsubscribe", "feedback-id", "x-campaign-id", "x-mailgun-tag", "x-csa-complaints")
_REPLY_SUBJECT = re.compile(
    r"\s*(?:auto(?:matic)?[ -]?(?:reply|response|antwort)|automatische antwort|abwesenheits|"
    r"out of (?:the )?office|ooo:|vacation:|r[ée]ponse automatique|absence du bureau|respuesta autom[áa]tica|"
    r"fuera de (?:la )?oficina|risposta automatica|fuori sede|resposta autom[áa]tica|automatisch antwoord|afwezig|"
    r"autosvar|automatisk svar|automaattinen vastaus|odpowied[źz] automatyczna|automatick[áa] odpov[ěe][ďd]|"
    r"автоответ|otomatik yan[ıi]t|自動応答|自動返信|自动回复|자동 회신)",
    re.IGNORECASE,
)


def auto_kind(headers: Headers, subject: str) -> AutoKind:
    """Why no automatic answer may go out, '' where nothing forbids it."""
    submitted = headers.plain("auto-submitted").split(";")[0].split("(")[0].strip().lower()
    precedence = headers.raw("precedence").strip().lower()
    if submitted.startswith("auto-replied") or precedence == b"auto_reply" or _replies(headers, subject):
        return "auto-replied"
    if submitted and submitted != "no":
        return "auto-generated"
    if precedence == b"list" or any(name in headers for name in _LIST_FIELDS):
        return "list"
    if precedence in (b"bulk", b"junk") or any(name in headers for name in _BULK_FIELDS):
        return "bulk"
    if _null_return_path(headers) or _suppressed(headers):
        return "auto-generated"
    return ""


def _replies(headers: Headers, subject: str) -> bool:
    if any(headers.raw(name).lower() not in (b"", b"no") for name in _REPLY_FIELDS if name in headers):
        return True
    return _REPLY_SUBJECT.match(subject) is not None


def _null_return_path(headers: Headers) -> bool:
    return headers.raw("return-path").replace(b" ", b"") == b"<>"


def _suppressed(headers: Headers) -> bool:
    """[MS-OXCMAIL]: Exchange asks that some kinds of automatic answers be held back."""
    return headers.raw("x-auto-response-suppress").lower() not in (b"", b"none")
