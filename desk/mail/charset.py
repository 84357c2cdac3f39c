"""From bytes to text, whatever the mail says its charset is.

The ladder: what is declared (or what people who declare it mean), UTF-8, a cheap guess from the bytes, and at
the bottom Windows-1252, which reads everything. Each rung must decode without error to be taken.
"""

from __future__ import annotations

import codecs
import re
from functools import lru_cache

_MEANT = {
    "gb2312": "gb18030",
    "gbk": "gb18030",
    "x-gbk": "gb18030",
    "gb_2312-80": "gb18030",
    "chinese": "gb18030",
    "cn-gb": "gb18030",
    "big5": "big5hkscs",
    "x-big5": "big5hkscs",
    "cn-big5": "big5hkscs",
    "iso-8859-1": "windows-1252",
    "iso8859-1": "windows-1252",
    "iso-8859-1-windows-3.1-latin-1": "windows-1252",
    "latin1": "windows-1252",
    "latin-1": "windows-1252",
    "iso-8859-8-i": "iso-8859-8",
    "iso-8859-8-e": "iso-8859-8",
    "iso-8859-9": "windows-1254",
    "iso-8859-11": "windows-874",
    "tis-620": "windows-874",
    "windows-874": "cp874",
    "us-ascii": "windows-1252",
    "ascii": "windows-1252",
    "ansi_x3.4-1968": "windows-1252",
    "7bit": "windows-1252",
    "8bit": "",
    "unknown-8bit": "",
    "x-unknown": "",
    "unknown": "",
    "default": "",
    "default_charset": "",
    "none": "",
    "x-user-defined": "",
    "ks_c_5601-1987": "cp949",
    "ks_c_5601-1989": "cp949",
    "ks_c_5601": "cp949",
    "ksc5601": "cp949",
    "ksc_5601": "cp949",
    "euc-kr": "cp949",
    "korean": "cp949",
    "shift_jis": "cp932",
    "shift-jis": "cp932",
    "x-sjis": "cp932",
    "sjis": "cp932",
    "ms_kanji": "cp932",
    "x-euc-jp": "euc_jp",
    "iso-2022-jp": "iso2022_jp_ext",
    "x-mac-roman": "mac-roman",
    "macintosh": "mac-roman",
    "x-mac-cyrillic": "mac-cyrillic",
    "x-cp1252": "windows-1252",
    "cp-1252": "windows-1252",
    "win-1252": "windows-1252",
    "ansi": "windows-1252",
    "win-1251": "windows-1251",
    "cp-1251": "windows-1251",
    "koi8": "koi8-r",
    "koi": "koi8-r",
    "utf8": "utf-8",
    "utf-8mb4": "utf-8",
    "unicode-1-1-utf-8": "utf-8",
    "utf-8-mac": "utf-8",
    "unicode-1-1-utf-7": "utf-7",
    "x-unicode-2-0-utf-7": "utf-7",
}
"""What senders mean by the names they write; '' where the name means nothing."""

_WESTERN = frozenset({"cp1252", "iso8859-15", "mac-roman"})
"""Every byte is a letter here, so a successful decode proves nothing: valid UTF-8 is the better reading."""
_NOT_ASCII = frozenset(
    {"utf-16", "utf-16-le", "utf-16-be", "utf-32", "utf-32-le", "utf-32-be", "utf-7", "hz"}
    | {"iso2022_jp", "iso2022_jp_1", "iso2022_jp_2", "iso2022_jp_2004", "iso2022_jp_3", "iso2022_jp_ext", "iso2022_kr"}
)
"""Codecs in which bytes below 128 are not simply ASCII."""
_UNFIT = frozenset({"unicode_escape", "raw_unicode_escape", "punycode", "idna", "undefined", "mbcs", "oem", "charmap"})
"""Codecs of Python that are no charset; `punycode` and `idna` also take quadratic time."""
_NAME_AT_MOST = 40
_SAMPLE = 4096


@lru_cache(maxsize=512)
def codec_of(declared: str) -> str:
    """The Python codec for a charset name as found in mail, '' if there is none."""
    name = declared.strip(" \t\r\n\"'<>;,").lower()[:_NAME_AT_MOST]
    bare = name.removeprefix("charset=").strip("\"' ")
    for candidate in (name, name.replace("_", "-"), bare, name.removeprefix("x-")):
        meant = _MEANT.get(candidate, candidate)
        if not meant:
            return ""
        try:
            info = codecs.lookup(meant)
        except (LookupError, ValueError):
            continue
        return info.name if info._is_text_encoding and info.name not in _UNFIT else ""
    return ""


def decode(data: bytes, declared: str = "") -> str:
    """`data` as text. Never raises; bytes that fit nothing become U+FFFD."""
    codec = codec_of(declared) if declared else ""
    if codec in _NOT_ASCII:
        text = _strictly(data, codec)
        if text is not None:
            return text
    if data.isascii():
        return _ascii(data)
    ladder = ("utf-8", codec) if not codec or codec in _WESTERN else (codec, "utf-8")
    for rung in ladder:
        text = _strictly(data, rung)
        if text is not None:
            return text
    if codec and codec not in _WESTERN:
        text = data.decode(codec, "replace")
        if text.count("\ufffd") * 50 <= len(text):
            return text
    return data.decode(_guess(data), "replace")


def _ascii(data: bytes) -> str:
    if b"\x1b" in data and b"\x1b$" in data:
        text = _strictly(data, "iso2022_jp_ext")
        if text is not None:
            return text
    return data.decode("ascii")


def _strictly(data: bytes, codec: str) -> str | None:
    if not codec:
        return None
    try:
        return data.decode(codec)
    except (UnicodeError, ValueError):
        return None


_HIGH_RUN = re.compile(rb"[\x80-\xff]+")
_PAIR = re.compile(rb"[\x81-\xfe][\x40-\xfe]")


def _guess(data: bytes) -> str:
    """A codec for bytes that name none and are not UTF-8, judged by where their high bytes lie."""
    sample = data[:_SAMPLE]
    if sample[:2] in (b"\xff\xfe", b"\xfe\xff"):
        return "utf-16"
    runs = _HIGH_RUN.findall(sample)
    high = b"".join(runs)
    if len(high) < 2 * len(runs):
        return "cp1252"
    letters = sum(byte >= 0xC0 for byte in high)
    if letters >= 0.97 * len(high):
        return "koi8-r" if sum(0xC0 <= byte <= 0xDF for byte in high) > len(high) / 2 else "cp1251"
    return _guess_pairs(sample) or "cp1252"


def _guess_pairs(sample: bytes) -> str:
    leads = [pair[0] for pair in _PAIR.findall(sample)]
    trails = [pair[1] for pair in _PAIR.findall(sample)]
    share = len(leads) / 100
    kana = sum(lead in (0xA4, 0xA5) for lead in leads)
    order = ["gb18030", "big5hkscs", "cp949", "cp932", "euc_jp"]
    if sum(lead in (0x82, 0x83) for lead in leads) > 25 * share:
        order.insert(0, "cp932")
    elif kana > 25 * share:
        order.insert(0, "euc_jp")
    elif sum(trail < 0x80 for trail in trails) > 15 * share:
        order.insert(0, "big5hkscs")
    elif sum(0xB0 <= lead <= 0xC8 for lead in leads) > 85 * share:
        order.insert(0, "cp949")
    whole = sample[: -4 or None]
    for codec in order:
        if whole.decode(codec, "replace").count("\ufffd") <= len(whole) // 500 + 1:
            return codec
    return ""
