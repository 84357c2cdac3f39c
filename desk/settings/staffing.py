"""What can be set of the people who work here, and of the queues they work in."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import msgspec
from msgspec.structs import replace

from desk.hours import DAYS, hours
from desk.model.staffing import ROLES, QueueRules
from desk.roster import Shift
from desk.settings.calling import HOURS
from desk.settings.field import define as _field
from desk.settings.promising import lost_calendar
from desk.settings.visiting import CAPACITY
from desk.zones import local_zone

STAFF = (
    _field("reps.*.role", "choice", "",
           "what they [may do](people.md#roles): `rep`, `supervisor`, `admin`; while nobody has a role, everybody may "
           "everything", choices=ROLES, shown="rep; admin for who set the workspace up"),
    _field("reps.*.skills", "names", [], 'what they know: `["billing", "brakes"]`'),
    _field("reps.*.languages", "names", [], 'the languages they answer in: `["de", "en"]`; none: any'),
    _field("reps.*.queues", "names", [], "the queues they work in; none: all that name nobody"),
    _field("reps.*.capacity", "toml", None, "how much they do at once: `{ at_once = 4, call = 3 }`",
           shown="as `[capacity]` says"),
)  # fmt: skip
REP_CAPACITY = tuple(
    replace(field, path=f"reps.*.capacity.{field.name}", shown="as [capacity] says") for field in CAPACITY
)
QUEUES = (
    _field("queues.*.reps", "names", [], "who works here, by login; none: whoever has no `queues` of their own"),
    _field("queues.*.skills", "names", [], "the skills one needs to work here, all of them"),
    _field("queues.*.languages", "names", [], "the languages spoken here, of which one needs one"),
    _field("queues.*.channels", "names", [],
           "new conversations of these begin here, unless their account names a queue: `email`, `chat`",
           choices=("email", "chat")),
    _field("queues.*.calendar", "text", "", "when it is open: one of `[calendars]`; empty: always"),
    _field("queues.*.open", "switch", True, "`false`: nothing of it is handed out"),
    _field("queues.*.push", "choice", "off",
           "to whom its work is [offered](pushing.md) by itself: `off` (reps take it), `round-robin`, `least-busy`, "
           "`longest-idle`",
           choices=("off", "round-robin", "least-busy", "longest-idle")),
    _field("queues.*.accept_seconds", "number", 30,
           "how long a rep has to take what is [offered](pushing.md) to them", least=1),
    _field("queues.*.returns", "switch", None,
           "whether what a rep has not answered [goes back](pushing.md#what-goes-back) when they are away or offline",
           shown="where it pushes"),
)  # fmt: skip

SHIFTS = (
    _field("shifts.*.reps", "names", [], "who is to be there, by login"),
    _field("shifts.*.queues", "names", [], "only in these queues; none: wherever they work"),
    _field("shifts.*.calendar", "text", "", "one of `[calendars]`, on whose days off nobody comes; empty: none"),
    *(
        replace(field, path=f"shifts.*.{field.name}", default="" if field.kind == "periods" else field.default,
                help=field.help.replace("when somebody is there", "when they are to be there"))
        for field in HOURS
    ),
)  # fmt: skip
ROSTER = (
    _field("roster.file", "text", "",
           "an iCalendar file (`.ics`) with who is to be there: each event is of those who attend it, or whom its "
           "summary names; a relative path starts at the workspace"),
)  # fmt: skip


def shift_of(name: str, given: Mapping[str, Any]) -> Shift:
    """`[shifts.NAME]`, of which each value is right."""
    times = hours(
        given.get("zone") or local_zone() or "UTC", {day: given.get(day, "") for day in DAYS}, given.get("closed", ())
    )
    return Shift(
        name=name,
        hours=times,
        reps=tuple(given.get("reps", ())),
        queues=tuple(given.get("queues", ())),
        calendar=given.get("calendar", ""),
    )


def wrong_shift(shift: Shift, calendars: Mapping[str, object]) -> tuple[str, str] | None:
    """The key, and what is wrong with it; None if nothing is."""
    if not shift.reps:
        return "reps", f'[shifts.{shift.name}] is nobody\'s; write reps = ["ada", "ben"]'
    if not any(shift.hours.week):
        return "monday", f'[shifts.{shift.name}] is never; write monday = "9:00-17:00"'
    return lost_calendar(shift.calendar, calendars)


def wrong_roster(path: str) -> tuple[str, str] | None:
    """The key, and what is wrong with it; None if nothing is."""
    if not path or Path(path).is_file():
        return None
    return "file", f"there is no file {path}; put one there, or take the line out"


def queue_of(name: str, given: Mapping[str, Any]) -> QueueRules:
    """`[queues.NAME]`, of which each value is right."""
    return msgspec.convert({**given, "name": name}, QueueRules)
