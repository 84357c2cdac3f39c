"""A conversation as lines: who wrote when, what, what came of it. Pure functions of the model."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from itertools import pairwise
from re import Pattern

from msgspec import Struct

from desk.clock import Millis
from desk.model import Address, Attachment, Message, OutboxItem
from screens.disguise import disguised, unmasked
from screens.render import body, cells, one_line, shorten, wrap
from screens.times import in_local_time, seconds_left, stamp
from screens.widgets.bars import key_glyph
from screens.widgets.lines import BLANK, Line

FOLD_OVER = 240
"""Lines of one message shown before it is unfolded."""
NEVER_OVER = 20_000
"""Lines of one message ever shown; the whole of it can be saved with `desk show`."""


class Named(Struct, frozen=True):
    """The keys that a transcript names, as people press them."""

    fold: str = "enter"
    undo: str = "u"
    outbox: str = "O"


class Look(Struct, frozen=True):
    """How a message is to be laid out."""

    width: int
    now: Millis
    unfolded: bool = False
    selected: bool = False
    outbox: OutboxItem | None = None
    mine: bool = True
    """The rep who looks wrote it, and may take it back with one key."""
    keys: Named = Named()


def person(address: Address | None) -> str:
    """A correspondent as `Name <address>`, or the address alone."""
    if address is None:
        return "(unknown sender)"
    return f"{address.name} <{address.email}>" if address.name and address.email else address.name or address.email


def size_words(size: int) -> str:
    """Bytes in people's words."""
    if size < 1024:
        return f"{size} B"
    return f"{size / 1024:.0f} KB" if size < 1024 * 1024 else f"{size / 1024 / 1024:.1f} MB"


def put_off(item: OutboxItem) -> bool:
    """Whether it waits for the time that its rep chose, and not for the end of the undo window."""
    return item.state == "held" and item.content is not None and item.content.send_at is not None


def message_lines(message: Message, look: Look) -> list[Line]:
    """Everything there is to show of one message."""
    if message.direction == "event":
        return event_lines((message,), look)
    lines = [*_heading(message, look)]
    edge = _edge(message, look)
    text_ink = {"note": "note", "out": "text", "in": "text"}[message.direction]
    limit = NEVER_OVER if look.unfolded else FOLD_OVER
    for shown, (text, ink) in enumerate(_body(message, look, text_ink)):
        if shown >= limit:
            lines.append(Line((edge, (f"… the rest is long; {key_glyph(look.keys.fold)} shows it", "dim"))))
            break
        lines.append(Line((edge, (text, ink))) if text else Line((edge,)))
    lines += [Line((edge, *spans)) for spans in _below(message, look)]
    lines.append(BLANK)
    return lines


def _edge(message: Message, look: Look) -> tuple[str, str]:
    ink = {"note": "note", "out": "ours", "in": "name"}.get(message.direction, "dim")
    if message.kind == "whisper":
        return ("» ", "note")
    return ("┃ " if look.selected else "│ ", ink if look.selected or message.direction == "note" else "rule")


_NUMBERED = re.compile(r"(?:\[(\d+)\]|\+(\d+)) ")


def clicked(line: Line) -> tuple[str, str | None] | None:
    """What a click on a line asks for: an action and what it is told; None if the line is only read."""
    for (text, ink), (_, after) in pairwise((*line.spans, ("", ""))):
        number = _NUMBERED.fullmatch(text)
        if number is not None and (ink, after) == ("dim", "link"):
            return ("open-link", number[1]) if number[1] else ("open-attachment", number[2])
        if ink in ("quote", "dim") and text.startswith(("⋯ ", "… the rest is long")):
            return "fold", None
    return None


def event_lines(events: Sequence[Message], look: Look) -> list[Line]:
    """What Desk itself wrote, one event after the other: joined on one line, unfolded on a line each."""
    apart = look.unfolded and len(events) > 1
    told = [_told(event, look) for event in events] if apart else [_joined(events, look)]
    mark = ("── ", "accent" if look.selected else "rule")
    return [*(Line((mark, (text, "event"))) for text in told), BLANK]


def _told(event: Message, look: Look) -> str:
    when = f" · {stamp(event.at, look.now)}"
    return shorten(_said(event, look.now), look.width - 4 - cells(when)) + when


