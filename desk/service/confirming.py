"""A promised call as mail, and again when they move it, for who gave an address on the site: with the link by which it
is moved and cancelled.

They have the link on the site as well: so what keeps the mail from being sent keeps nobody from being called.
"""

from __future__ import annotations

from desk.clock import Clock
from desk.model import Callback, OutboxItem
from desk.service import courtesy, inbox
from desk.service.errors import Invalid
from desk.service.mailing import SenderAccount
from desk.store.base import Store

_SENT = "confirmations"


def confirm(
    store: Store, clock: Clock, callback: Callback, account: SenderAccount, *, subject: str, body: str
) -> OutboxItem | None:
    """Queue the mail; None if the site sends none, they gave no address, or got too many today."""
    with store.write():
        visitor = store.visitors.get(callback.visitor_id) if callback.visitor_id is not None else None
        if not account.goes_on or visitor is None or not visitor.email:
            return None
        now = clock.now()
        if courtesy.counted(store, _SENT, visitor, f"{callback.id}.{callback.rev}", now):
            return None
        id = callback.conversation_id
        why = "the visitor asked on the site to be called"
        try:
            item = courtesy.send(store, visitor, account, id, subject=subject, body=body, why=why, now=now)
        except Invalid:
            return None
        inbox.event(store, id, f"the callback was confirmed by mail, to {visitor.email}", now)
    return item
