"""Views, filters, reading and mentions over the API."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from desk.client import Refused
from tests.server.test_api import fill
from tests.servers.desk import DeskServer


async def test_views_and_filters(new_desk: Any, tmp_path: Path) -> None:
    server = new_desk(settings='[views]\nfirst = "subject:\\"order 1\\""\n').start()
    async with server.client() as client:
        await fill(client, tmp_path / "mail")
        views = {view.name: view for view in await client.views()}
        assert views["open"].count == views["channel:email"].count == 3
        assert (views["saved:first"].count, views["saved:first"].query) == (1, 'subject:"order 1"')
        page = await client.conversations("open", "ORDER -subject:2")
        assert (len(page.items), page.total, page.exact) == (2, 2, True)
        [first] = (await client.conversations("saved:first")).items
        assert first.subject == "Order 1"
        assert await client.position("saved:first", first.id) == 0
        assert await client.position("open", first.id, "subject:2") is None
        assert (await client.conversations("sent")).items == []
        await client.tag(first.id, ["late"])
        found = await client.search("tag:late order")
        assert [hit.conversation.id for hit in found.hits] == [first.id]


@pytest.mark.parametrize(
    ("query", "start", "end"), [("order tagg:x", "6", "11"), ("is:onread", "3", "9"), ("before:soon", "7", "11")]
)
async def test_a_bad_query_is_pointed_at(desk_server: DeskServer, query: str, start: str, end: str) -> None:
    async with desk_server.client() as client:
        for ask in (client.conversations("open", query), client.search(query), client.position("open", 1, query)):
            with pytest.raises(Refused) as caught:
                await ask
            assert (caught.value.status, caught.value.problem.code) == (422, "bad-query")
            assert caught.value.problem.detail == {"start": start, "end": end}


async def test_unknown_views_are_not_found(desk_server: DeskServer) -> None:
    async with desk_server.client() as client:
        for view, status in (("opn", 404), ("saved:none", 404), ("quarantined", 422)):
            with pytest.raises(Refused) as caught:
                await client.conversations(view)
            assert caught.value.status == status


async def test_read_and_mentioned_are_each_reps_own(desk_server: DeskServer, tmp_path: Path) -> None:
    async with desk_server.client() as mia, desk_server.client("tom") as tom:
        await tom.me()
        await fill(mia, tmp_path / "mail", 1)
        [row] = (await mia.conversations("open")).items
        assert (await mia.mark_unread(row.id)).unread
        assert (await mia.conversation(row.id)).unread
        assert [each.unread for each in (await mia.conversations("open", "is:unread")).items] == [True]
        assert (await tom.conversations("open", "is:unread")).items == []
        assert (await mia.claim(row.id)).unread
        assert not (await mia.mark_read(row.id)).unread
        seq = (await mia.status()).last_seq
        note = await mia.note(row.id, "@tom can you look?")
        [seen] = await tom.conversations_by_id([row.id])
        assert seen.mentioned
        assert {view.name: view.unread for view in await tom.views()}["mentions"] == 1
        async for changes in tom.events(seq):
            if any(change.kind == "mention" for change in changes):
                break
        assert not (await tom.mark_read(row.id, note.id)).mentioned
        assert [each.id for each in (await tom.conversations("mentions")).items] == [row.id]


async def test_where_a_rep_had_got_to_and_the_header_of_a_mail(desk_server: DeskServer, tmp_path: Path) -> None:
    async with desk_server.client() as mia:
        await fill(mia, tmp_path / "mail", 1)
        [row] = (await mia.conversations("open")).items
        [message] = await mia.messages(row.id)
        assert await mia.seen(row.id) is None
        await mia.mark_unread(row.id)
        await mia.mark_read(row.id)
        assert await mia.seen(row.id) == message.id
        fields = {field.name: field.value for field in await mia.headers(message.id)}
        assert fields["Subject"] == "Order 0"
        note = await mia.note(row.id, "no mail")
        for asked in (mia.headers(note.id), mia.seen(999)):
            with pytest.raises(Refused) as caught:
                await asked
            assert caught.value.status == 404


async def test_days_and_hours_are_those_of_whoever_asks(
    new_desk: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "evening.eml").write_text(
        "From: a@x.example\nTo: help@shop.example\nSubject: Late\nDate: Sun, 01 Mar 2026 20:00:00 +0000\n\nhi\n"
    )
    monkeypatch.setenv("TZ", "UTC")
    server = new_desk('[views]\nsecond = "after:2026-03-02"\n').start()
    async with server.client() as london:
        job = await london.start_import([tmp_path / "evening.eml"])
        while job.state == "running":
            job = await london.import_job(job.id, wait=5)
        [row] = (await london.conversations("all")).items
        monkeypatch.setenv("TZ", "Asia/Tokyo")
        async with server.client() as tokyo:
            for client, found in ((london, []), (tokyo, [row.id])):
                for view, q in (("all", "after:2026-03-02"), ("saved:second", "")):
                    assert [each.id for each in (await client.conversations(view, q)).items] == found
                assert [hit.conversation.id for hit in (await client.search("after:2026-03-02")).hits] == found
                counted = {view.name: view.count for view in await client.views()}
                assert counted["saved:second"] == len(found)
            job = await tokyo.bulk(["snooze tomorrow 9:00"], view="saved:second")
            while job.state == "running":
                job = await tokyo.bulk_job(job.id, wait=5)
            until = (await tokyo.conversation(row.id)).snoozed_until
            assert until is not None
            assert datetime.fromtimestamp(until / 1000, ZoneInfo("Asia/Tokyo")).hour == 9
