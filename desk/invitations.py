"""When visitors are invited to chat: rules of `desk.toml`, and what is known of somebody on a page.

A rule fits when everything it names does. `due` says so, or in how long it would if they only stayed where they are.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from datetime import datetime

from msgspec import Struct

from desk.articles.pages import check_pattern, fits
from desk.clock import SECOND, Millis
from desk.hours import DAYS, Period, periods

TEXT_AT_MOST = 300
_DAYS = tuple(day[:3] for day in DAYS)
_SPAN = re.compile(r"(?:(?P<first>[a-z]{3})(?:-(?P<last>[a-z]{3}))?\s+)?(?P<period>\d{1,2}:\d\d\s*[-–]\s*\d{1,2}:\d\d)")


class Rule(Struct, frozen=True, kw_only=True):
    """`[invitations.NAME]`; what is empty or zero does not matter to it."""

    name: str
    text: str
    """What the visitor is asked with; the first words of the chat if they say yes."""
    texts: Mapping[str, str] = {}
    """The same in other languages, by tag."""
    sites: tuple[str, ...] = ()
    pages: tuple[str, ...] = ()
    referrers: tuple[str, ...] = ()
    seconds: float = 0
    seen: int = 0
    idle_seconds: float = 0
    cart: float = 0
    returning: bool | None = None
    hours: str = ""


class Facts(Struct, frozen=True, kw_only=True):
    """A visitor on a page at this moment."""

    site: str = ""
    page: str = ""
    """Host and path, as `desk.articles.pages.page_of` has them."""
    referrer: str = ""
    """What led them to the site; likewise."""
    lasted: Millis = 0
    """For how long the page has been before their eyes."""
    idle: Millis = 0
    """For how long they have not moved."""
    seen: int = 1
    """Pages in this visit."""
    cart: float | None = None
    returning: bool = False
    """They were here before this visit."""
    at: datetime = datetime.min
    """By the clock on the wall where `[hours]` are meant."""


def due(rule: Rule, facts: Facts) -> Millis | None:
    """0 if the rule fits now; in how long it will if nothing but time goes by; None if time alone does not do it."""
    if not (
        (not rule.sites or facts.site in rule.sites)
        and (not rule.pages or fits(rule.pages, facts.page))
        and (not rule.referrers or fits(rule.referrers, facts.referrer))
        and facts.seen >= rule.seen
        and (not rule.cart or (facts.cart or 0) >= rule.cart)
        and rule.returning in (None, facts.returning)
        and within(rule.hours, facts.at)
    ):
        return None
    return max(0, round(rule.seconds * SECOND) - facts.lasted, round(rule.idle_seconds * SECOND) - facts.idle)


def chosen(rules: Iterable[Rule], facts: Facts) -> Rule | None:
    """The first rule that fits."""
    return next((rule for rule in rules if due(rule, facts) == 0), None)


def soonest(rules: Iterable[Rule], facts: Facts) -> Millis | None:
    """In how long the first of them fits that needs nothing but time."""
    return min((wait for rule in rules if (wait := due(rule, facts)) is not None), default=None)


def words(rule: Rule, language: str) -> str:
    """What a visitor of that language is asked with: `pt-BR`, else `pt`, else what everybody is."""
    known = {tag.casefold(): text for tag, text in rule.texts.items()}
    tag = language.casefold()
    return known.get(tag) or known.get(tag.partition("-")[0]) or rule.text


def within(hours: str, at: datetime) -> bool:
    """Whether it is one of these hours, such as `mon-fri 09:00-18:00, sat 10:00-14:00`; always if there are none."""
    if not hours.strip():
        return True
    minute = at.hour * 60 + at.minute
    return any(
        at.weekday() in days and period.begin <= minute < period.end
        for days, period in map(_span, hours.lower().split(","))
    )


def _span(text: str) -> tuple[frozenset[int], Period]:
    """Days of the week from Monday, and a period of each. Raises ValueError."""
    match = _SPAN.fullmatch(text.strip())
    if match is None:
        raise ValueError(f'{text.strip()!r} are no hours; write them like "mon-fri 09:00-18:00, sat 10:00-14:00"')
    first, last = match["first"] or "mon", match["last"] or match["first"] or "sun"
    if wrong := next((day for day in (first, last) if day not in _DAYS), ""):
        raise ValueError(f"{wrong!r} is no day; days are {', '.join(_DAYS)}")
    one, other = _DAYS.index(first), _DAYS.index(last)
    days = range(one, other + 1) if one <= other else (*range(one, 7), *range(other + 1))
    return frozenset(days), periods(match["period"])[0]


def wrong(rule: Rule) -> tuple[str, str] | None:
    """The key of a rule that cannot be, and what to do about it; None if all is well."""
    for tag, text in (("text", rule.text), *(("texts", each) for each in rule.texts.values())):
        if not text.strip() or len(text) > TEXT_AT_MOST:
            return tag, f"an invitation has 1 to {TEXT_AT_MOST} characters"
    for key, patterns in (("pages", rule.pages), ("referrers", rule.referrers)):
        if finding := next(filter(None, map(check_pattern, patterns)), ""):
            return key, finding
    try:
        within(rule.hours, datetime(2026, 1, 1))
    except ValueError as error:
        return "hours", str(error)
    return None
