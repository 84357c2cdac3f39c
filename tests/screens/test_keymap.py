"""Remapping: what cannot work is refused with the reason."""

from __future__ import annotations

from pathlib import Path

import pytest

from desk.keymap import Keymap, KeymapError, normal_key, pressed, read_keymap


@pytest.mark.parametrize(
    ("remap", "said"),
    [
        ({"nonsense": "x"}, "no such action"),
        ({"repyl": "R"}, "did you mean reply"),
        ({"reply": "e"}, "both"),
        ({"reply": "ctrl+m"}, "enter"),
        ({"reply": "ctrl+enter"}, "terminals"),
        ({"reply": "hyper+x"}, "no key"),
        ({"reply": "blah"}, "no key"),
        ({"reply": ""}, "no key"),
        ({"reply": "\x1b"}, "no key"),
        ({"reply": []}, "give a key"),
        ({"reply": 5}, "give a key"),
        ({"reply": [5]}, "give a key"),
        ({"send": "s"}, "is text"),
        ({"quit": "ctrl+q"}, "always"),
    ],
)
def test_what_cannot_work_is_refused(remap: dict[str, str], said: str) -> None:
    with pytest.raises(KeymapError, match=said):
        Keymap(remap)


def test_a_key_taken_over_from_one_that_gave_it_up() -> None:
    keymap = Keymap({"reply": "e", "resolve": ["E", "f4"]})
    assert keymap.find("list", "e") == "reply"
    assert keymap.find("list", "f4") == "resolve"
    assert keymap.find("list", "r") is None


@pytest.mark.parametrize(
    ("written", "key"),
    [
        ("G", "G"),
        ("?", "?"),
        ("Esc", "escape"),
        ("Ctrl-J", "ctrl+j"),
        ("PgDn", "pagedown"),
        ("alt+x", "alt+x"),
        ("-", "-"),
    ],
)
def test_keys_are_read_as_people_write_them(written: str, key: str) -> None:
    assert normal_key(written) == key


@pytest.mark.parametrize(
    ("key", "character", "name"),
    [
        ("G", "G", "G"), ("question_mark", "?", "?"), ("space", " ", "space"), ("enter", "\r", "enter"),
        ("plus", "+", "+"), ("ctrl+j", "\n", "ctrl+j"), ("escape", "\x1b", "escape"), ("alt+x", "x", "alt+x"),
        ("up", None, "up"),
    ],
)  # fmt: skip
def test_presses_are_told_in_the_same_words(key: str, character: str | None, name: str) -> None:
    assert pressed(key, character) == name


def test_settings_give_the_keys_and_errors_name_the_file(tmp_path: Path) -> None:
    settings = tmp_path / "desk.toml"
    assert read_keymap(settings).keys("reply") == ("r",)
    settings.write_text('[keys]\nreply = ["Y", "f9"]\n')
    assert read_keymap(settings).keys("reply") == ("Y", "f9")
    settings.write_text('[keys]\nreply = "e"\n')
    with pytest.raises(KeymapError, match=r"desk\.toml.*both"):
        read_keymap(settings)
    settings.write_text("keys = 1\n")
    with pytest.raises(KeymapError, match="table"):
        read_keymap(settings)
