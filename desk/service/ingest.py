"""Mail that came in becomes messages: one batch, one transaction, nothing lost and nothing twice.

Delivery is at least once, so every step is safe to repeat: what the ledger has seen, what is stored with the same
bytes, the same mail seen through another account and our own mail seen in a folder are recognised and recorded as
duplicates. What cannot be stored is quarantined with its bytes and the reason, and the next one goes on.
"""

from __future__ import annotations

from collections.abc import Sequence

from msgspec import Struct

from desk.clock import Clock
from desk.mail.parsed import Parsed, Refused, Source
from desk.service.intake import IngestOptions, Intake
from desk.store.base import Store
from desk.text import line

Item = tuple[Source, Parsed | Refused]


class IngestResult(Struct, frozen=True, kw_only=True):
    """What became of a batch. `new + duplicate + quarantined + refusals` is its length."""

    new: int = 0
    duplicate: int = 0
    quarantined: int = 0
    refusals: int = 0
    """Mails that were nothing but the wish for no automatic mail."""
    conversations: int = 0
    """How many were begun."""
    messages: tuple[int, ...] = ()
    """Ids of the new ones, in the batch's order."""

    def __add__(self, other: IngestResult) -> IngestResult:
        return IngestResult(
            new=self.new + other.new,
            duplicate=self.duplicate + other.duplicate,
            quarantined=self.quarantined + other.quarantined,
            refusals=self.refusals + other.refusals,
            conversations=self.conversations + other.conversations,
            messages=self.messages + other.messages,
        )


def apply(
    store: Store,
    clock: Clock,
    account: str,
    items: Sequence[Item],
    *,
    cursor: tuple[str, str] | None = None,
    options: IngestOptions | None = None,
) -> IngestResult:
    """Store one batch and move the account's cursor `(key, value)`, in one transaction.

    If an item makes that fail, whatever the reason, the batch is done again item by item, each in a transaction of
    its own, the failing one is quarantined with the reason, and the cursor moves last. Raises when the machine is at
    fault (a full disk, a closed store): then the cursor has not moved, and a repeat finds all that is missing.
    """
    delivery = _Delivery(store, clock, account, options or IngestOptions())
    try:
        return delivery.together(items, cursor)
    except Exception as error:
        if not items or _is_the_machine(error):
            raise
        return delivery.one_by_one(items, cursor)


class _Delivery(Struct, frozen=True):
    """Where a batch goes."""

    store: Store
    clock: Clock
    account: str
    options: IngestOptions

    def together(self, items: Sequence[Item], cursor: tuple[str, str] | None = None) -> IngestResult:
        intake = Intake(self.store, self.clock.now(), self.account, self.options)
        intake.keep_parts([outcome for _, outcome in items if isinstance(outcome, Parsed)])
        with self.store.write():
            intake.look_up(items)
            for source, outcome in items:
                intake.take(source, outcome)
            intake.finish()
            if cursor is not None:
                self.store.cursors.set(self.account, *cursor)
        return IngestResult(
            new=len(intake.stored),
            duplicate=intake.duplicate,
            quarantined=intake.quarantined,
            refusals=intake.refusals,
            conversations=intake.begun,
            messages=tuple(intake.stored),
        )

    def one_by_one(self, items: Sequence[Item], cursor: tuple[str, str] | None) -> IngestResult:
        result = IngestResult()
        for item in items:
            result += self._alone(item)
        if cursor is not None:
            with self.store.write():
                self.store.cursors.set(self.account, *cursor)
        return result

    def _alone(self, item: Item) -> IngestResult:
        source, outcome = item
        try:
            return self.together([item])
        except Exception as error:
            if _is_the_machine(error):
                raise
            reason = line(f"could not be stored: {type(error).__name__}: {error}")[:500]
        refused = Refused(sha256=outcome.sha256, size=outcome.size, raw_packed=outcome.raw_packed, reason=reason)
        return self.together([(source, refused)])


def _is_the_machine(error: Exception) -> bool:
    """Not the mail's fault: nothing is recorded, the cursor stays, and the connector brings the batch again."""
    return isinstance(error, OSError | MemoryError) or isinstance(error.__cause__, OSError)


__all__ = ["IngestOptions", "IngestResult", "Item", "apply"]
