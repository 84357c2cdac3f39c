"""How many in so much time. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from itertools import islice

from msgspec import Struct

from desk.clock import DAY, HOUR, Millis


class Limit(Struct, frozen=True):
    """Never more than `most` in any stretch of time as long as `span`."""

    most: int
    span: Millis


def free_at(limit: Limit, gone: Iterable[Millis], now: Millis) -> Millis | None:
    """The first instant from now on at which one more may go; None if none ever may. `gone`: when others went, newest
    first; what may yet go counts as gone now."""
    if limit.most < 1:
        return None
    decisive = next(islice(gone, limit.most - 1, None), None)
    return now if decisive is None else max(now, decisive + limit.span)


class MailLimits(Struct, frozen=True, kw_only=True):
    """`[mailing]`: how much mail automations may send, all of them together."""

    per_hour: int = 60
    """From one mailbox."""
    per_day: int = 500
    """From one mailbox."""
    all_per_day: int = 2_000
    """From all of them."""
    per_customer: int = 1
    customer_days: float = 7
    """In so many days."""
    lapse: Millis = 2 * DAY
    """What is kept back longer than this never goes."""
    footer: str = "To get no more mail of this kind: {unsubscribe}"
    """Below mail that does not say by itself how it is refused."""

    @property
    def customer(self) -> Limit:
        """What one customer gets."""
        return Limit(self.per_customer, round(self.customer_days * DAY))

    @property
    def mailbox(self) -> Sequence[tuple[Limit, str]]:
        """What one mailbox sends, with words for it."""
        return (Limit(self.per_hour, HOUR), "an hour"), (Limit(self.per_day, DAY), "a day")

    @property
    def all(self) -> Limit:
        """What all mailboxes send."""
        return Limit(self.all_per_day, DAY)

    @property
    def span(self) -> Millis:
        """How long ago something counts."""
        return max(DAY, self.customer.span)
