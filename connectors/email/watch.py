"""A thread that watches one folder: catches up, waits with IDLE (RFC 2177), and catches up again."""

from __future__ import annotations

import logging
import random
import threading
import time
from collections import deque
from collections.abc import Callable, Sequence
from datetime import UTC, datetime, timedelta

from imapclient import IMAPClient
from msgspec import Struct

from connectors.base import Batch, ConnectorError, Inbound, SecretSource
from connectors.email.connection import Client, Line, Stopped, Wake, session
from connectors.email.fetch import Cursor, Reader
from connectors.email.sent import find_folder
from connectors.email.settings import EmailSettings
from connectors.email.trouble import Trouble, quoted

_log = logging.getLogger(__name__)

IDLE_SECONDS = 300.0
"""Well below the 29 minutes of RFC 2177, because routers forget a silent connection after five to ten."""
_NUDGE_SECONDS = 60.0
_ATTEMPTS = 5
"""Breaks in a row, with no success between, before the hub is told."""

StateListener = Callable[[str, str, str], None]
"""Told of `(folder, "connected" | "retrying", reason)`, in the watching thread."""


class Chore(Struct, frozen=True, kw_only=True):
    """Stored messages that are to be marked or moved."""

    uidvalidity: int
    uids: tuple[int, ...]


class Memory:
    """What has to outlive a connection, and a call of `receive`: by folder, kept by the connector."""

    def __init__(self) -> None:
        self.chores: deque[Chore] = deque()
        self.remembered = False
        """Whether `chores` knows what the server before this one left undone."""
        self.breaks: dict[tuple[int, int], int] = {}


