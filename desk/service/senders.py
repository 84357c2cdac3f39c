"""Whose mail a batch holds: customers found by their addresses and numbers, or made."""

from __future__ import annotations

from msgspec.structs import replace

from desk.clock import Millis
from desk.missed import Missed
from desk.model import Address, Customer, Identity, IdentityKind
from desk.service import missed_calls
from desk.store.base import Store
from desk.text import fold_address

UNKNOWN_SENDER = Identity(kind="visitor", value="no-sender", name="Unknown sender")
"""The customer of mail that names no sender."""


class Senders:
    """Of one batch: each is looked for once. Belongs to the transaction that stores it."""

    def __init__(self, store: Store, now: Millis) -> None:
        self._store = store
        self._now = now
        self._known: dict[tuple[IdentityKind, str], Customer | None] = {}

    def customer(self, address: Address | Missed | None) -> int:
        """The customer behind an address or a call, made if there is none; given a name if they had none."""
        if isinstance(address, Missed):
            return self._find_or_make(missed_calls.caller(address), address.number.shown)
        if address is None or not address.email:
            return self._find_or_make(UNKNOWN_SENDER, UNKNOWN_SENDER.name)
        identity = Identity(kind="email", value=fold_address(address.email), name=address.name)
        return self._find_or_make(identity, address.name)

    def other_addresses(self, sender: str) -> frozenset[str]:
        """What else the same person writes from, as reps have noted: one person, whatever the address."""
        known = self._find("email", sender) if sender else None
        if known is None or len(known.identities) < 2:
            return frozenset()
        return frozenset(identity.value for identity in known.identities if identity.kind == "email")

    def _find_or_make(self, identity: Identity, name: str) -> int:
        known = self._find(identity.kind, identity.value)
        if known is None:
            id = self._store.customers.create(name, [identity], self._now)
            known = Customer(id=id, name=name, identities=(identity,), first_seen_at=self._now)
        elif name and not known.name and self._store.customers.update(known.id, rev=known.rev, name=name):
            known = replace(known, name=name, rev=known.rev + 1)
        self._known[identity.kind, identity.value] = known
        return known.id

    def _find(self, kind: IdentityKind, value: str) -> Customer | None:
        key = kind, value
        if key not in self._known:
            id = self._store.customers.find(*key)
            self._known[key] = None if id is None else self._store.customers.get(id)
        return self._known[key]
