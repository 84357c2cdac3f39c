"""A row of the list is exactly as wide as it should be, and steers no terminal, whatever stands in it."""

from __future__ import annotations

from typing import get_args
from unicodedata import category

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from rich.style import Style

from desk.model import Conversation, Priority, State
from screens.rows import ConversationRow, Look, columns
from screens.widgets.ink import Inks

INKS = Inks(lambda _: Style())
AWKWARD = st.sampled_from(
    ["佐藤 遥", "👩‍👩‍👧‍👦 family", "e\u0301\u0301\u0301a\u0308", "שלום עולם", "مرحبا", "\x1b[31mred", "\u202egnp.exe",
     "🇩🇪🇫🇷", "👍🏽", "a\u200bb", "한국어ᅟ", "x\x00y", "[b]no markup[/b]", "‼️ ✎ ■", "\x9b2J", "\n\t line"]
)  # fmt: skip
TEXT = st.one_of(st.text(max_size=40), AWKWARD, st.lists(AWKWARD, max_size=4).map("".join))
TIME = st.integers(0, 4_000_000_000_000)
ROW = st.builds(
    Conversation,
    id=st.integers(1, 9),
    subject=TEXT,
    state=st.sampled_from(get_args(State)),
    priority=st.sampled_from(get_args(Priority)),
    customer_id=st.just(1),
    customer_name=TEXT,
    customer_address=TEXT,
    assignee_name=st.none() | TEXT,
    queue_name=st.none() | TEXT,
    tags=st.lists(TEXT, max_size=6).map(tuple),
    snippet=TEXT,
    messages=st.integers(0, 100_000),
    has_attachments=st.booleans(),
    third_party=st.booleans(),
    unread=st.booleans(),
    mentioned=st.booleans(),
    due_at=st.none() | TIME,
    last_at=TIME,
)
LOOK = st.builds(Look, *[st.booleans()] * 5)


@settings(max_examples=400, deadline=None)
@given(ROW, LOOK, st.integers(24, 260), st.booleans(), st.booleans())
def test_any_text_in_any_field_keeps_the_columns(
    row: Conversation, look: Look, width: int, on: bool, with_customer: bool
) -> None:
    paint = ConversationRow(lambda: 1_800_000_000_000, lambda _: look, with_customer=with_customer)
    line = paint(row, width, INKS, "cursor" if on else "")
    text = line.text
    assert line.cell_length == width
    assert not {category(char) for char in text} & {"Cc", "Cs", "Cf", "Zl", "Zp"}, repr(text)


@pytest.mark.parametrize("width", [80, 120, 200, 250])
def test_columns_stand_below_each_other(width: int) -> None:
    paint = ConversationRow(lambda: 1_800_000_000_000)
    plain = Conversation(id=1, subject="a", customer_id=1, customer_name="Ann", assignee_name="Zoë", last_at=0)
    wide = Conversation(
        id=2,
        subject="ハンドルの関税について" * 8,
        customer_id=1,
        customer_name="👩‍👩‍👧‍👦佐藤 遥 e\u0301\u0301",
        assignee_name="Zoë",
        tags=("שלום", "עולם"),
        messages=12,
        last_at=0,
    )
    spans = [paint.spans(row, width, cursor=False) for row in (plain, wide)]
    tails = ["".join(text for text, _ in each)[-(columns(width).due + columns(width).assignee + 2) :] for each in spans]
    assert tails[0] == tails[1]
    assert "Zoë" in tails[0]


def test_marks_tell_what_is_the_matter() -> None:
    row = Conversation(id=1, subject="s", customer_id=1, unread=True, mentioned=True, third_party=True)
    paint = ConversationRow(lambda: 0, lambda _: Look(True, True, True, True))
    text = "".join(text for text, _ in paint.spans(row, 80, cursor=True))
    assert text.startswith("▌■●")
    assert " !✎»@?" in text
    unread = ConversationRow(lambda: 0).spans(row, 80, cursor=False)
    assert ("•", "accent") in unread
    assert ("s", "strong") in unread


def test_the_narrower_the_less_of_it() -> None:
    told = [sum(1 for cells in columns(width) if cells) for width in (30, 60, 80, 110)]
    assert told == sorted(told)
