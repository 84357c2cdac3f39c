"""The API: described, answering as its client expects, refusing in words."""

from __future__ import annotations

import ast
import inspect
import re
import sys
from pathlib import Path
from typing import Any

import httpx
import pytest

from desk.client import API, Client, Refused
from desk.model import Address, NewReply
from tests.servers.desk import DeskServer

MAIL = """\
From: Ada <ada@customer.test>
To: shop@example.test
Subject: {subject}
Date: Mon, 5 Jan 2026 10:0{number}:00 +0000
Message-ID: <{number}@customer.test>
Content-Type: text/plain; charset=utf-8

Where is my order {number}?
"""

ACCOUNT = '[accounts.shop]\naddress = "shop@example.test"\nname = "The Shop"\nenabled = {}\n'


async def fill(client: Client, folder: Path, count: int = 3) -> None:
    """Import that many mails, each its own conversation."""
    folder.mkdir(exist_ok=True)
    for number in range(count):
        (folder / f"{number}.eml").write_text(MAIL.format(number=number, subject=f"Order {number}"))
    job = await client.start_import([folder])
    while job.state == "running":
        job = await client.import_job(job.id, wait=5)
    assert (job.state, job.new, job.error) == ("done", count, "")


def called_routes() -> set[tuple[str, str]]:
    """`(method, path)` of everything the client asks for, with `{}` for whatever is filled in."""
    routes = set()
    parts = [inspect.getsource(sys.modules[part.__module__]) for part in Client.__mro__[:-1]]
    for node in (node for source in parts for node in ast.walk(ast.parse(source))):
        if not (isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute)):
            continue
        name, arguments = node.func.attr, node.args
        if name in ("_get", "_post") and arguments:
            routes.add((name[1:].upper(), path_of(arguments[0])))
        elif name in ("_send", "_send_as", "_stream") and len(arguments) > 1 and isinstance(arguments[0], ast.Constant):
            routes.add((str(arguments[0].value), path_of(arguments[1])))
    return {route for route in routes if route[1]}


def path_of(node: ast.expr) -> str:
    if isinstance(node, ast.Constant):
        return str(node.value)
    if isinstance(node, ast.JoinedStr):
        pieces = [part.value if isinstance(part, ast.Constant) else "{}" for part in node.values]
        return "".join(map(str, pieces)).removeprefix("{}") if pieces[0] == "{}" else "".join(map(str, pieces))
    return ""


async def test_every_method_of_the_client_is_in_the_description(desk_server: DeskServer) -> None:
    async with desk_server.client() as client:
        document = await client.schema()
    assert document["openapi"].startswith("3.")
    described = {
        (method.upper(), re.sub(r"\{[^}]*\}", "{}", path).removeprefix(API))
        for path, operations in document["paths"].items()
        for method in operations
    }
    called = called_routes() - {("GET", "/schema/openapi.json")}
    assert len(called) > 40
    assert called <= described
    assert described <= called, "a route that the client does not know"


async def test_the_description_is_of_our_structs(desk_server: DeskServer) -> None:
    async with desk_server.client() as client:
        document = await client.schema()
    schemas: dict[str, Any] = document["components"]["schemas"]
    for name in ("Conversation", "Message", "OutboxItem", "LedgerEntry", "ImportJob", "Status"):
        assert any(key == name or key.endswith(f"_{name}") for key in schemas), name
    operation = document["paths"][f"{API}/conversations"]["get"]
    assert {each["name"] for each in operation["parameters"]} >= {"view", "offset", "limit"}


async def test_who_asks_is_known_by_the_header(desk_server: DeskServer) -> None:
    async with desk_server.client("Mïa Müller") as client:
        agent = await client.me()
        assert agent.login == "Mïa Müller"
        assert await client.me() == agent
        assert agent in await client.agents()


@pytest.mark.parametrize("header", [None, "", "%00%1b", "x" * 65])
async def test_without_a_name_nothing_is_answered(desk_server: DeskServer, header: str | None) -> None:
    transport = httpx.AsyncHTTPTransport(uds=str(desk_server.socket))
    headers = {} if header is None else {"Desk-Agent": header}
    async with httpx.AsyncClient(transport=transport, base_url="http://desk") as http:
        response = await http.get(f"{API}/counts", headers=headers)
    if header == "%00%1b":
        assert response.status_code == 200, "control characters become visible glyphs"
    else:
        assert response.status_code == 400
        assert response.json()["code"] == "no-agent"


