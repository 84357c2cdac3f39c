"""One parser process after another: started when needed, replaced when a mail kills it."""

from __future__ import annotations

import contextlib
import fcntl
import os
import select
import signal
import threading
import time
from collections.abc import Iterator

import msgspec

from desk.mail.nursery import Nursery
from desk.mail.parsed import Outcome, Parsed, Refused, Source
from desk.mail.protocol import ANSWER, ENDED, MEMORY, PID, QUESTION, STATUS, refuse

Answer = tuple[Source, Parsed | Refused]
Found = tuple[Source, Outcome]
"""The answer for what may have been a file that was yet to be looked at."""

_GRACE = 5.0
"""Seconds beyond the limit after which a worker that did not end itself is killed."""
_START = 30.0
_PATIENCE_AT_THE_END = 1.0
_READ = 1024 * 1024

_encoder = msgspec.msgpack.Encoder()
_answers = msgspec.msgpack.Decoder(list[Outcome])


class ParserUnavailable(Exception):
    """No parser process can be had; nothing is wrong with the mail."""


class _Died(Exception):
    """The worker ended before it had answered; `begun` tells how many mails of the question it had taken up."""

    def __init__(self, status: int, begun: int) -> None:
        super().__init__(status)
        self.status = status
        self.begun = begun


class _Process:
    """A running worker."""

    def __init__(self, nursery: Nursery, niceness: int) -> None:
        questions, self._questions = os.pipe()
        self._answers, answers = os.pipe()
        self._fate, fate = os.pipe()
        os.set_blocking(self._fate, False)
        _widen(self._answers)
        self._poll = select.poll()
        self._poll.register(self._answers, select.POLLIN)
        self._buffer = bytearray()
        self._patience = nursery.limits.seconds + _GRACE
        self._begun = 0
        self._status: int | None = None
        self.pid = 0
        self.cpu_seconds = 0.0
        try:
            nursery.fork(questions, answers, fate, niceness)
        except OSError:
            self._status = -1
        finally:
            for theirs in (questions, answers, fate):
                os.close(theirs)
        self._introduce(nursery)

    def _introduce(self, nursery: Nursery) -> None:
        try:
            body = self._frame(_START)
        except _Died as died:
            status = nursery.end()
            raise ParserUnavailable(
                f"the parser process ended with status {died.status if status is None else status} while starting;"
                " see the server's log"
            ) from None
        if len(body) != PID.size:
            self.end()
            raise ParserUnavailable("the parser process does not speak our protocol: is Desk installed twice?")
        [self.pid] = PID.unpack(body)

    def ask(self, sources: list[Source]) -> Iterator[list[Outcome]]:
        """The answers, as they come. Raises `_Died`."""
        question = _encoder.encode(sources)
        self._learn()
        self._begun = 0
        self._write(QUESTION.pack(len(question)) + question)
        missing = len(sources)
        while missing:
            found = _answers.decode(self._frame(self._patience))
            missing -= len(found)
            yield found

    def _write(self, data: bytes) -> None:
        view = memoryview(data)
        try:
            while view:
                view = view[os.write(self._questions, view) :]
        except OSError:
            raise self._death() from None

    def _frame(self, patience: float) -> bytes:
        length, self.cpu_seconds = ANSWER.unpack(self._take(ANSWER.size, patience))
        return self._take(length, patience)

    def _take(self, length: int, patience: float) -> bytes:
        buffer = self._buffer
        while len(buffer) < length:
            if not self._poll.poll(patience * 1000):
                begun = self._begun
                self._learn()
                if self._begun == begun:
                    self.kill()
                    self.end()
                    raise _Died(-signal.SIGALRM, self._begun)
                continue
            try:
                data = os.read(self._answers, _READ)
            except OSError:
                data = b""
            if not data:
                raise self._death()
            buffer += data
        taken = bytes(memoryview(buffer)[:length])
        del buffer[:length]
        return taken

    def _learn(self) -> None:
        """Read how far the worker has come, and whether it has ended."""
        with contextlib.suppress(BlockingIOError):
            while self._status is None:
                told = os.read(self._fate, _READ)
                begun, ended, status = told.partition(ENDED)
                self._begun += len(begun)
                if ended:
                    [self._status] = STATUS.unpack(status)
                elif not told:
                    self._status = -signal.SIGKILL

    def _death(self) -> _Died:
        return _Died(self.end(), self._begun)

    def end(self) -> int:
        """Close the pipes, wait for the end (which a kill hastens) and return the exit status."""
        os.close(self._questions)
        while not self._ends_within(_PATIENCE_AT_THE_END):
            self.kill()
        os.close(self._answers)
        os.close(self._fate)
        assert self._status is not None
        return self._status

    def _ends_within(self, seconds: float) -> bool:
        deadline = time.monotonic() + seconds
        poll = select.poll()
        poll.register(self._fate, select.POLLIN)
        self._learn()
        while self._status is None and poll.poll(max(deadline - time.monotonic(), 0) * 1000):
            self._learn()
        return self._status is not None

    def kill(self) -> None:
        if self.pid and self._status is None:
            with contextlib.suppress(ProcessLookupError):
                os.kill(self.pid, signal.SIGKILL)


