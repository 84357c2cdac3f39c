"""A customer in lines: who they are, what reps remember, what other systems say, who may be the same, all there was."""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

from msgspec import Struct

from desk.clock import Millis
from desk.model import Chapter, Customer, CustomerSummary, Identity, Likeness, LookupResult, Refusal, Trail
from screens.customers.words import answered, counts, local_time, phone
from screens.render import body, cells, fit, one_line, shorten, wrap
from screens.rows import STATE_GLYPHS
from screens.times import span, stamp
from screens.trails import beside
from screens.widgets.lines import BLANK, Line

Key = tuple[str, ...]
"""What an item is about, such as `("tag", "vip")`; it stays the same when the lines are made anew."""
Spans = tuple[tuple[str, str], ...]

ROOMY = 60
"""Columns from which on names stand beside what they name, and a conversation takes one line."""
LABEL = 12
NOTE_LINES = 10
"""Lines of notes that are shown; the key for notes shows all."""
ROW_LINES = 2
"""Lines that one row of a lookup may take."""
ADD: Key = ("add",)
NOTES: Key = ("notes",)


class Item(NamedTuple):
    """Lines that belong together. Without a key the cursor passes over them."""

    lines: tuple[Line, ...]
    key: Key | None = None


class Card(Struct, frozen=True):
    """What is to be shown."""

    summary: CustomerSummary
    chapters: tuple[Chapter, ...] = ()
    alike: tuple[Likeness, ...] = ()
    lookups: tuple[tuple[str, LookupResult | None], ...] = ()
    current: int = 0
    """The conversation that is being read."""
    trail: Trail | None = None
    """Where its visitor was on the site."""


def items(card: Card, width: int, now: Millis) -> list[Item]:
    """The lines for a width of at least 4, in parts; a blank line stands between parts."""
    customer = card.summary.customer
    parts = (
        _who(card.summary, width, now),
        _notes(customer, width),
        _lookups(card.lookups, width),
        _alike(card.alike, width),
        _trail(card.trail, width, now),
        _timeline(card, width, now),
    )
    made: list[Item] = []
    for part in parts:
        shown = list(part)
        if shown and made:
            made.append(Item((BLANK,)))
        made += shown
    return made


def parts(made: list[Item]) -> list[int]:
    """Where the parts begin: of each the first item that the cursor can be on."""
    begins, fresh = [], True
    for index, item in enumerate(made):
        if item.lines == (BLANK,):
            fresh = True
        elif fresh and item.key is not None:
            begins.append(index)
            fresh = False
    return begins


# --- who --------------------------------------------------------------------------------------------------


def _who(summary: CustomerSummary, width: int, now: Millis) -> Iterator[Item]:
    customer, room = summary.customer, width - 2
    yield Item((Line(((" ", "text"), (shorten(customer.name or "(no name)", room), "strong"))),), ("name",))
    for identity in customer.identities:
        yield _identity(customer, identity, width)
    for refusal in summary.refusals:
        yield _refusal(refusal, width, now, several=len(customer.identities) > 1)
    there = local_time(customer.zone, now)
    if customer.zone:
        yield _fact("time", f"{there} · {customer.zone}" if there else customer.zone, width, ("zone",))
    if customer.language:
        yield _fact("language", customer.language, width, ("language",), told=True)
    if customer.tags:
        yield _fact("tags", " ".join(f"#{one_line(tag)}" for tag in customer.tags), width, ("tags",), "tag", lines=3)
    for name, value in customer.attributes.items():
        yield _fact(name, value, width, ("attribute", name), told=True, lines=ROW_LINES)
    if customer.first_seen_at:
        label = "known since" if width >= ROOMY else "since"
        yield Item(_told(label, stamp(customer.first_seen_at, now), width, "dim", told=True, lines=1))
    what = "an address, a number, #tag, name: value" if width >= ROOMY else "something"
    yield Item((Line(((" ", "text"), (shorten(f"+ add {what}", room), "dim"))),), ADD)


