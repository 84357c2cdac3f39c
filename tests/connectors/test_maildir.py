"""What befalls Maildirs: files that vanish, grow, come late, are enormous, or are none."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from email import message_from_bytes
from pathlib import Path
from typing import Any

import pytest

from connectors.base import Batch, Connector, Temporary
from connectors.maildir import factory
from connectors.maildir.incoming import Incoming, natural
from connectors.maildir.settings import parse
from connectors.mailing.stand_in import OVERSIZE
from connectors.trial import Stream, answer, mail, number_of, streaming
from desk.model import Address
from tests.connectors.maildirs import MaildirWorld, maildir_account


@pytest.fixture
def world(tmp_path: Path) -> MaildirWorld:
    return MaildirWorld(tmp_path)


@pytest.fixture
def incoming(world: MaildirWorld) -> Path:
    return world.post / "incoming"


def put(folder: Path, number: int | str, *, part: str = "new", at: int = 1_700_000_000, suffix: str = "") -> Path:
    """A message under a proper name, as old as its number says."""
    file = folder / part / f"{at}.M{number}P1.host{suffix}"
    file.write_bytes(mail(number))
    os.utime(file, (at, at))
    return file


def batches(reading: Incoming) -> Iterator[Batch]:
    while (batch := reading.next()) is not None:
        yield batch


def read(folder: Path, cursor: str | None = None) -> tuple[list[str], str | None]:
    """The numbers that come from there on, and the new cursor."""
    numbers: list[str] = []
    for batch in batches(Incoming(folder, cursor)):
        numbers += [number_of(event) for event in batch.events]
        cursor = batch.cursor
    return numbers, cursor


# --- in ---------------------------------------------------------------------------------------------------


def test_names_sort_as_people_count() -> None:
    assert sorted(["1.M10.h", "1.M9.h", "1.M9P2.h"], key=natural) == ["1.M9.h", "1.M9P2.h", "1.M10.h"]


def test_flags_set_by_others_bring_nothing_again(incoming: Path) -> None:
    file = put(incoming, 1)
    numbers, cursor = read(incoming)
    assert numbers == ["1"]
    file.rename(incoming / "cur" / f"{file.name}:2,S")
    assert read(incoming, cursor) == ([], cursor)


def test_an_old_file_that_comes_late_is_not_missed(incoming: Path) -> None:
    put(incoming, 2, at=1_700_000_100)
    _, cursor = read(incoming)
    put(incoming, 1, at=1_700_000_000)
    assert read(incoming, cursor)[0] == ["1", "2"], "rather all again than one missed"


def test_an_old_file_that_comes_while_reading_comes_alone(incoming: Path) -> None:
    put(incoming, 2, at=1_700_000_100)
    reading = Incoming(incoming, None)
    assert [len(batch.events) for batch in batches(reading)] == [1]
    put(incoming, 1, at=1_700_000_000)
    [batch] = batches(reading)
    assert [number_of(event) for event in batch.events] == ["1"]
    assert read(incoming, batch.cursor) == ([], batch.cursor)


def test_what_is_deleted_while_reading_does_not_bring_the_rest_again(incoming: Path) -> None:
    files = [put(incoming, number, at=1_700_000_000 + number) for number in range(3)]
    reading = Incoming(incoming, None)
    assert len(list(batches(reading))) == 1
    files[1].unlink()
    [batch] = batches(reading)
    assert batch.events == ()
    assert read(incoming, batch.cursor) == ([], batch.cursor)


def test_a_file_that_vanishes_before_it_is_read(incoming: Path) -> None:
    for number in range(120):
        put(incoming, number, at=1_700_000_000 + number)
    reading = Incoming(incoming, None)
    first = reading.next()
    assert first is not None
    for file in (incoming / "new").iterdir():
        if 60 <= int(file.name.split("M")[1].split("P")[0]) < 119:
            file.unlink()
    rest = [number_of(event) for batch in batches(reading) for event in batch.events]
    assert rest == [*map(str, range(50, 60)), "119"]


def test_a_foreign_cursor_is_the_beginning(incoming: Path) -> None:
    put(incoming, 1)
    for cursor in ("", "nonsense", "1:2:3", "x:1:2:y", "99:-5:zz:"):
        assert read(incoming, cursor)[0] == ["1"]


def test_what_is_no_message_is_left_alone(incoming: Path, tmp_path: Path) -> None:
    secret = tmp_path / "secret"
    secret.write_text("not for you")
    (incoming / "new" / "1700000000.M1P1.link").symlink_to(secret)
    os.mkfifo(incoming / "new" / "1700000000.M2P1.fifo")
    (incoming / "new" / "1700000000.M3P1.folder").mkdir()
    (incoming / "new" / ".hidden").write_bytes(mail("hidden"))
    (incoming / "tmp" / "1700000000.M4P1.unfinished").write_bytes(mail("unfinished"))
    put(incoming, 5)
    assert read(incoming)[0] == ["5"]


def test_an_enormous_file_is_told_of_and_holds_up_nothing(incoming: Path) -> None:
    with put(incoming, 1).open("ab") as file:
        file.truncate(OVERSIZE + 1)
    put(incoming, 2, at=1_800_000_000)
    began = time.monotonic()
    [batch] = batches(Incoming(incoming, None))
    assert time.monotonic() - began < 2
    large, small = batch.events
    told = message_from_bytes(large.raw)
    assert len(large.raw) < 1000
    assert (told["Subject"], told["Message-ID"]) == ("Question 1", "<question-1@example.test>")
    assert "50 MB" in told.get_payload()
    assert small.raw == mail(2)


def test_a_name_that_is_no_text(incoming: Path) -> None:
    name = os.fsencode(incoming / "new") + b"/1700000000.M1P1.\xff\xfe"
    with open(name, "wb") as file:
        file.write(mail(1))
    [batch] = batches(Incoming(incoming, None))
    assert batch.events[0].external_id == r"1700000000.M1P1.\xff\xfe"
    assert read(incoming, batch.cursor)[0] == []
    batch.cursor.encode()


async def test_a_file_copied_there_by_hand_is_read_when_it_is_whole(world: MaildirWorld, incoming: Path) -> None:
    connector = factory.open(world.account, world.secret)
    async with streaming(connector) as stream:
        with (incoming / "new" / "question.eml").open("wb", buffering=0) as file:
            file.write(mail(1)[:40])
            put(incoming, 2)
            await stream.until_has(2)
            file.write(mail(1)[40:])
        await stream.until_has(1)
        assert [event.raw for event in stream.events] == [mail(2), mail(1)]
        (incoming / "new" / "question.eml").unlink()
        (incoming / "new" / "question.eml").write_bytes(mail(3))
        await stream.until_has(3)
    assert len({event.external_id for event in stream.events}) == 3, "the name says nothing, people use it again"
    await connector.close()


async def test_stored_mail_is_marked_where_that_is_wanted(tmp_path: Path) -> None:
    world = MaildirWorld(tmp_path, after_store="seen")
    put(world.post / "incoming", 1)
    put(world.post / "incoming", 2, part="cur", suffix=":2,F")
    connector = factory.open(world.account, world.secret)
    async with streaming(connector) as stream:
        await stream.until_has(1, 2)
        await stream.until(lambda: not os.listdir(world.post / "incoming/new"), "the move")
    names = {name.partition(":")[2] for name in os.listdir(world.post / "incoming/cur")}
    assert names == {"2,S", "2,FS"}


async def test_it_keeps_where_they_are(world: MaildirWorld, incoming: Path) -> None:
    file = put(incoming, 1)
    async with streaming(factory.open(world.account, world.secret)) as stream:
        await stream.until_has(1)
    assert file.exists()


async def test_a_folder_that_goes_away_for_a_moment_is_told_and_awaited(world: MaildirWorld) -> None:
    states: list[str] = []
    connector: Any = factory.open(world.account, world.secret)
    connector.on_state = lambda state, reason: states.append(state)
    stream = Stream(connector, {})
    await stream.until(lambda: states == ["connected"], "the first look")
    world.interrupt()
    await stream.until(lambda: "retrying" in states, "trouble")
    world.restore()
    world.deliver(mail(1))
    await stream.until_has(1)
    assert states[-1] == "connected"
    await stream.end()


# --- out --------------------------------------------------------------------------------------------------


@pytest.fixture
def connector(world: MaildirWorld) -> Connector:
    return factory.open(world.account, world.secret)


async def test_the_file_says_who_it_is_for(world: MaildirWorld, connector: Connector) -> None:
    await connector.send(connector.prepare(answer(world, bcc=(Address(email="boss@example.test"),))))
    [raw] = world.received()
    sent = message_from_bytes(raw)
    assert sent["Return-Path"] == "<support@example.test>"
    assert sent.get_all("X-Envelope-To") == [world.customer, "boss@example.test"]
    assert sent["In-Reply-To"] == "<question-1@example.test>"
    [file] = (world.post / "outgoing/new").iterdir()
    assert file.stat().st_mode & 0o777 == 0o600
    assert os.listdir(world.post / "outgoing/tmp") == []


@pytest.mark.parametrize(
    "id", ["desk.1.a.b@example.test", "../../up@example.test", ".dot@x.test", "a" * 500 + "@x.test"]
)
async def test_however_often_it_is_sent_it_lies_there_once(world: MaildirWorld, connector: Connector, id: str) -> None:
    wire = connector.prepare(answer(world, rfc_message_id=id))
    assert await connector.was_sent(id) is False
    await connector.send(wire)
    [file] = (world.post / "outgoing/new").iterdir()
    await connector.send(wire)
    file.rename(world.post / "outgoing/cur" / f"{file.name}:2,S")
    await connector.send(wire)
    assert len(world.received()) == 1
    assert await connector.was_sent(id) is True


async def test_where_answers_are_collected_a_missing_one_proves_nothing(tmp_path: Path) -> None:
    world = MaildirWorld(tmp_path, collected=True)
    connector = factory.open(world.account, world.secret)
    wire = connector.prepare(answer(world))
    assert await connector.was_sent(wire.rfc_message_id) is None
    await connector.send(wire)
    assert await connector.was_sent(wire.rfc_message_id) is True


KILLED = """
import os, sys, threading, time
from pathlib import Path
from connectors.base import Wire
from connectors.maildir import outgoing
wire = Wire(raw=b"Message-ID: <a@b.test>\\r\\n\\r\\n" + b"x" * 2_000_000, sender="a@b.test", recipients=("c@d.test",),
            rfc_message_id="a@b.test")
