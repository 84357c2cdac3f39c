"""What is known of a customer, in people's words: phone numbers, the time where they are, how fast we answered."""

from __future__ import annotations

from datetime import datetime, tzinfo
from functools import lru_cache
from typing import NamedTuple
from zoneinfo import ZoneInfo

from desk.clock import Millis
from desk.model import Chapter, CustomerSummary
from screens.times import span

_DAYS = {-1: "yesterday", 0: "", 1: "tomorrow"}


class Phone(NamedTuple):
    """A phone number as it is written in its country."""

    text: str
    country: str
    """Its name, '' if the number does not tell."""


@lru_cache(maxsize=512)
def phone(value: str, language: str = "") -> Phone:
    """A number as people write it. One without `+` is taken for one of the language's country, as in `de-AT`.

    The first call loads the plan of all countries' numbers, which takes a tenth of a second.
    """
    import phonenumbers

    region = next((part for part in language.split("-")[1:] if len(part) == 2 and part.isalpha()), None)
    try:
        number = phonenumbers.parse(value, region.upper() if region else None)
    except phonenumbers.NumberParseException:
        return Phone(value, "")
    if not phonenumbers.is_possible_number(number):
        return Phone(value, "")
    known = phonenumbers.region_code_for_number(number)
    code = known or phonenumbers.region_code_for_country_code(number.country_code or 0)
    text = phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.INTERNATIONAL)
    return Phone(text, _country(code) if code and code.isalpha() and code != "ZZ" else "")


@lru_cache(maxsize=256)
def _country(code: str) -> str:
    from babel import Locale

    return str(Locale("en").territories.get(code, code))


def local_time(zone: str, now: Millis, here: tzinfo | None = None) -> str:
    """The time there, such as `02:05 tomorrow, +8 h`; '' for a zone nobody knows. `here`: this machine's if None."""
    there_zone = _zone(zone)
    if there_zone is None:
        return ""
    at = now / 1000
    there = datetime.fromtimestamp(at, there_zone)
    ours = datetime.fromtimestamp(at, here) if here is not None else datetime.fromtimestamp(at).astimezone()
    ahead = (there.utcoffset() or ours - ours) - (ours.utcoffset() or ours - ours)
    minutes = round(ahead.total_seconds() / 60)
    day = _DAYS.get((there.date() - ours.date()).days, "")
    apart = f", {_hours(minutes)}" if minutes else ""
    return f"{there:%H:%M}{f' {day}' if day else ''}{apart}"


def _hours(minutes: int) -> str:
    sign, (hours, rest) = ("-" if minutes < 0 else "+"), divmod(abs(minutes), 60)
    return f"{sign}{hours}{f':{rest:02}' if rest else ''} h"


@lru_cache(maxsize=64)
def _zone(name: str) -> ZoneInfo | None:
    try:
        return ZoneInfo(name) if name else None
    except (OSError, ValueError, KeyError):
        return None


def counts(summary: CustomerSummary) -> str:
    """How much there was: `3 conversations, 1 open · 12 in, 8 out`."""
    total = sum(summary.conversations.values())
    lively = summary.conversations.get("open", 0)
    said = f"{total:,} conversation{'' if total == 1 else 's'}"
    return f"{said}{f', {lively:,} open' if lively else ''} · {summary.messages_in:,} in, {summary.messages_out:,} out"


def answered(chapter: Chapter) -> str:
    """How fast the customer had the first answer; '' where they asked nothing."""
    if chapter.asked_at is None:
        return ""
    length = chapter.answer_ms
    if length is None:
        return "no answer yet" if chapter.conversation.state in ("open", "waiting", "snoozed") else "never answered"
    short = span(length)
    return "answered at once" if short == "now" else f"answered in {short}"
