"""Mail of a folder as batches, oldest first, with nothing able to hold up what comes after it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import date, datetime
from typing import Any

from imapclient import IMAPClient
from msgspec import Struct

from connectors.base import Inbound
from connectors.email.connection import Client
from connectors.email.trouble import quoted
from connectors.mailing.stand_in import FIELDS, HEADER_BYTES, OVERSIZE, stand_in, too_large
from desk.clock import Millis

MOST_MESSAGES = 50
MOST_BYTES = 20 * 1024 * 1024
_WINDOW = 500


class Cursor(Struct, frozen=True, kw_only=True):
    """How far a folder was read: `uidvalidity:last uid`, and from which day on (`YYYY-MM-DD`) if not from the start.

    The day stays with the cursor, so that a scan made necessary by a new UIDVALIDITY reaches exactly as far back.
    A fourth part is the first UID that is stored with this cursor but perhaps not yet marked or moved.
    """

    uidvalidity: int
    uid: int
    since: date | None = None
    unmarked: int | None = None

    def __str__(self) -> str:
        since, unmarked = self.since.isoformat() if self.since else "", str(self.unmarked or "")
        return ":".join((str(self.uidvalidity), str(self.uid), since, unmarked)).rstrip(":")

    def at(self, uid: int, unmarked: int | None = None) -> Cursor:
        return Cursor(uidvalidity=self.uidvalidity, uid=uid, since=self.since, unmarked=unmarked)

    @classmethod
    def parse(cls, text: str | None) -> Cursor | None:
        """None for what this module did not write."""
        try:
            uidvalidity, uid, since, unmarked = [*(text or "").split(":"), "", ""][:4]
            return cls(
                uidvalidity=int(uidvalidity),
                uid=int(uid),
                since=date.fromisoformat(since) if since else None,
                unmarked=int(unmarked) if unmarked else None,
            )
        except ValueError:
            return None


class Facts(Struct, frozen=True, kw_only=True):
    """What is known of a message before its bytes are asked for."""

    uid: int
    size: int
    received_at: Millis | None


class Reader:
    """Reads one selected folder. `breaks` counts by UIDVALIDITY and UID how often the connection broke at it.

    The counts outlive the connection: a message that breaks it every time is in the end replaced by a stand-in.
    """

    def __init__(self, client: Client, folder: str, uidvalidity: int, breaks: dict[tuple[int, int], int]) -> None:
        self._client = client
        self._folder = folder
        self._uidvalidity = uidvalidity
        self._breaks = breaks

    def _broken(self, uid: int) -> int:
        return self._breaks.get((self._uidvalidity, uid), 0)

    def after(self, uid: int) -> list[int]:
        """UIDs above the given one, ascending."""
        return sorted(each for each in self._client.search(["UID", f"{uid + 1}:*"]) if each > uid)

    def stored(self, cursor: Cursor) -> list[int]:
        """UIDs of what was stored with the cursor and may not be marked yet, ascending."""
        day = ["SINCE", cursor.since] if cursor.since else []
        found = self._client.search(["UID", f"{cursor.unmarked}:{cursor.uid}", *day]) if cursor.unmarked else []
        return sorted(uid for uid in found if uid <= cursor.uid)

    def since(self, day: date) -> list[int]:
        """UIDs of what arrived on that day or later, ascending."""
        return sorted(self._client.search(["SINCE", day]))

    def groups(self, uids: Sequence[int]) -> Iterator[list[Facts]]:
        """Cut into groups of bounded count and bytes. Mail that has vanished meanwhile is left out."""
        group: list[Facts] = []
        for facts in self._facts(uids):
            alone = self._broken(facts.uid) > 0
            size = sum(each.size for each in group) + facts.size
            if group and (alone or len(group) >= MOST_MESSAGES or size > MOST_BYTES):
                yield group
                group = []
            group.append(facts)
            if alone:
                yield group
                group = []
        if group:
            yield group

    def read(self, group: Sequence[Facts]) -> tuple[Inbound, ...]:
        """The messages of a group. Raises what a broken connection raises, and then remembers whose fault it may be."""
        try:
            found = self._read(group)
        except (OSError, IMAPClient.AbortError):
            for facts in group:
                self._breaks[self._uidvalidity, facts.uid] = self._broken(facts.uid) + 1
            raise
        for facts in group:
            self._breaks.pop((self._uidvalidity, facts.uid), None)
        return found

    def _facts(self, uids: Sequence[int]) -> Iterator[Facts]:
        for start in range(0, len(uids), _WINDOW):
            window = uids[start : start + _WINDOW]
            try:
                known = self._client.fetch(window, ["RFC822.SIZE", "INTERNALDATE"])
            except (OSError, IMAPClient.AbortError):
                raise
            except (IMAPClient.Error, ValueError):
                known = {uid: {} for uid in window}
            for uid in window:
                if uid in known:
                    size, arrived = known[uid].get(b"RFC822.SIZE"), known[uid].get(b"INTERNALDATE")
                    yield Facts(uid=uid, size=_number(size), received_at=_millis(arrived))

    def _read(self, group: Sequence[Facts]) -> tuple[Inbound, ...]:
        ordinary = [facts.uid for facts in group if facts.size <= OVERSIZE and self._broken(facts.uid) < 3]
        try:
            bodies = self._bodies(ordinary)
        except (OSError, IMAPClient.AbortError):
            raise
        except (IMAPClient.Error, ValueError):
            bodies = {}
        found = (self._inbound(facts, bodies.get(facts.uid)) for facts in group)
        return tuple(inbound for inbound in found if inbound is not None)

    def _inbound(self, facts: Facts, raw: bytes | None) -> Inbound | None:
        if raw is None:
            raw = self._one(facts)
        if raw is None:
            return None
        external_id = f"{self._folder}/{self._uidvalidity}/{facts.uid}"
        return Inbound(external_id=external_id, raw=raw, received_at=facts.received_at)

    def _one(self, facts: Facts) -> bytes | None:
        """A message that did not come with its group: alone, or as a stand-in, or None if it has vanished."""
        if facts.size > OVERSIZE:
            return self._stand_in(facts, too_large(facts.size))
        if self._broken(facts.uid) >= 3:
            return self._stand_in(facts, "broke the connection each time it was fetched")
        try:
            return self._bodies([facts.uid]).get(facts.uid)
        except (OSError, IMAPClient.AbortError):
            raise
        except (IMAPClient.Error, ValueError) as error:
            return self._stand_in(facts, f"could not be fetched ({quoted(str(error))})")

    def _bodies(self, uids: Sequence[int]) -> dict[int, bytes]:
        fetched = self._client.fetch(list(uids), ["BODY.PEEK[]"])
        return {uid: data[b"BODY[]"] for uid, data in fetched.items() if isinstance(data.get(b"BODY[]"), bytes)}

    def _stand_in(self, facts: Facts, why: str) -> bytes:
        """A small message in place of one that cannot be taken, so that it is seen and threaded nevertheless."""
        words = f"[This message {why}. It is still on the mail server, in {self._folder} (UID {facts.uid}).]"
        return stand_in(self._header(facts), f"{self._uidvalidity}/{facts.uid}; size={facts.size}", words)

    def _header(self, facts: Facts) -> bytes:
        if self._broken(facts.uid) >= 4:
            return b""
        try:
            fetched = self._client.fetch(
                [facts.uid], [f"BODY.PEEK[HEADER.FIELDS ({' '.join(FIELDS)})]<0.{HEADER_BYTES}>"]
            )
        except (OSError, IMAPClient.AbortError):
            raise
        except (IMAPClient.Error, ValueError):
            return b""
        header = next((value for key, value in fetched.get(facts.uid, {}).items() if key.startswith(b"BODY[")), b"")
        return _whole_lines(header) if isinstance(header, bytes) else b""


def _whole_lines(header: bytes) -> bytes:
    """Without the blank line at the end, or a last line that was cut."""
    lines = header.split(b"\r\n")
    return b"".join(line + b"\r\n" for line in lines[:-1] if line)


def _number(value: Any) -> int:
    return value if isinstance(value, int) else 0


def _millis(arrived: Any) -> Millis | None:
    try:
        return int(arrived.timestamp() * 1000) if isinstance(arrived, datetime) else None
    except (OverflowError, ValueError, OSError):
        return None
