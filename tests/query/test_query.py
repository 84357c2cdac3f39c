"""The search language: what text means, what it is refused with, and the way back to text."""

from __future__ import annotations

from datetime import datetime
from zoneinfo import ZoneInfo

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from desk.query import (
    EVERYTHING,
    FIELDS,
    All,
    AnyOf,
    Field,
    Not,
    Phrase,
    Prefix,
    Query,
    QueryError,
    Word,
    both,
    complete,
    fields_of,
    parse,
    render,
    word_at,
)
from desk.query.parse import TERMS_AT_MOST
from desk.text import clean

ZONE = ZoneInfo("Europe/Berlin")
NOW = int(datetime(2026, 11, 25, 14, 30, tzinfo=ZONE).timestamp() * 1000)
"""A Wednesday."""


def read(text: str) -> Query:
    return parse(text, now=NOW, zone=ZONE)


def at(*date: int) -> int:
    return int(datetime(*date, tzinfo=ZONE).timestamp() * 1000)  # type: ignore[misc, arg-type]


@pytest.mark.parametrize(
    ("text", "meant"),
    [
        ("", EVERYTHING),
        ("  ", EVERYTHING),
        ("()", EVERYTHING),
        ("kettle", Word("kettle")),
        ("kettle lid", All((Word("kettle"), Word("lid")))),
        ('"spare part"', Phrase("spare part")),
        ('"spare part', Phrase("spare part")),
        ('"spare pa"*', Prefix("spare pa")),
        ("kett*", Prefix("kett")),
        ("-lid", Not(Word("lid"))),
        ("from:Ada", Field("from", "Ada")),
        ('FROM:"Ada Byron"', Field("from", "Ada Byron")),
        ("-tag:old", Not(Field("tag", "old"))),
        ("not tag:old", Not(Field("tag", "old"))),
        ("not (a b)", Not(All((Word("a"), Word("b"))))),
        ("not working", All((Phrase("not"), Word("working")))),
        ("does it or", All((Word("does"), Word("it"), Phrase("or")))),
        ("or else", All((Phrase("or"), Word("else")))),
        ("a b or c", AnyOf((All((Word("a"), Word("b"))), Word("c")))),
        ("a (b OR c) d", All((Word("a"), AnyOf((Word("b"), Word("c"))), Word("d")))),
        ("a or b or c", AnyOf((Word("a"), Word("b"), Word("c")))),
        ("((a)) (b c)", All((Word("a"), Word("b"), Word("c")))),
        ("(a or b", AnyOf((Word("a"), Word("b")))),
        ("--a", Not(Not(Word("a")))),
        ("STATE:Open", Field("state", "open")),
        ("re: kettle", All((Phrase("re:"), Word("kettle")))),
        ("https://shop.example/x?y=1", Phrase("https://shop.example/x?y=1")),
        ("12:30", Phrase("12:30")),
        ("a-b", Word("a-b")),
        ("tag:ref*", Field("tag", "ref*")),
        ("is:Late", Field("is", "late", NOW)),
        ("is:due", Field("is", "due")),
        ("policy:[promises]", Field("policy", "[promises]")),
        ("customer:@shop.example", Field("customer", "@shop.example")),
        ("language:pt-BR", Field("language", "pt-br")),
        ("rating:<3", Field("rating", "<3")),
        ("*", EVERYTHING),
    ],
)
def test_means(text: str, meant: Query) -> None:
    assert read(text) == meant


@pytest.mark.parametrize(
    ("value", "moment"),
    [
        ("2026-11-01", at(2026, 11, 1)),
        ("2026-3-9", at(2026, 3, 9)),
        ("2026-07", at(2026, 7, 1)),
        ("2026-11-01T09:30", at(2026, 11, 1, 9, 30)),
        ('"2026-11-01 09:30"', at(2026, 11, 1, 9, 30)),
        ("today", at(2026, 11, 25)),
        ("Yesterday", at(2026, 11, 24)),
        ("monday", at(2026, 11, 23)),
        ("wednesday", at(2026, 11, 25)),
        ("thu", at(2026, 11, 19)),
        ("3d", NOW - 3 * 86_400_000),
        ("12h", NOW - 12 * 3_600_000),
        ("2w", NOW - 14 * 86_400_000),
    ],
)
def test_dates_are_instants_of_the_zone(value: str, moment: int) -> None:
    [field] = fields_of(read(f"after:{value}"))
    assert field.at == moment


def test_a_day_begins_at_midnight_also_where_the_clocks_change() -> None:
    october = int(datetime(2026, 10, 26, 12, tzinfo=ZONE).timestamp() * 1000)
    [sunday] = fields_of(parse("after:yesterday", now=october, zone=ZONE))
    [saturday] = fields_of(parse("after:saturday", now=october, zone=ZONE))
    assert sunday.at == at(2026, 10, 25)
    assert saturday.at == at(2026, 10, 24)


