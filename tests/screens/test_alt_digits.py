"""Alt with a digit, as terminals send it: an escape and the digit."""

from __future__ import annotations

import time

import pytest
from textual._xterm_parser import XTermParser
from textual.constants import ESCAPE_DELAY
from textual.events import Key

import screens.terminal


@pytest.mark.parametrize("digit", "0123456789")
def test_alt_with_a_digit_is_a_key_and_no_character_of_another_keyboard(digit: str) -> None:
    assert screens.terminal.DirectDriver
    parser = XTermParser()
    tokens = [*parser.feed(f"\x1b{digit}")]
    time.sleep(ESCAPE_DELAY + 0.01)
    tokens += parser.tick()
    assert [token.key for token in tokens if isinstance(token, Key)] == [f"alt+{digit}"]
