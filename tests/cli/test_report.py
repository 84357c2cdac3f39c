"""`desk report`, as a program."""

from __future__ import annotations

import csv

from tests.cli.program import Program


def test_a_report_is_a_table_bars_values_or_json(shop: Program) -> None:
    own = shop
    told = own.ok("report", "30d", "--json").json()
    assert told["total"]["arrived"] == sum(row["figures"]["arrived"] for row in told["rows"]) > 0
    rows = list(csv.DictReader(own.ok("report", "30d", "--by", "queue", "--csv").out.splitlines()))
    assert rows[-1]["queue"] == "all"
    assert int(rows[-1]["arrived"]) == told["total"]["arrived"]
    assert "speed_seconds" in rows[-1]
    assert "█" in own.ok("report", "30d", "--plot", "arrived").out
    heat = own.ok("report", "30d", "--by", "weekday-hour", "--plot", "arrived").out
    assert [line[1:4] for line in heat.splitlines()[2:9]] == ["Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun"]
    wrong = own("report", "someday")
    assert (wrong.code, "write a time" in wrong.err) == (2, True)


def test_what_the_next_hours_take_is_told(shop: Program) -> None:
    assert shop.ok("staff", "--hours", "48", "--json").json()["notes"] == []
    assert shop("staff", "--level", "2").code == 2
