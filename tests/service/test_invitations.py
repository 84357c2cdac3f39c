"""When visitors are invited: rules are pure, fit only if all of them does, and tell when they will."""

from __future__ import annotations

from datetime import datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from desk.invitations import Facts, Rule, chosen, due, soonest, within, words, wrong
from tests.service.world import often

PAGES = ("shop.example/", "shop.example/checkout", "shop.example/checkout/pay", "other.example/checkout")
PATTERNS = ("/checkout*", "/", "shop.example/*", "*pay")
times = st.integers(0, 120).map(lambda seconds: seconds * 1_000)
facts = st.builds(
    Facts,
    site=st.sampled_from(("shop", "other")),
    page=st.sampled_from(PAGES),
    referrer=st.sampled_from(("", *PAGES)),
    lasted=times,
    idle=times,
    seen=st.integers(1, 5),
    cart=st.none() | st.floats(0, 500),
    returning=st.booleans(),
    at=st.datetimes(datetime(2026, 1, 1), datetime(2026, 12, 31)),
)
rules = st.builds(
    Rule,
    name=st.sampled_from("abc"),
    text=st.just("Hello"),
    sites=st.sampled_from(((), ("shop",), ("shop", "other"))),
    pages=st.lists(st.sampled_from(PATTERNS), max_size=2).map(tuple),
    referrers=st.lists(st.sampled_from(PATTERNS), max_size=2).map(tuple),
    seconds=st.integers(0, 120),
    seen=st.integers(0, 5),
    idle_seconds=st.integers(0, 120),
    cart=st.integers(0, 500),
    returning=st.none() | st.booleans(),
    hours=st.sampled_from(("", "mon-fri 09:00-18:00", "sat 10:00-14:00", "0:00-24:00")),
)


@given(rule=rules, here=facts)
@often(300)
def test_a_rule_fits_when_all_it_names_does(rule: Rule, here: Facts) -> None:
    if due(rule, here) == 0:
        assert here.lasted >= rule.seconds * 1_000
        assert here.idle >= rule.idle_seconds * 1_000
        assert here.seen >= rule.seen
        assert not rule.cart or (here.cart or 0) >= rule.cart
        assert rule.returning in (None, here.returning)
        assert not rule.sites or here.site in rule.sites
        assert within(rule.hours, here.at)


@given(rule=rules, here=facts)
@often(300)
def test_what_is_due_comes_by_time_alone_and_not_sooner(rule: Rule, here: Facts) -> None:
    wait = due(rule, here)
    if wait:
        later = replace(here, lasted=here.lasted + wait, idle=here.idle + wait)
        assert due(rule, later) == 0
        sooner = replace(here, lasted=here.lasted + wait - 1, idle=here.idle + wait - 1)
        assert due(rule, sooner) == 1


@given(rule=rules, here=facts, more=rules)
@often(300)
def test_who_names_more_fits_no_more_often(rule: Rule, here: Facts, more: Rule) -> None:
    for key in ("sites", "pages", "referrers", "seconds", "seen", "idle_seconds", "cart", "returning", "hours"):
        stricter = replace(Rule(name="x", text="Hello"), **{key: getattr(more, key)})
        if due(stricter, here) != 0:
            both = replace(rule, **{key: getattr(more, key)})
            assert due(both, here) != 0


@given(all_of_them=st.lists(rules, max_size=4), here=facts)
@often(200)
def test_the_first_that_fits_is_chosen(all_of_them: list[Rule], here: Facts) -> None:
    found = chosen(all_of_them, here)
    fitting = [rule for rule in all_of_them if due(rule, here) == 0]
    assert found is (fitting[0] if fitting else None)
    assert (soonest(all_of_them, here) == 0) is bool(fitting)


@pytest.mark.parametrize(
    ("hours", "at", "expected"),
    [
        ("", "2026-11-22 03:00", True),
        ("mon-fri 09:00-18:00", "2026-11-23 09:00", True),
        ("mon-fri 09:00-18:00", "2026-11-23 18:00", False),
        ("mon-fri 09:00-18:00, sat 10:00-14:00", "2026-11-21 13:59", True),
        ("sat-mon 22:00-24:00", "2026-11-22 23:59", True),
        ("9:00-10:00", "2026-11-22 09:30", True),
    ],
)
def test_hours(hours: str, at: str, expected: bool) -> None:
    assert within(hours, datetime.fromisoformat(at)) is expected


@pytest.mark.parametrize(
    ("change", "key"),
    [
        ({"text": " "}, "text"),
        ({"texts": {"de": "x" * 301}}, "texts"),
        ({"pages": ("/a?b",)}, "pages"),
        ({"referrers": ("search",)}, "referrers"),
        ({"hours": "funday 9:00-10:00"}, "hours"),
        ({"hours": "9-10"}, "hours"),
        ({"hours": "18:00-09:00"}, "hours"),
    ],
)
def test_what_cannot_be_is_told(change: dict[str, object], key: str) -> None:
    finding = wrong(replace(Rule(name="a", text="Hello"), **change))
    assert finding is not None
    assert finding[0] == key
    assert wrong(Rule(name="a", text="Hello", pages=("/checkout*",), hours="mon 9:00-10:00")) is None


def test_each_is_asked_in_their_language() -> None:
    rule = Rule(name="a", text="Hello", texts={"de": "Hallo", "pt-BR": "Olá"})
    said = [words(rule, tag) for tag in ("de-AT", "DE", "pt-BR", "pt", "fr", "")]
    assert said == ["Hallo", "Hallo", "Olá", "Hello", "Hello", "Hello"]
