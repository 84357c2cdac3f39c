"""Whether an address or a header's text may go out (RFC 5321, RFC 5322).

A line break in a header would let its author add headers of their own, a Bcc for one, so control characters are
refused here, before anything is stored, whatever the library that writes the message does about them.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from desk.model import Address
from desk.service.errors import Invalid

RECIPIENTS_AT_MOST = 100
_CONTROL = re.compile(r"[\x00-\x1f\x7f-\x9f\u2028\u2029]")
_LOCAL = re.compile(r"[^\s\x00-\x20\x7f-\xa0@<>()\[\]\\,;:\"]{1,64}")
_DOMAIN = re.compile(r"(?=.{1,255}$)(?:[^\W_](?:[\w-]{0,61}[^\W_])?\.)*[^\W_](?:[\w-]{0,61}[^\W_])?\.?")


def header_text(text: str, what: str) -> str:
    """The text of a header, without surrounding space. Raises `Invalid` if it holds a control character."""
    if _CONTROL.search(text):
        raise Invalid("bad-header", f"the {what} holds a line break or control character; remove it", {"field": what})
    return text.strip()


def address(given: Address, what: str) -> Address:
    """The address as it may stand in the header `what`. Raises `Invalid`."""
    email = header_text(given.email, what)
    local, _, domain = email.rpartition("@")
    if not _LOCAL.fullmatch(local) or not _DOMAIN.fullmatch(domain):
        raise Invalid("bad-address", f"{email!r} is no e-mail address", {"field": what, "address": email})
    return Address(email=email, name=header_text(given.name, what))


def recipients(*fields: tuple[str, Sequence[Address]]) -> list[tuple[Address, ...]]:
    """All recipients, field by field, each checked; an address given twice counts once. Raises `Invalid`."""
    seen: set[str] = set()
    checked: list[tuple[Address, ...]] = []
    for what, given in fields:
        kept = []
        for one in given:
            good = address(one, what)
            if good.email.casefold() not in seen:
                seen.add(good.email.casefold())
                kept.append(good)
        checked.append(tuple(kept))
    if not seen:
        raise Invalid("no-recipient", "there is nobody to send it to; name a recipient")
    if len(seen) > RECIPIENTS_AT_MOST:
        raise Invalid("too-many-recipients", f"{len(seen)} recipients; {RECIPIENTS_AT_MOST} are allowed")
    return checked
