"""Canned answers over the API, against a real server and real files."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest

from desk.answers.model import AnswerFile, Beginning, NewAnswer
from desk.client import Client, Refused
from desk.model import NewReply
from tests.documents.files import put
from tests.server.test_api import ACCOUNT, fill
from tests.servers.desk import DeskServer

LATE = "Hello {customer.first_name|there},\n\norder {customer.order} is late.\n\n{agent.first_name}, {account.name}"


async def conversation(client: Client, folder: Path) -> int:
    await fill(client, folder, 1)
    return (await client.conversations("all")).items[0].id


async def test_an_answer_from_file_to_reply(desk_server: DeskServer, tmp_path: Path) -> None:
    put(desk_server.home.answers, "shipping/late.md", f'+++\ntitle = "Late"\nattachments = ["form.pdf"]\n+++\n{LATE}')
    put(desk_server.home.answers, "shipping/form.pdf", b"%PDF-1.4")
    put(desk_server.home.answers, "late.de.md", "Hallo")
    desk_server.configure(ACCOUNT.format("true"))
    desk_server.restart()
    async with desk_server.client("mia") as client:
        id = await conversation(client, tmp_path / "mail")
        hits = await client.answers("lat", id)
        assert [hit.answer.key for hit in hits] == ["shipping/late", "late.de"]
        assert hits[0].body == "Hello Ada,\n\norder ⟦customer.order⟧ is late.\n\nmia, The Shop"
        assert [(gap.name, gap.why) for gap in hits[0].gaps] == [("customer.order", "empty")]
        assert (await client.answers("late"))[0].body == LATE
        ready = await client.fill_answer("shipping/late", id)
        assert (ready.body, ready.gaps) == (hits[0].body, hits[0].gaps)
        assert await client.fill_answer("::late", id) == ready
        assert await client.blob(ready.attachments[0].split(":")[0]) == b"%PDF-1.4"
        new = NewReply(body=ready.body, attachments=ready.attachments, answers=(ready.key,))
        with pytest.raises(Refused) as refused:
            await client.reply(id, new)
        assert refused.value.problem.code == "unsettled"
        assert refused.value.problem.detail["names"] == "customer.order"
        item = await client.reply(id, NewReply(body="4711", attachments=ready.attachments, answers=(ready.key,)))
        assert (await client.message(item.message_id)).attachments[0].name == "form.pdf"
        assert (await client.fill_text("{customer.name}!", id)).body == "Ada!"


async def test_what_is_edited_elsewhere_is_noticed(desk_server: DeskServer) -> None:
    async with desk_server.client() as client:
        assert await client.answers("late") == []
        since = (await client.status()).last_seq
        put(desk_server.home.answers, "late.md", "One")

        async def noticed() -> str:
            async for changes in client.events(since):
                if any(change.kind == "answer" for change in changes):
                    return (await client.answers("late"))[0].body
            raise AssertionError

        async def search_on() -> None:
            while True:
                await client.answers("late")
                await asyncio.sleep(0.05)

        searching = asyncio.create_task(search_on())
        try:
            assert await asyncio.wait_for(noticed(), 20) == "One"
        finally:
            searching.cancel()


async def test_writing_moving_and_removing(desk_server: DeskServer) -> None:
    async with desk_server.client("ada") as ada, desk_server.client("ben") as ben:
        sha256 = await ada.upload(b"%PDF")
        new = NewAnswer(title="Late parcel", body="Sorry!", shortcut="late", attachments=(f"{sha256}:form.pdf",))
        made = await ada.save_answer(new, folder="shipping")
        assert (made.key, made.attachments) == ("shipping/late-parcel", ("late-parcel.files/form.pdf",))
        assert [hit.answer for hit in await ben.answers("late")] == [made]
        changed = await ben.save_answer(NewAnswer(title="Late", body="Very!"), key=made.key, rev=made.rev)
        for code, doing in (
            ("stale", ada.save_answer(new, key=made.key, rev=made.rev)),
            ("exists", ada.save_answer(NewAnswer(title="x", body="y"), key=made.key)),
            ("stale", ada.delete_answer(made.key, made.rev)),
            ("not-found", ada.answer("shipping/never")),
            ("bad-key", ada.answer("../desk")),
            ("bad-title", ada.save_answer(NewAnswer(title="", body="y"))),
        ):
            with pytest.raises(Refused) as refused:
                await doing
            assert refused.value.problem.code == code
        moved = await ben.move_answer(made.key, "late", changed.rev)
        assert (moved.key, moved.body) == ("late", "Very!")
        await ben.delete_answer("late", moved.rev)
        assert await ada.all_answers() == []


async def test_a_reps_own_answers_are_nobody_elses(desk_server: DeskServer) -> None:
    async with desk_server.client("ada") as ada, desk_server.client("ben") as ben:
        own = await ada.save_answer(NewAnswer(title="Mine", body="My words"), personal=True)
        assert own.key == "@ada/mine"
        assert own.owner == "ada"
        assert [hit.answer.key for hit in await ada.answers("mine")] == ["@ada/mine"]
        assert await ben.answers("mine") == await ben.all_answers() == await ben.export_answers() == []
        for doing in (
            ben.answer(own.key),
            ben.save_answer(own, key=own.key, rev=own.rev),
            ben.delete_answer(own.key, own.rev),
            ben.move_answer(own.key, "mine", own.rev),
        ):
            with pytest.raises(Refused) as refused:
                await doing
            assert refused.value.status == 404
        taken = await ben.import_answers([AnswerFile(path="@ada/more.md", data=b"x")])
        assert (taken.new, len(taken.findings)) == ((), 1)


async def test_a_login_that_ends_like_a_folder_of_files_has_answers_of_its_own(desk_server: DeskServer) -> None:
    async with desk_server.client("ada.files") as ada:
        own = await ada.save_answer(NewAnswer(title="Mine", body="My words"), personal=True)
        assert (own.key, own.owner) == ("@ada%2Efiles/mine", "ada.files")
        assert [hit.answer.key for hit in await ada.answers("mine")] == [own.key]


async def test_days_and_times_are_those_where_the_rep_is(
    desk_server: DeskServer, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    put(desk_server.home.answers, "when.md", "{date}")
    desk_server.configure(ACCOUNT.format("true") + '[macros.when]\nsteps = ["reply ::when"]\n')
    desk_server.restart()
    async with desk_server.client("mia") as client:
        id = await conversation(client, tmp_path / "mail")
    days = []
    for zone in ("Pacific/Kiritimati", "Pacific/Pago_Pago"):
        monkeypatch.setenv("TZ", zone)
        async with desk_server.client("mia") as client:
            filled = await client.fill_answer("::when", id)
            assert (await client.answers("when", id))[0].body == filled.body
            assert (await client.fill_text("{date}", id)).body == filled.body
            assert (await client.preview_macro("when", [id]))[0].steps[0].body == filled.body
            days.append(filled.body)
    assert days[0] != days[1], "25 hours lie between them: it is never the same day"


async def test_in_and_out(desk_server: DeskServer) -> None:
    files = [
        AnswerFile(path="a/late.md", data=b'+++\nattachments = ["form.pdf"]\n+++\nHello'),
        AnswerFile(path="a/form.pdf", data=b"%PDF"),
        AnswerFile(path="bad.md", data=b"+++\ntitle = \n+++\nHello"),
        AnswerFile(path="../escape.md", data=b"Hello"),
        AnswerFile(path="a/.hidden.md", data=b"Hello"),
    ]
    async with desk_server.client("ada") as client:
        first = await client.import_answers(files)
        assert first.new == ("a/late.md", "a/form.pdf")
        assert (first.findings[0].file, first.findings[0].line) == ("bad.md", 2)
        assert len(first.findings) == 3
        assert not (desk_server.home.folder / "escape.md").exists()
        assert (await client.import_answers(files)).same == first.new
        other = [AnswerFile(path="a/late.md", data=b"Other")]
        assert (await client.import_answers(other)).kept == ("a/late.md",)
        assert (await client.import_answers(other, personal=True)).new == ("@ada/a/late.md",)
        assert (await client.import_answers(files[:1], replace=True)).same == ("a/late.md",)
        assert (await client.import_answers(other, replace=True)).replaced == ("a/late.md",)
        await client.import_answers(files[:1], replace=True)
        assert [file.path for file in await client.export_answers()] == ["@ada/a/late.md", "a/form.pdf", "a/late.md"]


async def test_faults_are_told_by_file_and_line(desk_server: DeskServer) -> None:
    put(desk_server.home.answers, "bad.md", "+++\ntitle = 'a'\nshortcut = 'two words'\n+++\nHello")
    put(desk_server.home.answers, "gone.md", "+++\ntitle = 'a'\nattachments = ['x.pdf']\n+++\nHello")
    put(desk_server.home.answers, "@ben/bad.md", "+++\n")
    async with desk_server.client("ada") as client:
        assert [str(each).partition(": ")[0] for each in await client.answer_findings()] == ["bad.md:3", "gone.md:3"]
        assert [hit.answer.key for hit in await client.answers("gone")] == ["gone"]


async def test_an_answer_is_filled_for_a_conversation_that_is_yet_to_begin(
    desk_server: DeskServer, tmp_path: Path
) -> None:
    put(desk_server.home.answers, "late.md", f'+++\nattachments = ["form.pdf"]\n+++\n{LATE} {{conversation.subject}}')
    put(desk_server.home.answers, "form.pdf", b"%PDF-1.4")
    desk_server.configure(ACCOUNT.format("true"))
    desk_server.restart()
    async with desk_server.client("mia") as client:
        row = await client.conversations_by_id([await conversation(client, tmp_path / "mail")])
        known = Beginning(to=row[0].customer_address, name="whatever", subject="Your bike")
        told = "Hello Ada,\n\norder ⟦customer.order⟧ is late.\n\nmia, The Shop Your bike"
        assert (await client.answers("late", known))[0].body == told
        ready = await client.fill_answer("::late", known)
        assert ready.body == told
        assert [gap.name for gap in ready.gaps] == ["customer.order"]
        assert await client.blob(ready.attachments[0].split(":")[0]) == b"%PDF-1.4"
        stranger = Beginning(to="new@where.example", name="Nell New")
        assert (await client.fill_answer("late", stranger)).body.startswith("Hello Nell,")
        assert (await client.answers("late", Beginning()))[0].body.startswith("Hello there,")
        assert (await client.fill_text("{conversation.subject}{conversation.id}", Beginning())).gaps
