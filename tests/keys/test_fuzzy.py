"""Finding by a few letters."""

from __future__ import annotations

from desk.fuzzy import distance, ranked

NAMES = ("snooze", "view-snoozed", "resolve", "undo-send", "reply-all", "reply")


def find(typed: str) -> list[str]:
    return ranked(typed, NAMES, lambda name: (name,), at_most=10)


def test_the_likeliest_is_first() -> None:
    assert find("snoo") == ["snooze", "view-snoozed"]
    assert find("reply") == ["reply", "reply-all"]
    assert find("ra")[0] == "reply-all"
    assert find("rsl") == ["resolve"]
    assert find("xyz") == []
    assert find("") == list(NAMES)


def test_every_word_counts() -> None:
    items = (("assign", "give it to a rep"), ("claim", "make it mine"))
    assert ranked("give rep", items, lambda item: item, at_most=5) == [items[0]]
    assert ranked("give mine", items, lambda item: item, at_most=5) == []


def test_distance_is_smaller_the_nearer() -> None:
    texts = ("snooze", "snoozed", "view-snooze", "", "unsnooze", "s-n-x-o-o-z-e")
    near = [distance("snooze", text) for text in texts if text]
    assert near == sorted(near, key=lambda far: 99 if far is None else far)
    assert distance("snooze", "") is None
