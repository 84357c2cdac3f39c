"""Workers die, hang and are killed; mails and their order do not suffer."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from desk.mail import worker
from desk.mail.packing import unpack
from desk.mail.parsed import Limits, Parsed, Refused, Slice, Source
from desk.mail.pool import ParserPool, ParserUnavailable
from tests.servers.patience import Deadline

SLOW = b"Content-Type: text/html\r\n\r\n" + b"<table><tr><td>x" * 100_000
"""About half a second of work."""
DEADLINE = 20.0


def _mail(number: int) -> bytes:
    return b"From: a@example.com\r\nSubject: number %d\r\n\r\nbody %d\r\n" % (number, number)


def _source(number: int) -> Source:
    return Source(external_id=str(number), raw=_mail(number))


def _until(condition: Callable[[], object]) -> None:
    deadline = Deadline(DEADLINE)
    while not condition():
        assert not deadline.passed()
        time.sleep(0.005)


def _alive(pid: int) -> bool:
    try:
        return Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()[0] != "Z"
    except OSError:
        return False


@pytest.fixture
def pool() -> Iterator[ParserPool]:
    pool = ParserPool(2)
    yield pool
    pool.close()


def test_a_stream_comes_back_in_order_from_both_workers(pool: ParserPool) -> None:
    seen_pids: set[int] = set()
    subjects = []
    for chunk in pool.parse_many((_source(n) for n in range(1_000)), chunk=7):
        seen_pids.update(pool.pids)
        assert len(chunk) <= 7
        for source, found in chunk:
            assert isinstance(found, Parsed)
            assert found.subject == f"number {source.external_id}"
            subjects.append(int(source.external_id))
    assert subjects == list(range(1_000))
    assert len(seen_pids) == 2
    assert pool.cpu_seconds > 0


def test_nothing_runs_before_or_after(pool: ParserPool) -> None:
    assert pool.pids == []
    stream = pool.parse_many(_source(n) for n in range(1_000))
    next(stream)
    workers = pool.pids
    assert workers
    used = pool.cpu_seconds
    stream.close()  # type: ignore[attr-defined]
    assert pool.pids == []
    assert pool.cpu_seconds >= used
    _until(lambda: not any(_alive(pid) for pid in workers))


def test_only_a_few_chunks_are_read_ahead(pool: ParserPool) -> None:
    taken = 0

    def sources() -> Iterator[Source]:
        nonlocal taken
        for number in range(10_000):
            taken += 1
            yield _source(number)

    stream = pool.parse_many(sources(), chunk=10)
    next(stream)
    assert taken <= 10 * (2 * 2 + 2)
    stream.close()  # type: ignore[attr-defined]


def test_a_mail_that_takes_too_long_is_refused_and_its_neighbours_are_not() -> None:
    pool = ParserPool(1, Limits(seconds=0.1))
    sources = [
        _source(1),
        Source(external_id="slow", raw=SLOW),
        _source(2),
        Source(external_id="x", raw=SLOW),
        _source(3),
    ]
    try:
        found = [answer for chunk in pool.parse_many(sources) for _, answer in chunk]
    finally:
        pool.close()
    assert [type(answer) for answer in found] == [Parsed, Refused, Parsed, Refused, Parsed]
    refused = found[1]
    assert isinstance(refused, Refused)
    assert refused.reason == "took longer than 0.1 s to read"
    assert unpack(refused.raw_packed) == SLOW
    assert refused.size == len(SLOW)


@pytest.mark.parametrize("kill", [signal.SIGKILL, signal.SIGSEGV])
def test_a_worker_killed_while_idle_costs_no_mail(pool: ParserPool, kill: signal.Signals) -> None:
    pool.parse_now([_source(1)])
    [pid] = pool.pids
    os.kill(pid, kill)
    _until(lambda: not _alive(pid))
    found = [answer for _, answer in pool.parse_now([_source(2), _source(3)])]
    assert all(isinstance(answer, Parsed) for answer in found)
    assert pool.pids != [pid]


def test_the_death_of_the_nursery_costs_no_mail(pool: ParserPool) -> None:
    pool.parse_now([_source(1)])
    [pid] = pool.pids
    nursery = int(Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()[1])
    os.kill(nursery, signal.SIGKILL)
    _until(lambda: not _alive(nursery))
    assert isinstance(pool.parse_now([_source(2)])[0][1], Parsed)
    os.kill(pid, signal.SIGKILL)
    _until(lambda: not _alive(pid))
    found = [answer for chunk in pool.parse_many(_source(n) for n in range(100)) for _, answer in chunk]
    assert all(isinstance(answer, Parsed) for answer in [*found, pool.parse_now([_source(3)])[0][1]])


def test_a_mail_that_crashes_its_worker_twice_is_refused(pool: ParserPool) -> None:
    answers: list[Parsed | Refused] = []
    slow = [Source(external_id="slow", raw=SLOW), _source(2)]
    thread = threading.Thread(target=lambda: answers.extend(found for _, found in pool.parse_now(slow)))
    pool.parse_now([_source(1)])
    thread.start()
    for _ in range(2):
        before = pool.pids
        _until(lambda: pool.pids and _is_busy(pool.pids[0]))
        os.kill(pool.pids[0], signal.SIGSEGV)
        _until(lambda before=before: pool.pids != before)
    thread.join(DEADLINE)
    refused, parsed = answers
    assert isinstance(refused, Refused)
    assert refused.reason == "crashed the parser (SIGSEGV)"
    assert isinstance(parsed, Parsed)


def _is_busy(pid: int) -> bool:
    """Whether the process has begun to parse: its interval timer runs, so it uses the processor."""
    return _ticks(pid) > 0 and Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()[0] == "R"


def _ticks(pid: int) -> int:
    fields = Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()
    return int(fields[11]) + int(fields[12])


def test_an_idle_worker_uses_no_processor_time(pool: ParserPool) -> None:
    pool.parse_now([_source(1)])
    [pid] = pool.pids
    before = _ticks(pid)
    time.sleep(0.5)
    assert _ticks(pid) == before


def test_live_mail_does_not_wait_behind_an_import(pool: ParserPool) -> None:
    pool.parse_now([_source(0)])
    stream = pool.parse_many((Source(external_id="slow", raw=SLOW) for _ in range(6)), chunk=3)
    importing = threading.Thread(target=lambda: list(stream))
    started = time.monotonic()
    importing.start()
    _until(lambda: len(pool.pids) == 3)
    pool.parse_now([_source(1)])
    live = time.monotonic() - started
    assert importing.is_alive()
    importing.join(DEADLINE)
    assert live < time.monotonic() - started


async def test_parse_from_a_coroutine(pool: ParserPool) -> None:
    [(source, found)] = await pool.parse([_source(5)])
    assert isinstance(found, Parsed)
    assert source.external_id == "5"
    assert found.body == "body 5"


_PARENT = """
import sys, time
from desk.mail.parsed import Limits, Source
from desk.mail.pool import ParserPool
pool = ParserPool(2, Limits(seconds=1.0))
pool.parse_now([Source(external_id="", raw=b"From: a@b.c")])
stream = pool.parse_many(Source(external_id="", raw=b"From: a@b.c") for _ in range(10_000))
next(stream)
print(*pool.pids, flush=True)
if sys.argv[1] == "busy":
    pool.parse_now([Source(external_id="", raw=b"Content-Type: text/html\\n\\n" + b"<table><tr><td>x" * 300_000)])
