"""Mail in, seen, answered, and every way in which sending can go wrong, with real mail servers."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable, Callable
from typing import TypeVar

import pytest

from desk.client import Client
from desk.model import AccountStatus, Address, Conversation, NewReply, OutboxItem, OutboxState
from tests.servers.common import PATIENCE, eventually
from tests.servers.desk import DeskServer, email_account, password
from tests.servers.dovecot import Dovecot
from tests.servers.smtp import SmtpRelay

T = TypeVar("T")
NewDesk = Callable[..., DeskServer]
NewUser = Callable[..., str]


def mail(sender: str, to: str, number: int = 1, *, subject: str = "Where is it?", more: str = "") -> bytes:
    local = sender.partition("@")[0]
    return (
        f"From: Ada <{sender}>\r\nTo: {to}\r\nSubject: {subject}\r\nMessage-ID: <{local}.{number}@customer.test>\r\n"
        f"{more}Content-Type: text/plain; charset=utf-8\r\n\r\nI am waiting. ({number})\r\n"
    ).encode()


async def until(ask: Callable[[], Awaitable[T]], holds: Callable[[T], object], seconds: float = PATIENCE) -> T:
    """The first answer that fulfils the condition."""
    deadline = time.monotonic() + seconds
    while True:
        answer = await ask()
        if holds(answer):
            return answer
        assert time.monotonic() < deadline, f"not within {seconds} s; last: {answer!r}"
        await asyncio.sleep(0.02)


async def account(client: Client, name: str, state: str, seconds: float = PATIENCE) -> AccountStatus:
    async def ask() -> AccountStatus:
        return next(each for each in await client.accounts() if each.name == name)

    return await until(ask, lambda status: status.state == state, seconds)


async def arrives(client: Client, dovecot: Dovecot, raw: bytes, user: str) -> Conversation:
    """Deliver a mail and wait until the desk has it."""
    before = (await client.counts())["all"]
    dovecot.deliver(raw, user)
    await until(client.counts, lambda counts: counts["all"] > before)
    [newest] = (await client.conversations("all", limit=1)).items
    return newest


async def outcome(client: Client, item: OutboxItem, *states: OutboxState, seconds: float = PATIENCE) -> OutboxItem:
    async def ask() -> OutboxItem:
        return next(each for each in await client.outbox() if each.id == item.id)

    return await until(ask, lambda now: now.state in states, seconds)


class Setting:
    """A running desk with one mailbox, and a customer with another."""

    def __init__(self, server: DeskServer, dovecot: Dovecot, smtp: SmtpRelay, support: str, customer: str) -> None:
        self.server = server
        self.dovecot = dovecot
        self.smtp = smtp
        self.support = support
        self.customer = customer

    async def conversation(self, client: Client, number: int = 1) -> Conversation:
        return await arrives(client, self.dovecot, mail(self.customer, self.support, number), self.support)


@pytest.fixture
def setting(new_desk: NewDesk, dovecot: Dovecot, smtp: SmtpRelay, new_user: NewUser) -> Setting:
    support, customer = new_user("support"), new_user("ada")
    toml = "[desk]\nundo_seconds = 0.5\n" + email_account("shop", support, dovecot, smtp)
    server = new_desk(toml, environment=password("shop")).start()
    return Setting(server, dovecot, smtp, support, customer)


# --- the whole way ----------------------------------------------------------------------------------------


async def test_mail_in_answer_out(setting: Setting) -> None:
    async with setting.server.client() as client:
        await account(client, "shop", "connected")
        conversation = await setting.conversation(client)
        assert (conversation.subject, conversation.customer_address) == ("Where is it?", setting.customer)
        assert conversation.due_at is not None
        [message] = await client.messages(conversation.id)
        item = await client.reply(
            conversation.id, NewReply(body="It is on its way.", quote=True, seen_message_id=message.id)
        )
        assert item.state == "held"
        sent = await outcome(client, item, "sent")
        [arrived] = setting.dovecot.mailbox(setting.customer).wait()
        local = setting.customer.partition("@")[0]
        assert arrived.message_id == sent.rfc_message_id
        assert arrived.parsed["In-Reply-To"] == f"<{local}.1@customer.test>"
        assert arrived.parsed["References"] == f"<{local}.1@customer.test>"
        assert arrived.parsed["Subject"] == "Re: Where is it?"
        text = str(arrived.parsed)
        assert "It is on its way." in text
        assert "> I am waiting. (1)" in text
        assert (await client.conversation(conversation.id)).state == "waiting"

        again = mail(setting.customer, setting.support, 2, more=f"In-Reply-To: <{sent.rfc_message_id}>\r\n")
        setting.dovecot.deliver(again, setting.support)
        await until(lambda: client.conversation(conversation.id), lambda now: now.state == "open")
        [reply] = (await client.messages(conversation.id))[-1:]
        assert (reply.direction, reply.rule) == ("in", "token")
        setting.dovecot.mailbox(setting.support).wait(lambda mails: len(mails) == 1, folder="Sent")
        filed = await until(client.outbox, lambda items: items[0].filing == "done")
        assert filed[0].error == ""


async def test_idle_is_quick_and_so_is_sending(setting: Setting) -> None:
    async with setting.server.client() as client:
        await account(client, "shop", "connected")
        await setting.conversation(client, 0)
        delays = []
        for number in range(1, 6):
            before = (await client.counts())["all"]
            setting.dovecot.deliver(
                mail(setting.customer, setting.support, number, subject=f"{number}"), setting.support
            )
            begun = time.monotonic()
            await until(client.counts, lambda counts, before=before: counts["all"] > before)  # type: ignore[misc]
            delays.append(time.monotonic() - begun)
        assert sorted(delays)[2] < 2, delays
        [conversation] = (await client.conversations("all", limit=1)).items
        item = await client.reply(conversation.id, NewReply(body="x"))
        await outcome(client, item, "sent")
        [delivery] = setting.smtp.deliveries(item.rfc_message_id)
        assert delivery.at - item.hold_until / 1000 < 2


async def test_taken_back_is_never_sent(setting: Setting) -> None:
    async with setting.server.client() as client:
        conversation = await setting.conversation(client)
        item = await client.reply(conversation.id, NewReply(body="Too early"))
        draft = await client.undo_send(item.id)
        assert draft.content.body == "Too early"
        second = await client.reply(conversation.id, NewReply(body="At last"))
        await outcome(client, second, "sent")
        assert setting.smtp.count(item.rfc_message_id) == 0
        assert setting.smtp.count(second.rfc_message_id) == 1


async def test_attachments_go_along(setting: Setting) -> None:
    async with setting.server.client() as client:
        conversation = await setting.conversation(client)
        sha256 = await client.upload(b"%PDF-1.4 " + bytes(range(256)))
        reply = NewReply(body="See the file.", attachments=(f"{sha256}:Rechnung März.pdf",))
        await outcome(client, await client.reply(conversation.id, reply, now=True), "sent")
        [arrived] = setting.dovecot.mailbox(setting.customer).wait()
        [part] = [part for part in arrived.parsed.walk() if part.get_content_type() == "application/pdf"]
        assert part.get_payload(decode=True) == b"%PDF-1.4 " + bytes(range(256))


async def test_writing_first(setting: Setting) -> None:
    async with setting.server.client() as client:
        message = NewReply(to=(Address(email=setting.customer),), subject="News", body="It is back in stock.")
        item = await client.compose("shop", message, now=True)
        await outcome(client, item, "sent")
        [arrived] = setting.dovecot.mailbox(setting.customer).wait()
        assert arrived.parsed["Subject"] == "News"


# --- what goes wrong --------------------------------------------------------------------------------------


async def test_a_temporary_error_is_tried_again(setting: Setting) -> None:
    async with setting.server.client() as client:
        conversation = await setting.conversation(client)
        setting.smtp.set(data_reply="451 4.3.0 not now")
        item = await client.reply(conversation.id, NewReply(body="x"), now=True)

        async def ask() -> OutboxItem:
            return next(each for each in await client.outbox() if each.id == item.id)

        held = await until(ask, lambda now: now.state == "held" and now.attempts == 1)
        assert "451" in held.error
        assert held.next_attempt_at > item.created_at + 20_000
        setting.smtp.set()
        await client.retry(item.id)
        await outcome(client, item, "sent")
        assert setting.smtp.count(item.rfc_message_id) == 1


async def test_a_permanent_error_is_shown(setting: Setting) -> None:
    async with setting.server.client() as client:
        conversation = await setting.conversation(client)
        reply = NewReply(body="x", to=(Address(email="ghost@example.test"),))
        failed = await outcome(client, await client.reply(conversation.id, reply, now=True), "failed")
        assert "550" in failed.error
        assert (await client.conversation(conversation.id)).state == "open"
        assert "could not be sent" in (await client.messages(conversation.id))[-1].body


async def test_a_broken_connection_after_the_content_is_unknown(setting: Setting) -> None:
    async with setting.server.client() as client:
        conversation = await setting.conversation(client)
        setting.smtp.set(drop="after-accept")
        item = await client.reply(conversation.id, NewReply(body="x"), now=True)
        unknown = await outcome(client, item, "unknown")
        assert unknown.error
        setting.smtp.set()
        await asyncio.to_thread(setting.server.restart)
        assert (await outcome(client, item, "unknown")).state == "unknown"
        assert setting.smtp.count(item.rfc_message_id) == 1, "never sent again by itself"


async def test_a_kill_between_acceptance_and_record_is_unknown(setting: Setting) -> None:
    server, smtp = setting.server, setting.smtp
    async with server.client() as client:
        conversation = await setting.conversation(client)
        smtp.set(hold=True)
        item = await client.reply(conversation.id, NewReply(body="x"), now=True)
        await asyncio.to_thread(eventually, lambda: smtp.count(item.rfc_message_id))
    server.kill()
    smtp.set()
    server.start()
    async with server.client() as client:
        assert (await outcome(client, item, "unknown")).error
        assert smtp.count(item.rfc_message_id) == 1, "never sent again by itself"
        sent = await client.retry(item.id, even_if_unknown=True)
        await outcome(client, sent, "sent")
        assert smtp.count(item.rfc_message_id) == 2, "but when a rep says so"


async def test_unknown_is_cleared_by_a_copy_in_sent(setting: Setting) -> None:
    async with setting.server.client() as client:
        conversation = await setting.conversation(client)
        setting.smtp.set(drop="after-accept")
        item = await client.reply(conversation.id, NewReply(body="x"), now=True)
        await outcome(client, item, "unknown")
        [delivery] = setting.smtp.deliveries(item.rfc_message_id)
        setting.dovecot.mailbox(setting.support).append(delivery.content, "Sent")
        assert (await outcome(client, item, "sent")).filing == "done"
        assert setting.smtp.count(item.rfc_message_id) == 1


async def test_an_answer_from_another_program_is_ours_where_it_lies_in_sent(
    new_desk: NewDesk, dovecot: Dovecot, smtp: SmtpRelay, new_user: NewUser
) -> None:
    support, customer = new_user("support"), new_user("ada")
    toml = email_account("shop", support, dovecot, smtp, imap=', folders = ["INBOX", "Sent"]')
    server = new_desk(toml, environment=password("shop")).start()
    async with server.client() as client:
        conversation = await arrives(client, dovecot, mail(customer, support), support)
        local = customer.partition("@")[0]
        reference = f"In-Reply-To: <{local}.1@customer.test>\r\n"
        answer = mail(support, customer, 2, subject="Re: Where is it?", more=reference)
        dovecot.mailbox(support).append(answer, "Sent")
        await until(lambda: client.conversation(conversation.id), lambda now: now.messages == 2)
        ours = (await client.messages(conversation.id))[-1]
        assert (ours.direction, ours.rule, ours.third_party) == ("out", "references", False)
        forged = mail(support, customer, 3, subject="Re: Where is it?", more=reference)
        dovecot.deliver(forged, support)
        await until(lambda: client.conversation(conversation.id), lambda now: now.messages == 3)
        assert (await client.messages(conversation.id))[-1].third_party, "in the inbox a From of ours is only a claim"


async def test_an_orderly_end_waits_for_what_is_on_the_wire(setting: Setting) -> None:
    async with setting.server.client() as client:
        conversation = await setting.conversation(client)
        setting.smtp.set(delay=1.0)
        item = await client.reply(conversation.id, NewReply(body="x"), now=True)
        await outcome(client, item, "sending")
    assert await asyncio.to_thread(setting.server.stop) == 0
    setting.smtp.set()
    await asyncio.to_thread(setting.server.start)
    async with setting.server.client() as client:
        assert (await outcome(client, item, "sent", "unknown")).state == "sent"
    assert setting.smtp.count(item.rfc_message_id) == 1


async def test_held_answers_leave_after_a_restart(setting: Setting) -> None:
    async with setting.server.client() as client:
        conversation = await setting.conversation(client)
        item = await client.reply(conversation.id, NewReply(body="x"))
    setting.server.kill()
    setting.server.start()
    async with setting.server.client() as client:
        await outcome(client, item, "sent")
    assert setting.smtp.count(item.rfc_message_id) == 1


# --- accounts ---------------------------------------------------------------------------------------------


async def test_one_accounts_trouble_is_its_own(
    new_desk: NewDesk, dovecot: Dovecot, smtp: SmtpRelay, new_user: NewUser
) -> None:
    good, wrong, silent, customer = (new_user(name) for name in ("good", "wrong", "silent", "ada"))
    toml = "".join(
        email_account(name, address, dovecot, smtp)
        for name, address in [("good", good), ("wrong", wrong), ("silent", silent)]
    )
    toml += '[accounts.odd]\nconnector = "pigeon"\n[accounts.lame]\naddress = "a@b.test"\n'
    environment = password("good") | {"DESK_PASSWORD_WRONG": "not this"}
    server = new_desk(toml, environment=environment).start()
    async with server.client() as client:
        await account(client, "good", "connected")
        assert "refused the login" in (await account(client, "wrong", "needs-secret")).error
        assert "DESK_PASSWORD_SILENT" in (await account(client, "silent", "needs-secret")).error
        assert "pigeon" in (await account(client, "odd", "stopped")).error
        assert "imap" in (await account(client, "lame", "stopped")).error
        await arrives(client, dovecot, mail(customer, good), good)
        await client.provide_secret("silent", smtp.password)
        await account(client, "silent", "connected")
        await client.provide_secret("wrong", smtp.password)
        await account(client, "wrong", "connected")
        await arrives(client, dovecot, mail(customer, silent, 2, subject="Another"), silent)
        status = await client.status()
        assert [each.name for each in status.accounts] == ["good", "wrong", "silent", "odd", "lame"]


async def test_settings_are_read_anew_at_sighup(
    new_desk: NewDesk, dovecot: Dovecot, smtp: SmtpRelay, new_user: NewUser
) -> None:
    first, second = new_user("first"), new_user("second")
    server = new_desk(email_account("first", first, dovecot, smtp), environment=password("first") | password("second"))
    server.start()
    async with server.client() as client:
        status = await account(client, "first", "connected")
        server.configure("[desk]\nundo_secnds = 1\n")
        server.reload()
        eventually(lambda: "did you mean undo_seconds" in server.log())
        both = email_account("first", first, dovecot, smtp) + email_account("second", second, dovecot, smtp)
        server.configure(both)
        server.reload()
        await until(client.accounts, lambda accounts: len(accounts) == 2)
        await account(client, "second", "connected")
        assert (await account(client, "first", "connected")).since == status.since, "undisturbed"
        server.configure(email_account("second", second, dovecot, smtp))
        server.reload()
        await until(client.accounts, lambda accounts: [each.name for each in accounts] == ["second"])


async def test_connecting_an_account_through_the_api(
    desk_server: DeskServer, dovecot: Dovecot, smtp: SmtpRelay, new_user: NewUser
) -> None:
    support, customer = new_user("support"), new_user("ada")
    table = {
        "address": support,
        "imap": {"host": "localhost", "port": dovecot.imaps_port, "ca_file": str(dovecot.ca_file)},
        "smtp": {"host": "localhost", "port": smtp.port, "security": "starttls", "ca_file": str(smtp.ca_file)},
    }
    async with desk_server.client(timeout=60) as client:
        checks = await client.connect_account("shop", "email", table, "not this", dry_run=True)
        assert any(check.status == "failed" for check in checks)
        checks = await client.connect_account("shop", "email", table, smtp.password, dry_run=True)
        assert not [check for check in checks if check.status == "failed"]
        assert await client.accounts() == []
        checks = await client.connect_account("shop", "email", table, smtp.password)
        assert "only until the server ends" in checks[-1].message, "there is no keyring here"
        await account(client, "shop", "connected")
        await arrives(client, dovecot, mail(customer, support), support)
        assert smtp.password not in desk_server.home.settings.read_text()


async def test_a_killed_mail_server_is_told_and_come_back_to(
    new_desk: NewDesk, own_dovecot: Dovecot, own_smtp: SmtpRelay
) -> None:
    support, customer = "support@example.test", "ada@example.test"
    toml = email_account("shop", support, own_dovecot, own_smtp)
    server = new_desk(toml, environment=password("shop")).start()
    async with server.client() as client:
        await account(client, "shop", "connected")
        await arrives(client, own_dovecot, mail(customer, support), support)
        own_dovecot.kill()
        assert (await account(client, "shop", "retrying")).error
        own_dovecot.start()
        own_dovecot.deliver(mail(customer, support, 2, subject="After the break"), support)
        await until(client.counts, lambda counts: counts["all"] == 2)
        await account(client, "shop", "connected")


async def test_a_snoozed_conversation_comes_back(setting: Setting) -> None:
    async with setting.server.client() as client:
        conversation = await setting.conversation(client)
        until_when = int(time.time() * 1000) + 1500
        assert (await client.set_state(conversation.id, "snoozed", until=until_when)).state == "snoozed"
        back = await until(lambda: client.conversation(conversation.id), lambda now: now.state == "open")
        assert int(time.time() * 1000) >= until_when
        assert back.snoozed_until is None