async def test_conversations(desk_server: DeskServer, tmp_path: Path) -> None:
    async with desk_server.client() as client:
        await fill(client, tmp_path / "mail")
        page = await client.conversations("open", limit=2)
        assert (page.total, len(page.items)) == (3, 2)
        rest = await client.conversations("open", offset=2)
        first, second, third = (*page.items, *rest.items)
        assert await client.conversation(first.id) == first
        assert await client.conversations_by_id([third.id, 999, first.id]) == [third, first]
        assert await client.position("open", second.id) == 1
        assert await client.position("spam", second.id) is None
        assert (await client.counts())["open"] == 3

        claimed = await client.claim(first.id)
        assert claimed.assignee_name == "mia"
        assert (await client.counts())["mine"] == 1
        assert (await client.tag(first.id, ["urgent", "order"])).tags == ("order", "urgent")
        assert (await client.tag(first.id, [], ["order"])).tags == ("urgent",)
        assert [tag.name for tag in await client.tags()] == ["order", "urgent"]
        assert (await client.set_priority(first.id, "high")).priority == "high"
        assert (await client.set_state(first.id, "resolved")).state == "resolved"
        assert (await client.assign(first.id, None)).assignee_id is None

        note = await client.note(second.id, "called, nobody there")
        assert (await client.message(note.id)).body == "called, nobody there"
        messages = await client.messages(second.id)
        assert [message.direction for message in messages] == ["in", "note"]
        assert b"Where is my order" in await client.raw(messages[0].id)
        [entry] = await client.provenance(messages[0].id)
        assert (entry.outcome, entry.account) == ("stored", "import")
        found = await client.search("order 2")
        assert [hit.conversation.subject for hit in found.hits] == ["Order 2"]

        customer = await client.customer(first.customer_id)
        assert customer.identities[0].value == "ada@customer.test"
        assert len(await client.customer_conversations(customer.id)) == 3
        noted = await client.set_customer_notes(customer.id, "pays late", customer.rev)
        assert noted.notes == "pays late"
        with pytest.raises(Refused, match="changed"):
            await client.set_customer_notes(customer.id, "never pays", customer.rev)


async def test_refusals_are_problems_with_fitting_statuses(desk_server: DeskServer, tmp_path: Path) -> None:
    async with desk_server.client() as mia, desk_server.client("tom") as tom:
        await fill(mia, tmp_path / "mail", 2)
        first, second = (await mia.conversations()).items
        await mia.claim(first.id)
        for call, status, code in [
            (tom.claim(first.id), 409, "taken"),
            (mia.set_state(first.id, "resolved", rev=1), 409, "stale"),
            (mia.set_state(first.id, "snoozed"), 422, "bad-snooze"),
            (mia.conversation(999), 404, "not-found"),
            (mia.messages(999), 404, "not-found"),
            (mia.customer(999), 404, "not-found"),
            (mia.raw(999), 404, "not-found"),
            (mia.blob("0" * 64), 404, "not-found"),
            (mia.blob("nonsense"), 400, "bad-request"),
            (mia.import_job(999), 404, "not-found"),
            (mia.cancel_import(999), 404, "not-found"),
            (mia.replay(999), 404, "not-found"),
            (mia.provide_secret("nobody", "x"), 404, "not-found"),
            (mia.assign(second.id, "nobody"), 404, "not-found"),
            (mia.note(second.id, "  "), 422, "empty"),
            (mia.conversations("bogus"), 404, "not-found"),
            (mia.conversations(limit=100_000), 400, "bad-request"),
            (mia.outbox(["bogus"]), 400, "bad-request"),  # type: ignore[list-item]
            (mia.start_import([tmp_path / "nothing"]), 400, "no-such-file"),
            (mia.load_sample(), 422, "not-empty"),
            (mia.reply(second.id, NewReply(body="hello")), 422, "no-account"),
            (mia.connect_account("a b", "email", {}, None), 400, "bad-request"),
            (mia.connect_account("shop", "email", {"password": "x"}, None), 422, "bad-settings"),
        ]:
            with pytest.raises(Refused) as refused:
                await call
            assert (refused.value.status, refused.value.problem.code) == (status, code)
            assert refused.value.problem.message
        with pytest.raises(Refused) as refused:
            await tom.claim(first.id)
        assert refused.value.problem.detail == {"agent": "mia"}


@pytest.mark.parametrize(
    ("method", "path", "content", "status"),
    [
        ("GET", "/nothing", None, 404),
        ("PUT", "/counts", None, 405),
        ("POST", "/conversations/1/notes", b"{", 400),
        ("POST", "/conversations/1/notes", b'{"boddy": "x"}', 400),
        ("POST", "/conversations/x/notes", b'{"body": "x"}', 404),
        ("GET", "/events?since=-1", None, 400),
    ],
)
async def test_whatever_is_sent_the_answer_is_a_problem(
    desk_server: DeskServer, method: str, path: str, content: bytes | None, status: int
) -> None:
    transport = httpx.AsyncHTTPTransport(uds=str(desk_server.socket))
    headers = {"Desk-Agent": "mia", "Content-Type": "application/json"}
    async with httpx.AsyncClient(transport=transport, base_url="http://desk") as http:
        response = await http.request(method, API + path, content=content, headers=headers)
    assert response.status_code == status
    assert set(response.json()) == {"code", "message", "detail"}


