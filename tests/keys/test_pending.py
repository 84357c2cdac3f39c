"""Keys one by one: counts, keys that go one after the other, and taking them back."""

from __future__ import annotations

import pytest

from desk.keymap import Context, Keymap, Pending, Press


def typed(*keys: str, context: Context = "list", keymap: Keymap | None = None) -> tuple[list[Press], Pending]:
    pending = Pending(keymap or Keymap())
    return [pending.press(context, key) for key in keys], pending


@pytest.mark.parametrize(
    ("keys", "action", "count"),
    [
        ("j", "down", None),
        ("3 j", "down", 3),
        ("1 0 j", "down", 10),
        ("g g", "top", None),
        ("g m", "view-mine", None),
        ("5 G", "bottom", 5),
        ("2 g g", "top", 2),
        ("9 9 9 9 9 9 9 j", "down", 99_999),
    ],
)
def test_what_keys_come_to(keys: str, action: str, count: int | None) -> None:
    presses, pending = typed(*keys.split())
    assert (presses[-1].action, presses[-1].count) == (action, count)
    assert all(press.taken and press.action is None for press in presses[:-1])
    assert not pending


def test_what_waits_is_shown_and_taken_back() -> None:
    _, pending = typed("1", "2", "g")
    assert str(pending) == "12g"
    assert pending.press("list", "escape") == Press()
    assert not pending
    assert pending.press("list", "escape").action == "back"


def test_keys_that_mean_nothing_together_are_told() -> None:
    presses, pending = typed("3", "g", "y")
    assert presses[-1] == Press(unknown="g y")
    assert not pending


def test_a_key_that_means_nothing_is_left_to_others() -> None:
    assert typed("0")[0] == [Press(taken=False)]
    assert typed("f9")[0] == [Press(taken=False)]
    presses, pending = typed("3", "f9")
    assert presses[-1].taken
    assert not pending


def test_nothing_counts_where_people_type() -> None:
    for context in ("composer", "note", "form", "prompt", "command", "finder"):
        assert typed("3", context=context)[0] == [Press(taken=False)]  # type: ignore[arg-type]


def test_a_digit_may_be_a_key() -> None:
    keymap = Keymap({"view-mine": "1"})
    assert typed("1", keymap=keymap)[0][0].action == "view-mine"
    presses, _ = typed("2", "1", "j", keymap=keymap)
    assert presses[-1].count == 21


def test_three_keys_one_after_the_other() -> None:
    keymap = Keymap({"claim": "Y x c"})
    _, pending = typed("Y", "x", keymap=keymap)
    assert str(pending) == "Yx"
    assert [each.key for each in keymap.after("list", "Y x")] == ["c"]
    assert pending.press("list", "c").action == "claim"
