"""The rules of automatic mail by themselves: limits, times, what is composed, and what is wrong with settings."""

from __future__ import annotations

from datetime import UTC, datetime
from email import message_from_bytes
from email.policy import default
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from connectors.base import Account, Outgoing, Permanent
from connectors.mailing.compose import prepare
from desk.clock import DAY, HOUR
from desk.hours import hours
from desk.model import Address, Message, Unsubscribe
from desk.promises import Calendar, WorkingClock
from desk.rules.composing import compose, mailto
from desk.rules.limits import Limit, MailLimits, free_at
from desk.rules.timing import goes_at
from desk.settings import SettingsError, parse
from tests.service.world import often

BERLIN = ZoneInfo("Europe/Berlin")
WEEK = hours("Europe/Berlin", dict.fromkeys(("monday", "tuesday", "wednesday", "thursday", "friday"), "9:00-17:00"))
OFFICE = WorkingClock(Calendar(hours=WEEK))


@often(200)
@given(st.lists(st.integers(0, 60), max_size=60), st.integers(1, 5), st.integers(1, 90))
def test_what_goes_as_soon_as_it_may_is_never_too_much_and_never_late(gaps: list[int], most: int, span: int) -> None:
    now, gone, limit = 0, [], Limit(most, span)
    for gap in gaps:
        now += gap
        at = free_at(limit, reversed(gone), now)
        assert at is not None
        if at > now:
            assert sum(at - 1 - span < each for each in gone) >= most, "a moment earlier would be one too many"
        gone.append(at)
        now = at
    for end in gone:
        assert sum(end - span < each <= end for each in gone) <= most


def test_none_at_all() -> None:
    assert free_at(Limit(0, HOUR), [], 5) is None


def at(text: str) -> int:
    return round(datetime.fromisoformat(text).replace(tzinfo=BERLIN).timestamp() * 1000)


@pytest.mark.parametrize(
    ("due", "minute", "working", "goes"),
    [
        ("2026-11-18T14:00", None, False, "2026-11-18T14:00"),
        ("2026-11-18T14:00", 9 * 60 + 30, False, "2026-11-19T09:30"),
        ("2026-11-18T09:30", 9 * 60 + 30, False, "2026-11-18T09:30"),
        ("2026-11-18T14:00", None, True, "2026-11-18T14:00"),
        ("2026-11-20T17:00", None, True, "2026-11-23T09:00"),
        ("2026-11-20T14:00", 9 * 60 + 30, True, "2026-11-23T09:30"),
        ("2026-03-28T12:00", 2 * 60 + 30, False, "2026-03-29T03:30"),
        ("2026-10-24T12:00", 2 * 60 + 30, False, "2026-10-25T02:30"),
        ("2026-03-27T18:00", 9 * 60, True, "2026-03-30T09:00"),
    ],
)
def test_when_it_goes(due: str, minute: int | None, working: bool, goes: str) -> None:
    found = goes_at(at(due), minute=minute, zone=BERLIN, working=OFFICE if working else None)
    assert datetime.fromtimestamp(found / 1000, BERLIN).isoformat()[:16] == goes


def test_a_time_of_day_at_which_nobody_ever_is_there_is_as_good_as_never() -> None:
    assert goes_at(at("2026-11-18T14:00"), minute=0, zone=BERLIN, working=OFFICE) > at("2027-11-18T14:00")
    assert goes_at(0, minute=0, zone=UTC) == 0


def test_where_it_is_refused_stands_where_they_say_it_or_below() -> None:
    where = Unsubscribe(url="https://x.example/t", mailto="mailto:a@x.example")
    assert compose("S", "Hello ⟦unsubscribe⟧!", "F {unsubscribe}", where).body == "Hello https://x.example/t!"
    assert compose("S", "Hello\n", "F {unsubscribe}", where).body == "Hello\n\nF https://x.example/t"
    assert compose("S", "Hello", "F {unsubscribe}", Unsubscribe(mailto="mailto:a@x.example")).body.endswith(
        "F mailto:a@x.example"
    )
    assert compose("⟦customer.name⟧", "⟦agent.name⟧ ⟦agent.name⟧", "", where).missing == ("customer.name", "agent.name")
    assert compose("S", "> ⟦x⟧ is quoted", "", where).missing == ()


