"""A parser process: mails in on standard input, answers out on standard output, until the input closes.

A question is one frame, a length and a msgpack list of `Source`. The answers are one frame each: length, kind,
processor seconds used so far, msgpack. The kernel ends the process (SIGALRM) when one mail takes too long, even
inside C code and even when the parent is gone, and bounds its memory; the parent reads from the exit status why.
"""

from __future__ import annotations

import contextlib
import gc
import os
import resource
import signal
import sys
import time
from typing import BinaryIO

import msgspec

from desk.mail.parse import Broken, parse
from desk.mail.parsed import Limits, Parsed, Refused, Source
from desk.mail.protocol import ANSWER, MEMORY, PARSED, QUESTION, READY, REFUSED, read_slice, refuse

_ALLOCATIONS_BETWEEN_COLLECTIONS = 100_000
_encoder = msgspec.msgpack.Encoder()


def answer(source: Source, limits: Limits) -> Parsed | Refused:
    """Parse one source within `limits.seconds`; SIGALRM ends the process after that."""
    try:
        raw = read_slice(source, limits.size)
    except OSError as error:
        return refuse(source, str(error))
    signal.setitimer(signal.ITIMER_REAL, limits.seconds)
    try:
        return parse(raw, limits)
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


def _read_exactly(stream: BinaryIO, length: int) -> bytes:
    data = stream.read(length)
    if len(data) < length:
        raise EOFError
    return data


def _write(out: BinaryIO, kind: int, body: bytes) -> None:
    out.write(ANSWER.pack(len(body), kind, time.process_time()))
    out.write(body)
    out.flush()


def serve(questions: BinaryIO, answers: BinaryIO, limits: Limits) -> None:
    """Answer until the input closes."""
    decoder = msgspec.msgpack.Decoder(list[Source])
    _write(answers, READY, b"")
    with contextlib.suppress(EOFError, BrokenPipeError):
        while True:
            (length,) = QUESTION.unpack(_read_exactly(questions, QUESTION.size))
            for source in decoder.decode(_read_exactly(questions, length)):
                found = answer(source, limits)
                _write(answers, PARSED if isinstance(found, Parsed) else REFUSED, _encoder.encode(found))


def main(arguments: list[str]) -> None:
    """`python -m desk.mail.worker LIMITS [NICENESS]`, LIMITS as JSON."""
    limits = msgspec.json.decode(arguments[0], type=Limits)
    if len(arguments) > 1:
        os.nice(int(arguments[1]))
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    signal.signal(signal.SIGALRM, signal.SIG_DFL)
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY, MEMORY))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    questions = os.fdopen(os.dup(0), "rb")
    answers = os.fdopen(os.dup(1), "wb", buffering=256 * 1024)
    with open(os.devnull, "r+b") as nothing:
        os.dup2(nothing.fileno(), 0)
        os.dup2(nothing.fileno(), 1)
    gc.collect()
    gc.freeze()
    gc.set_threshold(_ALLOCATIONS_BETWEEN_COLLECTIONS)
    serve(questions, answers, limits)


if __name__ == "__main__":
    main(sys.argv[1:])
