"""Fields, words, addresses, ids, dates and charsets, whole and broken."""

from __future__ import annotations

import pytest

from desk.mail import addresses, charset, headers
from desk.mail.words import decode_words, from_base64, parameters
from desk.model import Address


def test_fields_are_unfolded_and_junk_ends_the_block() -> None:
    data = b"Subject: a\r\n\tb\r\nX-Empty:\r\nto : c@d.e\r\nthis is text\r\nFrom: not@a.header\r\n"
    end = headers.end_of_block(data, 0, len(data))
    fields = headers.parse(data[:end])
    assert fields.plain("subject") == "a\tb"
    assert fields.plain("x-empty") == ""
    assert fields.plain("to") == "c@d.e"
    assert "from" not in fields
    assert data[end:].startswith(b"this is text")


@pytest.mark.parametrize(
    ("given", "meant"),
    [
        ("plain", "plain"),
        ("=?utf-8?B?w6TDtg==?=", "äö"),
        ("=?UTF-8?Q?a_b=C3=A4?= tail", "a bä tail"),
        ("=?utf-8?q?a?=  =?utf-8?q?b?=", "ab"),
        ("=?utf-8?q?=C3?= =?utf-8?q?=A4?=", "ä"),
        ("=?utf-8?b?4pyT4g==?= =?utf-8?b?nJM=?=", "✓✓"),
        ("=?utf-8?B?w6TDtg?=", "äö"),
        ("=?iso-8859-1*en?Q?f=FCr?=", "für"),
        ("=?gb2312?B?xOO6ww==?=", "你好"),
        ("=?iso-2022-jp?B?GyRCRnxLXBsoQg==?=", "日本"),
        ("=?ks_c_5601-1987?B?x9Gx2w==?=", "한글"),
        ("=?unknown-8bit?Q?caf=E9?=", "café"),
        ("=?x-nonsense?Q?caf=C3=A9?=", "café"),
        ("=?utf-8?Q?with space inside?=", "with space inside"),
        ("=?utf-8?Q?never ends", "=?utf-8?Q?never ends"),
        ("=?utf-8?X?what?=", "=?utf-8?X?what?="),
        ('"=?utf-8?q?quoted?="', '"quoted"'),
    ],
)
def test_encoded_words(given: str, meant: str) -> None:
    assert decode_words(given) == meant


def test_base64_is_forgiving() -> None:
    assert from_base64(b"aGVs\r\nbG8=\r\n") == b"hello"
    assert from_base64(b"aGVsbG8") == b"hello"
    assert from_base64(b"a!G*V sbG8=") == b"hello"
    assert from_base64(b"aGVsbG8=\r\naGVsbG8=\r\n") == b"hellohello"
    assert from_base64(b"aGVsbG8=\r\n-- \r\nlist footer: http://x\r\n") == b"hello"
    assert from_base64(b"a") == b""


def test_parameters_of_all_kinds() -> None:
    assert parameters('text/Plain; Charset="utf-8"; format=flowed') == (
        "text/plain",
        {"charset": "utf-8", "format": "flowed"},
    )
    assert parameters("text/plain charset=us-ascii") == ("text/plain", {"charset": "us-ascii"})
    assert parameters("attachment; filename*=utf-8''%e2%82%ac%20rates.txt")[1] == {"filename": "€ rates.txt"}
    assert parameters("attachment; filename*0*=utf-8'en'%e2%82; filename*1*=%ac; filename*2=.txt")[1] == {
        "filename": "€.txt"
    }
    assert parameters('attachment; filename="=?utf-8?q?=E2=82=AC.txt?="')[1] == {"filename": "€.txt"}
    assert parameters('attachment; filename="a \\"b\\" ; c.txt"; size=1')[1] == {
        "filename": 'a "b" ; c.txt',
        "size": "1",
    }
    assert parameters("attachment; filename=a b.txt")[1] == {"filename": "a b.txt"}
    assert parameters(';;; = ; x ; ="') == ("", {})


def _pairs(field: str) -> list[tuple[str, str]]:
    return [(address.name, address.email) for address in addresses.addresses(field)]


@pytest.mark.parametrize(
    ("field", "expected"),
    [
        ("a@b.c", [("", "a@b.c")]),
        ("Ann B <a@b.c>", [("Ann B", "a@b.c")]),
        ('"B, Ann" <a@b.c>, d@e.f', [("B, Ann", "a@b.c"), ("", "d@e.f")]),
        ("a@b.c (Ann (the one) B)", [("Ann (the one) B", "a@b.c")]),
        ("Team: a@b.c, D <d@e.f>;", [("", "a@b.c"), ("D", "d@e.f")]),
        ("undisclosed-recipients:;", []),
        ("=?utf-8?q?J=C3=B6rg?= <j@x.y>", [("Jörg", "j@x.y")]),
        ("=?utf-8?q?J=C3=B6rg_=3Cj=40x=2Ey=3E?=", [("Jörg", "j@x.y")]),
        ("<a@b.c>", [("", "a@b.c")]),
        ('"a@b.c" <a@b.c>', [("", "a@b.c")]),
        ("'Ann' <a@b.c>", [("Ann", "a@b.c")]),
        ("Ann <a@b.c", [("Ann", "a@b.c")]),
        ("Ann \x1b[31m <a@b.c>", [("Ann ␛[31m", "a@b.c")]),
        ("a@b.c; d@e.f", [("", "a@b.c"), ("", "d@e.f")]),
        ("MAILER-DAEMON", []),
        ("<MAILER-DAEMON> (x)", [("x", "MAILER-DAEMON")]),
        ("", []),
    ],
)
def test_addresses(field: str, expected: list[tuple[str, str]]) -> None:
    assert _pairs(field) == expected


