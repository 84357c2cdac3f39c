"""A Dovecot that takes access tokens instead of passwords: signed ones (RFC 7519), which it checks by itself."""

from __future__ import annotations

import base64
import hmac
import json
import time
from pathlib import Path

_KEY = b"a key that only the tests know, and long enough"

EXTRA = """
auth_mechanisms = xoauth2
passdb {{
  driver = oauth2
  mechanisms = xoauth2
  args = {directory}/oauth2.conf
}}
"""

_CONF = """
introspection_mode = local
local_validation_key_dict = fs:posix:prefix={directory}/keys/
username_attribute = sub
"""


def prepare(directory: Path) -> str:
    """Write what Dovecot needs into a directory; returns the `extra` lines of its configuration."""
    key = directory / "keys" / "default" / "HS256" / "default"
    key.parent.mkdir(parents=True)
    key.write_text(base64.b64encode(_KEY).decode())
    (directory / "oauth2.conf").write_text(_CONF.format(directory=directory))
    return EXTRA.format(directory=directory)


def token(user: str, *, seconds: float = 3600) -> str:
    """An access token that is good for so long."""
    now = int(time.time())
    claims = {"sub": user, "iat": now - 60, "nbf": now - 60, "exp": int(now + seconds)}
    body = f"{_encode({'alg': 'HS256', 'typ': 'JWT'})}.{_encode(claims)}"
    return f"{body}.{_base64url(hmac.digest(_KEY, body.encode(), 'sha256'))}"


def _encode(part: dict[str, object]) -> str:
    return _base64url(json.dumps(part).encode())


def _base64url(raw: bytes) -> str:
    return base64.urlsafe_b64encode(raw).rstrip(b"=").decode()
