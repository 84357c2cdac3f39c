"""What a delivery report (RFC 3464) does to the message it reports on."""

from __future__ import annotations

from desk.clock import Millis
from desk.mail.parsed import Report
from desk.model import OutboxState, Recipient
from desk.store.base import Store

_LEFT_US: tuple[OutboxState, ...] = ("sending", "sent", "delivered", "unknown")


def record(store: Store, message_id: int, report: Report, at: Millis) -> None:
    """Mark the outbox item of a message `bounced` or `delivered`; a report of a delay marks nothing."""
    item = store.outbox.of_message(message_id)
    if item is None:
        return
    failed = [recipient for recipient in report.recipients if _failed(recipient)]
    if failed or not report.recipients:
        store.outbox.advance(item.id, _LEFT_US, "bounced", at, error="; ".join(map(_words, failed)) or "it came back")
    elif all(recipient.action.lower() == "delivered" for recipient in report.recipients):
        store.outbox.advance(item.id, ("sending", "sent", "unknown"), "delivered", at)


def _failed(recipient: Recipient) -> bool:
    action = recipient.action.lower()
    return action == "failed" or (not action and not recipient.status.startswith(("2", "4")))


def _words(recipient: Recipient) -> str:
    why = recipient.diagnostic or recipient.status or "it could not be delivered"
    return f"{recipient.address or 'a recipient'}: {why}"
