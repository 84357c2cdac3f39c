"""Telephone numbers and the addresses made of them."""

from __future__ import annotations

import re

from connectors.base import Permanent
from connectors.dialing.base import Attempt
from desk import text

_E164 = re.compile(r"\+[1-9][0-9]{6,14}")
"""ITU-T E.164 (11/2010) section 6: a country code, which does not begin with 0, and at most 15 digits in all."""
_REFERENCE = re.compile(r"[A-Za-z0-9-]{1,64}")
_SIP_TEMPLATE = re.compile(r"sips?:\{number\}@[A-Za-z0-9.\-\[\]:]+(;[A-Za-z0-9.;=\-]+)?")


def is_e164(number: str) -> bool:
    """Whether it is a number as dialers take it: a plus sign and 7 to 15 ASCII digits."""
    return _E164.fullmatch(number) is not None


def require(attempt: Attempt) -> None:
    """Raises Permanent for a number or reference that no dialer may be given."""
    if not is_e164(attempt.number):
        shown = text.line(attempt.number)[:40]
        raise Permanent(f"{shown!r} is no international number; write it like +491701234567")
    if _REFERENCE.fullmatch(attempt.reference) is None:
        shown = text.line(attempt.reference)[:80]
        raise Permanent(f"{shown!r} is no reference: letters, digits and dashes, at most 64")


def tel_uri(number: str) -> str:
    """The number as a `tel:` URI (RFC 3966 section 5.1.4: a global number)."""
    return f"tel:{number}"


def sip_uri(number: str, host: str) -> str:
    """The number at a host (RFC 3261 section 19.1.6: `user=phone` says that it is a telephone number)."""
    return f"sip:{number}@{host};user=phone"


def is_sip_template(template: str) -> bool:
    """Whether it makes a SIP URI by putting a number for `{number}`, and nothing but a URI."""
    return _SIP_TEMPLATE.fullmatch(template) is not None
