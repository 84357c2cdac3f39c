"""`desk promises`, as a program."""

from __future__ import annotations

from collections.abc import Callable

from tests.cli.program import Program
from tests.servers.desk import DeskServer

SETTINGS = """\
[promises]
email = "8h"
[policies.pressing]
priority = ["urgent"]
first = "1h30m"
resolution = "2d"
calendar = "office"
[calendars.office]
zone = "UTC"
saturday = "0:00-24:00"
sunday = "0:00-24:00"
"""


def test_what_is_promised_and_what_became_of_it(new_desk: Callable[..., DeskServer]) -> None:
    mia = Program(new_desk(SETTINGS).start().home)
    told = mia("promises")
    rows = [row.split("\t") for row in told.out.splitlines()]
    assert rows[:3] == [
        ["pressing", "priority urgent", "1h30m", "", "2d", "office"],
        ["-", "channel chat", "1m", "1m", "", "all time"],
        ["-", "channel email", "8h", "8h", "", "all time"],
    ]
    assert told.err == "Nothing is promised now, and nothing was in the last 7 days.\n"
    assert rows[-1][0] == "office"
    [office] = mia.ok("promises", "--json").json()["calendars"]
    assert (office["zone"], office["holidays"]) == ("UTC", [])
    assert mia.ok("promises", "--json").json()["policies"][0]["first"] == 5_400_000
    assert mia("promises", "--conversation", "99").code == 4