def _widen(pipe: int) -> None:
    """Room for more answers, so that neither side waits for the other so often; Linux only."""
    if hasattr(fcntl, "F_SETPIPE_SZ"):
        with contextlib.suppress(OSError):
            fcntl.fcntl(pipe, fcntl.F_SETPIPE_SZ, _READ)


class Lane:
    """Parses list after list in one process at a time. Safe to share; calls take turns."""

    def __init__(self, nursery: Nursery, *, niceness: int = 0) -> None:
        self._nursery = nursery
        self._niceness = niceness
        self._turn = threading.Lock()
        self._process: _Process | None = None
        self._closed = False
        self._cpu_of_dead = 0.0

    @property
    def cpu_seconds(self) -> float:
        """Processor seconds used by all processes this lane has had."""
        process = self._process
        return self._cpu_of_dead + (process.cpu_seconds if process else 0.0)

    @property
    def pid(self) -> int | None:
        process = self._process
        return process.pid if process else None

    def parse(self, sources: list[Source]) -> list[Found]:
        """Each source with its answer, in order; a mail that kills the worker is refused, the others are not.

        A worker may die of something else than its mail, so one that crashed it is given to a second.

        Raises:
            ParserUnavailable: no process can be started, or the lane is closed.
        """
        answers: list[Found] = []
        condemned: dict[int, Refused] = {}
        suspect = -1
        with self._turn:
            while (at := len(answers)) < len(sources):
                if at in condemned:
                    answers.append((sources[at], condemned[at]))
                    continue
                process = self._running()
                part = sources[at : min((index for index in condemned if index > at), default=len(sources))]
                try:
                    for found in process.ask(part):
                        answers += zip(part[len(answers) - at :], found, strict=False)
                except _Died as died:
                    self._bury(process, died.status)
                    culprit = at + max(died.begun - 1, 0)
                    if died.status == -signal.SIGALRM or culprit == suspect:
                        condemned[culprit] = refuse(sources[culprit], self._why(died.status))
                    suspect = culprit
        return answers

    def close(self) -> None:
        """End the process, in the middle of a mail if need be."""
        self._closed = True
        process = self._process
        if process is not None:
            process.kill()
        with self._turn:
            process, self._process = self._process, None
            if process is not None:
                self._cpu_of_dead += process.cpu_seconds
                process.end()

    def _running(self) -> _Process:
        if self._closed:
            raise ParserUnavailable("the parsers are shut down")
        if self._process is None:
            self._process = _Process(self._nursery, self._niceness)
        return self._process

    def _bury(self, process: _Process, status: int) -> None:
        self._cpu_of_dead += process.cpu_seconds
        if status == -signal.SIGALRM:
            self._cpu_of_dead += self._nursery.limits.seconds
        self._process = None

    def _why(self, status: int) -> str:
        if status == -signal.SIGALRM:
            return f"took longer than {self._nursery.limits.seconds:g} s to read"
        if status == -signal.SIGKILL:
            return f"the parser was killed, perhaps for want of memory (it may use {MEMORY >> 20:,} MB)"
        if status < 0:
            return f"crashed the parser ({signal.Signals(-status).name})"
        return f"ended the parser (exit status {status})"
