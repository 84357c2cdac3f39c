"""What is said of an action that can do nothing is a sentence."""

from __future__ import annotations

import pytest

from desk.keymap import ACTIONS, Action, lacking


@pytest.mark.parametrize("action", ACTIONS, ids=lambda action: action.name)
def test_it_says_what_is_missing_in_words(action: Action) -> None:
    said = lacking(action)
    assert said[0].islower()
    assert "-" not in said.removesuffix(action.help)
    assert action.name.replace("-", " ") not in said.partition("here to ")[2] or "-" not in action.name
