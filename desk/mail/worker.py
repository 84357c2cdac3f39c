"""Parser processes, and the process they are forked from; `desk.mail.protocol` says how they are spoken to.

The kernel ends a worker (SIGALRM) when one mail takes too long, even inside C code and even when the parent is gone,
and bounds its memory; the parent reads from the exit status why. A worker goes when its questions end.
"""

from __future__ import annotations

import contextlib
import gc
import os
import resource
import signal
import socket
import sys
import time
from types import FrameType
from typing import BinaryIO, NoReturn

import msgspec

from desk.mail.archive import LOOKED_AT, look
from desk.mail.parse import Broken, parse
from desk.mail.parsed import Limits, NoMail, Outcome, Parsed, Refused, Source
from desk.mail.protocol import ANSWER, BEGUN, ENDED, FRAME_BYTES, MEMORY, PID, QUESTION, STATUS, read_slice, refuse

_ALLOCATIONS_BETWEEN_COLLECTIONS = 100_000
_encoder = msgspec.msgpack.Encoder()


def answer(source: Source, limits: Limits) -> Outcome:
    """Parse one source within `limits.seconds`; SIGALRM ends the process after that."""
    file = source.slice
    unknown = file is not None and not file.is_mail
    try:
        raw = read_slice(source, LOOKED_AT if unknown else limits.size)
        signal.setitimer(signal.ITIMER_REAL, limits.seconds)
        if file is not None and unknown:
            found = look(file.path, raw, file.length)
            if found is not None:
                return found
            raw = raw if len(raw) >= file.length else read_slice(source, limits.size)
        return parse(raw, limits)
    except OSError as error:
        return NoMail(reason=f"cannot be read: {error.strerror}") if unknown else refuse(source, str(error))
    except Broken as broken:
        signal.setitimer(signal.ITIMER_REAL, 0)
        return refuse(source, str(broken))
    except RecursionError:
        return refuse(source, "nested too deep to be read")
    except MemoryError:
        return refuse(source, f"needs more than {MEMORY >> 20:,} MB of memory to be read")
    except Exception as error:
        return refuse(source, f"the parser failed: {type(error).__name__}: {error}"[:500])
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)


# --- a worker ---------------------------------------------------------------------------------------------


def _read_exactly(stream: BinaryIO, length: int) -> bytes:
    data = stream.read(length)
    if len(data) < length:
        raise EOFError
    return data


def _write(out: int, body: bytes) -> None:
    frame = memoryview(ANSWER.pack(len(body), time.process_time()) + body)
    while frame:
        frame = frame[os.write(out, frame) :]


def serve(questions: BinaryIO, answers: int, fate: int, limits: Limits) -> None:
    """Answer until the input closes."""
    decoder = msgspec.msgpack.Decoder(list[Source])
    with contextlib.suppress(EOFError, BrokenPipeError):
        _write(answers, PID.pack(os.getpid()))
        while True:
            (length,) = QUESTION.unpack(_read_exactly(questions, QUESTION.size))
            found: list[Outcome] = []
            size = 0
            for source in decoder.decode(_read_exactly(questions, length)):
                os.write(fate, BEGUN)
                found.append(answer(source, limits))
                size += found[-1].size if isinstance(found[-1], Parsed | Refused) else 0
                if size >= FRAME_BYTES:
                    _write(answers, _encoder.encode(found))
                    found, size = [], 0
            if found:
                _write(answers, _encoder.encode(found))


def _work(questions: int, answers: int, fate: int, limits: Limits, niceness: int) -> None:
    os.nice(niceness)
    signal.signal(signal.SIGALRM, signal.SIG_DFL)
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY, MEMORY))
    gc.set_threshold(_ALLOCATIONS_BETWEEN_COLLECTIONS)
    with os.fdopen(questions, "rb") as stream:
        serve(stream, answers, fate, limits)


# --- the nursery ------------------------------------------------------------------------------------------


class _Nursery:
    """Forks a worker for every byte that comes with three descriptors, and tells the fate of each."""

    def __init__(self, ours: socket.socket, limits: Limits) -> None:
        self._socket = ours
        self._limits = limits
        self._fates: dict[int, int] = {}

    def run(self) -> None:
        signal.signal(signal.SIGCHLD, self._reap)
        while True:
            asked, descriptors, _, _ = socket.recv_fds(self._socket, 1, 3)
            if not asked:
                return
            questions, answers, fate = descriptors
            signal.pthread_sigmask(signal.SIG_BLOCK, (signal.SIGCHLD,))
            pid = os.fork()
            if not pid:
                self._child(questions, answers, fate, asked[0])
            self._fates[pid] = fate
            os.close(questions)
            os.close(answers)
            signal.pthread_sigmask(signal.SIG_UNBLOCK, (signal.SIGCHLD,))

    def _child(self, questions: int, answers: int, fate: int, niceness: int) -> NoReturn:
        status = 1
        try:
            signal.signal(signal.SIGCHLD, signal.SIG_DFL)
            signal.pthread_sigmask(signal.SIG_UNBLOCK, (signal.SIGCHLD,))
            self._socket.close()
            for other in self._fates.values():
                os.close(other)
            _work(questions, answers, fate, self._limits, niceness)
            status = 0
        except BaseException:
            sys.excepthook(*sys.exc_info())
        finally:
            os._exit(status)

    def _reap(self, _: int, __: FrameType | None) -> None:
        with contextlib.suppress(ChildProcessError):
            while True:
                pid, status = os.waitpid(-1, os.WNOHANG)
                if not pid:
                    return
                fate = self._fates.pop(pid)
                with contextlib.suppress(OSError):
                    os.write(fate, ENDED + STATUS.pack(os.waitstatus_to_exitcode(status)))
                os.close(fate)


def main(arguments: list[str]) -> None:
    """`python -m desk.mail.worker LIMITS` with a Unix socket as standard input, LIMITS as JSON."""
    limits = msgspec.json.decode(arguments[0], type=Limits)
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    ours = socket.socket(fileno=os.dup(0))
    with open(os.devnull, "rb") as nothing:
        os.dup2(nothing.fileno(), 0)
    gc.collect()
    gc.freeze()
    _Nursery(ours, limits).run()


if __name__ == "__main__":
    main(sys.argv[1:])
