"""Macros over the API, and in `desk.toml`."""

from __future__ import annotations

from pathlib import Path

import pytest

from desk.client import Refused
from desk.model import NewReply
from desk.settings import SettingsError, parse
from tests.server.test_api import ACCOUNT, fill
from tests.server.test_deeds import finished
from tests.servers.desk import DeskServer

MACROS = """
[macros.late]
help = "Say sorry and wait"
steps = [
  "reply ::late",
  "tag +late",
  "snooze 3d",
]

[macros.done]
steps = ["resolve"]
"""
PATH = Path("desk.toml")


def test_macros_are_read() -> None:
    macros = parse(MACROS, PATH).macros
    assert list(macros) == ["late", "done"]
    assert (macros["late"].help, macros["late"].steps[1]) == ("Say sorry and wait", "tag +late")


@pytest.mark.parametrize(
    ("text", "line", "says"),
    [
        ("[macros.a]\nsteps = [\n  'resolve',\n  'snoze 3d',\n]", 4, "did you mean snooze"),
        ("[macros.a]\nhelp = 'x'\nsteps = 'resolve'", 3, "list of texts"),
        ("[macros.a]\nhelp = 'x'", 1, "list of texts"),
        ("[macros.a]\nhelp = 7\nsteps = ['resolve']", 2, "text in quotes"),
        ("[macros.a]\nstep = ['x']\nsteps = ['resolve']", 2, "did you mean steps"),
        ("[macros]\na = 'resolve'", 2, "is a table"),
        ("[macros.'a b']\nsteps = ['resolve']", 1, "macro names"),
    ],
)
def test_what_is_wrong_is_told_by_line(text: str, line: int, says: str) -> None:
    with pytest.raises(SettingsError) as error:
        parse(text, PATH)
    (finding,) = error.value.findings
    assert finding.startswith(f"desk.toml:{line}: ")
    assert says in finding


async def test_a_macro_on_many_conversations(desk_server: DeskServer, tmp_path: Path) -> None:
    desk_server.home.answers.mkdir()
    (desk_server.home.answers / "late.md").write_text("Hello {customer.first_name}, it leaves on {date+3d}.")
    (desk_server.home.answers / "gap.md").write_text("Order {customer.order}")
    gap = '[macros.gap]\nsteps = ["tag +gap", "reply ::gap"]\n'
    desk_server.configure(ACCOUNT.format("true") + MACROS + gap)
    desk_server.restart()
    async with desk_server.client("mia") as client:
        await fill(client, tmp_path / "mail", 2)
        ids = [item.id for item in (await client.conversations("all")).items]
        assert [(macro.name, macro.help) for macro in await client.macros()][:2] == [
            ("late", "Say sorry and wait"),
            ("done", ""),
        ]
        foreseen = await client.preview_macro("late", ids)
        assert [each.ready for each in foreseen] == [True, True]
        assert foreseen[0].steps[0].body.startswith("Hello Ada, it leaves on ")
        seen = {each.conversation_id: each.seen_message_id or 0 for each in foreseen}
        done = await client.run_macro("late", [*ids, 4_711], seen)
        assert [each.problem.code if each.problem else None for each in done] == [None, None, "not-found"]
        rows = [await client.conversation(id) for id in ids]
        assert [(row.state, row.tags, row.assignee_name) for row in rows] == [("snoozed", ("late",), "mia")] * 2
        assert len(await client.outbox(["held"])) == 2
        (first, *_) = await client.preview_macro("gap", ids)
        assert [item.name for item in first.steps[1].gaps] == ["customer.order"]
        (stopped, *_) = await client.run_macro("gap", ids)
        assert stopped.problem is not None
        assert stopped.problem.code == "unsettled"
        assert (await client.conversation(ids[0])).tags == ("late",)
        with pytest.raises(Refused) as refused:
            await client.run_macro("never", ids)
        assert refused.value.problem.code == "not-found"


async def test_a_macro_on_all_of_a_search(desk_server: DeskServer, tmp_path: Path) -> None:
    desk_server.home.answers.mkdir()
    (desk_server.home.answers / "late.md").write_text("Hello {customer.first_name}.")
    desk_server.configure(ACCOUNT.format("true") + 'imap = "127.0.0.1"\n' + MACROS)
    desk_server.restart()
    async with desk_server.client("mia") as mia, desk_server.client("tom") as tom:
        await fill(mia, tmp_path / "mail", 230)
        rows = (await mia.conversations(limit=300)).items
        plan = await mia.plan_macro("late", view="open", without=[rows[0].id])
        assert (plan.total, len(plan.previews)) == (229, 200)
        assert all(each.ready for each in plan.previews)
        assert (await mia.conversations("open")).total == 230, "nothing is changed"
        await tom.reply(rows[1].id, NewReply(body="I have it."))
        await tom.set_state(rows[1].id, "open")
        job = await mia.bulk(macro="late", view="open", without=[rows[0].id], seen_message_id=plan.seen_message_id)
        job = await finished(mia, job)
        assert (job.label, job.total, job.failed) == ("macro late · 229 conversations", 229, 1)
        assert [(each.conversation_id, each.code) for each in job.failures] == [(rows[1].id, "moved-on")]
        assert len((await mia.conversations("snoozed", "tag:late", limit=1000)).items) == 228
        assert (await mia.undo()).deeds == 228 * 3
        assert (await mia.conversations("open")).total == 230
        with pytest.raises(Refused) as unknown:
            await mia.plan_macro("never", view="open")
        assert unknown.value.problem.code == "not-found"
