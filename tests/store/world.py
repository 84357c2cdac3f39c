"""Short words for filling a store."""

from __future__ import annotations

import hashlib
from typing import Any

from desk.clock import Clock, Millis
from desk.mail.packing import pack
from desk.model import Address, Conversation, Customer, Identity, Message
from desk.store.base import Store


class World:
    """A store with people in it."""

    def __init__(self, store: Store, clock: Clock) -> None:
        self.store = store
        self.clock = clock
        self.now = clock.now()

    def customer(self, name: str = "Ada Byron", address: str = "ada@example.org") -> int:
        with self.store.write():
            found = self.store.customers.find("email", address)
            if found is not None:
                return found
            return self.store.customers.create(name, [Identity(kind="email", value=address, name=name)], self.now)

    def conversation(
        self, subject: str = "Broken kettle", *, at: Millis | None = None, customer: int | None = None, **more: Any
    ) -> int:
        customer = customer or self.customer()
        with self.store.write():
            return self.store.conversations.create(
                subject=subject,
                channel="email",
                account=more.pop("account", "support"),
                customer_id=customer,
                at=self.now if at is None else at,
                **more,
            )

    def message(
        self, conversation: int, body: str = "It leaks.", *, at: Millis | None = None, raw: bytes = b"", **more: Any
    ) -> int:
        message = Message(
            conversation_id=conversation,
            at=self.now if at is None else at,
            body=body,
            direction=more.pop("direction", "in"),
            sender=more.pop("sender", Address(email="ada@example.org", name="Ada Byron")),
            **more,
        )
        with self.store.write():
            if raw:
                return self.store.messages.add(message, raw_packed=pack(raw), sha256=hashlib.sha256(raw).hexdigest())
            return self.store.messages.add(message)

    def mail(self, body: str, **more: Any) -> int:
        """A message in a conversation of its own."""
        return self.message(self.conversation(), body, **more)

    def row(self, conversation: int) -> Conversation:
        row = self.store.conversations.get(conversation)
        assert row is not None
        return row

    def person(self, customer: int) -> Customer:
        person = self.store.customers.get(customer)
        assert person is not None
        return person

    def changed(self, since: int) -> set[tuple[str, int]]:
        return {(change.kind, change.id) for change in self.store.changes.since(since)}
