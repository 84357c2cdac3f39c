"""Rules in `desk.toml`, over the API and on the command line, on mail that really comes in."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from desk.client import Refused
from desk.server.automations import examine
from desk.settings import SettingsError, parse
from tests.cli.program import Program
from tests.servers.common import eventually

RULES = """
[accounts.support]
connector = "maildir"
address = "support@shop.example"
incoming = "in"
outgoing = "out"
poll_seconds = 0.05

[rules.refunds]
when = "subject:refund or 'money back'"
do = ["queue Returns", "tag +refund"]
stop = true

[rules.rest]
do = ["queue General"]
enabled = false
""".replace("'money back'", '\\"money back\\"')
MAIL = "From: Eve <eve@example.com>\nTo: support@shop.example\nSubject: {subject}\nMessage-ID: <{id}@x>\n\n{body}\n"


def deliver(folder: Path, id: str, subject: str, body: str = "Hello") -> None:
    for name in ("cur", "new", "tmp"):
        (folder / name).mkdir(parents=True, exist_ok=True)
    (folder / "tmp" / id).write_text(MAIL.format(subject=subject, id=id, body=body))
    (folder / "tmp" / id).rename(folder / "new" / id)


@pytest.mark.parametrize(
    ("text", "line", "says"),
    [
        ("[rules.a]\non = 'new'", 1, "does nothing"),
        ("[rules.a]\ndo = ['reply hello']", 2, "needs a rep"),
        ("[rules.a]\ndo = ['queue A']\nwhen = 'tagg:x'", 3, "did you mean tag:"),
        ("[rules.a]\ndo = ['queue A']\nwhen = 'is:mine'", 3, "nobody asks here"),
        ("[rules.a]\ndo = [\n 'queue A',\n 'assign me']", 2, "nobody is me"),
        ("[rules.a]\ndo = [\n 'queue A',\n 'queu B']", 4, "did you mean queue"),
        ("[rules.a]\ndo = ['queue A']\non = 'monday'", 3, "one of new, message"),
    ],
)
def test_what_is_wrong_is_told_by_line(text: str, line: int, says: str) -> None:
    with pytest.raises(SettingsError) as error:
        parse(text, Path("desk.toml"))
    (finding,) = error.value.findings
    assert finding.startswith(f"desk.toml:{line}: ")
    assert says in finding


async def test_from_mail_to_queue_and_back(new_desk: Any) -> None:
    server = new_desk(settings=RULES).start()
    deliver(server.home.folder / "in", "1", "Hello", "I want my money back")
    deliver(server.home.folder / "in", "2", "Where is it?")
    own = Program(server.home)
    eventually(lambda: own.ok("list", "--json").json()["total"] == 2)
    async with server.client() as client:
        rows = {row.subject: row for row in (await client.conversations("open")).items}
        assert (rows["Hello"].queue_name, rows["Hello"].tags) == ("Returns", ("refund",))
        assert rows["Where is it?"].queue_name is None
        id = rows["Hello"].id
        assert [(each.name, each.acted) for each in await client.rules()] == [("refunds", 1), ("rest", 0)]
        refunds, rest = await client.try_rules()
        assert (refunds.asked, refunds.fits, refunds.changes, rest.asked, rest.fits, rest.changes) == (2, 1, 0, 1, 1, 1)
        with pytest.raises(Refused) as refused:
            await client.try_rules("nosuch")
        assert refused.value.problem.code == "not-found"
        assert "is so already; because" in own.ok("rules", "try", "refunds").out
        assert "tags +refund; because" in own.ok("rules", "why", str(id)).out
        assert "undone: rule refunds" in own.ok("rules", "undo", str(id), "rule refunds").out
        row = await client.conversation(id)
        assert (row.queue_name, row.tags) == (None, ())
        assert own("rules", "undo", str(id)).code == 5
        [decision] = await client.decisions(id)
        assert decision.undone_at is not None
        assert "refunds\tnew\t" in own.ok("rules", "list").out


LEARNING = RULES.partition("[rules.refunds]")[0] + "[learning]\nqueues = true\ntags = true\n"


async def test_where_conversations_belong_is_learned_and_done(new_desk: Any, tmp_path: Path) -> None:
    pytest.importorskip("sklearn", reason="scikit-learn (the extra `learning`) is not installed")
    server = new_desk(settings=LEARNING).start()
    own = Program(server.home)
    for number in range(140):
        about = ("parcel kettle", "refund money")[number % 2]
        deliver(tmp_path / "old", f"old{number}", f"{about} {number}", f"My {about} please")
    own.ok("import", str(tmp_path / "old"))
    async with server.client() as client:
        assert (await client.learning()).state == "none"
        assert "nothing was learned yet" in own.ok("learn", "show").out
        for query, queue in (("subject:kettle", "Shipping"), ("subject:refund", "Returns")):
            own.ok("bulk", f"queue {queue}", f"tag +{queue}", "--view", "all", "--query", query)
        learned = own.ok("learn", "start", "--json").json()
        assert (learned["state"], learned["examples"], learned["judged_on"]) == ("ready", 140, 28)
        assert {each["name"]: each["earned"] for each in learned["labels"] if each["kind"] == "queue"} == {
            "Returns": True,
            "Shipping": True,
        }
        deliver(server.home.folder / "in", "new", "refund", "I want a refund of my money")
        eventually(lambda: own.ok("list", "--query", "subject:refund", "--view", "all", "--json").json()["total"] == 71)
        row = max((await client.conversations("all", "subject:refund")).items, key=lambda each: each.id)
        assert (row.queue_name, row.tags) == ("Returns", ("Returns",))
        [decision] = await client.decisions(row.id)
        assert decision.name == "learning"
        assert decision.words.startswith("queue none → Returns, tags +Returns; because ")
        best = (await client.guesses(row.id))[0]
        assert (best.name, best.counts) == ("Returns", True)
        assert "money" in best.because or "refund" in best.because
        assert "undone: learning" in own.ok("rules", "undo", str(row.id)).out


AUTOMATIONS = (
    LEARNING.partition("[learning]")[0]
    + """
