"""One parser process after another: started when needed, replaced when a mail kills it."""

from __future__ import annotations

import os
import select
import signal
import subprocess
import sys
import threading
from collections.abc import Iterator
from pathlib import Path

import msgspec

from desk.mail.parsed import Limits, Parsed, Refused, Source
from desk.mail.protocol import ANSWER, MEMORY, PARSED, QUESTION, READY, refuse

Answer = tuple[Source, Parsed | Refused]

_GRACE = 5.0
"""Seconds beyond the limit after which a worker that did not end itself is killed."""
_START = 30.0
_READ = 1024 * 1024
_HOME = str(Path(__file__).resolve().parents[2])

_encoder = msgspec.msgpack.Encoder()
_parsed = msgspec.msgpack.Decoder(Parsed)
_refused = msgspec.msgpack.Decoder(Refused)


class ParserUnavailable(Exception):
    """No parser process can be had; nothing is wrong with the mail."""


class _Died(Exception):
    """The worker ended before it had answered."""

    def __init__(self, status: int) -> None:
        super().__init__(status)
        self.status = status


class _Process:
    """A running worker."""

    def __init__(self, limits: Limits, niceness: int) -> None:
        path = os.pathsep.join(filter(None, [_HOME, os.environ.get("PYTHONPATH", "")]))
        command = [sys.executable, "-P", "-m", "desk.mail.worker", msgspec.json.encode(limits).decode(), str(niceness)]
        self._popen = subprocess.Popen(
            command,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            bufsize=0,
            env={**os.environ, "PYTHONPATH": path},
            start_new_session=True,
        )
        assert self._popen.stdin
        assert self._popen.stdout
        self.pid = self._popen.pid
        self._in, self._out = self._popen.stdin.fileno(), self._popen.stdout.fileno()
        self._poll = select.poll()
        self._poll.register(self._out, select.POLLIN)
        self._buffer = bytearray()
        self._patience = limits.seconds + _GRACE
        self.cpu_seconds = 0.0
        try:
            kind, _ = self._answer(_START)
        except _Died as died:
            raise ParserUnavailable(
                f"the parser process ended with status {died.status} while starting; see the server's log"
            ) from None
        if kind != READY:
            self.end()
            raise ParserUnavailable("the parser process does not speak our protocol: is Desk installed twice?")

    def ask(self, sources: list[Source]) -> Iterator[Parsed | Refused]:
        """The answers, one by one. Raises `_Died`."""
        question = _encoder.encode(sources)
        self._write(QUESTION.pack(len(question)) + question)
        for _ in sources:
            kind, body = self._answer(self._patience)
            yield _parsed.decode(body) if kind == PARSED else _refused.decode(body)

    def _write(self, data: bytes) -> None:
        view = memoryview(data)
        try:
            while view:
                view = view[os.write(self._in, view) :]
        except OSError:
            raise _Died(self.end()) from None

    def _answer(self, patience: float) -> tuple[int, bytes]:
        length, kind, self.cpu_seconds = ANSWER.unpack(self._take(ANSWER.size, patience))
        return kind, self._take(length, patience)

    def _take(self, length: int, patience: float) -> bytes:
        buffer = self._buffer
        while len(buffer) < length:
            if not self._poll.poll(patience * 1000):
                self._popen.kill()
                self._popen.wait()
                raise _Died(-signal.SIGALRM)
            try:
                data = os.read(self._out, _READ)
            except OSError:
                data = b""
            if not data:
                raise _Died(self.end())
            buffer += data
        taken = bytes(buffer[:length])
        del buffer[:length]
        return taken

    def end(self) -> int:
        """Close the pipes, wait for the end (which a kill hastens) and return the exit status."""
        assert self._popen.stdin
        assert self._popen.stdout
        self._popen.stdin.close()
        try:
            status = self._popen.wait(1.0)
        except subprocess.TimeoutExpired:
            self._popen.kill()
            status = self._popen.wait()
        self._popen.stdout.close()
        return status

    def kill(self) -> None:
        self._popen.kill()


class Lane:
    """Parses list after list in one process at a time. Safe to share; calls take turns."""

    def __init__(self, limits: Limits, *, niceness: int = 0) -> None:
        self._limits = limits
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

    def parse(self, sources: list[Source]) -> list[Answer]:
        """Each source with its answer, in order; a mail that kills the worker is refused, the others are not.

        A worker may die of something else than its mail, so one that crashed it is given to a second.

        Raises:
            ParserUnavailable: no process can be started, or the lane is closed.
        """
        answers: list[Answer] = []
        again = -1
        with self._turn:
            while len(answers) < len(sources):
                process = self._running()
                try:
                    for found in process.ask(sources[len(answers) :]):
                        answers.append((sources[len(answers)], found))
                except _Died as died:
                    self._bury(process, died.status)
                    if died.status != -signal.SIGALRM and again != len(answers):
                        again = len(answers)
                        continue
                    culprit = sources[len(answers)]
                    answers.append((culprit, refuse(culprit, self._why(died.status))))
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
            self._process = _Process(self._limits, self._niceness)
        return self._process

    def _bury(self, process: _Process, status: int) -> None:
        self._cpu_of_dead += process.cpu_seconds
        if status == -signal.SIGALRM:
            self._cpu_of_dead += self._limits.seconds
        self._process = None

    def _why(self, status: int) -> str:
        if status == -signal.SIGALRM:
            return f"took longer than {self._limits.seconds:g} s to read"
        if status == -signal.SIGKILL:
            return f"the parser was killed, perhaps for want of memory (it may use {MEMORY >> 20:,} MB)"
        if status < 0:
            return f"crashed the parser ({signal.Signals(-status).name})"
        return f"ended the parser (exit status {status})"
