"""The sample shop is live: mail put into its Maildir arrives, answers lie in the other one."""

from __future__ import annotations

import asyncio
import stat
from collections.abc import Awaitable, Callable
from email import message_from_bytes
from email.message import Message as Mail
from pathlib import Path
from typing import TypeVar

import httpx
import pytest

from desk.client import Client, Refused
from desk.model import Conversation, NewReply, OutboxItem
from tests.servers.desk import DeskServer
from tests.servers.patience import Deadline
from tests.web.visitors import browser

T = TypeVar("T")
NewDesk = Callable[..., DeskServer]

QUESTION = b"""\
From: Marta Okafor <marta.okafor@brightmail.example>
To: help@larkspur-cycles.example
Subject: Do you rent tandems?
Message-ID: <tandem-1@brightmail.example>
Content-Type: text/plain; charset=utf-8

For two weeks in August, if you do.
"""


async def until(ask: Callable[[], Awaitable[T]], holds: Callable[[T], object], seconds: float = 20.0) -> T:
    """The first answer that fulfils the condition."""
    deadline = Deadline(seconds)
    while not holds(answer := await ask()):
        assert not deadline.passed(), f"not within {seconds} s; last: {answer!r}"
        await asyncio.sleep(0.02)
    return answer


async def answer(client: Client, conversation: Conversation) -> OutboxItem:
    """Answer now, and wait until it is sent."""
    item = await client.reply(conversation.id, NewReply(body="We do, and gladly."), now=True)

    async def state() -> OutboxItem:
        return next(each for each in await client.outbox() if each.id == item.id)

    return await until(state, lambda item: item.state not in ("held", "sending"))


def outgoing(server: DeskServer) -> list[Mail]:
    return [message_from_bytes(file.read_bytes()) for file in (server.home.folder / "post/outgoing/new").iterdir()]


async def find(client: Client, subject: str) -> Conversation:
    async def ask() -> list[Conversation]:
        return [each for each in (await client.conversations("all")).items if each.subject == subject]

    [found] = await until(ask, bool)
    return found


async def test_an_answer_goes_out(desk_server: DeskServer) -> None:
    async with desk_server.client() as client:
        await client.load_sample()
        [conversation, *_] = (await client.conversations("unassigned")).items
        asked = [each for each in await client.messages(conversation.id) if each.direction == "in"][-1]
        item = await answer(client, conversation)
        assert (item.state, item.error) == ("sent", "")
        [mail] = outgoing(desk_server)
        assert mail["Message-ID"] == f"<{item.rfc_message_id}>"
        assert mail["In-Reply-To"] == f"<{asked.rfc_message_id}>"
        assert mail["From"] == "Larkspur Cycles <help@larkspur-cycles.example>"
        assert mail["X-Envelope-To"] == conversation.customer_address


async def test_a_mail_put_into_the_folder_arrives_and_is_answered(desk_server: DeskServer) -> None:
    async with desk_server.client() as client:
        await client.load_sample()
        before = (await client.counts())["all"]
        (desk_server.home.folder / "post/incoming/new/tandem.eml").write_bytes(QUESTION)
        conversation = await find(client, "Do you rent tandems?")
        assert conversation.customer_name == "Marta Okafor", "a customer the shop knows"
        assert (await answer(client, conversation)).state == "sent"
        assert [mail["In-Reply-To"] for mail in outgoing(desk_server)] == ["<tandem-1@brightmail.example>"]
        desk_server.restart()
    async with desk_server.client() as client:
        await until(client.accounts, lambda accounts: accounts[0].state == "connected")
        assert (await client.counts())["all"] == before + 1, "it does not come again"


async def test_its_account_is_well(desk_server: DeskServer) -> None:
    async with desk_server.client() as client:
        await client.load_sample()
        [account] = await until(client.mailboxes, lambda accounts: accounts and accounts[0].state == "connected")
        assert (account.name, account.connector) == ("shop", "maildir")
        checks = [check for check in await client.doctor() if check.what.startswith("account shop")]
        assert {check.status for check in checks} == {"ok"}, checks
    folders = [desk_server.home.folder / "post", *(desk_server.home.folder / "post").rglob("*")]
    assert len(folders) == 9
    assert {stat.S_IMODE(folder.stat().st_mode) for folder in folders} == {0o700}


async def test_an_account_of_that_name_stays_as_it_is(new_desk: NewDesk) -> None:
    settings = (
        '# mine\n[accounts.shop]\naddress = "a@example.test"\nenabled = false\nimap = "127.0.0.1"\nsmtp = "127.0.0.1"\n'
    )
    server = new_desk(settings).start()
    async with server.client() as client:
        await client.load_sample()
    assert server.home.settings.read_text() == settings
    assert not (server.home.folder / "post").exists()


async def test_other_workspaces_are_left_alone(desk_server: DeskServer, tmp_path: Path) -> None:
    (tmp_path / "question.eml").write_bytes(QUESTION)
    async with desk_server.client() as client:
        job = await client.start_import([tmp_path])
        await until(lambda: client.import_job(job.id), lambda job: job.state == "done")
        with pytest.raises(Refused, match="empty workspace"):
            await client.load_sample()
        assert await client.accounts() == []
    assert not desk_server.home.settings.exists()
    assert not (desk_server.home.folder / "post").exists()


async def test_its_page_is_open_to_whoever_wants_to_chat_with_themself(desk_server: DeskServer) -> None:
    async with desk_server.client() as client:
        await client.load_sample()
        url = await client.site(within=20)
        async with httpx.AsyncClient(base_url=url, trust_env=False) as http:
            page = await http.get("/")
            assert 'data-site="larkspur"' in page.text
            assert "default-src 'none'" in page.headers["content-security-policy"]
            assert (await http.get("/demo.css")).status_code == 200
            assert f"frame-ancestors {url}" in (await http.get("/larkspur/panel")).headers["content-security-policy"]
        async with browser(url) as ada:
            await ada.visit()
            await ada.say("Is the Heron in stock?")
            row = await find(client, "Is the Heron in stock?")
            assert row.channel == "chat"
        assert [each.name for each in await client.mailboxes()] == ["shop"]


async def test_some_of_its_customers_want_to_be_called(desk_server: DeskServer) -> None:
    async with desk_server.client() as client:
        await client.load_sample()
        first, second = await client.callbacks()
        assert [each.outcome for each in (first, second)] == ["no-answer", None]
        assert first.due_at < second.due_at
        rows = [await client.conversation(each.conversation_id) for each in (first, second)]
        assert [row.customer_name for row in rows] == ["Henrik Solberg", "Marta Okafor"]
        assert [row.due_at for row in rows] == [first.due_at, second.due_at]
        urgent = (await client.conversations("open")).items
        assert {row.id for row in rows} <= {row.id for row in urgent}
