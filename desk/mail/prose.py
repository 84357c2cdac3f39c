"""What the words of an old mail system's report say: who was not reached, why, and which mail it was.

Only the first 30,000 characters are read, line by line.
"""

from __future__ import annotations

import re

from msgspec import Struct

from desk.mail import addresses
from desk.model import Recipient
from desk.text import fold_address, line

_READ_AT_MOST = 30_000
_LINE_AT_MOST = 1_000
_RECIPIENTS_AT_MOST = 50
_DIAGNOSTIC_AT_MOST = 500
_DIAGNOSTIC_LINES = 6

_LOCAL = r"[^\s<>()\[\]:;,\"'@\\|=]{1,64}"
_DOMAIN = r"[A-Za-z0-9.-]{1,253}[A-Za-z0-9]"
_ADDRESS = re.compile(f"{_LOCAL}@{_DOMAIN}")
_LEADING = re.compile(
    r"[\s*>|-]{0,12}(?:(?:to|rcpt to|recipients?|address|user|e-?mail|mailbox|failed recipient|original recipient|"
    r"final-recipient|original-recipient|x-actual-recipient|your message to|message to|intended recipient)"
    rf"\s{{0,3}}[:;]?\s{{0,3}})?(?:rfc822\s{{0,2}};\s{{0,2}})?[<\"'(\[]{{0,2}}({_LOCAL}@{_DOMAIN})",
    re.IGNORECASE,
)
_ABOUT = re.compile(
    r"recipient|deliver|undeliver|address|user|mailbox|rcpt|failed|failure|unknown|rejected|refused|bounce|not found|"
    r"could not|couldn.t|unable|cannot|can.t|error|550|551|552|553|554|宛|送信|配信|недостав|доставл|destinat|remis|"
    r"adresse|失败",
    re.IGNORECASE,
)
_FAILED = re.compile(
    r"undeliver|not (?:be )?deliver|n.t (?:be )?deliver|deliver(?:ed|y|ing)? .{0,60}(?:fail|problem|error|delay)|"
    r"failed (?:to deliver|recipient|address|permanently)|permanent (?:fatal )?error|returned mail|fatal errors|"
    r"user unknown|unknown user|no such (?:user|recipient|person|address|mailbox)|mailbox (?:is )?(?:full|unavailable|"
    r"not found)|does(?:n.t| not) exist|(?:over|exceeded?).{0,20}quota|unable to deliver|could ?n.t deliver|"
    r"could not (?:be )?(?:deliver|sent|process)|(?:message|mail) .{0,40}(?:rejected|refused|bounced|blocked)|"
    r"address(?:es)? (?:had|failed|rejected)|\b5\d\d[ -]#?5\.\d\.\d|delivery notification|not accept|"
    r"nicht (?:zugestellt|zustellbar)|配信でき|送信できません|届けることができ|エラーメッセージ|"
    r"недоставлен|не (?:был )?доставлен|无法|退信|失败",
    re.IGNORECASE,
)
_COPY_BEGINS = re.compile(
    r"[-=_* ]{0,60}(?:(?:this is |below this line is |here is |the following is |the )?a? ?"
    r"(?:copy|headers?|text) of (?:the|your) (?:original )?(?:message|mail)|original message|"
    r"your (?:original )?message (?:follows|headers|reads|contains|was)|unsent message (?:below|follows)|"
    r"(?:returned|original) (?:message|mail) (?:follows|attached|headers?)|message headers? follow|message header|"
    r"original headers?|included is a copy)",
    re.IGNORECASE,
)
_ORIGINAL_FIELD = re.compile(
    r">?[ ]{0,4}(?:Received|Return-Path|X-Mailer|MIME-Version|DKIM-Signature|Message-ID)\s{0,3}:", re.IGNORECASE
)
_MESSAGE_ID = re.compile(
    r"^[> \t]{0,8}(?:X-Original-)?Message-?ID\s{0,3}:\s{0,9}<?([^<>\s]{3,900})>?", re.IGNORECASE | re.MULTILINE
)
_TO = re.compile(r"^[> \t]{0,8}To\s{0,3}:[ \t]{0,9}(\S[^\n]{0,900})", re.IGNORECASE | re.MULTILINE)
_STATUS = re.compile(r"(?<![\d.])[245]\.\d{1,3}\.\d{1,3}(?![\d.])")


