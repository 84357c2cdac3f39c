"""Any text in any field of a conversation: it is shown, in lines of the width there is, and nothing in it is obeyed."""

from __future__ import annotations

import unicodedata
from collections.abc import Sequence
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st
from rich.style import Style

from desk.keymap import Keymap
from desk.model import (
    Address,
    Attachment,
    Conversation,
    Fold,
    HeaderField,
    LedgerEntry,
    Message,
    OutboxItem,
    Presence,
    Recipient,
)
from desk.saving import safe_name
from screens.heading import company
from screens.links import link_lines, target
from screens.moving import conversation_lines, merge_lines, move_lines
from screens.outside import warnings
from screens.parts import file_lines, header_lines, source_lines
from screens.render import cells
from screens.transcript import Look, event_lines, message_lines, new_line
from screens.why import why_lines
from screens.widgets.ink import Inks
from screens.widgets.lines import Line

NOW = 1_767_225_600_000
PLAIN_INKS = Inks(lambda name: Style())
KEYMAP = Keymap()

ODD = (
    "\x1b\x9b\x07\x00\x7f\r\n\t\u202e\u2066\u2069\u200d\u200b\ufe0f\u0301\u0338\ud800"
    "漢한ｶﾅ👩🏽🇩🇪🏴é\u05d0\u0627\u0e33\u1100\ufdfd[]/@>=%"
)
PIECES = ("👩\u200d👩\u200d👧", "a\u0301\u0302", "\x1b]0;x\x07", "\x1b[2J", "> quoted\n", "-- \n", "שלום עולם", "[/b]")
texts = st.lists(st.characters() | st.sampled_from(ODD) | st.sampled_from(PIECES), max_size=50).map("".join)
ROOMY = 60
"""Columns of the narrowest pane there is; from there on nothing is cut off unseen."""
widths = st.integers(12, 130)
addresses = st.builds(Address, email=texts, name=texts)
some = st.lists(addresses, max_size=8).map(tuple)


def harmless(lines: Sequence[Line], width: int) -> None:
    """Each line is exactly as wide as the screen and holds nothing that a terminal obeys."""
    for line in lines:
        painted = line.paint(width, PLAIN_INKS)
        said = "".join(segment.text for segment in painted)
        assert painted.cell_length == width == cells(said)
        assert width < ROOMY or sum(cells(text) for text, _ in line.spans) <= width, line
        bad = [char for char in said if unicodedata.category(char) in ("Cc", "Cf", "Cs", "Zl", "Zp")]
        assert not bad, bad


@st.composite
def messages(draw: st.DrawFn) -> Message:
    lines = draw(st.integers(0, 6))
    body = "\n".join(draw(texts) for _ in range(lines))
    folds = [
        Fold(kind=draw(st.sampled_from(["quote", "signature"])), start=start, end=start + draw(st.integers(0, 4)))
        for start in draw(st.lists(st.integers(0, 8), max_size=3))
    ]
    files = st.builds(
        Attachment, name=texts, media_type=texts, size=st.integers(0, 1 << 50), sha256=texts, inline=st.booleans()
    )
    return Message(
        conversation_id=1,
        direction=draw(st.sampled_from(["in", "out", "note", "event"])),
        kind=draw(st.sampled_from(["message", "auto", "bounce", "calendar"])),
        agent_name=draw(st.none() | texts),
        sender=draw(st.none() | addresses),
        to=draw(some),
        cc=draw(some),
        subject=draw(texts),
        body=body,
        folds=tuple(folds),
        links=tuple(draw(st.lists(texts, max_size=10))),
        attachments=tuple(draw(st.lists(files, max_size=3))),
        rfc_message_id=draw(texts),
        in_reply_to=draw(texts),
        rule=draw(st.sampled_from(["token", "references", "subject", "bounce", "new", "outbound", "moved"])),
        rule_detail=draw(texts),
        third_party=draw(st.booleans()),
        recipients=tuple(draw(st.lists(st.builds(Recipient, address=texts, diagnostic=texts), max_size=2))),
        at=draw(st.integers(0, NOW)),
        outbox_state=draw(st.none() | st.sampled_from(["held", "sending", "sent", "failed", "bounced", "unknown"])),
    )