class Watch(threading.Thread):
    """Watches one folder until told to stop; hands over one batch at a time.

    `deliver` gets each batch, or the `ConnectorError` that ends it, in this thread. The next batch follows after
    `taken`.
    """

    def __init__(
        self,
        folder: str,
        cursor: str | None,
        settings: EmailSettings,
        secret: SecretSource,
        memory: Memory,
        *,
        deliver: Callable[[Watch, Batch | ConnectorError], None],
        on_state: StateListener,
    ) -> None:
        super().__init__(name=f"imap {folder}", daemon=True)
        self.folder = folder
        self._cursor = Cursor.parse(cursor)
        self._settings = settings
        self._secret = secret
        self._memory = memory
        self._deliver = deliver
        self._on_state = on_state
        self._wake = Wake()
        self._line = Line()
        self._stopping = False
        self._free = True
        self._failures = 0
        self._connected_once = False
        self._proven = False

    # --- for other threads --------------------------------------------------------------------------------

    def taken(self) -> None:
        """The batch handed over last is stored."""
        self._free = True
        self._wake.set()

    def has_chores(self) -> None:
        self._wake.set()

    def stop(self) -> None:
        """Ask it to end, once what it has to mark is marked; `cut` does not ask."""
        self._stopping = True
        self._wake.set()

    def cut(self) -> None:
        self._stopping = True
        self._line.cut()
        self._wake.set()

    # --- the thread ---------------------------------------------------------------------------------------

    def run(self) -> None:
        try:
            while not self._stopping:
                failure = self._attempt()
                if failure is not None and not self._goes_on_after(failure):
                    self._deliver(self, _final(failure))
                    return
        finally:
            self._line.release()
            self._wake.close()

    def _attempt(self) -> Trouble | None:
        try:
            with session(self._settings.imap, self._secret, self._line, self._wake) as client:
                self._watch(client)
        except Stopped:
            return None
        except Trouble as trouble:
            return trouble
        except Exception as error:  # a thread that dies in silence would look like an empty mailbox
            return Trouble("server", f"reading {self.folder} failed: {quoted(repr(error))}")
        return None

    def _goes_on_after(self, failure: Trouble) -> bool:
        """Whether to try again; waits the back-off: at once after a break, then 1, 2, 4, 8 s, with jitter."""
        self._failures += 1
        if failure.kind in ("login", "no-secret") or not self._connected_once or self._failures > _ATTEMPTS:
            return False
        self._on_state(self.folder, "retrying", str(failure))
        pause = 0.1 if self._failures == 1 else 2.0 ** (self._failures - 2)
        deadline = time.monotonic() + pause * random.uniform(0.8, 1.2)
        while not self._stopping and (left := deadline - time.monotonic()) > 0:
            if self._wake.wait(left):
                self._wake.clear()
        return True

    def _watch(self, client: Client) -> None:
        self._proven = self.folder.upper() != "INBOX" and self.folder == find_folder(client, self._settings)
        while not self._stopping:
            uidvalidity, uidnext = self._select(client)
            if not self._connected_once or self._failures:
                self._connected_once = True
                self._on_state(self.folder, "connected", "")
            reader = Reader(client, self.folder, uidvalidity, self._memory.breaks)
            self._remember(reader, uidvalidity)
            if self._cursor is None or self._cursor.uidvalidity != uidvalidity:
                self._scan_all(client, reader, uidvalidity, uidnext)
            self._follow(client, reader, uidvalidity)

    def _follow(self, client: Client, reader: Reader, uidvalidity: int) -> None:
        """Until nothing happens for a while: then the folder is opened anew, as it may not be the same any more."""
        eventful = True
        while eventful and not self._stopping:
            self._do_chores(client, uidvalidity)
            self._settle(client)
            client.announced()
            self._catch_up(client, reader, reader.after(self._known.uid), self._known)
            self._failures = 0
            eventful = client.announced() or self._has_to_act() or self._await_news(client)
        self._do_chores(client, uidvalidity)

    @property
    def _known(self) -> Cursor:
        assert self._cursor is not None
        return self._cursor

    def _select(self, client: Client) -> tuple[int, int]:
        """UIDVALIDITY and UIDNEXT (0 if the server does not say). Read-only unless mail is to be marked."""
        try:
            selected = client.select_folder(self.folder, readonly=self._settings.after_store == "keep")
        except IMAPClient.AbortError:
            raise
        except IMAPClient.Error as error:
            raise no_such_folder(client, self.folder, str(error)) from error
        if b"UIDVALIDITY" not in selected:
            raise Trouble("server", f"the server keeps no lasting UIDs in {self.folder}, so it cannot be followed")
        if self._settings.move_to and not client.folder_exists(self._settings.move_to):
            client.create_folder(self._settings.move_to)
            client.subscribe_folder(self._settings.move_to)
        return int(selected[b"UIDVALIDITY"]), int(selected.get(b"UIDNEXT", 0))

    # --- catching up --------------------------------------------------------------------------------------

    def _scan_all(self, client: Client, reader: Reader, uidvalidity: int, uidnext: int) -> None:
        """The first look at a folder, or at its new incarnation: everything, or from the agreed day on."""
        if self._cursor is not None:
            since = self._cursor.since
        else:
            days = self._settings.since_days
            since = (datetime.now(UTC) - timedelta(days=days)).date() if days else None
        uids = reader.since(since) if since else reader.after(0)
        start = Cursor(uidvalidity=uidvalidity, uid=0, since=since)
        if not self._catch_up(client, reader, uids, start):
            return
        seen = max([uidnext - 1, *uids[-1:]])
        if not uids or self._known.uid < seen:
            self._hand_over(client, start.at(seen), ())

    def _catch_up(self, client: Client, reader: Reader, uids: Sequence[int], start: Cursor) -> bool:
        """False if it was left unfinished because the thread is to stop."""
        return all(
            self._hand_over(client, start.at(group[-1].uid), reader.read(group)) for group in reader.groups(uids)
        )

    def _hand_over(self, client: Client, cursor: Cursor, events: tuple[Inbound, ...]) -> bool:
        """Deliver a batch once the one before is stored; False if it was not, because the thread is to stop."""
        nudge_at = time.monotonic() + _NUDGE_SECONDS
        while not self._free and not self._stopping:
            if self._wake.wait(nudge_at - time.monotonic()):
                self._wake.clear()
            self._do_chores(client, cursor.uidvalidity)
            if time.monotonic() >= nudge_at:
                client.noop()
                nudge_at = time.monotonic() + _NUDGE_SECONDS
        if self._stopping:
            return False
        self._free = False
        cursor = cursor.at(cursor.uid, self._first_unmarked(events))
        self._deliver(self, Batch(key=self.folder, cursor=str(cursor), events=events, proven=self._proven))
        self._cursor = cursor
        self._failures = 0
        return True

    # --- waiting ------------------------------------------------------------------------------------------

    def _await_news(self, client: Client) -> bool:
        """Whether something may have come, or there is something to do, before the time was up."""
        if not client.has_capability("IDLE"):
            return self._wake.wait(self._settings.poll_seconds) and self._interrupted()
        client.idle()
        deadline = time.monotonic() + IDLE_SECONDS
        responses = client.idle_check(0)
        while not _news(responses) and not self._interrupted() and (left := deadline - time.monotonic()) > 0:
            responses = client.idle_check(left)
            if not responses and not self._interrupted():
                break  # the time is up, or the connection is dead: the end of IDLE will tell
        client.idle_done()
        return time.monotonic() < deadline

    def _interrupted(self) -> bool:
        self._wake.clear()
        return self._has_to_act()

    def _has_to_act(self) -> bool:
        return self._stopping or bool(self._memory.chores) or self._settles()

    # --- marking what is stored ---------------------------------------------------------------------------

    def _first_unmarked(self, events: Sequence[Inbound]) -> int | None:
        """The first UID that will be stored with the next cursor and not be marked yet."""
        if self._settings.after_store == "keep":
            return None
        waiting = [chore.uids[0] for chore in self._memory.chores if chore.uids]
        return min([*waiting, *(place_of(event)[1] for event in events[:1])], default=None)

    def _remember(self, reader: Reader, uidvalidity: int) -> None:
        """Take up what a server that died between storing and marking left undone; the cursor tells."""
        if self._memory.remembered:
            return
        cursor = self._cursor
        if cursor is not None and cursor.uidvalidity == uidvalidity and self._settings.after_store != "keep":
            uids = reader.stored(cursor)
            self._memory.chores.extendleft([Chore(uidvalidity=uidvalidity, uids=tuple(uids))] if uids else [])
        self._memory.remembered = True

    def _settles(self) -> bool:
        """Whether all is marked that the cursor still says may not be."""
        return self._free and not self._memory.chores and self._cursor is not None and bool(self._cursor.unmarked)

    def _settle(self, client: Client) -> None:
        if self._settles():
            self._hand_over(client, self._known.at(self._known.uid), ())

    def _do_chores(self, client: Client, uidvalidity: int) -> None:
        while self._memory.chores:
            chore = self._memory.chores[0]
            if chore.uidvalidity == uidvalidity and chore.uids:
                try:
                    self._do(client, list(chore.uids))
                except IMAPClient.AbortError:
                    raise
                except IMAPClient.Error as error:
                    _log.warning("%s: stored mail could not be marked or moved: %s", self.folder, quoted(str(error)))
            self._memory.chores.popleft()

    def _do(self, client: Client, uids: list[int]) -> None:
        target = self._settings.move_to
        if target is None:
            client.add_flags(uids, [rb"\Seen"], silent=True)
        elif client.has_capability("MOVE"):
            client.move(uids, target)
        else:
            client.copy(uids, target)
            client.add_flags(uids, [rb"\Deleted"], silent=True)
            if client.has_capability("UIDPLUS"):
                client.uid_expunge(uids)


def place_of(event: Inbound) -> tuple[int, int]:
    """UIDVALIDITY and UID of a message, from its external id."""
    _, uidvalidity, uid = event.external_id.rsplit("/", 2)
    return int(uidvalidity), int(uid)


def no_such_folder(client: Client, folder: str, words: str) -> Trouble:
    """A folder that cannot be opened, with the names of those there are."""
    names = [name for flags, _, name in client.list_folders() if rb"\Noselect" not in flags]
    if folder in names:
        return Trouble("folder", f"the folder {folder} cannot be opened: {quoted(words)}")
    return Trouble("folder", f"there is no folder {folder}", f"the folders are: {quoted(', '.join(sorted(names)))}")


def _news(responses: Sequence[tuple[object, ...]]) -> bool:
    return any(len(response) > 1 and response[1] in (b"EXISTS", b"RECENT") for response in responses)


def _final(failure: Trouble) -> ConnectorError:
    return ConnectorError(str(failure), hint=failure.hint, final=failure.kind in ("login", "no-secret"))
