"""Archives on their way to the store: files that are looked at and read on all cores, counted meanwhile."""

from __future__ import annotations

import itertools
import threading
from collections.abc import Generator, Iterable, Iterator, Sequence
from pathlib import Path

from desk.mail.archive import Skipped, count, files, mails
from desk.mail.parsed import Mailbox, NoMail, Source
from desk.mail.pool import Answer, Found, ParserPool, only_mail

CHUNK = 256
"""Files or mails that go to a parser at once."""


class Reading:
    """Everything beneath some paths, once. Single mails come first, then what mailbox files hold."""

    def __init__(self, pool: ParserPool, paths: Sequence[Path], cancelled: threading.Event) -> None:
        self.skipped = 0
        """Files that are no mail."""
        self._pool = pool
        self._paths = paths
        self._cancelled = cancelled
        self._files: int | None = None
        self._more = 0
        """Mails in mailbox files, beyond one for each."""
        self._mailboxes: list[str] = []

    @property
    def total(self) -> int | None:
        """About how many mails there are; None as long as nobody knows."""
        return None if self._files is None else max(self._files - self.skipped + self._more, 0)

    def answers(self) -> Generator[list[Answer], None, None]:
        """What was read, list by list, until the end or the cancellation.

        Raises FileNotFoundError if one of the paths does not exist, `ParserUnavailable`.
        """
        threading.Thread(target=self._count, daemon=True).start()
        for found in self._parsed(files(self._paths, self._skip)):
            self._note(found)
            yield only_mail(found)
        if self._mailboxes:
            for found in self._parsed(itertools.chain.from_iterable(map(self._in_mailbox, self._mailboxes))):
                yield only_mail(found)

    def _parsed(self, sources: Iterable[Source]) -> Iterator[list[Found]]:
        wanted = itertools.takewhile(lambda _: not self._cancelled.is_set(), sources)
        return self._pool.parse_many(wanted, chunk=CHUNK)

    def _note(self, found: list[Found]) -> None:
        for source, outcome in found:
            if isinstance(outcome, NoMail):
                self.skipped += 1
            elif isinstance(outcome, Mailbox) and source.slice is not None:
                self._more += outcome.about - 1
                self._mailboxes.append(source.slice.path)

    def _in_mailbox(self, path: str) -> Iterator[Source]:
        try:
            yield from mails(path)
        except (OSError, ValueError):
            self.skipped += 1

    def _skip(self, _: Skipped) -> None:
        self.skipped += 1

    def _count(self) -> None:
        self._files = count(self._paths)
