"""Views by name: which conversations each means, and how many there are."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import tzinfo
from difflib import get_close_matches

import msgspec

from desk.clock import MINUTE, Clock, Millis
from desk.model import BUILT_IN_VIEWS, Agent, View, ViewInfo
from desk.query import Query, QueryError, both, fields_of, parse
from desk.service.errors import Invalid, NotFound
from desk.store.base import Selection, Store

CHANNELS = ("email", "chat", "callback")
COUNT_AT_MOST = 1_000
"""Saved views are counted no further."""

_QUERIES = {
    "mine": "is:mine",
    "unassigned": "is:unassigned",
    "failed": "is:failed",
    "mentions": "is:mentioned",
    **{state: f"state:{state}" for state in ("open", "waiting", "snoozed", "resolved", "spam")},
}


def value_tags(store: Store, clock: Clock, names: Sequence[str]) -> None:
    """Of what is as urgent, conversations with these tags go first from now on, the most valued first."""
    with store.write():
        store.conversations.value_tags(names)


def read_query(text: str, now: Millis, zone: tzinfo | None = None) -> Query:
    """What a rep typed. Raises Invalid('bad-query') with `start` and `end`, the columns of the word, from 0."""
    try:
        return parse(text, now=now, zone=zone)
    except QueryError as error:
        raise Invalid("bad-query", error.message, {"start": str(error.start), "end": str(error.end)}) from error


def select(
    saved: Mapping[str, str],
    agent: Agent,
    view: View,
    q: str = "",
    *,
    now: Millis,
    zone: tzinfo | None = None,
) -> Selection:
    """The conversations of a view that match a query.

    A saved view holds everything but spam that matches its own query; spam too if that names a state. Raises
    NotFound for a view there is not, Invalid for a query that makes no sense.
    """
    typed = read_query(q, now, zone)
    kind, _, name = view.partition(":")
    if kind == "saved":
        if name not in saved:
            raise _unknown(view, saved)
        own = read_query(saved[name], now, zone)
        names_state = any(field.name == "state" for field in fields_of(own))
        base = "all" if names_state else "anything"
        return Selection(view=base, query=both(own, typed), agent_id=agent.id)
    if view == "quarantined":
        raise Invalid("no-list", "quarantined mail is in no conversation yet; the ledger lists it")
    if view not in BUILT_IN_VIEWS and not (kind == "queue" and name) and not (kind == "channel" and name in CHANNELS):
        raise _unknown(view, saved)
    return Selection(view=view, query=typed, agent_id=agent.id)


def _unknown(view: str, saved: Mapping[str, str]) -> NotFound:
    known = [*BUILT_IN_VIEWS, *(f"channel:{name}" for name in CHANNELS), *(f"saved:{name}" for name in saved)]
    close = get_close_matches(view, known, n=1)
    error = NotFound("view", view)
    hint = f"did you mean {close[0]}?" if close else "there are " + ", ".join((*known, "queue:NAME"))
    error.message = f"{error.message}; {hint}"
    return error


class Counter:
    """Counts of all views, live; saved views are counted again only after something has changed, or a minute."""

    def __init__(self) -> None:
        self._counted: dict[tuple[int, str, str], tuple[int, Millis, int, bool]] = {}

    def views(
        self, store: Store, clock: Clock, saved: Mapping[str, str], agent: Agent, zone: tzinfo | None = None
    ) -> list[ViewInfo]:
        """Built-in views, channels but mail alone, queues, saved ones."""
        counts = store.views.counts(agent.id)
        unread, mentions = store.reads.counts(agent.id)
        new = {"mine": unread, "mentions": mentions}
        views = [
            ViewInfo(
                name=name,
                title=name,
                kind="built-in",
                count=counts.get(name, 0),
                unread=new.get(name, 0),
                query=_QUERIES.get(name, ""),
            )
            for name in BUILT_IN_VIEWS
        ]
        views += _named("channel", {f"channel:{name}": counts.get(f"channel:{name}", 0) for name in CHANNELS})
        queues = [f"queue:{queue.name}" for queue in store.queues.all()]
        views += _named("queue", {name: counts.get(name, 0) for name in queues})
        return views + [self._saved(store, clock, saved, agent, name, zone) for name in saved]

    def _saved(
        self, store: Store, clock: Clock, saved: Mapping[str, str], agent: Agent, name: str, zone: tzinfo | None
    ) -> ViewInfo:
        view, now = f"saved:{name}", clock.now()
        info = ViewInfo(name=view, title=name, kind="saved", query=saved[name])
        try:
            selection = select(saved, agent, view, now=now, zone=zone)
        except Invalid as error:
            return msgspec.structs.replace(info, problem=error.message)
        key, seq = (agent.id, f"{name} {zone}", saved[name]), store.changes.last()
        known = self._counted.get(key)
        if known is None or known[0] != seq or now - known[1] >= MINUTE:
            count, exact = store.views.count(selection, COUNT_AT_MOST)
            if count == 0 and not exact and known is not None:
                count = known[2]
            known = self._counted[key] = (seq, now, count, exact)
        return msgspec.structs.replace(info, count=known[2], exact=known[3])


def _named(kind: str, counts: Mapping[str, int]) -> Iterator[ViewInfo]:
    for name, count in counts.items():
        title = name.partition(":")[2]
        quoted = f'"{title}"' if " " in title else title
        yield ViewInfo(
            name=name,
            title=title,
            kind="queue" if kind == "queue" else "channel",
            count=count,
            query=f"{kind}:{quoted} state:open",
        )
