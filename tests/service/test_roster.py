"""Who is to be there: shifts by the week, turns of a calendar file, and the next hours beside them."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from desk.clock import HOUR, MINUTE, SECOND
from desk.hours import hours
from desk.model import Channel, Need
from desk.promises.calendar import Calendar, WorkingClock
from desk.roster import Shift, Turn, present, turns_in, turns_of
from desk.service.live.rostered import available, beside
from desk.settings import SettingsError, parse

ICAL = """BEGIN:VCALENDAR
VERSION:2.0
PRODID:-//desk//test//EN
BEGIN:VEVENT
UID:a
DTSTART;TZID=Europe/Berlin:20261026T090000
DTEND;TZID=Europe/Berlin:20261026T120000
RRULE:FREQ=DAILY;COUNT=5
EXDATE;TZID=Europe/Berlin:20261028T090000
SUMMARY:ada, Ben Carter, zoe
END:VEVENT
BEGIN:VEVENT
UID:b
DTSTART;TZID=Europe/Berlin:20261027T110000
DURATION:PT90M
SUMMARY:late
ATTENDEE:mailto:ada@shop.example
END:VEVENT
END:VCALENDAR
""".replace("\n", "\r\n").encode()


def at(text: str, zone: str = "Europe/Berlin") -> int:
    return round(datetime.fromisoformat(text).replace(tzinfo=ZoneInfo(zone)).timestamp()) * SECOND


def shift(week: dict[str, str], **more: object) -> Shift:
    return Shift(name="early", hours=hours("Europe/Berlin", week), reps=("ada", "ben"), **more)  # type: ignore[arg-type]


def test_a_shift_is_by_the_clock_on_the_wall_when_clocks_change() -> None:
    night = shift({"saturday": "22:00-24:00", "sunday": "0:00-6:00"})
    turns = list(turns_of([night], {}, at("2026-10-24 12:00"), at("2026-10-25 12:00")))
    assert present(turns, at("2026-10-24 12:00"), at("2026-10-25 12:00")) == {"ada": 9 * HOUR, "ben": 9 * HOUR}


def test_nobody_comes_on_days_off_of_the_calendar() -> None:
    early = shift({"monday": "8:00-10:00", "tuesday": "8:00-10:00"}, calendar="shop")
    open_days = Calendar(
        hours=hours("Europe/Berlin", {"monday": "9:00-17:00", "tuesday": "9:00-17:00"}, ["2026-10-26"])
    )
    turns = list(turns_of([early], {"shop": WorkingClock(open_days)}, at("2026-10-26 00:00"), at("2026-10-28 00:00")))
    assert {(turn.start, turn.end) for turn in turns} == {(at("2026-10-27 08:00"), at("2026-10-27 10:00"))}


def test_turns_of_a_calendar_file() -> None:
    reps = {"ada": "ada", "ada@shop.example": "ada", "ben carter": "ben"}
    since, until = at("2026-10-26 00:00"), at("2026-11-01 00:00")
    turns, unknown = turns_in(ICAL, "UTC", lambda name: reps.get(name.casefold()), since, until)
    assert unknown == ["zoe"]
    assert sum(turn.login == "ben" for turn in turns) == 4
    assert present(turns, at("2026-10-27 00:00"), at("2026-10-28 00:00")) == {"ada": 3.5 * HOUR, "ben": 3 * HOUR}
    assert present(turns, at("2026-10-28 00:00"), at("2026-10-29 00:00")) == {}
    with pytest.raises(ValueError, match="no calendar"):
        turns_in(b"BEGIN:VCALENDAR\r\nnonsense", "UTC", reps.get, since, until)


def test_an_hour_beside_who_is_to_be_there() -> None:
    begins = at("2026-10-26 09:00")
    needs = [need(begins, 1, "chat", 30, 3), need(begins, 1, "email", 6, 1), need(begins + HOUR, 0, "email", 2, 1)]
    turns = [
        Turn("ada", begins - HOUR, begins + 2 * HOUR),
        Turn("ben", begins + 30 * MINUTE, begins + HOUR, ("returns",)),
        Turn("eve", begins, begins + HOUR, ("workshop",)),
        Turn("zoe", begins, begins + HOUR),
    ]

    def works(login: str, queue: int) -> bool:
        return login in ("ada", "ben", "eve") and queue == 1

    first, nobody, empty, second = beside(needs, {1: "Returns"}, turns, works)
    assert (first.queue, first.people, first.likely, first.rostered, first.reps) == (
        "Returns",
        4,
        36,
        1.5,
        ("ada", "ben"),
    )
    assert first.spare == -2.5
    assert first.low == pytest.approx(36 - (9 + 9) ** 0.5)
    assert (nobody.queue_id, nobody.people, nobody.rostered) == (0, 0, 2)
    assert (empty.people, empty.rostered) == (0, 1)
    assert (second.queue_id, second.people, second.spare) == (0, 1, 0)
    assert beside(needs, {1: "Returns"}, None, works)[0].spare is None
    assert available([1], ["ada", "zoe"], works) == {0: 2, 1: 1}


def need(begins: int, queue: int, channel: Channel, likely: float, people: int) -> Need:
    return Need(
        at=begins, queue_id=queue, channel=channel, likely=likely, low=likely - 3, high=likely + 3,
        people=people, people_high=people + 1,
    )  # fmt: skip


@pytest.mark.parametrize(
    ("text", "line", "words"),
    [
        ('[shifts.early]\nmonday = "9:00-12:00"', 1, 'write reps = ["ada", "ben"]'),
        ('[shifts.early]\nreps = ["ada"]', 1, "is never"),
        ('[shifts.early]\nreps = ["ada"]\nmonday = "9:00-8:00"', 3, "ends before it begins"),
        ('[shifts.early]\nreps = ["ada"]\nmonday = "9:00-10:00"\ncalendar = "moon"', 4, "there is no [calendars.moon]"),
        ('[shifts.early]\nreps = "ada"\nmonday = "9:00-10:00"', 2, "reps"),
        ('[roster]\nfile = "turns.ics"', 2, "there is no file"),
    ],
)
def test_what_is_wrong_is_told_where_it_stands(tmp_path: Path, text: str, line: int, words: str) -> None:
    with pytest.raises(SettingsError) as caught:
        parse(text, tmp_path / "desk.toml")
    [finding] = caught.value.findings
    assert f"desk.toml:{line}: " in finding
    assert words in finding


def test_shifts_are_read(tmp_path: Path) -> None:
    (tmp_path / "turns.ics").write_bytes(ICAL)
    shifts = '[shifts.early]\nreps = ["ada"]\nqueues = ["Returns"]\nmonday = "9:00-12:30, 13:00-17:00"\n'
    text = shifts + '[roster]\nfile = "turns.ics"'
    settings = parse(text, tmp_path / "desk.toml")
    [early] = settings.shifts.values()
    assert (early.reps, early.queues, len(early.hours.week[0]), early.hours.week[1]) == (("ada",), ("Returns",), 2, ())
    assert settings.roster == str(tmp_path / "turns.ics")
