"""`desk automations`, as a program."""

from __future__ import annotations

from collections.abc import Callable

from tests.cli.program import Program
from tests.servers.desk import DeskServer

SETTINGS = """\
[automations.escalate]
on = "waiting"
after = "90m"
when = "state:open"
do = ["priority urgent"]
[automations.shipped]
on = "tagged"
tag = "shipped"
text = "It has left us."
enabled = false
"""


def test_automations_are_listed_with_lengths_as_they_were_written(new_desk: Callable[..., DeskServer]) -> None:
    desk = Program(new_desk(SETTINGS).start().home)
    assert desk.ok("automations", "list").out.splitlines() == [
        "escalate\t1h30m after waiting\tstate:open\tpriority urgent\t0",
        "shipped\ttagged shipped\t\tmail It has left us.\toff",
    ]
