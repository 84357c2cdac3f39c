"""What could not be read or stored, tried again."""

from __future__ import annotations

from desk.clock import Clock
from desk.mail.parsed import Parsed, Refused, Source
from desk.model import LedgerEntry
from desk.service.errors import Lost, NotFound
from desk.service.intake import IngestOptions, Intake
from desk.store.base import Store


def replay(
    store: Store, clock: Clock, ledger_id: int, outcome: Parsed | Refused, *, options: IngestOptions | None = None
) -> LedgerEntry:
    """Store a quarantined mail whose bytes (`store.ledger.raw`) were parsed again; returns its entry, now `replayed`.

    Raises `Lost('still-quarantined')` if the parser refused it again, `Lost('not-quarantined')` if somebody was
    first. Whatever else goes wrong raises too, and leaves the entry as it was.
    """
    with store.write():
        entry = _quarantined(store, ledger_id)
        if isinstance(outcome, Refused):
            raise Lost("still-quarantined", f"it still cannot be read: {outcome.reason}", {"reason": outcome.reason})
        intake = Intake(store, clock.now(), entry.account, options or IngestOptions())
        told = outcome.told_at
        source = Source(external_id=entry.external_id, received_at=told if told is not None else entry.at)
        intake.look_up([(source, outcome)])
        held = store.messages.by_sha256(outcome.sha256)
        if held is None:
            place, _ = intake.place(source, outcome)
            intake.finish()
            held = place.message_id
        message = store.messages.get(held)
        if message is None:
            raise NotFound("message", held)
        store.ledger.resolve_quarantine(
            ledger_id, message_id=held, conversation_id=message.conversation_id, at=clock.now()
        )
    replayed = store.ledger.get(ledger_id)
    assert replayed is not None
    return replayed


def _quarantined(store: Store, ledger_id: int) -> LedgerEntry:
    entry = store.ledger.get(ledger_id)
    if entry is None:
        raise NotFound("ledger entry", ledger_id)
    if entry.outcome != "quarantined":
        raise Lost("not-quarantined", f"there is nothing to replay: it is {entry.outcome}", {"outcome": entry.outcome})
    return entry
