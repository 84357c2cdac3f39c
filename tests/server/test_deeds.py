"""Undo, merging, acts on many, presence: over the API, with two reps."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest

from desk.client import Client, Refused
from desk.model import BulkJob, Change, CustomerEdit, Identity, NewReply
from tests.server.test_api import ACCOUNT, fill
from tests.servers.desk import DeskServer


async def finished(client: Client, job: BulkJob) -> BulkJob:
    while job.state == "running":
        job = await client.bulk_job(job.id, wait=5)
    return job


async def test_undo_and_redo_survive_a_restart(desk_server: DeskServer, tmp_path: Path) -> None:
    async with desk_server.client() as mia:
        await fill(mia, tmp_path / "mail", 1)
        [row] = (await mia.conversations()).items
        with pytest.raises(Refused) as nothing:
            await mia.undo()
        assert (nothing.value.status, nothing.value.problem.code) == (409, "nothing-to-undo")
        await mia.tag(row.id, ["late"])
        await mia.set_state(row.id, "resolved")
    desk_server.restart()
    async with desk_server.client() as mia, desk_server.client("tom") as tom:
        undone = await mia.undo()
        assert (undone.label, undone.conversations, undone.left) == (f"#{row.id} resolved", (row.id,), ())
        assert (await mia.conversation(row.id)).state == "open"
        assert (await mia.redo()).label == f"#{row.id} resolved"
        await tom.set_state(row.id, "spam")
        [left] = (await mia.undo()).left
        assert (left.who, left.what) == ("tom", "state")
        await mia.undo()
        assert (await mia.conversation(row.id)).tags == ()
        assert (await mia.conversation(row.id)).state == "spam"


async def test_an_answer_is_taken_back_as_the_last_deed(new_desk: Any, tmp_path: Path) -> None:
    server = new_desk("[desk]\nundo_seconds = 600\n" + ACCOUNT.format("true") + 'imap = "127.0.0.1"\n').start()
    async with server.client() as mia, server.client("tom") as tom:
        await fill(mia, tmp_path / "mail", 1)
        [row] = (await mia.conversations()).items
        [seen] = await mia.messages(row.id)
        await mia.reply(row.id, NewReply(body="On its way.", resolve=True, seen_message_id=seen.id))
        with pytest.raises(Refused) as stale:
            await tom.reply(row.id, NewReply(body="What?", seen_message_id=seen.id))
        problem = stale.value.problem
        answer = next(each for each in await mia.messages(row.id) if each.direction == "out")
        assert (problem.code, problem.detail["who"], problem.detail["messages"]) == ("moved-on", "mia", str(answer.id))
        undone = await mia.undo()
        assert undone.draft is not None
        assert undone.draft.content.body == "On its way."
        assert (await mia.conversation(row.id)).state == "open"
        assert (await mia.conversation(row.id)).assignee_id is None


async def test_merging_over_the_api(desk_server: DeskServer, tmp_path: Path) -> None:
    async with desk_server.client() as mia:
        await fill(mia, tmp_path / "mail", 3)
        first, second, third = (await mia.conversations()).items
        merged = await mia.merge(first.id, [second.id, third.id])
        assert (merged.id, merged.messages) == (first.id, 3)
        assert (await mia.counts())["all"] == 1
        assert (await mia.conversation(second.id)).merged_into == first.id
        with pytest.raises(Refused) as gone:
            await mia.claim(second.id)
        assert (gone.value.status, gone.value.problem.detail) == (409, {"into": str(first.id)})
        with pytest.raises(Refused) as same:
            await mia.merge(first.id, [first.id])
        assert (same.value.status, same.value.problem.code) == (422, "same")
        assert (await mia.undo()).deeds == 2
        assert (await mia.counts())["all"] == 3
        [message] = await mia.messages(second.id)
        assert (await mia.move([message.id], first.id)).messages == 2


async def test_customers_over_the_api(desk_server: DeskServer, tmp_path: Path) -> None:
    async with desk_server.client() as mia:
        await fill(mia, tmp_path / "mail", 1)
        [row] = (await mia.conversations()).items
        edited = await mia.edit_customer(row.customer_id, CustomerEdit(zone="Europe/Berlin", add_tags=("vip",)))
        assert (edited.zone, edited.tags) == ("Europe/Berlin", ("vip",))
        with pytest.raises(Refused) as stale:
            await mia.edit_customer(row.customer_id, CustomerEdit(rev=1, name="x"))
        assert stale.value.problem.code == "stale"
        summary = await mia.customer_summary(row.customer_id)
        assert (summary.messages_in, summary.conversations, len(summary.timeline)) == (1, {"open": 1}, 1)
        assert [each.id for each in await mia.find_customers("ada custo")] == [row.customer_id]
        assert await mia.duplicates(row.customer_id) == []
        assert await mia.lookups(row.customer_id) == []
        with pytest.raises(Refused) as same:
            await mia.merge_customers(row.customer_id, [row.customer_id])
        assert same.value.problem.code == "same"
        timeline = await mia.customer_timeline(row.customer_id, limit=1)
        assert [each.conversation.id for each in timeline] == [row.id]
        assert await mia.customer_timeline(row.customer_id, offset=1) == []
        made = await mia.create_customer(CustomerEdit(name="Nell", add=(Identity(kind="phone", value="+49 30 12"),)))
        assert [each.id for each in await mia.find_customers("")] == [made.id, row.customer_id]


# --- many -------------------------------------------------------------------------------------------------


async def test_an_act_on_many_is_one_undo(desk_server: DeskServer, tmp_path: Path) -> None:
    async with desk_server.client() as mia, desk_server.client("tom") as tom:
        await fill(mia, tmp_path / "mail", 60)
        ids = [row.id for row in (await mia.conversations()).items]
        await tom.claim(ids[0])
        job = await finished(mia, await mia.bulk(["claim", "tag +sale"], ids=[*ids, 999]))
        assert (job.state, job.total, job.done, job.failed) == ("done", 61, 61, 2)
        assert {each.conversation_id: each.code for each in job.failures} == {ids[0]: "taken", 999: "not-found"}
        rows = {row.id: row for row in (await mia.conversations()).items}
        assert rows[ids[0]].tags == (), "all of a conversation or nothing"
        assert all(rows[id].tags == ("sale",) for id in ids[1:])
        undone = await mia.undo()
        assert (undone.deeds, undone.left, undone.whole) == (118, (), True)
        assert undone.label == "claim, tag +sale · 61 conversations"
        assert all(row.tags == () for row in (await mia.conversations()).items)
        assert [row.assignee_name for row in (await mia.conversations()).items if row.assignee_name] == ["tom"]


async def test_all_of_a_view_that_match(desk_server: DeskServer, tmp_path: Path) -> None:
    async with desk_server.client() as mia:
        await fill(mia, tmp_path / "mail", 3)
        rows = (await mia.conversations()).items
        await mia.tag(rows[0].id, ["late"])
        job = await finished(mia, await mia.bulk(["priority high"], view="open", q="tag:late"))
        assert (job.done, job.failed) == (1, 0)
        job = await finished(mia, await mia.bulk(["resolve"], view="open"))
        assert job.done == 3
        assert (await mia.counts())["resolved"] == 3
        for body, status, code in (
            ({"view": "open", "q": "stat:open"}, 422, "bad-query"),
            ({"view": "nonsense"}, 404, "not-found"),
            ({"view": "saved:nonsense"}, 404, "not-found"),
            ({}, 400, "bad-request"),
            ({"ids": [1], "view": "open"}, 400, "bad-request"),
            ({"macro": "late", "view": "open"}, 400, "bad-step"),
        ):
            with pytest.raises(Refused) as refused:
                await mia.bulk(["resolve"], **body)  # type: ignore[arg-type]
            assert (refused.value.status, refused.value.problem.code) == (status, code)
        with pytest.raises(Refused) as refused:
            await mia.bulk(["resolv"], view="open")
        assert refused.value.problem.code == "bad-step"


async def test_all_of_a_queue_and_of_a_saved_search(new_desk: Any, tmp_path: Path) -> None:
    server = new_desk('[views]\nlate = "tag:late"\njunk = "state:spam tag:late"\n').start()
    async with server.client() as mia:
        await fill(mia, tmp_path / "mail", 6)
        rows = (await mia.conversations()).items
        await finished(mia, await mia.bulk(["queue Late Returns"], ids=[row.id for row in rows[:3]]))
        await finished(mia, await mia.bulk(["tag +late"], ids=[row.id for row in rows[2:]]))
        await mia.set_state(rows[5].id, "spam")
        job = await finished(mia, await mia.bulk(["tag +queued"], view="queue:Late Returns", without=[rows[0].id]))
        assert (job.total, job.failed) == (2, 0)
        assert {row.id for row in (await mia.conversations("all", "tag:queued")).items} == {row.id for row in rows[1:3]}
        for view, q, expected in (
            ("saved:late", "", rows[2:5]),
            ("saved:late", "tag:queued", rows[2:3]),
            ("saved:junk", "", rows[5:]),
        ):
            shown = (await mia.conversations(view, q)).items
            job = await finished(mia, await mia.bulk(["priority high"], view=view, q=q))
            assert (job.total, {row.id for row in shown}) == (len(expected), {row.id for row in expected})
            high = (await mia.conversations("all", "priority:high")).items
            assert {row.id for row in high} == {row.id for row in expected}
            await mia.undo()


async def test_an_act_on_many_can_be_cancelled(desk_server: DeskServer, tmp_path: Path) -> None:
    async with desk_server.client() as mia:
        await fill(mia, tmp_path / "mail", 300)
        first = await mia.bulk(["tag +a", "priority high", "note hm"], view="open")
        second = await mia.bulk(["tag +b"], view="open")
        await mia.cancel_bulk(second.id)
        assert (await finished(mia, second)).state == "cancelled"
        assert (await finished(mia, first)).state == "done"
        with pytest.raises(Refused) as unknown:
            await mia.bulk_job(999)
        assert unknown.value.status == 404


# --- who is where -----------------------------------------------------------------------------------------


@contextlib.asynccontextmanager
async def feed(client: Client) -> AsyncIterator[asyncio.Queue[Change]]:
    """Changes as they come."""
    since, changes = (await client.status()).last_seq, asyncio.Queue[Change]()
    begun = asyncio.Event()

    async def follow() -> None:
        begun.set()
        async for some in client.events(since):
            for change in some:
                changes.put_nowait(change)

    task = asyncio.create_task(follow())
    await begun.wait()
    try:
        yield changes
    finally:
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)


async def presence_change(changes: asyncio.Queue[Change]) -> Change:
    async with asyncio.timeout(20):
        while (change := await changes.get()).kind != "presence":
            pass
        return change


async def test_reps_see_each_other(desk_server: DeskServer, tmp_path: Path) -> None:
    async with desk_server.client() as mia, desk_server.client("tom") as tom:
        await fill(mia, tmp_path / "mail", 1)
        [row] = (await mia.conversations()).items
        me = await tom.me()
        async with feed(mia) as changes:
            await mia.claim(row.id)
            async with asyncio.timeout(20):
                while (await changes.get()).kind != "conversation":
                    pass
            seq = (await mia.status()).last_seq
            assert [each.doing for each in await tom.show_presence(row.id, "viewing")] == ["viewing"]
            change = await presence_change(changes)
            assert (change.id, change.conversation_id, change.seq) == (me.id, row.id, seq)
            await tom.show_presence(row.id, "viewing")
            await tom.show_presence(row.id, "replying")
            await presence_change(changes)
            [there] = await mia.presence(row.id)
            assert (there.agent_name, there.doing) == ("tom", "replying")
            await mia.show_presence(row.id, "viewing")
            assert [each.agent_name for each in await tom.presence(row.id)] == ["tom", "mia"]
            await tom.show_presence(row.id, "gone")
            assert [each.agent_name for each in await mia.presence(row.id)] == ["mia"]
