"""Promises in `desk.toml`: what is understood, and what is said of the rest."""

from __future__ import annotations

from pathlib import Path

import pytest

from desk.clock import DAY, HOUR, MINUTE
from desk.promises import Policy
from desk.settings import SettingsError, parse

GOOD = """
[policies.gold]
customer = ["gold", "@brightmail.example"]
channel = ["email"]
first = "30m"
resolution = "1d"
calendar = "office"
pause = "never"

[policies.urgent]
priority = ["urgent", "high"]
next = "1h"

[calendars.office]
zone = "Europe/Berlin"
friday = "9:00-12:00"
closed = ["12-25"]
holidays = "days.ics"
"""


def test_policies_stand_in_the_order_of_the_file_and_calendars_beside_them(tmp_path: Path) -> None:
    (tmp_path / "days.ics").touch()
    settings = parse(GOOD, tmp_path / "desk.toml")
    assert list(settings.policies.values()) == [
        Policy(
            name="gold",
            customer=("gold", "@brightmail.example"),
            channel=("email",),
            first=30 * MINUTE,
            resolution=DAY,
            calendar="office",
            pause=False,
        ),
        Policy(name="urgent", priority=("urgent", "high"), next=HOUR),
    ]
    office = settings.calendars["office"]
    assert office.holidays == str(tmp_path / "days.ics")
    assert office.hours.zone == "Europe/Berlin"
    assert [len(day) for day in office.hours.week] == [1, 1, 1, 1, 1, 0, 0]


@pytest.mark.parametrize(
    ("text", "finding"),
    [
        ('[policies.a]\ntag = ["x"]\n', "desk.toml:1: [policies.a] promises nothing; write first"),
        ('[policies.a]\nfirst = "soon"\n', "desk.toml:2: 'soon' is no duration"),
        ('[policies.a]\nfirst = "1h"\nnext = "0s"\n', "desk.toml:3: next takes some time"),
        ('[policies.a]\nfirst = "1h"\ncalendar = "b"\n', "desk.toml:3: there is no [calendars.b]; there are: none"),
        ('[policies.a]\nfirst = "1h"\nchannel = ["fax"]\n', "desk.toml:3: channel are some of email, chat, callback"),
        ('[policies.a]\nfirst = "1h"\npause = "often"\n', "desk.toml:3: pause is one of waiting, never, not 'often'"),
        ('[policies.a]\nfrist = "1h"\n', "desk.toml:2: there is no setting policies.a.frist; did you mean first?"),
        ('[calendars.a]\nmonday = "9-5"\n', "desk.toml:2: '9-5' is no period"),
        ('[calendars.a]\nholidays = "none.ics"\n', "desk.toml:2: there is no file"),
        (
            "[calendars.a]\n" + "".join(f'{day} = ""\n' for day in ("monday", "tuesday", "wednesday", "thursday"))
            + 'friday = "closed"\n',
            "desk.toml:2: nobody is ever there by [calendars.a]",
        ),
    ],
)  # fmt: skip
def test_what_is_wrong_is_told_with_its_line(tmp_path: Path, text: str, finding: str) -> None:
    with pytest.raises(SettingsError) as caught:
        parse(text, tmp_path / "desk.toml")
    assert finding in str(caught.value)