@pytest.mark.parametrize(
    ("text", "word", "advice"),
    [
        ("kettle tagg:old", "tagg:", "did you mean tag:?"),
        ("order:1234", "order:", 'write "order:1234"'),
        ("a state:opne", "opne", "did you mean state:open?"),
        ("is:attachment", "attachment", "did you mean has:attachment?"),
        ("is:waiting", "waiting", "did you mean state:waiting?"),
        ("state:open,waiting", "open,waiting", "(state:open or state:waiting)"),
        ("priority:blue", "blue", "one of low, normal, high, urgent"),
        ("rating:6", "6", "a number from 1 to 5, or <3"),
        ("rating:=3", "=3", "a number from 1 to 5, or <3"),
        ("is:overdue", "overdue", "is: is never overdue"),
        ("language:german", "german", "one like de or pt-BR"),
        ("from: ada", "from:", "such as from:ada@example.org"),
        ("x after:tomorrowish y", "tomorrowish", "write a date as 2026-11-01"),
        ("before:2026-13-01", "2026-13-01", "is no date"),
        ("a )", ")", "no ( before it"),
        ("(-)", "-", None),
        ('-""', "-", "Write a term behind it"),
    ],
)
def test_an_error_points_at_the_word_and_says_what_to_write(text: str, word: str, advice: str | None) -> None:
    if advice is None:
        read(text)
        return
    with pytest.raises(QueryError) as caught:
        read(text)
    assert text[caught.value.start : caught.value.end] == word
    assert advice in str(caught.value)


def test_a_query_has_limits() -> None:
    with pytest.raises(QueryError, match="nests too deep"):
        read("(" * 500 + "a")
    with pytest.raises(QueryError, match="nests too deep"):
        read("-" * 500 + "a")
    with pytest.raises(QueryError, match=f"at most {TERMS_AT_MOST}"):
        read("a " * (TERMS_AT_MOST + 1))


# --- the way back -----------------------------------------------------------------------------------------

anything = st.text(st.characters(codec="utf-8") | st.sampled_from('()"-*: orntag\x1b\u202e'), max_size=30)
pieces = st.lists(
    st.sampled_from(
        ["a", "or", "not", "(", ")", '"', "-", "*", ":", " ", "from:", "tag:x", "is:unread", "//", "after:3d", "é"]
    ),
    max_size=25,
).map("".join)


@given(st.one_of(anything, pieces))
@example("-(-a)")
@example('from:"//x"')
@example("a or (b or c) or not (d)")
def test_what_can_be_read_is_rendered_and_read_again_the_same(text: str) -> None:
    try:
        query = read(text)
    except QueryError as error:
        where = range(len(text) + 1)
        assert error.start in where  # noqa: PT017
        assert error.end in where  # noqa: PT017
        return
    rendered = render(query)
    assert read(rendered) == query
    assert render(read(rendered)) == rendered
    assert clean(rendered) == rendered


words = st.text(st.characters(categories=["L", "N"]), min_size=1, max_size=6).map(clean)
leaves = st.one_of(
    words.filter(lambda word: word.casefold() not in ("or", "not")).map(Word),
    words.map(Prefix),
    st.lists(words, min_size=1, max_size=3).map(lambda some: Phrase(" ".join(some))),
    words.map(lambda value: Field("from", value)),
    st.lists(words, min_size=2, max_size=2).map(lambda some: Field("tag", " ".join(some))),
    st.sampled_from(["open", "spam"]).map(lambda state: Field("state", state)),
)


def joined(kind: type[All] | type[AnyOf], parts: list[Query]) -> Query:
    flat = [part for one in parts for part in (one.of if isinstance(one, kind) else (one,))]
    return kind(tuple(flat)) if len(flat) > 1 else flat[0]


trees: st.SearchStrategy[Query] = st.recursive(
    leaves,
    lambda inner: st.one_of(
        inner.map(Not),
        st.lists(inner, min_size=1, max_size=3).map(lambda parts: joined(All, parts)),
        st.lists(inner, min_size=1, max_size=3).map(lambda parts: joined(AnyOf, parts)),
    ),
    max_leaves=12,
)


@given(trees)
def test_every_tree_has_a_text(query: Query) -> None:
    assert read(render(query)) == query


def test_both_is_one_conjunction() -> None:
    assert both(read("a b"), read("c or d")) == read("a b (c or d)")
    assert both(EVERYTHING, read("a")) == Word("a")
    assert both(EVERYTHING, EVERYTHING) == EVERYTHING


# --- completion -------------------------------------------------------------------------------------------

KNOWN = {"tag": ["refund", "gift refund", "old"], "assignee": ["mei"], "policy": ["gold"]}


@pytest.mark.parametrize(
    ("text", "offered"),
    [
        ("fr", ["from:"]),
        ("kettle ta", ["tag:"]),
        ("-ta", ["tag:"]),
        ("(st", ["state:"]),
        ("tag:ref", ["tag:refund", 'tag:"gift refund"']),
        ('tag:"gift', ['tag:"gift refund"']),
        ("is:un", ["is:unread", "is:unassigned"]),
        ("assignee:m", ["assignee:me", "assignee:mei"]),
        ("rat", ["rating:"]),
        ("rating:<", ["rating:<3"]),
        ("is:la", ["is:late"]),
        ("policy:", ["policy:[promises]", "policy:gold"]),
        ("after:y", ["after:yesterday", "after:today", "after:monday"]),
        ("nonsense:x", []),
        ('"quo', []),
    ],
)
def test_completion(text: str, offered: list[str]) -> None:
    assert complete(text, len(text), KNOWN) == offered


def test_completion_in_the_middle_and_of_nothing() -> None:
    assert complete("tag:ol kettle", 6, KNOWN) == ["tag:old"]
    assert word_at("a -tag:ol kettle", 9) == (3, 9)
    assert complete("", 0, {}) == [f"{name}:" for name in FIELDS]
    assert complete("tag:", 4, KNOWN) == ["tag:refund", "tag:gift refund".replace(":", ':"') + '"', "tag:old"]


@given(st.one_of(anything, pieces), st.integers(0, 40))
def test_completions_can_be_typed(text: str, cursor: int) -> None:
    for offer in complete(text, min(cursor, len(text)), KNOWN):
        if not offer.endswith(":"):
            read(offer)
