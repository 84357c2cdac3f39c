"""Mail that visitors cause by what they ask for, to an address that anybody may have typed.

So it is little: each kind goes a few times a day at most to one address, and for one visitor; and it is marked as sent
by no person (RFC 3834).
"""

from __future__ import annotations

from typing import Literal

import msgspec

from desk.clock import DAY, Millis
from desk.model import Address, Fold, Message, OutboxItem, Visitor
from desk.service.addresses import address, header_text
from desk.service.mailing import SenderAccount, enqueue
from desk.store.base import Store
from desk.text import clean, fold_address

A_DAY_AT_MOST = 3
"""Of one kind, to one address and for one visitor."""


def counted(store: Store, kind: str, visitor: Visitor, about: int | str, now: Millis) -> Literal["", "again", "often"]:
    """Count, inside the caller's transaction, that mail of a kind goes to a visitor; why it may not, if it may not.

    `again`: it is about the same as another within a day; `often`: it were more than `A_DAY_AT_MOST`.
    """
    counts: dict[str, list[tuple[Millis, int | str]]] = {}
    for who in (f"visitor {visitor.id}", fold_address(visitor.email)):
        kept = store.cursors.get(kind, who)
        before = msgspec.json.decode(kept, type=list[tuple[Millis, int | str]]) if kept else []
        recent = [(at, what) for at, what in before if now - at < DAY]
        if not counts and any(what == about for _, what in recent):
            return "again"
        if len(recent) >= A_DAY_AT_MOST:
            return "often"
        counts[who] = [*recent, (now, about)]
    for who, all_of_them in counts.items():
        store.cursors.set(kind, who, msgspec.json.encode(all_of_them).decode())
    return ""


def send(
    store: Store,
    visitor: Visitor,
    account: SenderAccount,
    conversation_id: int,
    *,
    subject: str,
    body: str,
    why: str,
    now: Millis,
    unfolded: int | None = None,
) -> OutboxItem:
    """Queue mail to the address that a visitor gave, inside the caller's transaction. Reps see `why` it was sent, and
    its first `unfolded` lines (None: all). Raises Invalid if it is no address."""
    body = clean(body)
    folds = () if unfolded is None else (Fold(kind="quote", start=unfolded, end=body.count("\n") + 1),)
    message = Message(
        conversation_id=conversation_id,
        account=account.name,
        direction="out",
        kind="auto",
        sender=address(Address(email=account.address, name=account.display_name), "From"),
        to=(address(Address(email=visitor.email, name=visitor.name), "To"),),
        subject=clean(header_text(subject, "subject")),
        body=body,
        folds=folds,
        rule="outbound",
        rule_detail=why,
        at=now,
    )
    return enqueue(store, message, account, hold_until=now)
