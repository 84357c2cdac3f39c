"""Words for instants, in the zone of whoever says them."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from desk import zones
from desk.times import parse_until, parse_when
from desk.zones import local_zone, zone_named

TOKYO = ZoneInfo("Asia/Tokyo")
NOW = int(datetime(2026, 11, 25, 14, 30, tzinfo=UTC).timestamp() * 1000)
"""A Wednesday; in Tokyo it is half past eleven at night."""


@pytest.mark.parametrize(
    ("words", "then"),
    [
        ("3h", (2026, 11, 26, 2, 30)),
        ("tomorrow", (2026, 11, 26, 9, 0)),
        ("tomorrow 14:00", (2026, 11, 26, 14, 0)),
        ("23:00", (2026, 11, 26, 23, 0)),
        ("thursday", (2026, 11, 26, 9, 0)),
        ("2026-12-01 8:15", (2026, 12, 1, 8, 15)),
        ("2026-12-01T08:15", (2026, 12, 1, 8, 15)),
        ("2026-12-01T08:15+09:00", (2026, 12, 1, 8, 15)),
    ],
)
def test_words_are_meant_where_they_are_said(words: str, then: tuple[int, ...]) -> None:
    expected = int(datetime(*then, tzinfo=TOKYO).timestamp() * 1000)  # type: ignore[misc, arg-type]
    assert parse_when(words, NOW, TOKYO) == expected
    assert parse_until(words, NOW, TOKYO) == expected


def test_a_day_that_has_no_such_hour_or_has_it_twice() -> None:
    berlin = ZoneInfo("Europe/Berlin")
    before = int(datetime(2026, 3, 28, 12, tzinfo=berlin).timestamp() * 1000)
    spring = parse_until("tomorrow 9:00", before, berlin)
    assert spring - before == (21 - 1) * 3_600_000


@pytest.mark.parametrize(
    ("given", "found"),
    [
        ("Asia/Tokyo", "Asia/Tokyo"),
        (":Asia/Tokyo", "Asia/Tokyo"),
        ("/usr/share/zoneinfo/Asia/Tokyo", "Asia/Tokyo"),
        ("UTC", "UTC"),
        ("Nowhere/Else", ""),
        ("<+03>-3", ""),
        ("../../etc/passwd", ""),
        ("", ""),
    ],
)
def test_where_this_machine_is(given: str, found: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TZ", given)
    assert local_zone() == found


def test_without_a_variable_it_is_where_localtime_leads(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.delenv("TZ", raising=False)
    place = tmp_path / "zoneinfo" / "Europe" / "Berlin"
    place.parent.mkdir(parents=True)
    place.touch()
    link = tmp_path / "localtime"
    link.symlink_to(place)
    monkeypatch.setattr(zones, "LOCALTIME", link)
    assert local_zone() == "Europe/Berlin"
    monkeypatch.setattr(zones, "LOCALTIME", tmp_path / "none")
    assert local_zone() == ""


def test_any_name_is_a_zone_or_none() -> None:
    assert zone_named("Europe/Berlin") == ZoneInfo("Europe/Berlin")
    for name in ("", "x", "\0", "../x", "a" * 5000, "Europe"):
        assert zone_named(name) is None