[automations.greet]
on = "created"
when = "subject:hello"
do = ["tag +greeted"]
"""
)


async def test_automations_run_by_themselves(new_desk: Any) -> None:
    server = new_desk(settings=AUTOMATIONS).start()
    own = Program(server.home)
    deliver(server.home.folder / "in", "1", "Hello")
    eventually(lambda: own.ok("list", "--query", "tag:greeted", "--json").json()["total"] == 1)
    [info] = own.ok("automations", "list", "--json").json()
    assert (info["name"], info["acted"], info["after"]) == ("greet", 1, 0)
    [trial] = own.ok("automations", "try", "--json").json()
    assert (trial["asked"], trial["fits"], trial["changes"]) == (1, 1, 0)
    assert "greet\tcreated\tsubject:hello\ttag +greeted\t1" in own.ok("automations", "list").out
    [row] = own.ok("list", "--json").json()["items"]
    assert "because created, subject:hello" in own.ok("rules", "why", str(row["id"])).out


@pytest.mark.parametrize(
    ("text", "line", "says"),
    [
        ("[automations.a]\nafter = '1h'", 1, "does nothing"),
        ("[automations.a]\ndo = ['queue A']\nafter = 'soon'", 3, "no duration"),
        ("[automations.a]\ndo = ['queue A']\non = 'monday'", 3, "one of last, waiting"),
        ("[automations.a]\ndo = ['reply ::late']", 2, "needs a rep"),
    ],
)
def test_what_is_wrong_of_an_automation_is_told_by_line(text: str, line: int, says: str) -> None:
    test_what_is_wrong_is_told_by_line(text, line, says)


MAILING = """
[accounts.support]
address = "a@x.example"

[automations.a]
send = "::nosuch"
"""
PAGE = (
    '[accounts.site]\nconnector = "webchat"\nkey = "k"\norigins = ["https://x.example"]\nurl = "https://c.x.example"\n'
)


@pytest.mark.parametrize(
    ("more", "known", "told"),
    [
        ("", False, ["there is no canned answer ::nosuch", "refused by mail only"]),
        ("", True, ["refused by mail only"]),
        (PAGE, True, []),
        (PAGE.replace('"https://c.', '"http://c.'), True, ["refused by mail only"]),
        ("enabled = false\n", False, []),
    ],
)
def test_the_doctor_tells_what_mail_of_automations_lacks(more: str, known: bool, told: list[str]) -> None:
    checks = examine(parse(f"{MAILING}{more}", Path("desk.toml")), lambda _: known)
    assert len(checks) == len(told)
    assert all(words in check.message for words, check in zip(told, checks, strict=True))
