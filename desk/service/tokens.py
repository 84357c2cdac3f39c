"""Our own mark in the mail we send, so that an answer finds its conversation whatever else is lost on the way.

A token is `{conversation, base 36}.{random}.{seal}`; it stands in our Message-IDs (`<desk.TOKEN@domain>`) and, where
an account wants it, in the reply address (`support+desk.TOKEN@…`). The seal is HMAC-SHA256 (RFC 2104) cut to 80 bits
under a key of the workspace, all in lower-case base 32 so that no mail system's folding of case can hurt it. The key
lies in the store's `meta`: it protects nothing but the conversations beside it, so whoever can read it can read them.
"""

from __future__ import annotations

import base64
import hmac
import re
import secrets
from hashlib import sha256

from msgspec import Struct

from desk.store.base import Store

KEY_NAME = "thread_key"
_SEAL_BYTES = 10
_RANDOM_BYTES = 10
_DIGITS = "0123456789abcdefghijklmnopqrstuvwxyz"
_TOKEN = re.compile(r"desk\.([0-9a-z]{1,12})\.([a-z2-7]{16})\.([a-z2-7]{16})(?=@|$)", re.IGNORECASE)


class Found(Struct, frozen=True, kw_only=True):
    """Something that looks like a token. `conversation_id` is None where the seal is not ours."""

    text: str
    conversation_id: int | None


class Tokens:
    """Makes and recognises the tokens of one workspace."""

    def __init__(self, key: bytes) -> None:
        self._key = key

    @classmethod
    def of(cls, store: Store) -> Tokens:
        """The workspace's tokens; its key is made on the first call."""
        kept = store.meta.get(KEY_NAME)
        if kept is None:
            with store.write():
                kept = store.meta.get(KEY_NAME)
                if kept is None:
                    kept = secrets.token_hex(32)
                    store.meta.set(KEY_NAME, kept)
        return cls(bytes.fromhex(kept))

    def make(self, conversation_id: int) -> str:
        """A new token for a conversation, unlike any other (80 random bits)."""
        subject = f"{_base36(conversation_id)}.{_base32(secrets.token_bytes(_RANDOM_BYTES))}"
        return f"{subject}.{self._seal(subject)}"

    def find(self, text: str) -> Found | None:
        """The token in a Message-ID or an address, if it holds one."""
        if "desk." not in text and "desk." not in text.casefold():
            return None
        match = _TOKEN.search(text)
        if match is None:
            return None
        conversation, random, seal = (group.lower() for group in match.groups())
        genuine = hmac.compare_digest(seal, self._seal(f"{conversation}.{random}"))
        return Found(text=match.group(), conversation_id=int(conversation, 36) if genuine else None)

    def _seal(self, subject: str) -> str:
        return _base32(hmac.digest(self._key, b"desk thread\0" + subject.encode("ascii"), sha256)[:_SEAL_BYTES])


def message_id(token: str, domain: str) -> str:
    """The Message-ID that carries a token, without angle brackets."""
    return f"desk.{token}@{domain}"


def plus_address(address: str, token: str) -> str:
    """The reply address that carries a token (sub-addressing as in RFC 5233)."""
    local, _, domain = address.rpartition("@")
    return f"{local}+desk.{token}@{domain}"


def _base32(data: bytes) -> str:
    return base64.b32encode(data).decode("ascii").rstrip("=").lower()


def _base36(number: int) -> str:
    digits = ""
    while True:
        number, digit = divmod(number, 36)
        digits = _DIGITS[digit] + digits
        if not number:
            return digits
