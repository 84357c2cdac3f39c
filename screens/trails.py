"""Where a visitor of a site was, in lines: all that stands in them is what their browser says."""

from __future__ import annotations

from collections.abc import Iterator
from urllib.parse import urlsplit

from desk.clock import MINUTE, Millis
from desk.model import Trail, TrailStep, VisitorNow
from screens.render import cells, one_line, shorten
from screens.times import span, stamp
from screens.widgets.lines import BLANK, Line

LINES_OF_TRAIL = 8
"""Steps that stand beside a conversation."""
MARKS = {"page": "·", "search": "?", "article": "≡"}


def place(url: str, title: str) -> str:
    """A page in few words: its title, or else its path."""
    parts = urlsplit(one_line(url)) if url.isprintable() else None
    return one_line(title) or (parts.path if parts else "") or one_line(url) or "a page"


def cart(amount: float | None, currency: str) -> str:
    """What lies in their cart, as the shop says."""
    return f"{amount:,.2f} {one_line(currency)}".strip() if amount is not None else ""


def lasted(length: Millis) -> str:
    """How long a page was before their eyes."""
    return f"{length // 1000}s" if length < MINUTE else span(length)


def now_line(now: VisitorNow, width: int, at: Millis) -> Line:
    """Where they are at this moment."""
    since = f" {span(at - now.since)}"
    room = max(width - 5 - cells(since), 4)
    return Line(((" ● ", "good"), (shorten(place(now.url, now.title), room), "strong"), (since, "dim")))


def step_line(step: TrailStep, width: int, at: Millis) -> Line:
    """One thing they did."""
    when = f" {stamp(step.at, at)}"
    long = f" {lasted(step.lasted)}" if step.lasted else ""
    value = f" {cart(step.cart, step.currency)}" if step.cart else ""
    room = max(width - 4 - cells(when) - cells(long) - cells(value), 4)
    words = shorten(f"“{one_line(step.title)}”" if step.kind == "search" else place(step.url, step.title), room)
    where = _where(step, room - cells(words))
    mark = f" {MARKS[step.kind]} "
    return Line(((mark, "dim"), (words, "text"), (where, "dim"), (value, "warn"), (f"{long}{when}", "dim")))


def _where(step: TrailStep, room: int) -> str:
    """The path of a page beside its title, where there is room to tell it: many pages may have one title."""
    path = place(step.url, "")
    return f" {shorten(path, room - 1)}" if step.kind == "page" and step.title and step.url and room > 8 else ""


def beside(trail: Trail, width: int, at: Millis) -> Iterator[Line]:
    """The newest of it, for the pane beside a conversation; nothing if there is nothing."""
    if trail.now is None and not trail.steps:
        return
    yield Line(((" on the site", "dim"), (" now" if trail.now is not None else ", before", "dim")))
    if trail.now is not None:
        yield now_line(trail.now, width, at)
    for step in trail.steps[:LINES_OF_TRAIL]:
        yield step_line(step, width, at)
    if len(trail.steps) > LINES_OF_TRAIL:
        yield Line(((f" … {len(trail.steps) - LINES_OF_TRAIL}+ earlier", "dim"),))


def whole(trail: Trail, width: int, at: Millis) -> list[Line]:
    """All of it that is here, by visits, the newest first."""
    lines: list[Line] = []
    if trail.now is not None:
        here = trail.now
        lines.append(now_line(here, width, at))
        told = [
            f"{here.pages} page{'' if here.pages == 1 else 's'} in this visit",
            f"visit {here.visits}",
            f"came {stamp(here.came_at, at)}",
        ]
        told += [f"from {one_line(here.referrer)}"] if here.referrer else []
        told += [f"cart {cart(here.cart, here.currency)}"] if here.cart is not None else []
        lines += [Line(((f" {shorten(' · '.join(told), width - 2)}", "dim"),)), BLANK]
    visit: Millis | None = None
    for step in trail.steps:
        if step.visit != visit:
            lines += [BLANK] * (visit is not None)
            lines.append(Line(((f" visit of {stamp(step.visit, at)}", "strong"),)))
            visit = step.visit
        lines.append(step_line(step, width, at))
        if step.referrer:
            lines.append(Line(((f"     from {shorten(one_line(step.referrer), max(width - 12, 4))}", "dim"),)))
    return lines or [Line(((" nothing is known of where they were", "dim"),))]
