"""Receiving from a real Dovecot: every kind of break, several folders, and what becomes of mail once stored."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from email import message_from_bytes

import pytest

from connectors.base import Connector, ConnectorError
from connectors.email import connection, factory, fetch
from connectors.trial import PATIENCE, Stream, mail, streaming
from tests.connectors.worlds import email_account
from tests.servers.dovecot import Dovecot
from tests.servers.mailbox import Mailbox
from tests.servers.wire import cutting


def open_(dovecot: Dovecot, user: str, **options: object) -> Connector:
    return factory.open(email_account(dovecot, None, user, **options), lambda: "secret")


def plain(dovecot: Dovecot, port: int | None = None) -> dict[str, object]:
    return {"port": port or dovecot.imap_port, "security": "none"}


@pytest.fixture
def user(new_user: Callable[..., str]) -> str:
    return new_user("support")


@pytest.fixture
def box(dovecot: Dovecot, user: str) -> Mailbox:
    return dovecot.mailbox(user)


# --- breaks -----------------------------------------------------------------------------------------------


async def test_a_recreated_folder_is_read_again_under_new_ids(dovecot: Dovecot, user: str, box: Mailbox) -> None:
    box.create("Orders")
    for number in range(3):
        box.append(mail(number), "Orders")
    connector = open_(dovecot, user, imap={"folders": ["Orders"]})
    async with streaming(connector) as before:
        await before.until_has(0, 1, 2)
    box.delete("Orders")
    box.create("Orders")
    for number in (7, 1):
        box.append(mail(number), "Orders")
    async with streaming(connector, before.cursors) as after:
        await after.until_has(1, 7)
    assert after.numbers == ["7", "1"]
    old, new = ({event.external_id.rsplit("/", 1)[0] for event in stream.events} for stream in (before, after))
    assert old.isdisjoint(new)


async def test_a_folder_recreated_under_our_eyes(
    dovecot: Dovecot, user: str, box: Mailbox, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Dovecot tells nobody; it is noticed when the folder is opened anew."""
    monkeypatch.setattr("connectors.email.watch.IDLE_SECONDS", 0.3)
    box.create("Orders")
    box.append(mail(1), "Orders")
    connector = open_(dovecot, user, imap={"folders": ["Orders"]})
    async with streaming(connector) as stream:
        await stream.until_has(1)
        with box.client() as client:
            client.delete_folder("Orders")
            client.create_folder("Orders")
        box.append(mail(2), "Orders")
        await stream.until_has(2)


async def test_a_server_killed_and_back_several_times(own_dovecot: Dovecot) -> None:
    user = own_dovecot.unique_user()
    connector = open_(own_dovecot, user)
    async with streaming(connector) as stream:
        await stream.until(lambda: bool(stream.batches), "the first look")
        for number in range(4):
            own_dovecot.deliver(mail(number), user)
            if number % 2:
                await stream.until_has(*range(number + 1))
            await asyncio.to_thread(own_dovecot.restart)
        own_dovecot.deliver(mail(4), user)
        await stream.until_has(*range(5))
    assert len({event.external_id for event in stream.events}) == 5


async def test_the_listener_hears_of_a_break(own_dovecot: Dovecot) -> None:
    user = own_dovecot.unique_user()
    connector = open_(own_dovecot, user)
    states: list[tuple[str, str]] = []
    connector.on_state = lambda state, reason: states.append((state, reason))  # type: ignore[attr-defined]
    async with streaming(connector) as stream:
        await stream.until(lambda: bool(states), "the first state")
        own_dovecot.kill()
        await stream.until(lambda: states[-1][0] == "retrying", "word of the break")
        own_dovecot.start()
        await stream.until(lambda: states[-1] == ("connected", ""), "word of the return")
    assert states[0] == ("connected", "")
    assert any(reason for state, reason in states if state == "retrying")


