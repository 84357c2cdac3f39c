"""The sample shop: believable, because it went through everything that real mail goes through."""

from __future__ import annotations

import re
import zlib
from collections import Counter
from collections.abc import Iterator
from email import message_from_bytes, policy
from pathlib import Path

import pytest

from desk.clock import ManualClock
from desk.model import Agent, Conversation, Message
from desk.sample.files import attachment, pdf, png
from desk.sample.shop import read_shop
from desk.service import sample
from desk.service.errors import Invalid
from desk.store.base import Selection, Store
from desk.store.sqlite import open_store

NOW = 1_772_700_000_000


@pytest.fixture(scope="module")
def store(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Store]:
    folder: Path = tmp_path_factory.mktemp("shop")
    opened = open_store(folder / "desk.db", blobs=folder / "attachments")
    sample.load(opened, ManualClock(NOW), rep(opened))
    yield opened
    opened.close()


def rep(store: Store) -> Agent:
    with store.write():
        return store.agents.ensure("mia", "Mia")


@pytest.fixture(scope="module")
def conversations(store: Store) -> list[Conversation]:
    return store.views.page(Selection(view="all"), limit=1000).items


@pytest.fixture(scope="module")
def messages(store: Store, conversations: list[Conversation]) -> list[Message]:
    return [m for each in conversations for m in store.messages.of_conversation(each.id, limit=1000)]


def test_each_thread_is_one_conversation(conversations: list[Conversation]) -> None:
    shop = read_shop()
    assert len(shop.threads) == len(conversations) == 45
    assert Counter(thread.subject for thread in shop.threads) == Counter(each.subject for each in conversations)


def test_every_state_has_life(store: Store, conversations: list[Conversation]) -> None:
    assert {each.state for each in conversations} == {"open", "waiting", "snoozed", "resolved", "spam"}
    counts = store.conversations.counts(agent_id=rep(store).id)
    assert min(counts[view] for view in ("open", "mine", "unassigned", "waiting", "snoozed", "resolved", "spam")) >= 2
    assert any(each.due_at is not None and each.due_at < NOW for each in conversations), "something is late"
    assert any(each.due_at is not None and each.due_at > NOW for each in conversations), "something is not yet due"
    assert store.ledger.counts()["quarantined"] == 1
    assert {item.state for item in store.outbox.in_states(("failed", "bounced"))} == {"failed", "bounced"}


def test_answers_were_threaded_by_what_real_mail_is_threaded_by(messages: list[Message]) -> None:
    rules = Counter(message.rule for message in messages if message.direction == "in")
    assert rules["token"] > 20
    assert rules["bounce"] == 1
    assert {message.sender.email for message in messages if message.third_party and message.sender} == {
        "accounts@donnelly-couriers.example",
        "claims@parcelwind.example",
    }


def test_time_runs_forward_and_ends_now(store: Store, messages: list[Message]) -> None:
    assert all(message.at <= NOW for message in messages)
    assert all(message.id for message in messages)
    for conversation in store.views.page(Selection(view="all"), limit=1000).items:
        times = [m.at for m in store.messages.of_conversation(conversation.id, limit=1000)]
        assert times == sorted(times)
        assert all(snooze > NOW for snooze in [conversation.snoozed_until] if snooze is not None)


def test_every_mail_has_its_bytes(store: Store, messages: list[Message]) -> None:
    for message in messages:
        if message.direction in ("in", "out"):
            raw = store.messages.raw(message.id)
            assert raw is not None
            mail = message_from_bytes(raw, policy=policy.compat32)
            assert mail["Message-ID"] == f"<{message.rfc_message_id}>"


def test_nobody_real_is_named(store: Store, messages: list[Message]) -> None:
    for message in messages:
        raw = store.messages.raw(message.id) or b""
        for address in re.findall(rb"[\w.+-]+@([\w.-]+)", raw):
            assert address.endswith(b".example"), address


def test_attachments_are_real_files(store: Store, messages: list[Message]) -> None:
    files = [
        file
        for message in messages
        for file in message.attachments
        if file.media_type in ("image/png", "application/pdf")
    ]
    assert len(files) > 12
    for file in files:
        data = store.blobs.read(file.sha256)
        assert data is not None
        assert data.startswith((b"\x89PNG\r\n\x1a\n", b"%PDF-1.4"))
        assert len(data) == file.size < 5_000


def test_the_files_are_well_formed() -> None:
    picture = png("a")
    (size,) = {int.from_bytes(picture[at : at + 4]) for at in (16, 20)}
    start = picture.index(b"IDAT") + 4
    assert len(zlib.decompress(picture[start:-16])) == size * (3 * size + 1)
    document = pdf("return label.pdf")
    table = int(document.rsplit(b"startxref\n", 1)[1].split()[0])
    assert document[table:].startswith(b"xref\n0 6\n")
    for number, line in enumerate(document[table:].splitlines()[3:8], 1):
        assert document[int(line[:10]) :].startswith(b"%d 0 obj" % number)
    assert attachment("photo:a.png") == attachment("photo:a.png")


def test_only_into_an_empty_store(store: Store) -> None:
    before = store.messages.count()
    with pytest.raises(Invalid) as refused:
        sample.load(store, ManualClock(NOW), rep(store))
    assert refused.value.code == "not-empty"
    assert store.messages.count() == before
