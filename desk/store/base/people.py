"""Who there is: reps, queues, tags, customers and what there was with them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Protocol

from desk.clock import Millis
from desk.model import Agent, Customer, Direction, Identity, IdentityKind, Queue, Tag


class Agents(Protocol):
    def ensure(self, login: str, name: str = "") -> Agent:
        """The agent of that login, made if there is none."""
        ...

    def rename(self, id: int, name: str) -> None:
        """Call an agent otherwise from now on, in whatever is theirs too; what they wrote keeps the earlier name."""
        ...

    def get(self, id: int) -> Agent | None: ...
    def all(self) -> list[Agent]: ...


class Names(Protocol):
    """Tags or queues: a small set of unique names (compared without case)."""

    def ensure(self, name: str) -> int: ...
    def all(self) -> list[Tag] | list[Queue]: ...


class Customers(Protocol):
    def find(self, kind: IdentityKind, value: str) -> int | None:
        """The id of the customer with that identity; `value` is compared as `desk.text.fold_address` writes it."""
        ...

    def expect(self, kind: IdentityKind, values: Iterable[str]) -> None:
        """`find` is about to be asked for these in this transaction: it is learned at once who they are."""
        ...

    def create(self, name: str, identities: Sequence[Identity], at: Millis) -> int: ...
    def add_identity(self, customer_id: int, identity: Identity) -> bool:
        """False if another customer has it already."""
        ...

    def get(self, id: int) -> Customer | None: ...
    def update(
        self,
        id: int,
        *,
        rev: int,
        name: str | None = None,
        notes: str | None = None,
        tags: Sequence[str] | None = None,
        attributes: Mapping[str, str] | None = None,
        zone: str | None = None,
        language: str | None = None,
        address: str | None = None,
        first_seen_at: Millis | None = None,
    ) -> bool:
        """Set what is not None. False if the customer has moved on from `rev`."""
        ...

    def remove_identity(self, customer_id: int, identity: Identity) -> bool:
        """False if the customer does not have it. Another of theirs becomes the address we write to."""
        ...

    def set_merged(self, id: int, into: int | None) -> None:
        """They are another customer now, who has their identities; themself: they were made by mistake."""
        ...

    def search(self, text: str, limit: int = 20, *, before: int | None = None) -> list[Customer]:
        """Customers whose name and identities hold all the words, anywhere; newest first, and only those met before
        the one named. Neither case nor accents count. A millisecond or two among 100,000: it completes what is being
        typed."""
        ...

    def sharing(self, keys: Iterable[str], limit: int = 5_000) -> list[int]:
        """Customers with any of these keys of `desk.likeness`, those with most of them first."""
        ...

    def names(self, ids: Sequence[int]) -> dict[int, tuple[str, str]]:
        """Name and address by id."""
        ...

    def tags(self) -> list[str]:
        """All that any customer has."""
        ...

    def languages(self) -> list[str]:
        """All that are any customer's."""
        ...


class History(Protocol):
    """What there was with one customer, over all conversations and channels."""

    def states(self, customer_id: int) -> dict[str, int]:
        """How many conversations, by state; merged ones are not counted."""
        ...

    def mails(self, customer_id: int) -> dict[Direction, tuple[int, Millis]]:
        """How many came and went, and when the last did."""
        ...

    def conversations(self, customer_id: int, offset: int, limit: int) -> list[int]:
        """The customer's conversations but for those that were merged, those with the newest messages first."""
        ...

    def newest(self, limit: int, *, before: int | None = None) -> list[int]:
        """The customers who were met last, or last before the one named, newest first; none that is part of another."""
        ...

    def turns(self, conversation_ids: Sequence[int]) -> list[tuple[int, Direction, Millis]]:
        """Conversation, direction and instant of whatever people wrote in these, in the order of time."""
        ...