async def test_attachments_up_and_down(new_desk: Any) -> None:
    server = new_desk("[desk]\nupload_mb = 0.5\n").start()
    async with server.client() as client:
        sha256 = await client.upload(b"\x00\x01" * 1000)
        assert await client.upload(b"\x00\x01" * 1000) == sha256
        assert await client.blob(sha256) == b"\x00\x01" * 1000
        with pytest.raises(Refused) as refused:
            await client.upload(bytes(500_001))
        assert (refused.value.status, refused.value.problem.code) == (413, "too-large")
        assert "upload_mb" in str(refused.value)


async def test_drafts_answers_and_taking_them_back(new_desk: Any, tmp_path: Path) -> None:
    server = new_desk("[desk]\nundo_seconds = 600\n" + ACCOUNT.format("true") + 'imap = "127.0.0.1"\n').start()
    async with server.client() as client:
        await fill(client, tmp_path / "mail", 1)
        [conversation] = (await client.conversations()).items
        draft = await client.save_draft(conversation.id, NewReply(body="Dear A"))
        assert await client.draft(conversation.id) == draft
        assert await client.drafts() == [draft]
        assert (await client.status()).drafts == 1
        item = await client.reply(conversation.id, NewReply(body="Dear Ada, it is on its way."))
        assert item.state == "held"
        assert item.hold_until - item.created_at == 600_000
        assert await client.draft(conversation.id) is None
        assert [each.id for each in await client.outbox(["held"])] == [item.id]
        assert await client.outbox(["sent"]) == []
        assert (await client.status()).outbox == {"held": 1}
        taken_back = await client.undo_send(item.id)
        assert taken_back.content.body == "Dear Ada, it is on its way."
        with pytest.raises(Refused) as refused:
            await client.undo_send(item.id)
        assert refused.value.problem.code == "too-late"
        await client.delete_draft(conversation.id)
        await client.delete_draft(conversation.id)
        assert await client.drafts() == []
        begun = await client.compose(
            "shop", NewReply(to=(Address(email="bob@customer.test"),), subject="Hi", body="Hi")
        )
        assert begun.account == "shop"


async def test_a_customer_who_wrote_meanwhile_stops_the_send(new_desk: Any, tmp_path: Path) -> None:
    server = new_desk(ACCOUNT.format("true") + 'imap = "127.0.0.1"\n').start()
    async with server.client() as client:
        await fill(client, tmp_path / "mail", 1)
        [conversation] = (await client.conversations()).items
        [seen] = await client.messages(conversation.id)
        later = MAIL.format(number=9, subject="Re: Order 0").replace("Date:", "In-Reply-To: <0@customer.test>\nDate:")
        (tmp_path / "mail" / "later.eml").write_text(later)
        job = await client.start_import([tmp_path / "mail"])
        while job.state == "running":
            job = await client.import_job(job.id, wait=5)
        assert (job.new, job.duplicate) == (1, 1)
        with pytest.raises(Refused) as refused:
            await client.reply(conversation.id, NewReply(body="x", seen_message_id=seen.id))
        assert (refused.value.status, refused.value.problem.code) == (409, "moved-on")


async def test_the_sample_shop(desk_server: DeskServer) -> None:
    async with desk_server.client() as client:
        job = await client.load_sample()
        assert job.state == "done"
        assert await client.import_job(job.id) == job
        assert (await client.counts())["all"] == job.conversations > 10


async def test_doctor(new_desk: Any) -> None:
    server = new_desk(ACCOUNT.format("true") + 'imap = "127.0.0.1"\nsmtp = "127.0.0.1"\n').start()
    async with server.client() as client:
        checks = {check.what: check for check in await client.doctor()}
    assert checks["store"].status == "ok"
    assert "disk" in checks
    assert "keyring" in checks
    assert "DESK_PASSWORD_SHOP" in checks["account shop: secret"].message
    assert any(check.status == "failed" for what, check in checks.items() if what.startswith("account shop"))


async def test_a_secret_is_in_no_log_and_no_error(new_desk: Any) -> None:
    server = new_desk().start()
    settings = {"address": "a@example.test", "imap": {"host": "127.0.0.1", "port": 1}, "smtp": "127.0.0.1"}
    async with server.client() as client:
        checks = await client.connect_account("shop", "email", settings, "hunter2")
        assert any(check.status == "failed" for check in checks)
        assert "hunter2" not in repr(checks)
        assert await client.accounts() == []
    assert not server.home.settings.exists()
    assert "hunter2" not in server.log()
