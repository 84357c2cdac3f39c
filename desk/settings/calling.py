"""What can be set of business hours, of calling customers back, and of missed calls that come as mail."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from desk.clock import MINUTE
from desk.hours import DAYS, USUAL_WEEK, Hours, hours
from desk.missed import Rule
from desk.settings.field import define as _field
from desk.settings.words import CallbackSettings, duration
from desk.zones import local_zone

HOURS = (
    _field("hours.zone", "zone", "", "where these times are meant, such as `Europe/Berlin`", shown="this machine's"),
    *(
        _field(f"hours.{day}", "periods", USUAL_WEEK.get(day, ""),
               'when somebody is there: `"9:00-12:30, 13:30-18:00"`, or `""`: nobody')
        for day in DAYS
    ),
    _field("hours.closed", "days", [], 'days on which nobody is: `["2026-12-24", "12-25"]`, the latter every year'),
)  # fmt: skip
CALLBACKS = (
    _field("callbacks.country", "text", "", "whose numbers need no `+`: two letters such as `DE`",
           shown="that of the visitor's language"),
    _field("callbacks.countries", "toml", [], 'the countries whose numbers visitors can have called: `["DE", "AT"]`',
           shown="all"),
    _field("callbacks.soonest", "duration", "10m", "what *as soon as possible* means when nobody waits"),
    _field("callbacks.lines", "number", 1, "how many are called at the same time", least=1, most=1000),
    _field("callbacks.slot", "duration", "30m", "how long a time to choose is"),
    _field("callbacks.lead", "duration", "5m",
           "how long before the time that was promised calling is no surprise; at most 15m"),
    _field("callbacks.per_slot", "number", 2, "how many can choose the same", least=1, most=1000),
    _field("callbacks.days", "number", 7, "how many days ahead times are offered", least=0, most=60),
    _field("callbacks.attempts", "number", 3, "how often somebody is called at most", least=1, most=100),
    _field("callbacks.no_answer", "duration", "30m", "when to call again who did not answer"),
    _field("callbacks.busy", "duration", "5m", "the same when the line was engaged"),
    _field("callbacks.unreachable", "duration", "30m", "the same when there was no way to them"),
    _field("callbacks.voicemail", "duration", "2h", "the same when a machine answered"),
)  # fmt: skip
MISSED = (
    _field("missed.*.from", "text", "*", "the sender such mail comes from: `voicemail@pbx.example.com`, with `*`"),
    _field("missed.*.subject", "text", "*", "its subject: `Missed call*`"),
    _field("missed.*.account", "text", "", "only mail of this account"),
    _field("missed.*.country", "text", "", "whose numbers need no `+` in it", shown="as `[callbacks]` says"),
    _field("missed.*.within", "duration", "10m", "how soon they are called back"),
)  # fmt: skip

LEAD_AT_MOST = 15 * MINUTE
"""As long before a call is due its conversation is open."""
_AGAIN = {"no_answer": "no-answer", "busy": "busy", "unreachable": "unreachable", "voicemail": "voicemail"}


def hours_of(given: Mapping[str, Any]) -> Hours:
    """`[hours]`, of which each value is right."""
    week = {day: given.get(day, USUAL_WEEK.get(day, "")) for day in DAYS}
    return hours(given.get("zone") or local_zone() or "UTC", week, given.get("closed", ()))


def callbacks_of(given: Mapping[str, Any]) -> CallbackSettings:
    """`[callbacks]`, of which each value is right. Raises ValueError for what is no country."""
    usual = CallbackSettings()
    again = {**usual.again, **{_AGAIN[key]: duration(given[key]) for key in _AGAIN if key in given}}
    times = {key: duration(given[key]) for key in ("soonest", "slot", "lead") if key in given}
    if times.get("slot", usual.slot) < MINUTE:
        raise ValueError("slot is at least one minute")
    if times.get("lead", usual.lead) > LEAD_AT_MOST:
        raise ValueError("lead is at most 15m: until then its conversation rests")
    return CallbackSettings(
        country=_country(given.get("country", "")),
        countries=tuple(map(_country, given.get("countries", ()))),
        again=again,
        **times,
        **{key: int(given[key]) for key in ("lines", "per_slot", "days", "attempts") if key in given},
    )


def missed_of(name: str, given: Mapping[str, Any]) -> Rule:
    """`[missed.NAME]`, of which each value is right. Raises ValueError for what is no country."""
    return Rule(
        name=name,
        sender=given.get("from", "*"),
        subject=given.get("subject", "*"),
        account=given.get("account", ""),
        country=_country(given.get("country", "")),
        within=duration(given["within"]) if "within" in given else 10 * MINUTE,
    )


def _country(text: object) -> str:
    if not isinstance(text, str) or (text and not (len(text) == 2 and text.isascii() and text.isalpha())):
        raise ValueError(f"{text!r} is no country; write its two letters, such as DE")
    return text.upper()
