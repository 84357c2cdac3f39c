"""Whether it was Twilio who called our address.

Source: https://www.twilio.com/docs/usage/security#validating-requests: HMAC-SHA1 with the Auth Token over the address,
then every field of the form, by name, each name followed by its value; in Base64, in the header `X-Twilio-Signature`.
"""

from __future__ import annotations

import base64
import hmac
from collections.abc import Iterable, Iterator
from urllib.parse import urlsplit, urlunsplit

Fields = Iterable[tuple[str, str]]

_PORTS = {"https": 443, "http": 80}


def sign(token: str, url: str, fields: Fields) -> str:
    """The signature of a request with these fields. Equal fields count once, as Twilio's own libraries have it."""
    text = url + "".join(name + value for name, value in sorted(set(fields)))
    return base64.b64encode(hmac.digest(token.encode(), text.encode("utf-8", "surrogatepass"), "sha1")).decode()


def is_genuine(token: str, url: str, fields: Fields, signature: str) -> bool:
    """Whether the signature fits. Twilio may or may not write the port.

    `url` is the address as Twilio was given it, which a proxy before us may have changed.
    """
    known = list(fields)
    given = signature.encode("utf-8", "replace")
    fitting = [hmac.compare_digest(sign(token, each, known).encode(), given) for each in _spellings(url)]
    return bool(token) and any(fitting)


def _spellings(url: str) -> Iterator[str]:
    try:
        parts = urlsplit(url)
        port = parts.port
    except ValueError:
        return
    host = parts.netloc.rpartition(":")[0] if port else parts.netloc
    yield urlunsplit(parts._replace(netloc=host))
    yield urlunsplit(parts._replace(netloc=f"{host}:{port or _PORTS.get(parts.scheme, 443)}"))