def _said(event: Message, now: Millis) -> str:
    """In its words, which name the rep in most cases."""
    said = in_local_time(one_line(event.body or event.subject), now)
    who = shorten(event.agent_name or "", 24)
    return said if not who or who in said else f"{who}: {said}"


def _joined(events: Sequence[Message], look: Look) -> str:
    """As many as fit, the newest being sure to be there, and how many more there are."""
    if len(events) == 1:
        return _told(events[0], look)
    when = f" · {stamp(events[-1].at, look.now)}"
    more = f"{len(events)} events ({key_glyph(look.keys.fold)}): "
    room = look.width - 4 - cells(when)
    told = [_said(event, look.now) for event in events]
    whole = " · ".join(told)
    if cells(whole) <= room:
        return whole + when
    shown: list[str] = []
    for text in reversed(told):
        if shown and cells(more) + sum(cells(each) + 3 for each in shown) + cells(text) > room:
            break
        shown.insert(0, text)
    return shorten(more + " · ".join(shown), room) + when


def new_line(width: int) -> Line:
    """What stands above the first message that the rep has not seen."""
    text = shorten("new since you looked", width - 6)
    rest = max(width - 6 - cells(text), 0)
    return Line((("──── ", "accent"), (text, "accent"), (" " + "─" * rest, "accent")))


def _heading(message: Message, look: Look) -> Iterator[Line]:
    when = stamp(message.at, look.now)
    mark = "▌ " if look.selected else "  "
    if message.direction == "in":
        who, ink = person(message.sender), "name"
    elif message.kind == "whisper":
        who, ink = f"» whisper by {message.agent_name or 'a supervisor'} — the customer does not see it", "found"
    elif message.direction == "note":
        who, ink = f"note by {message.agent_name or 'a rep'} — the customer does not see it", "note"
    else:
        whom = f" → {_people(message.to)}" if message.to else ""
        who, ink = f"{message.agent_name or person(message.sender)}{whom}", "ours"
    flags = _flags(message)
    room = look.width - len(mark) - len(when) - 2 - sum(cells(text) for text, _ in flags)
    who = shorten(who, room)
    gap = " " * max(room - cells(who), 0)
    spans = ((mark, ink), (who, ink), *flags, (gap + " ", "text"), (when + " ", "dim"))
    yield Line(spans, on="cursor-away" if look.selected else "")
    copied = message.cc or (message.to if message.direction == "in" and len(message.to) > 1 else ())
    if copied and (look.unfolded or look.selected):
        if message.direction == "in":
            yield Line((("  to ", "dim"), (shorten(_people(message.to), look.width - 6), "dim")))
        if message.cc:
            yield Line((("  cc ", "dim"), (shorten(_people(message.cc), look.width - 6), "dim")))
    if message.third_party:
        warning = "not a participant before: check the address before you answer"
        yield Line((("  ", "text"), (shorten(warning, look.width - 3), "alarm")))


def _flags(message: Message) -> list[tuple[str, str]]:
    kinds = {"auto": " automatic ", "bounce": " could not be delivered ", "calendar": " calendar "}
    return [(kinds[message.kind], "bad" if message.kind == "bounce" else "dim")] if message.kind in kinds else []


def _people(addresses: tuple[Address, ...]) -> str:
    return ", ".join(one_line(address.name or address.email) for address in addresses[:6]) + (
        f" and {len(addresses) - 6} more" if len(addresses) > 6 else ""
    )


def _body(message: Message, look: Look, ink: str) -> Iterator[tuple[str, str]]:
    raw = body(message.body).split("\n")
    while raw and not raw[-1].strip():
        raw.pop()
    width = max(look.width - 3, 8)
    masks = disguised(message.body, message.links) if message.links else {}
    folds = {} if look.unfolded else {fold.start: fold for fold in message.folds if fold.end > fold.start}
    index = 0
    while index < len(raw):
        fold = folds.get(index)
        if fold is not None:
            end = min(max(fold.end, index + 1), len(raw))
            count = sum(1 for text in raw[index:end] if text.strip())
            if count:
                what = "quoted line" if fold.kind == "quote" else "line of signature"
                plural = what if count == 1 else what.replace("line", "lines")
                yield f"⋯ {count} {plural} ({key_glyph(look.keys.fold)})", "quote"
            index = end
            continue
        text = unmasked(raw[index], masks) if masks else raw[index]
        line_ink = "quote" if text.startswith(">") or _in_fold(message, index) else ink
        for part in wrap(text, width):
            yield part, line_ink
        index += 1


