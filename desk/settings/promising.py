"""What can be set of promises: to whom which are given, and whose time counts."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from msgspec.structs import replace

from desk.promises.policies import Policy
from desk.settings.calling import HOURS, hours_of
from desk.settings.field import define as _field
from desk.settings.words import CalendarSettings, duration

CALENDARS = (
    *(replace(field, path=f"calendars.*.{field.name}") for field in HOURS),
    _field("calendars.*.holidays", "text", "",
           "an iCalendar file (`.ics`) with days off; a relative path starts at the workspace"),
)  # fmt: skip
POLICIES = (
    _field("policies.*.channel", "names", [], 'only in these: `["chat"]`', choices=("email", "chat", "callback")),
    _field("policies.*.queue", "names", [], "only in these queues"),
    _field("policies.*.priority", "names", [], "only what is as pressing as one of these",
           choices=("low", "normal", "high", "urgent")),
    _field("policies.*.tag", "names", [], "only what has one of these tags"),
    _field("policies.*.customer", "names", [],
           'only for these: an address, a domain such as `"@brightmail.example"`, or a tag of the customer'),
    _field("policies.*.first", "duration", None, "how long until our first answer at most"),
    _field("policies.*.next", "duration", None, "how long until each answer after that"),
    _field("policies.*.resolution", "duration", None, "how long until the matter is resolved"),
    _field("policies.*.calendar", "text", "", "whose time counts: one of `[calendars]`; empty: all time"),
    _field("policies.*.pause", "choice", "waiting",
           "when the clock stands still: while we are `waiting` for the customer, or `never`",
           choices=("waiting", "never")),
)  # fmt: skip
_LENGTHS = ("first", "next", "resolution")
_CONDITIONS = ("channel", "queue", "priority", "tag", "customer")


def calendar_of(name: str, given: Mapping[str, Any], folder: str) -> CalendarSettings:
    """`[calendars.NAME]`, of which each value is right. `folder`: where relative paths start."""
    path = given.get("holidays", "")
    return CalendarSettings(name=name, hours=hours_of(given), holidays=str(Path(folder, path)) if path else "")


def policy_of(name: str, given: Mapping[str, Any]) -> Policy:
    """`[policies.NAME]`, of which each value is right."""
    conditions: dict[str, Any] = {key: tuple(given[key]) for key in _CONDITIONS if key in given}
    lengths: dict[str, Any] = {key: duration(given[key]) for key in _LENGTHS if key in given}
    pause = given.get("pause", "waiting") == "waiting"
    return Policy(name=name, **conditions, **lengths, calendar=given.get("calendar", ""), pause=pause)


def wrong_calendar(calendar: CalendarSettings) -> tuple[str, str] | None:
    """The key, and what is wrong with it; None if nothing is."""
    if not any(calendar.hours.week):
        return "monday", f'nobody is ever there by [calendars.{calendar.name}]; write monday = "9:00-17:00"'
    if calendar.holidays and not Path(calendar.holidays).is_file():
        return "holidays", f"there is no file {calendar.holidays}; put one there, or take the line out"
    return None


def wrong_policy(policy: Policy, calendars: Mapping[str, object]) -> tuple[str, str] | None:
    """The key, and what is wrong with it; None if nothing is."""
    lengths = {"first": policy.first, "next": policy.next, "resolution": policy.resolution}
    if all(length is None for length in lengths.values()):
        return "first", f'[policies.{policy.name}] promises nothing; write first = "1h", next or resolution'
    nothing = next((key for key, length in lengths.items() if length == 0), None)
    if nothing is not None:
        return nothing, f"{nothing} takes some time; leave it out if it is not promised"
    return lost_calendar(policy.calendar, calendars)


def lost_calendar(name: str, calendars: Mapping[str, object]) -> tuple[str, str] | None:
    """The key, and what is wrong with it, where a calendar is named that there is not; None if nothing is."""
    if not name or name in calendars:
        return None
    return "calendar", f"there is no [calendars.{name}]; there are: {', '.join(sorted(calendars)) or 'none'}"