def wire(unsubscribe: Unsubscribe | None, kind: str = "auto") -> bytes:
    message = Message(
        conversation_id=1, direction="out", kind=kind, to=(Address(email="a@x.example"),), subject="S", body="Hello",
        rfc_message_id="1@shop.example", at=0,
    )  # fmt: skip
    return prepare(Outgoing(message=message, unsubscribe=unsubscribe), Account(name="s", address="s@x.example")).raw


def test_the_head_says_how_and_one_click_only_with_https() -> None:
    long = "https://chat.shop.example/" + "a" * 120
    link = mailto("s@x.example", "unsubscribe 1.abc")
    assert link == "mailto:s@x.example?subject=unsubscribe%201.abc"
    parsed = message_from_bytes(wire(Unsubscribe(url=long, mailto=link)), policy=default)
    assert str(parsed["List-Unsubscribe"]).split() == [f"<{long}>,", f"<{link}>"]
    assert str(parsed["List-Unsubscribe-Post"]) == "List-Unsubscribe=One-Click"
    plain = message_from_bytes(wire(Unsubscribe(url="http://x.example/a,b", mailto=link)), policy=default)
    assert str(plain["List-Unsubscribe"]) == f"<http://x.example/a%2Cb>, <{link}>"
    assert plain["List-Unsubscribe-Post"] is None
    acknowledged = message_from_bytes(wire(None), policy=default)
    assert (str(acknowledged["Auto-Submitted"]), acknowledged["List-Unsubscribe"]) == ("auto-replied", None)
    assert message_from_bytes(wire(None, "message"))["Auto-Submitted"] is None
    with pytest.raises(Permanent):
        wire(Unsubscribe(url="https://x.example/\r\nBcc: eve@x.example"))


SUPPORT = "[accounts.support]\naddress = 'a@x.example'\nimap = 'x'\nsmtp = 'x'\n"


@pytest.mark.parametrize(
    ("text", "line", "says"),
    [
        ("[automations.a]\nsend = 'x'\ntext = 'y'", 3, "not both"),
        ("[automations.a]\ndo = ['resolve']\nsubject = 'y'", 3, "none is sent"),
        ("[automations.a]\ntext = 'Hello {customer.frist_name} {nosuch}'", 2, "there is no placeholder nosuch"),
        ("[automations.a]\nsend = 'x'\nat = '25:00'", 3, "no time of day"),
        ("[automations.a]\nsend = 'x'\nat = 930", 3, "a text in quotes"),
        ("[automations.a]\nsend = 'x'\nfrom = 'sales'", 3, "there are: none"),
        (f"{SUPPORT}[automations.a]\nsend = 'x'\nfrom = 'sales'", 7, "there are: support"),
        ("[automations.a]\nsend = 'x'\nduring = 'office'", 3, "there are: hours"),
        ("[automations.a]\nsend = 'x'\non = 'tagged'", 3, "say which tag"),
        ("[automations.a]\nsend = 'x'\ntag = 'y'", 3, 'on = "tagged"'),
        ("[automations.a]\nsend = 'x'\ndo = ['claim']", 3, "needs a rep"),
        ("[rules.a]\nsend = 'x'", 2, "there is no setting"),
        ("[mailing]\nper_hour = -1", 2, "cannot be negative"),
        ("[mailing]\nlapse = 'soon'", 2, "no duration"),
        ("[mailing]\nfooter = 'Bye'", 2, "write {unsubscribe}"),
        ("[mailing]\nper_day = 'many'", 2, "is a number"),
    ],
)
def test_what_is_wrong_is_told_by_line(text: str, line: int, says: str) -> None:
    with pytest.raises(SettingsError) as error:
        parse(text, Path("desk.toml"))
    assert error.value.findings[0].startswith(f"desk.toml:{line}: ")
    assert says in error.value.findings[0]


def test_settings_are_read() -> None:
    settings = parse(
        f"{SUPPORT}[automations.a]\non = 'tagged'\ntag = 'x'\nafter = '3d'\nsend = '::y'\nfrom = 'support'\n"
        "at = '9:05'\nduring = 'hours'\ndo = ['tag +asked']\n"
        "[mailing]\nper_hour = 5\nlapse = '1h'\ncustomer_days = 0.5",
        Path("desk.toml"),
    )
    found = settings.automations["a"]
    assert (found.after, found.account, found.minute, found.do) == (3 * DAY, "support", 545, ("tag +asked",))
    limits = settings.mailing
    assert (limits.per_hour, limits.lapse, limits.customer) == (5, HOUR, Limit(1, DAY // 2))
    assert limits.per_day == MailLimits().per_day
    assert limits.span == DAY
