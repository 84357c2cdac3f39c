"""Every bomb goes through the pool: at most two seconds, and the mail behind it is none the worse."""

from __future__ import annotations

import re
import time
from collections.abc import Iterator

import pytest

from desk import text
from desk.mail.packing import unpack
from desk.mail.parsed import Parsed, Refused, Source
from desk.mail.pool import ParserPool
from tests.mail.hostile import BOMBS

GOOD = b"From: Ann <ann@example.com>\r\nSubject: where is my parcel?\r\n\r\nIt has been a week.\r\n"
_STEERING = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\u200e\u200f\u202a-\u202e\u2066-\u2069\ud800-\udfff]")
_SECONDS = 2.0
_SLACK = 1.0
"""For handing 60 MB to and fro on a busy machine."""


@pytest.fixture(scope="module")
def pool() -> Iterator[ParserPool]:
    pool = ParserPool(1)
    pool.parse_now([Source(external_id="warm", raw=GOOD)])
    yield pool
    pool.close()


@pytest.mark.parametrize("name", BOMBS)
def test_bomb(pool: ParserPool, name: str) -> None:
    raw = BOMBS[name]()
    started = time.monotonic()
    [(_, found)] = pool.parse_now([Source(external_id="bomb", raw=raw)])
    took = time.monotonic() - started
    assert took < _SECONDS + _SLACK
    assert unpack(found.raw_packed) == raw
    assert found.size == len(raw)
    if isinstance(found, Parsed):
        for shown in (found.subject, found.body, *found.links, *(part.name for part in found.parts)):
            assert not _STEERING.search(shown)
        assert all("/" not in part.name and part.name not in ("", ".", "..") for part in found.parts)
        text.fold_subject(found.subject)
    else:
        assert found.reason
    [(_, following)] = pool.parse_now([Source(external_id="good", raw=GOOD)])
    assert isinstance(following, Parsed)
    assert following.body == "It has been a week."


@pytest.mark.parametrize(
    ("name", "reason"),
    [
        ("100,000 parts", "more than 1,000 parts"),
        ("nesting 300", "nested more than 50 deep"),
        ("nesting 10,000", "nested more than 50 deep"),
        ("header of 1 MB", "headers longer than 256 KB"),
        ("header lines of 1 MB", "headers longer than 256 KB"),
        ("97 KB From", "a header field of"),
        ("60 MB", "60.0 MB, more than the 50 MB"),
    ],
)
def test_limits_are_told_in_words(pool: ParserPool, name: str, reason: str) -> None:
    [(_, found)] = pool.parse_now([Source(external_id="bomb", raw=BOMBS[name]())])
    assert isinstance(found, Refused)
    assert reason in found.reason


@pytest.mark.parametrize("seed", ["re: ", "[", "[x]", "re[", " ", "\u0301", "\u200b", "a\u200d", "[a] re: ", "\x1b["])
def test_the_gate_is_linear(seed: str) -> None:
    started = time.process_time()
    for function in (text.clean, text.line, text.fold_subject):
        function(seed * 100_000)
    assert time.process_time() - started < _SECONDS
