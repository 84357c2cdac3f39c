"""Mails on their way from those who read to the one who stores: in order, whole, and without waiting for more."""

from __future__ import annotations

import threading
from concurrent.futures import Future

import pytest

from desk.mail.parsed import Refused, Source
from desk.mail.pool import Answer
from desk.server.batches import Batches, Chunk


def mails(*numbers: int) -> list[Answer]:
    refused = Refused(sha256="0" * 64, size=0, raw_packed=b"", reason="")
    return [(Source(external_id=str(number)), refused) for number in numbers]


def ids(batch: list[Answer]) -> list[int]:
    return [int(source.external_id) for source, _ in batch]


def test_what_came_meanwhile_is_the_next_batch() -> None:
    batches = Batches(size=4, waiting_at_most=100)
    for number in range(6):
        assert batches.put(Chunk(mails(number)))
    assert ids(batches.take()) == [0, 1, 2, 3]
    assert ids(batches.take()) == [4, 5]
    assert batches.put(Chunk([])), "nothing is no end"
    assert batches.put(Chunk(mails(*range(10, 19))))
    assert ids(batches.take()) == list(range(10, 19)), "one chunk is never divided"
    batches.close()
    assert batches.take() == []


def test_a_batch_is_worth_a_commit_or_the_last() -> None:
    batches = Batches(size=10, waiting_at_most=100, least=3)
    taken: list[list[int]] = []
    taking = threading.Thread(target=lambda: taken.extend(ids(batches.take()) for _ in range(2)))
    taking.start()
    for number in range(4):
        batches.put(Chunk(mails(number)))
        assert number >= 2 or not taken
    batches.close()
    taking.join(10)
    assert [number for batch in taken for number in batch] == [0, 1, 2, 3]
    assert len(taken[0]) >= 3


def test_attachments_are_waited_for_only_by_the_mails_behind_them() -> None:
    batches = Batches(size=10, waiting_at_most=100)
    late: Future[list[str]] = Future()
    for chunk in (Chunk(mails(0)), Chunk(mails(1)), Chunk(mails(2), late), Chunk(mails(3))):
        batches.put(chunk)
    assert ids(batches.take()) == [0, 1]
    threading.Timer(0.05, late.set_result, ([],)).start()
    assert ids(batches.take()) == [2, 3]


def test_attachments_that_cannot_be_kept_are_told_to_who_takes() -> None:
    batches = Batches(size=10, waiting_at_most=100)
    lost: Future[list[str]] = Future()
    lost.set_exception(OSError("the disk is full"))
    batches.put(Chunk(mails(0), lost))
    with pytest.raises(OSError, match="full"):
        batches.take()


def test_who_puts_waits_for_room_and_goes_when_nobody_takes() -> None:
    batches = Batches(size=2, waiting_at_most=4)
    put: list[bool] = []
    putting = threading.Thread(target=lambda: put.extend(batches.put(Chunk(mails(n, n))) for n in range(6)))
    putting.start()
    assert ids(batches.take()) == [0, 0]
    assert ids(batches.take()) == [1, 1]
    batches.close()
    putting.join(10)
    assert not putting.is_alive()
    assert put[:2] == [True, True]
    assert put[-1] is False
    left = []
    while batch := batches.take():
        left += ids(batch)
    assert left == [n for n in range(2, 6) if put[n] for _ in range(2)], "what was accepted is not lost"


def test_every_mail_once_and_in_order_between_two_threads() -> None:
    batches = Batches(size=50, waiting_at_most=100)

    def put() -> None:
        for start in range(0, 5_000, 7):
            batches.put(Chunk(mails(*range(start, min(start + 7, 5_000)))))
        batches.close()

    threading.Thread(target=put).start()
    taken: list[int] = []
    while batch := batches.take():
        assert len(batch) <= 50
        taken += ids(batch)
    assert taken == list(range(5_000))
