"""Whatever the bytes, reading them raises nothing but `Broken`."""

from __future__ import annotations

import random

from hypothesis import given, settings
from hypothesis import strategies as st

from desk.mail.html import Links, to_text
from desk.mail.packing import unpack
from desk.mail.parse import Broken, parse
from desk.mail.parsed import Limits, Parsed
from desk.mail.quotes import fold
from tests.mail.conftest import Corpus

FIELDS = [b"From", b"To", b"Subject", b"Date", b"Message-ID", b"References", b"Return-Path", b"Auto-Submitted"]
FIELDS += [b"Content-Type", b"Content-Transfer-Encoding", b"Content-Disposition", b"Content-ID", b"X-Failed-Recipients"]
VALUES = [
    b"multipart/mixed; boundary=b",
    b"multipart/alternative; boundary=b",
    b"multipart/report; report-type=delivery-status; boundary=b",
    b"text/html; charset=utf-16",
    b"text/plain; charset=iso-2022-jp; format=flowed; delsp=yes",
    b"message/delivery-status",
    b"message/rfc822",
    b"text/calendar",
    b"base64",
    b"quoted-printable",
    b"x-uuencode",
    b"attachment; filename*0*=utf-8''%e2%82; filename*1=x",
    b"=?utf-8?b?4pyT?= <a@b.c>, x:;",
    b"MAILER-DAEMON <>",
    b"Undelivered mail",
    b"Mon, 32 Foo 20000000 99:99:99 +99999999",
]
LINES = [b"", b"--b", b"--b--", b"> x", b"-- ", b"On 1 Jan Ann <a@b.c> wrote:", b"From: x", b"Sent: y", b"<table><td>"]
LINES += [
    b"begin 644 x",
    b"M",
    b"Final-Recipient: rfc822; a@b.c",
    b"BEGIN:VEVENT",
    b"DTSTART:x",
    b"<blockquote><a href=x>",
]

field = st.builds(
    lambda name, value: name + b": " + value, st.sampled_from(FIELDS), st.sampled_from(VALUES) | st.binary(max_size=60)
)
any_line = field | st.sampled_from(LINES) | st.binary(max_size=40)
structured = st.builds(
    lambda lines, end: end.join(lines), st.lists(any_line, max_size=40), st.sampled_from([b"\n", b"\r\n", b"\r"])
)


def _read(raw: bytes) -> Parsed | None:
    try:
        found = parse(raw, Limits(parts=20, depth=5, header_bytes=2_000, header_line=500, attachments=5))
    except Broken:
        return None
    assert unpack(found.raw_packed) == raw
    assert "\x1b" not in found.body
    return found


@given(st.binary(max_size=2_000))
def test_any_bytes(raw: bytes) -> None:
    _read(raw)


@settings(max_examples=400)
@given(structured)
def test_bytes_that_almost_are_mail(raw: bytes) -> None:
    _read(raw)


@given(st.text(max_size=2_000))
def test_any_text_is_folded_in_order(text: str) -> None:
    edges = [edge for part in fold(text) for edge in (part.start, part.end)]
    assert edges == sorted(edges)
    assert not edges or edges[-1] <= text.count("\n") + 1


@given(st.text(st.sampled_from("<>/=\"' abdtrpliu!-&;#"), max_size=600))
def test_any_markup(markup: str) -> None:
    to_text(markup, Links())


def test_real_mail_with_bytes_changed(corpus: Corpus) -> None:
    dice = random.Random(20)
    for path in corpus("mail-fixtures-mime4j") + corpus("mail-fixtures-rubymail"):
        raw = bytearray(path.read_bytes()[:20_000])
        for _ in range(20):
            if raw:
                raw[dice.randrange(len(raw))] = dice.randrange(256)
        _read(bytes(raw))
