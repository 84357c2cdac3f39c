"""`desk available`, `busy`, `away`, `reps` and `queues`, as programs."""

from __future__ import annotations

from collections.abc import Callable

from tests.cli.program import Program
from tests.servers.desk import DeskServer

SETTINGS = """\
[reps.mia]
role = "admin"
[reps.tom]
role = "rep"
[queues.Sales]
reps = ["tom"]
[queues.Returns]
"""


def test_people_say_where_they_are_and_are_moved(new_desk: Callable[..., DeskServer]) -> None:
    home = new_desk(SETTINGS).start().home
    mia, tom = Program(home), Program(home, agent="tom")
    assert tom.ok("away", "at", "the dentist").out == "tom is away: at the dentist\n"
    assert tom("available", "--for", "zoe", "--json").code == 4, "there is nobody of that name"
    assert mia.ok("busy", "--json").json()["state"] == "busy"
    refused = tom("available", "--for", "mia", "--json")
    assert (refused.code, refused.problem()["code"]) == (1, "forbidden")
    rows = [row.split("\t")[:5] for row in mia.ok("reps").out.splitlines()]
    assert [[row[0], row[1], row[2], row[4]] for row in rows] == [
        ["tom", "rep", "away", "at the dentist"],
        ["mia", "admin", "busy", ""],
    ]
    assert mia.ok("queues").out == "Returns\topen\toff\ttom, mia\nSales\topen\toff\ttom\n"
    assert [each["queue"]["name"] for each in mia.ok("queues", "--json", "--agent", "tom").json()] == [
        "Returns",
        "Sales",
    ]
    assert "ask mia (mia)" in tom("queues", "close", "sales").err
    assert mia.ok("queues", "close", "sales").out == "Sales\tclosed by mia\toff\ttom\n"
    assert mia.ok("queues", "add", "Returns", "tom", "--from", "Sales").out == "Returns\topen\toff\ttom by mia, mia\n"
    assert mia.ok("queues", "list").out.splitlines()[1] == "Sales\tclosed by mia\toff\t-tom by mia"
    assert mia.ok("queues", "default", "Sales", "tom").out == "Sales\tclosed by mia\toff\ttom\n"
    assert mia.ok("queues", "default", "Sales").out == "Sales\topen\toff\ttom\n"
    assert mia.ok("queues", "remove", "Returns", "mia", "--json").json()[0]["words"][1]["value"] is False
    assert mia.ok("undo").out == "undone: mia out of Returns\n"


def test_what_is_offered_is_told_taken_and_left(new_desk: Callable[..., DeskServer]) -> None:
    home = new_desk('[queues.Sales]\npush = "round-robin"\naccept_seconds = 20\n').start().home
    mia = Program(home)
    assert "Nothing is offered to you" in mia.ok("offers").err
    assert mia.ok("offers", "seen", "--json").json() == {"open": [], "returned": []}
    assert mia.ok("queues").out == "Sales\topen\tround-robin, 20 s\tmia\n"
    for deed in ("accept", "decline"):
        refused = mia("offers", deed, "7", "--json")
        assert (refused.code, refused.problem()["code"]) == (4, "not-found")
