"""Links that nobody guesses: the number of a thing with a seal over it (HMAC-SHA256, RFC 2104, cut to 160 bits).

Each kind of link has a key of its own, which lies in the store's `meta`, and a purpose, so that none opens what belongs
to another.
"""

from __future__ import annotations

import base64
import hmac
import re
import secrets
from hashlib import sha256

from msgspec import Struct

from desk.store.base import Store

PATTERN = r"[0-9a-f]{1,12}\.[a-z2-7]{32}"
"""What every link looks like."""
_LINK = re.compile(PATTERN)


class Seals(Struct, frozen=True):
    """One kind of link. `key_name`: where its key lies in `meta`."""

    key_name: str
    purpose: bytes

    def link(self, store: Store, id: int) -> str:
        """The link of a thing, in lower case."""
        subject = f"{id:x}"
        return f"{subject}.{self._seal(store, subject)}"

    def id_of(self, store: Store, link: str) -> int | None:
        """What a link leads to; None for what is not ours."""
        subject, _, seal = link.partition(".")
        if not _LINK.fullmatch(link) or not hmac.compare_digest(seal, self._seal(store, subject)):
            return None
        return int(subject, 16)

    def _seal(self, store: Store, subject: str) -> str:
        digest = hmac.digest(self._key(store), self.purpose + b"\0" + subject.encode("ascii"), sha256)
        return base64.b32encode(digest[:20]).decode("ascii").lower()

    def _key(self, store: Store) -> bytes:
        kept = store.meta.get(self.key_name)
        if kept is None:
            with store.write():
                kept = store.meta.get(self.key_name)
                if kept is None:
                    kept = secrets.token_hex(32)
                    store.meta.set(self.key_name, kept)
        return bytes.fromhex(kept)