time.sleep(60)
"""


@pytest.mark.parametrize("state", ["idle", "busy"])
def test_workers_do_not_survive_a_killed_parent(state: str) -> None:
    with subprocess.Popen([sys.executable, "-c", _PARENT, state], stdout=subprocess.PIPE, text=True) as parent:
        assert parent.stdout
        pids = [int(word) for word in parent.stdout.readline().split()]
        assert len(pids) >= 2
        parent.kill()
    _until(lambda: not any(_alive(pid) for pid in pids))


def test_files_are_read_by_the_worker(pool: ParserPool, tmp_path: Path) -> None:
    path = tmp_path / "mbox"
    path.write_bytes(b"x" * 100 + _mail(1) + b"y" * 50)
    slices = [
        Slice(path=str(path), offset=100, length=len(_mail(1))),
        Slice(path=str(tmp_path / "gone")),
        Slice(path=str(tmp_path)),
        Slice(path=str(path), offset=10_000),
    ]
    sources = [Source(external_id="", slice=given) for given in slices]
    whole, gone, folder, beyond = (found for _, found in pool.parse_now(sources))
    assert isinstance(whole, Parsed)
    assert unpack(whole.raw_packed) == _mail(1)
    assert isinstance(gone, Refused)
    assert "No such file" in gone.reason
    assert isinstance(folder, Refused)
    assert gone.sha256 != folder.sha256
    assert beyond.size == 0


def test_a_closed_pool_says_so(pool: ParserPool) -> None:
    pool.close()
    pool.close()
    with pytest.raises(ParserUnavailable, match="shut down"):
        pool.parse_now([_source(1)])
    with pytest.raises(ParserUnavailable, match="shut down"):
        next(pool.parse_many([_source(1)]))


def test_a_broken_installation_refuses_no_mail(pool: ParserPool, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "executable", "/bin/false")
    with pytest.raises(ParserUnavailable, match="while starting"):
        pool.parse_now([_source(1)])
    monkeypatch.undo()
    assert isinstance(pool.parse_now([_source(1)])[0][1], Parsed)


@pytest.mark.parametrize(
    ("error", "reason"),
    [
        (MemoryError(), "needs more than 1,536 MB of memory"),
        (RecursionError(), "nested too deep"),
        (KeyError("x"), "the parser failed: KeyError"),
    ],
)
def test_whatever_the_parser_raises_becomes_a_reason(
    monkeypatch: pytest.MonkeyPatch, error: Exception, reason: str
) -> None:
    def fail(*_: object) -> Parsed:
        raise error

    monkeypatch.setattr(worker, "parse", fail)
    found = worker.answer(_source(1), Limits())
    assert isinstance(found, Refused)
    assert reason in found.reason
    assert unpack(found.raw_packed) == _mail(1)
    assert signal.getitimer(signal.ITIMER_REAL) == (0.0, 0.0)