def stands_in(message: Message, wanted: Pattern[str]) -> bool:
    """Whether a message has it: in its text, or in the names of who wrote and of its files."""
    who = (message.sender.name, message.sender.email) if message.sender is not None else ()
    names = (message.agent_name or "", *who, *(file.name for file in message.attachments))
    return any(wanted.search(text) for text in (message.body, *names))


def hides(message: Message, wanted: Pattern[str]) -> bool:
    """Whether a message has it only where it is not seen until it is unfolded."""
    lines = message.body.split("\n")
    folded = {index for fold in message.folds for index in range(fold.start, fold.end)}
    shown = "\n".join(text for index, text in enumerate(lines[:FOLD_OVER]) if index not in folded)
    return wanted.search(shown) is None and wanted.search(message.body) is not None


def _in_fold(message: Message, index: int) -> bool:
    return any(fold.start <= index < fold.end for fold in message.folds)


def _below(message: Message, look: Look) -> Iterator[tuple[tuple[str, str], ...]]:
    room = look.width - 4
    if message.links:
        masks = disguised(message.body, message.links)
        shown = message.links if look.unfolded else message.links[:8]
        yield ()
        for number, link in enumerate(shown, 1):
            mark = f"[{number}] "
            said = f"  ! written as {shorten(one_line(masks[number][0]), 40)}" if number in masks else ""
            left = max(room - len(mark) - cells(said), 12)
            yield ((mark, "dim"), (shorten(link, left), "link"), *(((said, "warn"),) if said else ()))
        if len(shown) < len(message.links):
            yield ((f"⋯ {len(message.links) - len(shown)} more links ({key_glyph(look.keys.fold)})", "quote"),)
    if message.attachments:
        yield ()
        for number, file in enumerate(message.attachments, 1):
            yield _attachment(number, file, room)
    for recipient in message.recipients:
        told = " ".join(p for p in (recipient.address, recipient.action, recipient.status, recipient.diagnostic) if p)
        yield ((shorten(told, room), "bad"),)
    if message.direction == "out":
        yield from _delivery(message, look, room)


def _attachment(number: int, file: Attachment, room: int) -> tuple[tuple[str, str], ...]:
    about = f"{shorten(file.media_type, 40)}, {size_words(file.size)}{', in the text' if file.inline else ''}"
    name = shorten(file.name or "(no name)", max(room - cells(about) - 6, room // 2, 8))
    return (
        (f"+{number} ", "dim"),
        (name, "link"),
        ("  ", "dim"),
        (shorten(about, max(room - cells(name) - 6, 0)), "dim"),
    )


def _delivery(message: Message, look: Look, room: int) -> Iterator[tuple[tuple[str, str], ...]]:
    item = look.outbox
    state = item.state if item is not None else message.outbox_state
    undo, outbox = key_glyph(look.keys.undo), key_glyph(look.keys.outbox)
    if state is None or state in ("sent", "delivered", "read"):
        if state is not None:
            filing = " · the copy in Sent is still to be filed" if item and item.filing in ("pending", "failed") else ""
            yield ((shorten(f"✓ {state}{filing}", room), "good"),)
        return
    error = f": {one_line(item.error)}" if item is not None and item.error else ""
    if state == "held":
        if item is not None and item.attempts:
            said, ink = (
                f"not sent yet, tried {item.attempts}×, next at {stamp(item.next_attempt_at, look.now)}{error}",
                "warn",
            )
        elif item is not None and put_off(item):
            goes = stamp(item.hold_until, look.now)
            back = f" — {outbox} takes it back" if look.mine else ""
            said, ink = f"goes out at {goes}, unless they write before{back}", "accent"
        elif item is not None and (left := seconds_left(item.hold_until, look.now)):
            said, ink = f"sending in {left} s{f' — {undo} takes it back' if look.mine else ''}", "accent"
        else:
            said, ink = "sending…", "accent"
    elif state == "sending":
        said, ink = "sending…", "accent"
    elif state == "cancelled":
        said, ink = "taken back; it was not sent", "dim"
    elif state == "unknown":
        said, ink = (
            f"UNCERTAIN: it may or may not have arrived{error} — ask, or {outbox} to decide",
            "alarm",
        )
    else:
        said, ink = f"{state.upper()}{error} — {outbox} shows what can be done", "alarm"
    for part in wrap(said, room):
        yield ((part, ink),)