@st.composite
def looks(draw: st.DrawFn) -> Look:
    item = OutboxItem(
        message_id=1,
        conversation_id=1,
        account="shop",
        rfc_message_id="x",
        state=draw(st.sampled_from(["held", "failed", "unknown", "sent"])),
        error=draw(texts),
        attempts=draw(st.integers(0, 3)),
    )
    return Look(
        width=draw(widths),
        now=NOW,
        unfolded=draw(st.booleans()),
        selected=draw(st.booleans()),
        outbox=draw(st.none() | st.just(item)),
    )


@settings(max_examples=60, deadline=None)
@given(messages(), looks())
def test_messages(message: Message, look: Look) -> None:
    harmless(message_lines(message, look), look.width)


@settings(max_examples=60, deadline=None)
@given(st.lists(messages(), min_size=1, max_size=5), looks())
def test_joined_events(events: list[Message], look: Look) -> None:
    harmless(event_lines(events, look), look.width)
    harmless([new_line(look.width)], look.width)


@settings(max_examples=60, deadline=None)
@given(messages(), texts, texts, texts, widths)
def test_why(message: Message, account: str, external: str, reason: str, width: int) -> None:
    entry = LedgerEntry(at=NOW, account=account, external_id=external, outcome="stored", reason=reason)
    harmless(why_lines(message, [entry], KEYMAP, width), width)


@settings(max_examples=60, deadline=None)
@given(st.one_of(texts, texts.map("https://{}".format), texts.map("mailto:{}".format)), widths)
def test_links(link: str, width: int) -> None:
    where = target(link)
    assert bool(where.url) != bool(where.refused)
    assert where.url.isascii()
    assert not where.url or where.url.startswith(("http://", "https://", "mailto:"))
    harmless(link_lines(link, where, width), width)


@settings(max_examples=60, deadline=None)
@given(texts, texts, st.binary(max_size=8), widths)
def test_files(name: str, media_type: str, data: bytes, width: int) -> None:
    file = Attachment(name=name, media_type=media_type, size=1, sha256="x")
    safe = safe_name(name)
    assert safe
    assert "/" not in safe
    assert not safe.startswith(".")
    assert len(safe.encode()) <= 255
    harmless(file_lines(file, safe, warnings(safe, data), width), width)


@settings(max_examples=60, deadline=None)
@given(st.lists(st.tuples(texts, texts, texts), max_size=4), texts, st.booleans(), widths)
def test_header_and_source(fields: list[tuple[str, str, str]], source: str, more: bool, width: int) -> None:
    given_fields = [HeaderField(name=name, value=value, raw=raw) for name, value, raw in fields]
    harmless(header_lines(given_fields, width), width)
    harmless(source_lines(source, more, width), width)


@settings(max_examples=60, deadline=None)
@given(texts, texts, texts, st.integers(0, 5000), widths)
def test_what_is_picked_from(subject: str, name: str, snippet: str, count: int, width: int) -> None:
    row = Conversation(id=7, subject=subject, customer_id=1, customer_name=name, snippet=snippet, messages=count)
    lines: list[Any] = [*conversation_lines(row, NOW, width), *merge_lines(width), *move_lines(width)]
    for line in lines:
        assert line.paint(width, PLAIN_INKS).cell_length == width


@given(st.lists(texts, max_size=5), st.integers(1, 60))
def test_company(names: list[str], width: int) -> None:
    others = [
        Presence(conversation_id=1, agent_id=n, agent_name=name, doing="viewing" if n % 2 else "replying", since=0)
        for n, name in enumerate(names)
    ]
    told = company(others, width)
    assert told is None or cells(told[0]) <= width
