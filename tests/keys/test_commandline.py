"""The `:` line without a screen: what it means, what it offers, and where it is wrong."""

from __future__ import annotations

from collections.abc import Iterable

import pytest
from hypothesis import given
from hypothesis import strategies as st

from desk.commandline import Choice, Command, CommandError, check, complete, parse
from desk.keymap import ACTIONS, BY_NAME, Kind
from desk.quoting import QuoteError, quote, words

TEXT = st.text(st.characters(codec="utf-8", exclude_categories=["Cc", "Cs", "Zl", "Zp"]), max_size=12)


BETWEEN = st.sampled_from(["", ",", ",;"])


@given(st.lists(TEXT), BETWEEN)
def test_what_is_quoted_is_read_back(given_words: list[str], between: str) -> None:
    line = (" " + between).join(quote(word, between=between) for word in given_words)
    assert [word.text for word in words(line, between=between)] == given_words


@given(TEXT, BETWEEN)
def test_any_text_is_words_or_an_error_within_it(text: str, between: str) -> None:
    try:
        found = words(text, between=between)
    except QuoteError as refused:
        error, found = refused, []
    else:
        error = None
    assert error is None or (text[error.start] == '"' and error.end == len(text))
    assert all(0 <= word.start < word.end <= len(text) for word in found)
    parting = [text[each] for word in found for each in (word.start, word.end - 1)]
    assert not any(char.isspace() or char in between for char in parting)


@given(st.one_of(TEXT, st.builds("{} {}".format, st.sampled_from(sorted(BY_NAME)), TEXT)), st.integers(0, 30))
def test_any_line_means_something_or_points_at_what_is_wrong(line: str, cursor: int) -> None:
    cursor = min(cursor, len(line))
    completion = complete(line, cursor, ACTIONS, values)
    assert 0 <= completion.start <= completion.end <= len(line)
    try:
        command = parse(line)
    except CommandError as refused:
        error = refused
    else:
        error = None
        assert command.action in BY_NAME
        again = command.action if command.argument is None else f"{command.action} {command.argument}"
        if '"' not in line:
            assert (parse(again).action, parse(again).argument) == (command.action, command.argument)
    assert error is None or (0 <= error.start <= error.end <= len(line) and str(error))


def values(kind: Kind, typed: str) -> Iterable[Choice]:
    known: dict[Kind, tuple[str, ...]] = {
        "rep": ("ada", "mia"), "tag": ("refund", "late delivery"), "view": ("mine", "open"), "time": ("tomorrow",),
        "setting": ("theme dark", "theme light"), "path": (typed + "x",),
    }  # fmt: skip
    return [Choice(text) for text in known.get(kind, ())]


@pytest.mark.parametrize(
    ("line", "action", "argument"),
    [
        ("snooze tomorrow 9:00", "snooze", "tomorrow 9:00"),
        ("  :snooze   tomorrow", "snooze", "tomorrow"),
        ("sno 3d", "snooze", "3d"),
        ("SNOOZE 3d", "snooze", "3d"),
        ("3", "go-to", "3"),
        ("q", "quit", None),
        ("h snooze", "help", "snooze"),
        ("tag +refund -old", "tag", "+refund -old"),
        ('tag +"late delivery"', "tag", '+"late delivery"'),
        ("priority u", "priority", "urgent"),
        ("assign", "assign", None),
        ("resolve", "resolve", "on"),
        ("resolve off", "resolve", "off"),
        ("import ~/My Mail/a.mbox", "import", "~/My Mail/a.mbox"),
        ('import "~/My Mail/a.mbox"', "import", "~/My Mail/a.mbox"),
        ('search "a phrase"', "search", '"a phrase"'),
        ("set theme light", "set", "theme light"),
    ],
)
def test_lines(line: str, action: str, argument: str | None) -> None:
    command = parse(line)
    assert (command.action, command.argument) == (action, argument)


@pytest.mark.parametrize(
    ("line", "at", "said"),
    [
        ("", "", "type an action"),
        ("snoze 3d", "snoze", "did you mean snooze"),
        ("frobnicate", "frobnicate", "there is no action"),
        ("re", "re", "could be"),
        ("assign ada mia", "mia", "nothing after it"),
        ("claim now", "now", "takes nothing"),
        ("snooze gestern", "gestern", "not a time"),
        ("priority mild", "mild", "one of low, normal"),
        ("resolve maybe", "maybe", "on or off"),
        ("show me", "me", "number"),
        ("show 99999999999999999", "99999999999999999", "number"),
        ('tag "late', '"late', "not closed"),
        ("tag +refund -", "+refund -", "no tag"),
        ("view", "view", "needs a view"),
    ],
)
def test_errors_point_at_the_word(line: str, at: str, said: str) -> None:
    with pytest.raises(CommandError, match=said) as caught:
        parse(line)
    assert line[caught.value.start : caught.value.end] == at


def test_names_are_cut_short_among_what_works_here() -> None:
    listed = [action for action in ACTIONS if "ledger" in action.contexts]
    assert parse("rep", listed).action == "replay"
    with pytest.raises(CommandError, match="reply"):
        parse("rep")


def test_values_that_do_not_exist_are_told() -> None:
    check(parse("assign ada"), values)
    check(Command("assign"), values)
    with pytest.raises(CommandError, match="did you mean ada") as caught:
        check(parse("assign adda"), values)
    assert (caught.value.start, caught.value.end) == (7, 11)
    check(parse("assign anybody"), lambda kind, typed: ())


@pytest.mark.parametrize(
    ("line", "offered", "written"),
    [
        ("sno", "snooze", "snooze"),
        ("assign a", "ada", "assign ada"),
        ("assign ", "mia", "assign mia"),
        ("tag +old re", "+refund", "tag +old +refund"),
        ("tag -la", '-"late delivery"', 'tag -"late delivery"'),
        ('tag +"late d', '+"late delivery"', 'tag +"late delivery"'),
        ("view mi", "mine", "view mine"),
        ("set li", "theme light", "set theme light"),
        ("import /a b/", "/a b/x", "import /a b/x"),
    ],
)
def test_completions(line: str, offered: str, written: str) -> None:
    completion = complete(line, len(line), ACTIONS, values)
    assert offered in [choice.text for choice in completion.choices]
    assert line[: completion.start] + offered + line[completion.end :] == written


def test_nothing_is_offered_where_anything_may_stand() -> None:
    for line in ("search whe", "note whe", "claim ", "frob x"):
        assert complete(line, len(line), ACTIONS, values).choices == ()