async def test_a_message_that_breaks_the_connection_holds_up_nothing(dovecot: Dovecot, user: str, box: Mailbox) -> None:
    for number in range(1, 6):
        dovecot.deliver(mail(number), user)

    def poisonous(line: bytes) -> bool:
        command = line.split()
        return b"BODY.PEEK[]" in line.upper() and (b"3" in command or b",3," in command[3])

    with cutting(dovecot.imap_port, poisonous) as proxy:
        connector = open_(dovecot, user, imap=plain(dovecot, proxy.port))
        async with streaming(connector) as stream:
            await stream.until_has(1, 2, 3, 4, 5)
    [poison] = [event for event in stream.events if b"X-Desk-Stand-In" in event.raw]
    assert poison.external_id.endswith("/3")
    assert b"broke the connection each time" in poison.raw


async def test_a_message_beyond_the_limit_is_stood_in_for(
    dovecot: Dovecot, user: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(fetch, "OVERSIZE", 100_000)
    dovecot.deliver(mail("big").replace(b"\r\n\r\n", b"\r\nX-Other: y\r\n\r\n") + b"x" * 76 * 2000, user)
    dovecot.deliver(mail("small"), user)
    connector = open_(dovecot, user)
    async with streaming(connector) as stream:
        await stream.until_has("big", "small")
    big = message_from_bytes(stream.events[0].raw)
    assert big["Subject"] == "Question big"
    assert big["X-Desk-Stand-In"].endswith(f"size={big['X-Desk-Stand-In'].split('=')[1]}")
    assert "X-Other" not in big
    assert "still on the mail server, in INBOX (UID 1)" in big.get_payload()


async def test_batches_are_bounded_in_bytes(dovecot: Dovecot, user: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(fetch, "MOST_BYTES", 10_000)
    dovecot.deliver_many([mail(number) + b"x" * 3000 + b"\r\n" for number in range(10)], user)
    async with streaming(open_(dovecot, user)) as stream:
        await stream.until_has(*range(10))
    assert max(sum(len(event.raw) for event in batch.events) for batch in stream.batches) <= 10_000


async def test_a_burst_is_seen_without_waiting_for_the_next_idle(dovecot: Dovecot, user: str) -> None:
    async with streaming(open_(dovecot, user)) as stream:
        await stream.until(lambda: bool(stream.batches), "the first look")
        for number in range(60):
            await asyncio.to_thread(dovecot.deliver, mail(number), user)
        await stream.until_has(*range(60))
    assert stream.numbers == [str(number) for number in range(60)]


# --- IDLE and its absence ---------------------------------------------------------------------------------


async def test_mail_is_there_as_soon_as_dovecot_tells(dovecot: Dovecot, user: str) -> None:
    """Dovecot gathers changes for 500 ms before it tells; the rest is ours."""
    took = []
    async with streaming(open_(dovecot, user)) as stream:
        await stream.until(lambda: bool(stream.batches), "the first look")
        for number in range(8):
            await asyncio.to_thread(dovecot.deliver, mail(number), user)
            delivered = time.monotonic()
            await stream.until_has(number)
            took.append(time.monotonic() - delivered)
    assert sorted(took)[len(took) // 2] < 0.9, took


async def test_a_server_without_idle_is_asked_regularly() -> None:
    with Dovecot(extra="imap_capability = IMAP4rev1 UIDPLUS") as server:
        user = server.unique_user()
        async with streaming(open_(server, user, poll_seconds=1.0)) as stream:
            await stream.until(lambda: bool(stream.batches), "the first look")
            server.deliver(mail(1), user)
            await stream.until_has(1)


async def test_idle_is_renewed(dovecot: Dovecot, user: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("connectors.email.watch.IDLE_SECONDS", 0.2)
    async with streaming(open_(dovecot, user)) as stream:
        await stream.until(lambda: bool(stream.batches), "the first look")
        await asyncio.sleep(0.7)  # three renewals
        await asyncio.to_thread(dovecot.deliver, mail(1), user)
        await stream.until_has(1)
        assert not stream.task.done()


# --- folders ----------------------------------------------------------------------------------------------


async def test_several_folders_at_once(dovecot: Dovecot, user: str, box: Mailbox) -> None:
    names = ["INBOX", "Orders", "Büro/Ärger & Lob"]
    for name in names[1:]:
        box.create(name)
    connector = open_(dovecot, user, imap={"folders": names})
    async with streaming(connector) as stream:
        for number, name in enumerate(names * 2):
            await asyncio.to_thread(box.append, mail(number), name)
        await stream.until_has(*range(6))
    assert {batch.key for batch in stream.batches} == set(names)
    assert set(stream.cursors) == set(names)
    async with streaming(connector, stream.cursors) as again:
        await asyncio.to_thread(box.append, mail(9), names[2])
        await again.until_has(9)
    assert again.numbers == ["9"]


async def test_only_the_sent_folder_proves_who_wrote(dovecot: Dovecot, user: str, box: Mailbox) -> None:
    box.create("Orders")
    for number, folder in enumerate(("INBOX", "Orders", "Sent")):
        box.append(mail(number), folder)
    connector = open_(dovecot, user, imap={"folders": ["INBOX", "Orders", "Sent"]})
    async with streaming(connector) as stream:
        await stream.until_has(0, 1, 2)
    assert {batch.key: batch.proven for batch in stream.batches if batch.events} == {
        "INBOX": False,
        "Orders": False,
        "Sent": True,
    }


async def test_a_missing_folder_is_named_with_those_there_are(dovecot: Dovecot, user: str) -> None:
    connector = open_(dovecot, user, imap={"folders": ["INBOX", "Nowhere"]})
    with pytest.raises(ConnectorError, match="no folder Nowhere") as caught:
        await Stream(connector, {}).outcome()
    assert "Archive, Drafts, INBOX, Sent" in caught.value.hint
    assert not caught.value.final


async def test_the_first_look_reaches_back_as_agreed_and_stays_so(dovecot: Dovecot, user: str, box: Mailbox) -> None:
    now = datetime.now(UTC)
    box.create("Orders")
    for number, days in ((1, 40), (2, 20), (3, 0)):
        box.append(mail(number), "Orders", arrived=now - timedelta(days=days))
    connector = open_(dovecot, user, since_days=30, imap={"folders": ["Orders"]})
    async with streaming(connector) as first:
        await first.until_has(2, 3)
    assert first.numbers == ["2", "3"]
    box.append(mail(4), "Orders", arrived=now - timedelta(days=400))
    async with streaming(connector, first.cursors) as second:
        await second.until_has(4)
    assert second.numbers == ["4"], "what comes later is taken however old it says it is"
    later = open_(dovecot, user, since_days=1, imap={"folders": ["Orders"]})
    box.delete("Orders")
    box.create("Orders")
    for number, days in ((5, 60), (6, 20)):
        box.append(mail(number), "Orders", arrived=now - timedelta(days=days))
    async with streaming(later, second.cursors) as third:
        await third.until_has(6)
    assert third.numbers == ["6"], "the day is kept with the cursor"


async def test_an_empty_first_look_still_leaves_a_cursor(dovecot: Dovecot, user: str) -> None:
    async with streaming(open_(dovecot, user)) as stream:
        await stream.until(lambda: bool(stream.cursors), "a cursor")
    assert stream.cursors["INBOX"].endswith(":0")
    assert stream.events == []


# --- what becomes of it on the server ---------------------------------------------------------------------


async def test_mail_that_is_kept_is_not_touched(dovecot: Dovecot, user: str, box: Mailbox) -> None:
    dovecot.deliver(mail(1), user)
    async with streaming(open_(dovecot, user)) as stream:
        await stream.until_has(1)
    [kept] = box.mails()
    assert r"\Seen" not in kept.flags


async def test_stored_mail_is_marked_seen(dovecot: Dovecot, user: str, box: Mailbox) -> None:
    connector = open_(dovecot, user, after_store="seen")
    async with streaming(connector) as stream:
        for number in range(3):
            await asyncio.to_thread(dovecot.deliver, mail(number), user)
        await stream.until_has(0, 1, 2)
        await asyncio.to_thread(box.wait, lambda mails: all(r"\Seen" in mail.flags for mail in mails))
    assert len(box.mails()) == 3


async def test_what_is_not_stored_is_not_marked(dovecot: Dovecot, user: str, box: Mailbox) -> None:
    dovecot.deliver(mail(1), user)
    connector = open_(dovecot, user, after_store="seen")
    receiving = connector.receive({})
    batch = await anext(receiving)
    await receiving.aclose()  # type: ignore[attr-defined]
    assert len(batch.events) == 1
    assert r"\Seen" not in box.mails()[0].flags


@pytest.mark.parametrize("capability", ["IMAP4rev1 IDLE UIDPLUS MOVE", "IMAP4rev1 IDLE UIDPLUS"])
async def test_stored_mail_is_moved_and_nothing_else(capability: str) -> None:
    with Dovecot(extra=f"imap_capability = {capability}") as server:
        user = server.unique_user()
        box = server.mailbox(user)
        box.append(mail("another's"), flags=[r"\Deleted"])
        cursors = {"INBOX": f"{box.uidvalidity()}:1"}
        connector = open_(server, user, after_store="move:Done & dusted")
        async with streaming(connector, cursors) as stream:
            for number in range(3):
                await asyncio.to_thread(server.deliver, mail(number), user)
            await stream.until_has(0, 1, 2)
            await asyncio.to_thread(box.wait, lambda mails: len(mails) == 3, "Done & dusted")
            await asyncio.to_thread(box.wait, lambda mails: len(mails) == 1)
        [left] = box.mails()
        assert left.message_id == "question-another's@example.test", "a message others marked deleted is not expunged"


async def test_without_uidplus_nothing_is_expunged_at_all() -> None:
    with Dovecot(extra="imap_capability = IMAP4rev1 IDLE") as server:
        user = server.unique_user()
        box = server.mailbox(user)
        server.deliver(mail(1), user)
        async with streaming(open_(server, user, after_store="move:Archive")) as stream:
            await stream.until_has(1)
            await asyncio.to_thread(box.wait, lambda mails: len(mails) == 1, "Archive")
            await asyncio.to_thread(box.wait, lambda mails: r"\Deleted" in mails[0].flags)


async def test_marking_waits_for_the_connection_to_come_back(own_dovecot: Dovecot) -> None:
    user = own_dovecot.unique_user()
    box = own_dovecot.mailbox(user)
    own_dovecot.deliver(mail(1), user)
    connector = open_(own_dovecot, user, after_store="seen")
    receiving = connector.receive({})
    batch = await anext(receiving)
    await asyncio.to_thread(own_dovecot.kill)
    await connector.stored(batch)
    await asyncio.to_thread(own_dovecot.start)
    going_on = asyncio.ensure_future(anext(receiving))
    await asyncio.to_thread(box.wait, lambda mails: r"\Seen" in mails[0].flags)
    going_on.cancel()
    await asyncio.gather(going_on, return_exceptions=True)
    await connector.close()


async def test_what_was_stored_but_not_marked_before_a_crash_is_marked_at_the_next_start(
    dovecot: Dovecot, user: str, box: Mailbox
) -> None:
    box.append(mail("another's"))
    cursors = {"INBOX": f"{box.uidvalidity()}:1"}
    dovecot.deliver_many([mail(number) for number in range(3)], user)
    receiving = open_(dovecot, user, after_store="seen").receive(cursors)
    batch = await anext(receiving)
    await receiving.aclose()  # type: ignore[attr-defined]
    assert len(batch.events) == 3
    async with streaming(open_(dovecot, user, after_store="seen"), {"INBOX": batch.cursor}):
        marked = await asyncio.to_thread(box.wait, lambda mails: all(r"\Seen" in mail.flags for mail in mails[1:]))
    assert r"\Seen" not in marked[0].flags, "what came before Desk is not Desk's to mark"


async def test_what_was_stored_but_not_moved_before_a_crash_is_moved_at_the_next_start(
    dovecot: Dovecot, user: str, box: Mailbox
) -> None:
    dovecot.deliver(mail(1), user)
    receiving = open_(dovecot, user, after_store="move:Archive").receive({})
    batch = await anext(receiving)
    await receiving.aclose()  # type: ignore[attr-defined]
    async with streaming(open_(dovecot, user, after_store="move:Archive"), {"INBOX": batch.cursor}) as stream:
        await asyncio.to_thread(box.wait, lambda mails: len(mails) == 1, "Archive")
        assert stream.numbers == []
    assert box.mails() == []


async def test_what_is_marked_is_not_marked_again_after_a_restart(dovecot: Dovecot, user: str, box: Mailbox) -> None:
    dovecot.deliver(mail(1), user)
    async with streaming(open_(dovecot, user, after_store="seen")) as before:
        [marked] = await asyncio.to_thread(box.wait, lambda mails: r"\Seen" in mails[0].flags)
        await before.until(lambda: before.cursors["INBOX"] == f"{box.uidvalidity()}:{marked.uid}", "a settled cursor")
    box.set_flags(marked.uid, [])
    async with streaming(open_(dovecot, user, after_store="seen"), before.cursors):
        dovecot.deliver(mail(2), user)
        mails = await asyncio.to_thread(box.wait, lambda mails: len(mails) == 2 and r"\Seen" in mails[1].flags)
    assert r"\Seen" not in mails[0].flags, "a person marked it unread"


# --- letting go -------------------------------------------------------------------------------------------


async def test_a_connector_stuck_in_connecting_lets_go(dovecot: Dovecot) -> None:
    """A server that takes the connection and never says a word."""
    import socket

    with socket.create_server(("127.0.0.1", 0)) as silent:
        connector = open_(dovecot, "support@example.test", imap={"port": silent.getsockname()[1]})
        stream = Stream(connector, {})
        silent.settimeout(PATIENCE)
        await asyncio.to_thread(silent.accept)
        began = time.monotonic()
        await stream.end()
        assert time.monotonic() - began < connection.CONNECT_SECONDS / 2


async def test_a_name_that_does_not_resolve(dovecot: Dovecot, user: str) -> None:
    connector = open_(dovecot, user, imap={"host": "mail.nowhere.invalid"})
    with pytest.raises(ConnectorError, match=r"mail\.nowhere\.invalid could not be resolved"):
        await Stream(connector, {}).outcome()


def test_a_cut_line_makes_no_new_connection(dovecot: Dovecot, user: str) -> None:
    account = email_account(dovecot, None, user)
    from connectors.email.settings import parse

    settings, _ = parse(account)
    assert settings is not None
    line = connection.Line()
    line.cut()
    with pytest.raises(connection.Stopped), connection.session(settings.imap, lambda: "secret", line):
        pass


def test_nothing_of_the_mail_libraries_is_imported_before_an_account_is_opened() -> None:
    import subprocess
    import sys

    code = (
        "import sys; from connectors.email import factory; "
        "sys.exit(any(name in sys.modules for name in ('imapclient', 'aiosmtplib', 'imaplib', 'ssl', 'textual')))"
    )
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0


async def test_mail_announced_at_the_end_of_another_command_is_not_missed(dovecot: Dovecot, user: str) -> None:
    """It comes between our SEARCH and our IDLE: Dovecot says EXISTS with the former and nothing in the latter."""
    number = 0

    def deliver_before_fetch(line: bytes) -> bool:
        nonlocal number
        if b"UID FETCH" in line.upper() and b"RFC822.SIZE" in line and number < 5:
            number += 1
            dovecot.deliver(mail(number), user)
        return False

    dovecot.deliver(mail(0), user)
    with cutting(dovecot.imap_port, deliver_before_fetch) as proxy:
        async with streaming(open_(dovecot, user, imap=plain(dovecot, proxy.port))) as stream:
            await stream.until_has(*range(6))


async def test_a_break_in_the_middle_of_the_login_is_not_taken_for_a_refusal(dovecot: Dovecot, user: str) -> None:
    with cutting(dovecot.imap_port, lambda line: b"AUTHENTICATE" in line.upper()) as proxy:
        connector = open_(dovecot, user, imap=plain(dovecot, proxy.port))
        with pytest.raises(ConnectorError, match="closed the connection") as caught:
            await Stream(connector, {}).outcome()
    assert not caught.value.final