def _identity(customer: Customer, identity: Identity, width: int) -> Item:
    text, after = one_line(identity.value), ""
    if identity.kind == "phone":
        number = phone(identity.value, customer.language)
        text, after = number.text, number.country
    elif identity.kind in ("visitor", "shop"):
        after = identity.kind
    several = sum(each.kind == "email" for each in customer.identities) > 1
    if several and identity.value == customer.address:
        after = "we write here"
    label = {"email": "address", "phone": "phone", "visitor": "visitor", "shop": "shop"}[identity.kind]
    head: Spans = ((" ", "text"),)
    if width >= ROOMY:
        head = ((" ", "text"), (fit(label, LABEL), "dim"))
    room = width - 1 - sum(cells(each) for each, _ in head)
    text = shorten(text, room)
    rest = room - cells(text) - 2
    said = ((f"  {shorten(after, rest)}", "dim"),) if after and rest > 3 else ()
    return Item((Line((*head, (text, "link"), *said)),), ("identity", identity.kind, identity.value))


def _refusal(refusal: Refusal, width: int, now: Millis, *, several: bool) -> Item:
    where = f" to {one_line(refusal.address)}" if several else ""
    told = f"no automatic mail{where} · {stamp(refusal.at, now)}"
    return _fact("refused", told, width, ("refusal", refusal.address), "warn", lines=2)


def _fact(
    label: str, text: str, width: int, key: Key, ink: str = "text", *, told: bool = False, lines: int = 1
) -> Item:
    return Item(_told(label, text, width, ink, told=told, lines=lines), key)


def _told(label: str, text: str, width: int, ink: str, *, told: bool, lines: int) -> tuple[Line, ...]:
    """A name and what it names; in a narrow pane the name only where it has to be `told`."""
    brief = f"{shorten(label, max(width // 3, 4))} " if told else ""
    head = fit(label, LABEL - 1) + " " if width >= ROOMY else brief
    room = max(width - 2 - cells(head), 2)
    shown = _lines(text, room, lines)
    first = Line(((" ", "text"), (head, "dim"), (shown[0], ink)))
    indent = " " * (1 + cells(head))
    return (first, *(Line(((indent, "text"), (line, ink))) for line in shown[1:]))


def _lines(text: str, room: int, at_most: int) -> list[str]:
    """The text in so many lines at most, the last cut where there is more."""
    if at_most == 1:
        return [shorten(text, room)]
    wrapped = list(wrap(one_line(text), room))
    kept = wrapped[:at_most]
    if len(wrapped) > at_most:
        kept[-1] = shorten(" ".join(wrapped[at_most - 1 :]), room)
    return kept


# --- what is remembered and what others say ---------------------------------------------------------------


def _notes(customer: Customer, width: int) -> Iterator[Item]:
    if not customer.notes.strip():
        return
    lines = list(wrap(body(customer.notes.strip()), width - 2))
    shown = [Line(((" ", "text"), (part, "note"))) for part in lines[:NOTE_LINES]]
    if len(lines) > NOTE_LINES:
        more = len(lines) - NOTE_LINES
        said = shorten(f"… {more:,} more line{'' if more == 1 else 's'}", width - 2)
        shown.append(Line(((" ", "text"), (said, "dim"))))
    yield Item(tuple(shown), NOTES)


def _lookups(lookups: tuple[tuple[str, LookupResult | None], ...], width: int) -> Iterator[Item]:
    spaced = False
    for name, result in lookups:
        rows = result is not None and bool(result.rows)
        if spaced:
            yield Item((BLANK,))
        spaced = rows
        yield from _lookup(name, result, width)


def _lookup(name: str, result: LookupResult | None, width: int) -> Iterator[Item]:
    title = shorten(name, width - 14)
    if result is None:
        state: Spans = (("  asking…", "dim"),)
    elif not result.rows and not result.error:
        state = (("  nothing", "dim"),)
    else:
        state = ()
    head = Line(((" ", "text"), (title, "accent"), *state))
    trouble = _lines(result.error, width - 2, 2) if result is not None and result.error else []
    yield Item((head, *(Line(((" ", "text"), (said, "warn"))) for said in trouble)), ("lookup", name, ""))
    for number, row in enumerate(result.rows if result is not None else ()):
        yield _fact(row.label, row.value, width, ("lookup", name, str(number)), told=True, lines=ROW_LINES)


