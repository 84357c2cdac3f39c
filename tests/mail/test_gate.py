"""What `desk.text` lets through, character by character."""

from __future__ import annotations

import sys
import unicodedata

import pytest

from desk import text

_STEERING = {"Cc", "Cf", "Cs"}
CHARACTERS = [chr(code) for code in range(sys.maxunicode + 1)]


def test_what_steers_a_terminal_never_passes() -> None:
    assert [
        char
        for char in CHARACTERS
        if char not in "\t\n" and unicodedata.category(char) in _STEERING and char in text.clean(f"a{char}b")
    ] == []


def test_what_does_not_passes() -> None:
    """But for the plane of tags and invisible variations, in which whole messages can hide."""
    assert [
        char
        for char in CHARACTERS[:0xE0000]
        if unicodedata.category(char) not in {*_STEERING, "Cn", "Zl", "Zp"} and text.clean(char) != char
    ] == []


@pytest.mark.parametrize("harmless", ["é", "я", "水", "“", "🙂"])
def test_a_text_is_judged_as_a_whole(harmless: str) -> None:
    assert text.clean(f"{harmless}\tpay\u200bpal\x1b[2J\r\n{harmless}") == f"{harmless}\tpay·pal␛[2J\n{harmless}"
    assert text.clean(f"{harmless}e" + 9 * "\u0301") == f"{harmless}e" + 6 * "\u0301"
