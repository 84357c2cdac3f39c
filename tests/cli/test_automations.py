"""`desk automations` and `desk learn`, as programs."""

from __future__ import annotations

from collections.abc import Callable
from importlib.util import find_spec

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


def test_what_is_not_learned_yet_is_said(new_desk: Callable[..., DeskServer]) -> None:
    desk = Program(new_desk().start().home)
    noted = desk.ok("callbacks", "ask", "+49 30 901820", "--json").json()["conversation_id"]
    guessed = desk.ok("learn", "guess", str(noted))
    assert (guessed.out, guessed.err) == (
        "",
        f"Nothing that was learned says anything of #{noted}; desk learn show tells what was.\n",
    )
    if find_spec("sklearn"):
        assert "about a hundred sorted conversations are needed" in desk.ok("learn", "start").err