def lookup_lines(result: LookupResult, width: int, now: Millis) -> list[Line]:
    """All that a system said, nothing cut."""
    lines = [Line(((" ", "text"), (shorten(f"asked {stamp(result.at, now)}", width - 2), "dim")))] if result.at else []
    if result.error:
        lines += [Line(((" ", "text"), (part, "warn"))) for part in wrap(one_line(result.error), width - 2)]
    for row in result.rows:
        label = shorten(row.label, max(width // 3, 4))
        indent = " " * (cells(label) + 3)
        first, *rest = wrap(one_line(row.value), width - cells(indent) - 1)
        lines.append(Line(((" ", "text"), (f"{label}  ", "dim"), (first, "text"))))
        lines += [Line(((indent, "text"), (part, "text"))) for part in rest]
    return lines


def _alike(alike: tuple[Likeness, ...], width: int) -> Iterator[Item]:
    if not alike:
        return
    yield Item((Line(((" ", "text"), (shorten("perhaps the same person", width - 2), "warn"))),))
    for likeness in alike:
        other = likeness.customer
        who = shorten(other.name or other.address or f"customer {other.id}", width - 2)
        why = shorten("; ".join(likeness.reasons), width - 4)
        key = ("alike", str(other.id))
        yield Item((Line(((" ", "text"), (who, "name"))), Line((("   ", "text"), (why, "dim")))), key)


def _trail(trail: Trail | None, width: int, now: Millis) -> Iterator[Item]:
    if trail is not None and (lines := tuple(beside(trail, width, now))):
        yield Item(lines)


# --- all they wrote ---------------------------------------------------------------------------------------


def _timeline(card: Card, width: int, now: Millis) -> Iterator[Item]:
    told = counts(card.summary)
    lines = [told] if cells(told) <= width - 2 else told.split(" · ")
    yield Item(tuple(Line(((" ", "text"), (shorten(line, width - 2), "dim"))) for line in lines))
    for chapter in card.chapters:
        yield _chapter(chapter, width, now, here=chapter.conversation.id == card.current)
    missing = sum(card.summary.conversations.values()) - len(card.chapters)
    if missing > 0:
        yield Item((Line(((" ", "text"), (shorten(f"… {missing:,} older", width - 2), "dim"))),))


def _chapter(chapter: Chapter, width: int, now: Millis, *, here: bool) -> Item:
    row = chapter.conversation
    glyph, ink = STATE_GLYPHS[row.state]
    subject = row.subject or "(no subject)"
    ground = "cursor-away" if here else ""
    key = ("chapter", str(row.id))
    quick = answered(chapter)
    slow = "warn" if quick == "no answer yet" else "dim"
    if width >= ROOMY:
        room = width - 4 - 13 - 10 - 10 - 16
        line = (
            (" ", "text"),
            (fit(glyph, 2), ink),
            (fit(stamp(row.last_at, now), 13), "dim"),
            (fit(subject, room) + " ", "strong" if here else "text"),
            (fit(row.channel, 10), "dim"),
            (fit(row.state, 10), "dim"),
            (shorten(quick, 16), slow),
        )
        return Item((Line(line, ground),), key)
    age = fit(span(now - row.last_at), 5, right=True)
    first = (
        (" ", "text"),
        (fit(glyph, 2), ink),
        (fit(subject, max(width - 9, 1)), "strong" if here else "text"),
        (age, "dim"),
    )
    told = " · ".join(part for part in ("" if row.channel == "email" else row.channel, row.state, quick) if part)
    second = (("   ", "text"), (shorten(told, width - 4), slow))
    return Item((Line(first, ground), Line(second, ground)), key)
