"""Mail that somebody made to hurt: one function a bomb, each named for what it attacks."""

from __future__ import annotations

import base64
from collections.abc import Callable

Bomb = Callable[[], bytes]
HEAD = b"From: a@example.com\r\nTo: b@example.com\r\nSubject: bomb\r\nMIME-Version: 1.0\r\n"
HTML = HEAD + b"Content-Type: text/html; charset=utf-8\r\n\r\n"
TEXT = HEAD + b"Content-Type: text/plain; charset=utf-8\r\n\r\n"
MEGABYTE = 1024 * 1024


def _nested(depth: int) -> bytes:
    opened = b"".join(b"Content-Type: multipart/mixed; boundary=b%d\r\n\r\n--b%d\r\n" % (n, n) for n in range(depth))
    return HEAD + opened + b"\r\nhello\r\n"


def _parts(count: int) -> bytes:
    return HEAD + b"Content-Type: multipart/mixed; boundary=b\r\n\r\n" + b"--b\r\n\r\nx\r\n" * count + b"--b--\r\n"


def _filled(before: bytes, piece: bytes, size: int, after: bytes = b"") -> bytes:
    return before + piece * (size // len(piece)) + after


BOMBS: dict[str, Bomb] = {
    "semicolons in Content-Type": lambda: HEAD + b"Content-Type: text/plain" + b"; " * 7_000 + b"\r\n\r\nx",
    "semicolons, 60 KB": lambda: HEAD + b"Content-Type: text/plain" + b"; " * 30_000 + b"\r\n\r\nx",
    "open quotes in Content-Type": lambda: HEAD + b"Content-Type: text/plain" + b';a="' * 15_000 + b"\r\n\r\nx",
    "RFC 2231 pieces": lambda: (
        HEAD + b"Content-Type: text/plain" + b"".join(b"; name*%d*=%%41" % n for n in range(4_000)) + b"\r\n\r\nx"
    ),
    "97 KB From": lambda: b"From: " + b"a" * 97_000 + b"\r\n\r\nx",
    "60 KB of commas in From": lambda: b"From: " + b"," * 60_000 + b"\r\n\r\nx",
    "60 KB of comments in From": lambda: b"From: " + b"(" * 60_000 + b"\r\n\r\nx",
    "60 KB of quotes in From": lambda: b"From: " + b'"\\' * 30_000 + b"\r\n\r\nx",
    "60 KB of angles in From": lambda: b"From: " + b"<" * 60_000 + b"\r\n\r\nx",
    "60 KB of @ in From": lambda: b"From: " + b"a@" * 30_000 + b"\r\n\r\nx",
    "a thousand To fields": lambda: b"To: a@example.com\r\n" * 5_000 + b"From: a@b.c\r\n\r\nx",
    "encoded words that never end": lambda: b"Subject: " + b"=?a?q?" * 10_000 + b"\r\n\r\nx",
    "encoded words in thousands": lambda: b"Subject: " + b"=?utf-8?q?=C3?= " * 3_500 + b"\r\n\r\nx",
    "encoded words with a quadratic charset": lambda: b"Subject: =?punycode?q?" + b"a" * 60_000 + b"?=\r\n\r\nx",
    "quadratic charset": lambda: _filled(HEAD + b"Content-Type: text/plain; charset=idna\r\n\r\n", b"a.", MEGABYTE),
    "charset zlib": lambda: _filled(HEAD + b"Content-Type: text/plain; charset=zlib\r\n\r\n", b"\xff", MEGABYTE),
    "charset utf-16 that lies": lambda: _filled(
        HEAD + b"Content-Type: text/plain; charset=utf-16\r\n\r\n", b"abc", 999_999
    ),
    "charset utf-7": lambda: _filled(HEAD + b"Content-Type: text/plain; charset=utf-7\r\n\r\n", b"+AAA", MEGABYTE),
    "a name of nothing but dots": lambda: (
        HEAD + b'Content-Disposition: attachment; filename="' + b"../" * 2_000 + b'"\r\n\r\nx'
    ),
    "References of 60 KB": lambda: b"References: " + b"<a@b> " * 10_000 + b"\r\n\r\nx",
    "References that never close": lambda: b"References: " + b"<" * 60_000 + b"\r\n\r\nx",
    "Date of 60 KB": lambda: b"Date: " + b"Mon, " * 12_000 + b"\r\n\r\nx",
    "Date of digits": lambda: b"Date: " + b"9" * 60_000 + b"\r\n\r\nx",
    "reply prefixes": lambda: b"Subject: " + b"Re: " * 15_000 + b"\r\n\r\nx",
    "reply prefixes in brackets": lambda: b"Subject: " + b"[" * 60_000 + b"\r\n\r\nx",
    "100,000 parts": lambda: _parts(100_000),
    "999 parts": lambda: _parts(998),
    "nesting 300": lambda: _nested(300),
    "nesting 10,000": lambda: _nested(10_000),
    "header of 1 MB": lambda: b"X-Filler: " + b"a" * MEGABYTE + b"\r\n\r\nx",
    "header lines of 1 MB": lambda: _filled(b"", b"X: y\r\n", MEGABYTE, b"\r\nx"),
    "continuation lines of 20 MB": lambda: _filled(b"X: y\r\n", b" \r\n", 20 * MEGABYTE, b"\r\nx"),
    "boundaries that are none": lambda: _filled(
        HEAD + b"Content-Type: multipart/mixed; boundary=b\r\n\r\n", b"--bb\r\n", 20 * MEGABYTE
    ),
    "boundary of dashes": lambda: _filled(
        HEAD + b'Content-Type: multipart/mixed; boundary="----"\r\n\r\n', b"-", 20 * MEGABYTE
    ),
    "empty boundary": lambda: HEAD + b'Content-Type: multipart/mixed; boundary=""\r\n\r\n' + b"--\r\n" * 100_000,
    "base64 of 30 MB": lambda: (
        HEAD
        + b"Content-Type: application/octet-stream\r\nContent-Transfer-Encoding: base64\r\n\r\n"
        + base64.encodebytes(b"\0" * (22 * MEGABYTE))
    ),
    "base64 with a stray digit, 30 MB": lambda: (
        HEAD
        + b"Content-Type: application/octet-stream\r\nContent-Transfer-Encoding: base64\r\n\r\n!"
        + base64.encodebytes(b"\0" * (22 * MEGABYTE))
    ),
    "base64 of equals signs": lambda: _filled(HEAD + b"Content-Transfer-Encoding: base64\r\n\r\n", b"=", 10 * MEGABYTE),
    "quoted-printable of equals signs": lambda: _filled(
        HEAD + b"Content-Transfer-Encoding: quoted-printable\r\n\r\n", b"=", 20 * MEGABYTE
    ),
    "quoted-printable of spaces": lambda: _filled(
        HEAD + b"Content-Transfer-Encoding: quoted-printable\r\n\r\n", b" ", 20 * MEGABYTE
    ),
    "uuencode of nonsense": lambda: _filled(
        HEAD + b"Content-Transfer-Encoding: x-uuencode\r\n\r\nbegin 644 x\n", b"M\xff\n", 5 * MEGABYTE
    ),
    "entities, a million": lambda: _filled(HTML, b"&amp;", 5 * MEGABYTE),
    "entities that never end": lambda: _filled(HTML, b"&", MEGABYTE),
    "laughs": lambda: (
        HTML
        + b"<!DOCTYPE lolz ["
        + b"".join(b'<!ENTITY lol%d "' % n + b"&lol%d;" % (n - 1) * 10 + b'">' for n in range(1, 15))
        + b"]><p>&lol14;</p>"
    ),
    "nested divs": lambda: _filled(HTML, b"<div>", 2 * MEGABYTE, b"x"),
    "nested tables": lambda: _filled(HTML, b"<table><tr><td>x", 2 * MEGABYTE),
    "nested tables that close": lambda: HTML + b"<table><tr><td>x" * 20_000 + b"</td></tr></table>" * 20_000,
    "nested lists": lambda: _filled(HTML, b"<ul><li>x", 2 * MEGABYTE),
    "nested quotes": lambda: _filled(HTML, b"<blockquote>x", 2 * MEGABYTE),
    "nested links": lambda: _filled(HTML, b"<a href=http://x.example/y>", 2 * MEGABYTE, b"x"),
    "a wide grid": lambda: (
        HTML + b"<table>" + b"<tr>" * 3 + b"<td>x</td>" * 50_000 + b"<tr><td>" * 50_000 + b"</table>"
    ),
    "tags that never end": lambda: _filled(HTML, b"<a", 5 * MEGABYTE),
    "angle brackets": lambda: _filled(HTML, b"<", 5 * MEGABYTE),
    "comments that never end": lambda: _filled(HTML, b"<!--", 5 * MEGABYTE),
    "attributes without quotes' ends": lambda: _filled(HTML, b'<a href="x>', 2 * MEGABYTE, b"y"),
    "style of spaces": lambda: _filled(HTML + b'<p style="display', b" ", 2 * MEGABYTE, b':none">x'),
    "a tag of 10 MB": lambda: _filled(HTML + b"<a ", b"href ", 10 * MEGABYTE, b">x"),
    "hidden in hidden": lambda: _filled(HTML, b'<div style="display:none">', 2 * MEGABYTE, b"x"),
    "quote marks": lambda: _filled(TEXT, b">", 3 * MEGABYTE),
    "quoted lines": lambda: _filled(TEXT, b">\n", 3 * MEGABYTE),
    "attributions": lambda: _filled(TEXT, b"On 1 wrote:\n", 3 * MEGABYTE),
    "half attributions": lambda: _filled(TEXT, b"On Mon, 1 Jan\n", 3 * MEGABYTE, b"wrote:\n"),
    "one line of On": lambda: _filled(TEXT, b"On ", 3 * MEGABYTE, b"wrote:\n"),
    "colons": lambda: _filled(TEXT, b"From:\n", 3 * MEGABYTE),
    "header blocks": lambda: _filled(TEXT, b"From: x\nSent: y\n", 3 * MEGABYTE),
    "rulers": lambda: _filled(TEXT, b"_" * 30 + b"\n", 3 * MEGABYTE),
    "signatures": lambda: _filled(TEXT, b"-- \n", 3 * MEGABYTE),
    "telephones": lambda: _filled(TEXT, b"Sent from my iPhone\n\n", 3 * MEGABYTE),
    "spaces": lambda: _filled(TEXT, b" ", 3 * MEGABYTE, b"x"),
    "blank lines": lambda: _filled(TEXT, b"\n", 3 * MEGABYTE, b"x"),
    "web addresses": lambda: _filled(TEXT, b"http://x ", 3 * MEGABYTE),
    "one web address": lambda: _filled(TEXT + b"http://", b"x", 3 * MEGABYTE),
    "combining marks": lambda: _filled(TEXT, "\u0301".encode(), MEGABYTE),
    "zero-width characters": lambda: _filled(TEXT, "\u200b \u034f".encode(), MEGABYTE),
    "bidi and escapes": lambda: _filled(TEXT, "\u202e\x1b]0;x\x07".encode(), MEGABYTE),
    "flowed lines": lambda: _filled(HEAD + b"Content-Type: text/plain; format=flowed\r\n\r\n", b"x \n", 3 * MEGABYTE),
    "a report of addresses": lambda: _filled(
        b"From: MAILER-DAEMON@x\r\nReturn-Path: <>\r\nSubject: failure notice\r\n\r\n",
        b"<a@b.example>:\n",
        3 * MEGABYTE,
    ),
    "a report of @": lambda: _filled(
        b"From: MAILER-DAEMON@x\r\nReturn-Path: <>\r\nSubject: failure notice\r\n\r\n", b"a@", 3 * MEGABYTE
    ),
    "a status of blocks": lambda: (
        HEAD
        + b"Content-Type: multipart/report; report-type=delivery-status; boundary=b\r\n\r\n"
        + b"--b\r\nContent-Type: message/delivery-status\r\n\r\n"
        + b"".join(b"Final-Recipient: rfc822; a%d@b.example\r\n\r\n" % n for n in range(100_000))
        + b"--b--\r\n"
    ),
    "calendar of folds": lambda: _filled(
        HEAD + b"Content-Type: text/calendar\r\n\r\nBEGIN:VEVENT\r\nSUMMARY:", b"x\r\n ", 3 * MEGABYTE
    ),
    "60 MB": lambda: _filled(TEXT, b"hello world\n", 60 * MEGABYTE),
    "NULs": lambda: b"\0" * MEGABYTE,
    "NULs in text": lambda: _filled(TEXT, b"\0a", MEGABYTE),
    "high bytes": lambda: bytes(range(128, 256)) * 8_000,
    "carriage returns": lambda: b"\r" * MEGABYTE,
    "line feeds": lambda: b"\n" * MEGABYTE,
    "From lines": lambda: b"From a Mon Jan 1 00:00:00 2001\n" * 30_000,
    "quoted From lines": lambda: b"From a Mon Jan 1 00:00:00 2001\nFrom: a@b.c\n\n" + b">>>>From x\n" * 100_000,
    "nothing": lambda: b"",
    "only headers": lambda: b"From: a@b.c\r\nSubject: x\r\n",
    "no headers": lambda: b"hello, this is only a text\n",
    "a Message-ID of nothing": lambda: b"Message-Id: <>\r\nReferences: <>\r\nFrom: <>\r\nTo: ;,:\r\n\r\nx",
}
