"""The world around a Maildir account: real folders, delivered into and collected from by the standard library."""

from __future__ import annotations

import mailbox
from pathlib import Path
from typing import Any

from connectors.base import Account
from connectors.contract import World
from connectors.maildir import factory


def make_maildir(folder: Path) -> mailbox.Maildir:
    folder.parent.mkdir(parents=True, exist_ok=True)
    return mailbox.Maildir(str(folder), create=True)


def maildir_account(root: Path, **options: Any) -> Account:
    """An account on `post/incoming` and `post/outgoing` in that folder."""
    options = {"incoming": "post/incoming", "outgoing": "post/outgoing", **options}
    return Account(
        name="shop",
        address="support@example.test",
        display_name="Shop Support",
        signature="The Shop",
        folder=str(root),
        options=options,
    )


class MaildirWorld(World):
    """A pair of Maildirs; they are gone while interrupted."""

    factory = factory
    customer = "customer@example.test"

    def __init__(self, root: Path, **options: Any) -> None:
        self.post, self.away = root / "post", root / "away"
        self.incoming = make_maildir(self.post / "incoming")
        make_maildir(self.post / "outgoing")
        self.account = maildir_account(root, **options)
        self.secret = lambda: None

    def deliver(self, raw: bytes) -> None:
        self.incoming.add(raw)

    def received(self) -> list[bytes]:
        files = [file for part in ("new", "cur") for file in (self.post / "outgoing" / part).iterdir()]
        return [file.read_bytes() for file in sorted(files, key=lambda file: file.stat().st_mtime_ns)]

    def interrupt(self) -> None:
        self.post.rename(self.away)

    def restore(self) -> None:
        self.away.rename(self.post)
