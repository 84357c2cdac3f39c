"""Customers in words and lines: whatever stands in a field, and whatever a rep types."""

from __future__ import annotations

from datetime import timedelta, timezone

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from desk.clock import MINUTE
from desk.model import (
    Chapter,
    Conversation,
    Customer,
    CustomerEdit,
    CustomerSummary,
    Identity,
    Likeness,
    LookupResult,
    LookupRow,
)
from screens.customers.card import Card, items, lookup_lines, parts
from screens.customers.fields import near_zones, zone_of
from screens.customers.given import NotUnderstood, person_of, tags_of, taken_away, understand
from screens.customers.merging import merge_lines
from screens.customers.rows import paint_person, person
from screens.customers.words import answered, local_time, phone
from screens.render import cells
from tests.screens.test_any_text import NOW, PLAIN_INKS, harmless, texts

identities = st.builds(Identity, kind=st.sampled_from(["email", "phone", "visitor"]), value=texts, name=texts)
customers = st.builds(
    Customer,
    id=st.integers(1, 9),
    name=texts,
    identities=st.lists(identities, max_size=4).map(tuple),
    notes=texts,
    attributes=st.dictionaries(texts, texts, max_size=3),
    first_seen_at=st.integers(0, NOW),
    address=texts,
    tags=st.lists(texts, max_size=3).map(tuple),
    zone=st.sampled_from(["", "Europe/Berlin", "Asia/Tokyo"]) | texts,
    language=st.sampled_from(["", "de-AT"]) | texts,
)
conversations = st.builds(
    Conversation,
    id=st.integers(1, 99),
    subject=texts,
    customer_id=st.just(1),
    state=st.sampled_from(["open", "waiting", "snoozed", "resolved", "spam"]),
    last_at=st.integers(0, NOW),
)
chapters = st.builds(
    Chapter,
    conversation=conversations,
    asked_at=st.none() | st.integers(0, NOW),
    answered_at=st.none() | st.integers(0, NOW),
)
summaries = st.builds(
    CustomerSummary,
    customer=customers,
    conversations=st.dictionaries(st.sampled_from(["open", "resolved"]), st.integers(0, 9**9)),
    messages_in=st.integers(0, 9**9),
)
results = st.builds(
    LookupResult,
    name=texts,
    rows=st.lists(st.builds(LookupRow, label=texts, value=texts), max_size=3).map(tuple),
    error=texts,
)
cards = st.builds(
    Card,
    summary=summaries,
    chapters=st.lists(chapters, max_size=3).map(tuple),
    alike=st.lists(
        st.builds(Likeness, customer=customers, score=st.just(90.0), reasons=st.lists(texts, max_size=2).map(tuple)),
        max_size=2,
    ).map(tuple),
    lookups=st.lists(st.tuples(texts, st.none() | results), max_size=2).map(tuple),
)


@settings(max_examples=60, deadline=None)
@given(cards, st.integers(4, 130))
def test_any_text_in_any_field_is_shown_and_obeyed_by_nobody(card: Card, width: int) -> None:
    made = items(card, width, NOW)
    harmless([line for item in made for line in item.lines], width)
    assert all(made[index].key is not None for index in parts(made))
    assert all(line.spans[0][0].startswith(" ") for item in made if item.key for line in item.lines), "room for a mark"


@settings(max_examples=40, deadline=None)
@given(summaries, summaries, st.lists(texts, max_size=2), results, st.integers(12, 130))
def test_so_it_is_in_previews_and_lists(
    one: CustomerSummary, other: CustomerSummary, why: list[str], result: LookupResult, width: int
) -> None:
    harmless(merge_lines(one, other, why, width), width)
    harmless(lookup_lines(result, width, NOW), width)
    painted = paint_person(person(one.customer), width, PLAIN_INKS, "")
    assert cells("".join(segment.text for segment in painted)) == width
    assert "\x1b" not in "".join(segment.text for segment in painted)


@settings(max_examples=60, deadline=None)
@given(texts, customers)
def test_whatever_is_typed_is_understood_or_not(text: str, customer: Customer) -> None:
    for read in (understand, person_of, tags_of):
        try:
            assert read(text) != CustomerEdit()
        except NotUnderstood:
            continue
    taken_away(customer, text)
    near_zones(text)


def test_phones_as_they_are_written_in_their_country() -> None:
    assert phone("+493023125417") == ("+49 30 23125417", "Germany")
    assert phone("03023125417", "de-DE") == ("+49 30 23125417", "Germany")
    assert phone("03023125417") == ("03023125417", "")
    assert phone("visitor") == ("visitor", "")


@pytest.mark.parametrize(
    ("zone", "hours", "said"),
    [
        ("Asia/Tokyo", 0, "09:00, +9 h"),
        ("America/Los_Angeles", 0, "16:00 yesterday, -8 h"),
        ("Asia/Tokyo", -8, "09:00 tomorrow, +17 h"),
        ("Asia/Kolkata", 1, "05:30, +4:30 h"),
        ("Europe/Berlin", 1, "01:00"),
        ("Mars/Olympus", 0, ""),
        ("", 0, ""),
    ],
)
def test_what_time_it_is_there(zone: str, hours: int, said: str) -> None:
    assert local_time(zone, NOW, timezone(timedelta(hours=hours))) == said


def test_how_fast_we_were() -> None:
    def chapter(asked: int | None, answer: int | None, state: str = "open") -> Chapter:
        row = Conversation(id=1, subject="x", customer_id=1, state=state)  # type: ignore[arg-type]
        return Chapter(conversation=row, asked_at=asked, answered_at=answer)

    assert answered(chapter(None, None)) == ""
    assert answered(chapter(0, None)) == "no answer yet"
    assert answered(chapter(0, None, "resolved")) == "never answered"
    assert answered(chapter(0, 5 * MINUTE)) == "answered in 5m"
    assert answered(chapter(0, 10)) == "answered at once"


def test_what_is_added_and_taken_away() -> None:
    assert understand("+49 30 / 123-45").add == (Identity(kind="phone", value="+49 30 / 123-45"),)
    assert understand("Ada <ada@x.example>").add == (Identity(kind="email", value="ada@x.example", name="Ada"),)
    assert understand("#vip #press").add_tags == ("vip", "press")
    assert understand("shoe size: 42").attributes == {"shoe size": "42"}
    with pytest.raises(NotUnderstood):
        understand("just words")
    ada = Customer(
        name="Ada",
        identities=(Identity(kind="email", value="ada@x.example"), Identity(kind="phone", value="+493012345")),
        tags=("VIP",),
        attributes={"Size": "42"},
    )
    assert taken_away(ada, "ADA@x.example") == CustomerEdit(remove=(ada.identities[0],))
    assert taken_away(ada, "+49 30 12345") == CustomerEdit(remove=(ada.identities[1],))
    assert taken_away(ada, "#vip") == CustomerEdit(remove_tags=("VIP",))
    assert taken_away(ada, "size") == CustomerEdit(attributes={"Size": None})
    assert taken_away(ada, "nothing of it") is None


def test_a_zone_by_its_city() -> None:
    assert zone_of("tokyo") == "Asia/Tokyo"
    assert zone_of("europe/berlin") == "Europe/Berlin"
    assert zone_of("new york") == "America/New_York"
    assert zone_of("europe") == ""
