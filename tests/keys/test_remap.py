"""Any table of keys is either refused with the reason, or leaves every action within reach."""

from __future__ import annotations

import tomllib
from pathlib import Path

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from desk.cli.keys import as_toml, records
from desk.keymap import ACTIONS, BY_NAME, PLAIN, TYPED, KeyFile, Keymap, KeymapError, Pending, is_text, parse_keymap

WRITTEN = ["j", "q", "Q", "@", "f5", "ctrl+y", "alt+r", "g x", "g", "z o", "ctrl+x s", "space", "3", "", "ctrl+m"]
KEY = st.one_of(
    st.sampled_from(WRITTEN),
    st.text(st.characters(codec="ascii"), max_size=3),
)  # fmt: skip
NAME = st.one_of(st.sampled_from([*BY_NAME, "snooze tomorrow", "view frob", "tag +a"]), st.text(max_size=4))
KEYS = st.one_of(KEY, st.lists(KEY, max_size=3), st.integers())
TABLE = st.dictionaries(NAME, KEYS, max_size=4)
TABLES = st.one_of(
    TABLE,
    st.builds(
        lambda everywhere, place, there: {**everywhere, place: there},
        TABLE, st.sampled_from(["list", "conversation", "composer", "command", "nowhere"]), TABLE,
    ),
)  # fmt: skip


@settings(max_examples=300, deadline=None)
@given(TABLES)
@example({"list": {"search": "f5"}})
@example({"search": "f5"})
@example({"list": {"unfilter": "f5"}})
def test_refused_or_all_within_reach(table: dict[str, object]) -> None:
    try:
        keymap = Keymap(table)
    except KeymapError as refused:
        error = refused
    else:
        assert_all_within_reach(keymap)
        return
    assert error.findings
    assert all(str(each).startswith("keys.") and str(each).rpartition(": ")[2] for each in error.findings)


def assert_all_within_reach(keymap: Keymap) -> None:
    for action in ACTIONS:
        for context in action.contexts:
            for keys in keymap.keys(action.name, context):
                assert keymap.find(context, keys) == action.name
                pending = Pending(keymap)
                assert [pending.press(context, key).action for key in keys.split()][-1] == action.name
                assert context not in TYPED or not any(is_text(key) for key in keys.split())
        assert keymap.keys(action.name) or set(action.contexts) & set(PLAIN)
    assert keymap.key("command")
    again = Keymap(tomllib.loads(as_toml(keymap))["keys"])
    assert again.same(keymap)
    assert records(again) == records(keymap)


@pytest.mark.parametrize(
    ("table", "said"),
    [
        ({"top": "g"}, "the beginning of"),
        ({"claim": "g o"}, "both"),
        ({"claim": "e x"}, "the beginning of"),
        ({"claim": "escape x"}, "takes back"),
        ({"claim": "a b c d"}, "too long"),
        ({"attach": "ctrl+x s"}, "is text"),
        ({"nowhere": {"claim": "x"}}, "no such place"),
        ({"ledger": {"claim": "x"}}, "does not work in the ledger"),
        ({"list": {"clame": "x"}}, "did you mean claim"),
        ({"list": {"claim": "e"}}, "both"),
        ({"list": {"claim": {}}}, "give a key"),
        ({"snoze tomorrow": "T"}, "did you mean snooze"),
        ({"snooze gestern": "T"}, "not a time"),
    ],
)
def test_what_cannot_work_is_refused(table: dict[str, object], said: str) -> None:
    with pytest.raises(KeymapError, match=said):
        Keymap(table)


def test_a_key_in_one_place_only() -> None:
    keymap = Keymap({"conversation": {"why": "Y"}, "note": "f6"})
    assert keymap.find("conversation", "Y") == "why"
    assert keymap.keys("note", "list") == ("f6",)
    keymap = Keymap({"ledger": {"quit": "Q"}})
    assert keymap.find("ledger", "Q") == "quit"
    assert keymap.find("ledger", "q") is None
    assert keymap.find("list", "q") == "quit"


def test_a_line_may_have_a_key() -> None:
    keymap = Keymap({"snooze tomorrow 14:00": "E", "conversation": {"tag +refund": "Y"}})
    assert keymap.action(keymap.find("list", "E") or "").runs == "snooze tomorrow 14:00"
    assert keymap.find("conversation", "Y") == "tag +refund"
    assert keymap.find("list", "Y") is None


def test_every_fault_is_told_with_its_line() -> None:
    text = '[desk]\n\n[keys]\nreply = "e"\nfrob = "x"\n\n[keys.conversation]\nwhy = "ctrl+m"\n'
    with pytest.raises(KeymapError) as caught:
        parse_keymap(text, Path("desk.toml"))
    assert [str(each).partition(": ")[0] for each in caught.value.findings] == [
        "desk.toml:5",
        "desk.toml:8",
        "desk.toml:4",
    ]
    with pytest.raises(KeymapError, match=r"desk\.toml:1"):
        parse_keymap("keys = 1\n", Path("desk.toml"))
    with pytest.raises(KeymapError, match=r"desk\.toml:2: invalid"):
        parse_keymap("[keys]\nreply = [ =", Path("desk.toml"))


def test_a_file_that_cannot_work_changes_nothing(tmp_path: Path) -> None:
    path = tmp_path / "desk.toml"
    keymap = Keymap()
    file = KeyFile(path, keymap)
    assert not file.changed()
    path.write_text('[keys]\nclaim = "y"\n')
    assert file.changed()
    assert file.reload()
    assert keymap.find("list", "y") == "claim"
    assert not file.changed()
    path.write_text('[keys]\nclaim = "e"\nreply = "frob"\n')
    with pytest.raises(KeymapError, match=r"desk\.toml:3.*frob"):
        file.reload()
    assert file.refused
    assert keymap.find("list", "y") == "claim"
    path.unlink()
    assert file.reload()
    assert keymap.find("list", "c") == "claim"
    assert not file.refused