def test_an_address_is_a_model() -> None:
    assert addresses.addresses("Ann <a@b.c>") == (Address(email="a@b.c", name="Ann"),)


def test_message_ids() -> None:
    assert addresses.message_id("<a@b>") == "a@b"
    assert addresses.message_id("a@b") == "a@b"
    assert addresses.message_id("<a b@c>") == "ab@c"
    assert addresses.message_id("<>") == ""
    assert addresses.message_ids("<a@b> (comment) <c@d>\t<a@b> junk <e@f") == ("a@b", "c@d")
    assert addresses.message_ids("Your message of Monday <x@y>") == ("x@y",)


@pytest.mark.parametrize(
    ("field", "at"),
    [
        ("Thu, 22 Aug 2002 18:26:25 +0700", 1_030_015_585_000),
        ("22 Aug 2002 11:26:25 GMT (comment)", 1_030_015_585_000),
        ("Thu, 22 Aug 02 11:26:25 -0000", 1_030_015_585_000),
        ("Thu, 22 Aug 2002 07:26:25 EDT", 1_030_015_585_000),
        ("Thu Aug 22 11:26:25 2002", 1_030_015_585_000),
        ("Thursday, 22 August 2002 11:26:25 +0000", 1_030_015_585_000),
        ("Sat, 31 Dec 2016 23:59:60 +0000", 1_483_228_799_000),
        ("Thu, 1 Jan 1970 00:00:00 +0000", None),
        ("Thu, 22 Aug 2902 11:26:25 +0000", None),
        ("Thu, 42 Aug 2002 11:26:25 +0000", None),
        ("Thu, 22 Aug 2002 11:26:25 +9999", None),
        ("yesterday", None),
        ("", None),
        ("\x00\xff" * 100, None),
    ],
)
def test_dates(field: str, at: int | None) -> None:
    assert addresses.date(field) == at


def test_envelope_dates() -> None:
    assert addresses.envelope_date(b"From a@b Thu Aug 22 11:26:25 2002") == 1_030_015_585_000
    assert addresses.envelope_date(b"From a@b  Thu Aug  2 11:26:25 2002 remote from x") == 1_028_287_585_000
    assert addresses.envelope_date(b"From MAILER-DAEMON Thu Aug 22 11:26:25 +0000 2002") == 1_030_015_585_000
    assert addresses.envelope_date(b"From me to you") is None


@pytest.mark.parametrize(
    ("data", "declared", "text"),
    [
        ("naïve".encode(), "utf-8", "naïve"),
        ("naïve".encode(), "iso-8859-1", "naïve"),
        ("naïve".encode(), "us-ascii", "naïve"),
        ("naïve".encode(), "", "naïve"),
        ("naïve".encode("latin-1"), "utf-8", "naïve"),
        ("“naïve”".encode("cp1252"), "iso-8859-1", "“naïve”"),
        ("你好，请问我的包裹在哪里？".encode("gb18030"), "gb2312", "你好，请问我的包裹在哪里？"),
        ("你好，请问我的包裹在哪里？".encode("gb18030"), "", "你好，请问我的包裹在哪里？"),
        ("注文した商品がまだ届きません。".encode("iso2022_jp"), "", "注文した商品がまだ届きません。"),
        ("注文した商品がまだ届きません。".encode("cp932"), "x-sjis", "注文した商品がまだ届きません。"),
        ("注文した商品がまだ届きません。".encode("cp932"), "", "注文した商品がまだ届きません。"),
        ("注文した商品がまだ届きません。".encode("euc_jp"), "unknown-8bit", "注文した商品がまだ届きません。"),
        (
            "주문한 상품이 아직 도착하지 않았습니다".encode("cp949"),
            "ks_c_5601-1987",
            "주문한 상품이 아직 도착하지 않았습니다",
        ),
        ("주문한 상품이 아직 도착하지 않았습니다".encode("cp949"), "", "주문한 상품이 아직 도착하지 않았습니다"),
        ("где моя посылка".encode("koi8-r"), "", "где моя посылка"),
        ("где моя посылка".encode("cp1251"), "", "где моя посылка"),
        ("où est mon colis".encode("cp1252"), "x-unknown", "où est mon colis"),
        ("hello".encode("utf-16"), "utf-16", "hello"),
        (b"hello", "utf-16", "hello"),
        (b"hello", "zlib", "hello"),
        (b"hello", "punycode", "hello"),
        (b"hello", "\x00\xff", "hello"),
    ],
)
def test_charsets(data: bytes, declared: str, text: str) -> None:
    assert charset.decode(data, declared) == text