threading.Thread(target=lambda: (time.sleep(float(sys.argv[2])), os.kill(os.getpid(), 9)), daemon=True).start()
outgoing.write(Path(sys.argv[1]), wire)
os.kill(os.getpid(), 9)
"""


def test_a_killed_sender_leaves_all_of_it_or_nothing(world: MaildirWorld) -> None:
    outgoing = world.post / "outgoing"
    for delay in (0.0, 0.0005, 0.001, 0.002, 0.004, 1.0):
        subprocess.run([sys.executable, "-c", KILLED, str(outgoing), str(delay)], check=False, timeout=30)
        files = list((outgoing / "new").iterdir())
        assert len(files) <= 1
        assert all(file.stat().st_size > 2_000_000 for file in files)
    assert len(list((outgoing / "new").iterdir())) == 1


async def test_nowhere_to_write_is_temporary_and_says_what_to_do(world: MaildirWorld, connector: Connector) -> None:
    shutil.rmtree(world.post / "outgoing/tmp")
    with pytest.raises(Temporary, match=r"is no Maildir: it has no folder tmp; make it: mkdir"):
        await connector.send(connector.prepare(answer(world)))
    assert world.received() == []


# --- settings and check -----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("options", "told"),
    [
        ({"incoming": ""}, "incoming: missing"),
        ({"outgoing": "post/incoming"}, "outgoing: is the same"),
        ({"incomming": "x"}, "incomming: there is no such option; did you mean incoming?"),
        ({"after_store": "delete"}, "after_store: "),
        ({"poll_seconds": 0}, "poll_seconds: at least"),
        ({"incoming": 5}, "incoming: "),
    ],
)
def test_bad_settings_are_told(tmp_path: Path, options: dict[str, Any], told: str) -> None:
    problems = factory.validate(maildir_account(tmp_path, **options))
    assert any(problem.startswith(told) for problem in problems), problems


def test_relative_paths_start_at_the_workspace(tmp_path: Path) -> None:
    settings, problems = parse(maildir_account(tmp_path, outgoing="/srv/out"))
    assert not problems
    assert settings is not None
    assert (settings.incoming, settings.outgoing) == (str(tmp_path / "post/incoming"), "/srv/out")
    [incoming, outgoing] = factory.validate(maildir_account(Path("")))
    assert "relative to nothing" in incoming
    assert "relative to nothing" in outgoing


def no_folder(post: Path) -> None:
    shutil.rmtree(post / "outgoing")


def no_maildir(post: Path) -> None:
    shutil.rmtree(post / "outgoing/new")


def closed(post: Path) -> None:
    if os.geteuid() == 0:
        pytest.skip("nothing is closed to root")
    (post / "outgoing/tmp").chmod(0o500)


@pytest.mark.parametrize(
    ("harm", "told"),
    [(no_folder, "there is no folder"), (no_maildir, "it has no folder new"), (closed, "is closed to the user")],
)
async def test_a_check_says_what_is_wrong(
    world: MaildirWorld, connector: Connector, harm: Callable[[Path], None], told: str
) -> None:
    harm(world.post)
    incoming, outgoing = await connector.check()
    assert (incoming.status, outgoing.status) == ("ok", "failed")
    assert told in outgoing.message
    assert outgoing.hint