class Prose(Struct, frozen=True):
    """What a text says of a failed delivery."""

    recipients: tuple[Recipient, ...]
    message_id: str
    failed: bool
    """Whether it says in so many words that a mail was not delivered."""


def of_prose(text: str, own: set[str]) -> Prose:
    """Read a report in words. `own` are the folded addresses of the report's sender and receiver, who did not fail."""
    text = text[:_READ_AT_MOST]
    lines = [given[:_LINE_AT_MOST] for given in text.split("\n")]
    split = _copy_begins(lines)
    told = lines[:split]
    recipients = _named_first(told, own) or _named_anywhere(told, own)
    below = "\n".join(lines[split:])
    if not recipients:
        recipients = _addressed(below, own)
    found = _MESSAGE_ID.search(below) or _MESSAGE_ID.search(text)
    return Prose(
        recipients=recipients,
        message_id=line(found[1]) if found else "",
        failed=_FAILED.search("\n".join(told)) is not None,
    )


def _copy_begins(lines: list[str]) -> int:
    """The line in which the copy of the original mail begins, or the number of lines."""
    for index, given in enumerate(lines):
        if _COPY_BEGINS.match(given) or _ORIGINAL_FIELD.match(given):
            return index
    return len(lines)


def _named_first(lines: list[str], own: set[str]) -> tuple[Recipient, ...]:
    """Recipients with which a line begins, as in `<bob@example.com>: no such user`."""
    found: dict[str, Recipient] = {}
    for index, given in enumerate(lines):
        if "@" not in given:
            continue
        match = _LEADING.match(given)
        if match and fold_address(match[1]) not in own:
            found.setdefault(fold_address(match[1]), _recipient(match[1], given[match.end() :], lines, index))
        if len(found) >= _RECIPIENTS_AT_MOST:
            break
    return tuple(found.values())


def _named_anywhere(lines: list[str], own: set[str]) -> tuple[Recipient, ...]:
    """Recipients in the middle of a sentence that speaks of delivery."""
    found: dict[str, Recipient] = {}
    for index, given in enumerate(lines):
        if "@" not in given or not _ABOUT.search(" ".join(lines[max(index - 1, 0) : index + 2])):
            continue
        for address in _ADDRESS.findall(given):
            if fold_address(address) not in own:
                found.setdefault(fold_address(address), _recipient(address, given, lines, index))
        if len(found) >= _RECIPIENTS_AT_MOST:
            break
    return tuple(found.values())


def _recipient(address: str, rest: str, lines: list[str], index: int) -> Recipient:
    """A recipient with the words behind it, up to a blank line, as its diagnosis."""
    words = [rest.strip(" \t<>:\"')]")]
    for given in lines[index + 1 : index + 1 + _DIAGNOSTIC_LINES]:
        if not given.strip() or _LEADING.match(given):
            break
        words.append(given)
    diagnostic = line(" ".join(words))[:_DIAGNOSTIC_AT_MOST]
    status = _STATUS.search(diagnostic)
    return Recipient(
        address=line(address), action="failed", status=status.group() if status else "", diagnostic=diagnostic
    )


def _addressed(original: str, own: set[str]) -> tuple[Recipient, ...]:
    """Whom the original mail went to, when the report itself does not say."""
    found = _TO.search(original)
    named = addresses.addresses(found[1]) if found else ()
    return tuple(
        Recipient(address=address.email, action="failed") for address in named if fold_address(address.email) not in own
    )[:_RECIPIENTS_AT_MOST]
