"""Customers: who they are and what reps noted about them."""

from __future__ import annotations

from desk.model import Customer
from desk.service.errors import Invalid, Lost, NotFound
from desk.store.base import Store
from desk.text import clean, line

NOTES_AT_MOST = 200_000
NAME_AT_MOST = 200


def get(store: Store, id: int) -> Customer:
    """Raises `NotFound`."""
    customer = store.customers.get(id)
    if customer is None:
        raise NotFound("customer", id)
    return customer


def set_notes(store: Store, id: int, notes: str, *, rev: int) -> Customer:
    """Replace the notes. Raises `Lost('stale')` if somebody changed the customer since `rev`."""
    if len(notes) > NOTES_AT_MOST:
        raise Invalid("too-long", f"notes hold at most {NOTES_AT_MOST} characters", {"field": "notes"})
    with store.write():
        before = get(store, id)
        if not store.customers.update(id, rev=rev, notes=clean(notes)):
            raise _stale(before)
    return get(store, id)


def rename(store: Store, id: int, name: str, *, rev: int) -> Customer:
    """Give a customer another name. Raises `Lost('stale')` if somebody changed the customer since `rev`."""
    given = line(name)
    if not given or len(given) > NAME_AT_MOST:
        raise Invalid("bad-name", f"a name has 1 to {NAME_AT_MOST} characters", {"field": "name"})
    with store.write():
        before = get(store, id)
        if not store.customers.update(id, rev=rev, name=given):
            raise _stale(before)
    return get(store, id)


def _stale(now: Customer) -> Lost:
    return Lost("stale", "somebody changed this customer meanwhile; look again", {"rev": str(now.rev)})
