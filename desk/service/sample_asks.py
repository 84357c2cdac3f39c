"""What visitors of the sample shop asked of its help articles, one by one over the last weeks."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from typing import Any

from desk.clock import DAY, HOUR, Clock, ManualClock
from desk.service import selfhelp
from desk.store.base import Store

_OVER = 20 * DAY
_SITE = "https://larkspur-cycles.example"


def load(store: Store, clock: Clock, asks: Sequence[Mapping[str, Any]], slugs: Collection[str]) -> int:
    """Have it all asked of the articles with these slugs; how often something was asked."""
    every = [each for each in asks for _ in range(each["times"]) if each.get("slug", "") in ("", *slugs)]
    began = clock.now() - _OVER
    with store.write():
        for number, each in enumerate(every):
            at = began + number * 7 % len(every) * (_OVER - HOUR) // max(len(every), 1)
            _ask(store, ManualClock(at), each)
    return len(every)


def _ask(store: Store, clock: ManualClock, each: Mapping[str, Any]) -> None:
    slug = each.get("slug", "")
    ask = selfhelp.asked(store, clock, each["words"], page=f"{_SITE}{each['page']}", found=1 if slug else 0)
    if slug:
        selfhelp.opened(store, clock, slug, ask_id=ask.id)
        selfhelp.judged(store, clock, ask.id, slug, solved=each["solved"])
    if each.get("person"):
        selfhelp.to_person(store, clock, ask.id)
