"""Trails: where visitors of a site were, kept as far as it may be seen, and forgotten in time.

Everything in them comes from browsers and is hostile until it was cleaned: only addresses of pages are kept, without
what may be a secret, and no text is longer than a screen can show.
"""

from __future__ import annotations

import math
import re
from urllib.parse import quote, urlsplit

from msgspec.structs import replace

from desk.clock import DAY, MINUTE, Clock, Millis
from desk.model import Sighting, Trail, TrailStep, Visitor
from desk.store.base import Store
from desk.text import line

VISIT_ENDS: Millis = 30 * MINUTE
"""After so long without a sign of them, who comes again begins another visit."""
REFUSED_FOR: Millis = 30 * DAY
"""For how long nobody is asked again who said no to an invitation."""
COUNTED_FOR: Millis = 400 * DAY
"""For how long it is known what became of invitations."""
PORTION = 2_000
"""Dropped in one transaction."""
STEPS_AT_MOST = 300
"""Kept of one visitor."""
KEY_AT_MOST = 40
URL_AT_MOST = 500
TITLE_AT_MOST = 160
CART_AT_MOST = 1e9
_CURRENCY = re.compile(r"[A-Z]{3}")
"""ISO 4217."""
_KEY_LIKE = re.compile(r"(?=.*\d)[\w.~-]{24,}|[\w.~-]{64,}", re.ASCII)
"""A part of a path that is likely a secret: a long one with digits."""


def address(text: str) -> str:
    """What is kept of a page's address: scheme, host and path; neither query nor fragment, nor who logs in.

    Parts of the path that look like keys become `*`. Empty for whatever is no page of the web, such as `javascript:`.
    """
    try:
        parts = urlsplit(text.strip()[:8_000])
        host, port = parts.hostname or "", parts.port
    except ValueError:
        return ""
    if parts.scheme not in ("http", "https") or not host:
        return ""
    path = "/".join("*" if _KEY_LIKE.fullmatch(part) else part for part in parts.path.split("/"))
    where = f"[{host}]" if ":" in host else host
    return line(f"{parts.scheme}://{where}{f':{port}' if port else ''}{quote(path, safe=_AS_IS) or '/'}")[:URL_AT_MOST]


_AS_IS = "/%:@!$&'()*+,;=~-._"


def words(text: str) -> str:
    """A title, or what was searched for, as it is kept."""
    return line(text[: 8 * TITLE_AT_MOST])[:TITLE_AT_MOST]


def amount(cart: float | None) -> float | None:
    """What lies in a cart, to the cent; None for what is no amount."""
    if cart is None or not math.isfinite(cart) or not 0 <= cart <= CART_AT_MOST:
        return None
    return round(cart, 2)


def cleaned(sighting: Sighting) -> Sighting:
    """What a browser said, as far as it can be taken."""
    currency = sighting.currency.strip().upper()
    cart = amount(sighting.cart)
    return replace(
        sighting,
        key=line(sighting.key)[:KEY_AT_MOST],
        url=address(sighting.url),
        title=words(sighting.title),
        referrer=address(sighting.referrer),
        lasted=max(0, sighting.lasted),
        idle=max(0, sighting.idle),
        cart=cart,
        currency=currency if cart is not None and _CURRENCY.fullmatch(currency) else "",
    )


def keep(store: Store, clock: Clock, step: TrailStep, key: str) -> int:
    """Keep a step, or what is new of it, and that the visitor was here; how many pages they saw in this visit."""
    with store.write():
        if store.visitors.get(step.visitor_id) is None:
            return 0
        store.visitors.seen(step.visitor_id, clock.now())
        store.trails.step(step, key, at_most=STEPS_AT_MOST)
        return store.trails.standing(step.visitor_id).pages


def forget(store: Store, clock: Clock, visitor: Visitor) -> None:
    """They agree no more to be seen: where they were is known no more."""
    with store.write():
        store.trails.forget_of(visitor.id)


def forget_old(store: Store, clock: Clock, *, trails: Millis, visitors: Millis) -> int:
    """Drop the steps of trails that are older than `trails`, and visitors who never wrote and were not here for
    `visitors`, at most `PORTION` of each; how many it was of the one that has most."""
    now = clock.now()
    with store.write():
        return max(
            store.trails.forget_before(now - trails, PORTION),
            store.visitors.prune(now - max(visitors, VISIT_ENDS), now - REFUSED_FOR, PORTION),
            store.invitations.forget_before(now - COUNTED_FOR, PORTION),
            store.visitors.forget_sessions(now, PORTION),
        )


def visitor_of(store: Store, conversation_id: int) -> Visitor | None:
    """The visitor who follows a conversation on a site, or asked there to be called; None if nobody does."""
    chat = store.chats.within(conversation_id)
    called = (each.visitor_id for each in store.callbacks.of_conversation(conversation_id))
    id = chat.visitor_id if chat else next(filter(None, called), None)
    return None if id is None else store.visitors.get(id)


def of(store: Store, visitor: Visitor | None, limit: int = 100, *, before: int | None = None) -> Trail:
    """Where a visitor was, the newest first."""
    if visitor is None:
        return Trail()
    return Trail(visitor=visitor, steps=tuple(store.trails.of(visitor.id, limit, before=before)))
