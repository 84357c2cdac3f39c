"""What automations would have written to customers in a time that is gone by: mail after mail in the order of time, so
that each limit sees what would have gone before it. Nothing is stored."""

from __future__ import annotations

from collections.abc import Sequence
from heapq import heapify, heappop, heappush
from typing import Any

from msgspec import Struct
from msgspec.structs import replace

from desk.clock import Clock, Millis, iso
from desk.model import AutoMail, Tried
from desk.rules.words import Automation
from desk.service import letters
from desk.service.admitting import Held, Means, Tally, judge
from desk.store.base import Gone, Store
from desk.text import fold_address

MAILS_AT_MOST = 2_000
"""The newest are tried."""


class Would(Struct, frozen=True, kw_only=True):
    """What would have become of one mail."""

    automation: str
    conversation_id: int
    at: Millis
    to: str = ""
    subject: str = ""
    held: str = ""
    """Why not, or why only then; empty: nothing kept it back."""
    goes: bool = False


Fit = tuple[Automation, int, Millis]
"""An automation, a conversation, and the moment from which on its time is counted."""


def tried(store: Store, clock: Clock, fits: Sequence[Fit], means: Means) -> list[Would]:
    """In the order of time. What lacks something is judged once."""
    newest = sorted(fits, key=lambda each: each[2])[-MAILS_AT_MOST:]
    mails = [
        AutoMail(automation=each.name, conversation_id=id, moment=moment, due_at=letters.due_at(each, moment, means))
        for each, id, moment in newest
    ]
    first, own = min((mail.due_at for mail in mails), default=0), {_about(mail) for mail in mails}
    gone = store.auto_mails.gone(first - means.limits.span, clock.now())
    trial = _Trial(store, clock, means, Tally([each for each in gone if _about(each) not in own]))
    waiting = [(mail.due_at, number, "") for number, mail in enumerate(mails)]
    heapify(waiting)
    found: list[Would] = []
    while waiting:
        at, number, kept = heappop(waiting)
        would = trial.judge(newest[number][0], mails[number], at, kept)
        if isinstance(would, Held):
            heappush(waiting, (would.until or at, number, would.why))
        else:
            found.append(would)
    return sorted(found, key=lambda each: each.at)


def _about(each: AutoMail | Gone) -> tuple[str, int]:
    return each.automation, each.conversation_id


class _Trial(Struct, frozen=True):
    store: Store
    clock: Clock
    means: Means
    tally: Tally

    def judge(self, automation: Automation, mail: AutoMail, at: Millis, kept: str) -> Would | Held:
        """What becomes of a mail at an instant; Held if it is to be asked about again. `kept`: what held it before."""
        would = Would(automation=automation.name, conversation_id=mail.conversation_id, at=at, held=kept)
        if at > self.clock.now():
            return replace(would, held=f"{kept or 'its time is yet to come'}; until {iso(at)}")
        found = judge(self.store, self.clock, automation, mail, self.means, self.tally, at)
        if isinstance(found, Held):
            later = letters.put_off(automation, mail, found, self.means)
            return later if later.limited and later.until is not None else replace(would, held=later.why)
        address = fold_address(found.to.email)
        self.tally.add(Gone(at, found.account.name, address, found.customer.id, *_about(mail)))
        return replace(would, to=found.to.email, subject=found.subject, goes=True)


def told(store: Store, automation: Automation, mails: Sequence[Would], because: str) -> dict[str, Any]:
    """What a `Trial` says of the mail of one automation."""
    own = [each for each in mails if each.automation == automation.name]
    rows = {row.id: row for row in store.conversations.many([each.conversation_id for each in own])}
    shown = [each for each in reversed(own) if each.conversation_id in rows]
    return {
        "mails": sum(each.goes for each in own),
        "kept_back": sum(not each.goes for each in own),
        "changes": sum(each.goes for each in own),
        "examples": tuple(
            Tried(
                conversation_id=each.conversation_id,
                at=each.at,
                subject=rows[each.conversation_id].subject,
                customer_name=rows[each.conversation_id].customer_name,
                because=because,
                words=f"mail to {each.to}: {each.subject}" if each.goes else "",
                to=each.to or rows[each.conversation_id].customer_address,
                held=each.held,
            )
            for each in shown
        ),
    }
