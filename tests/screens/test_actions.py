"""Every action of the registry: somebody carries it out, as the registry says, and a person can get at it."""

from __future__ import annotations

import inspect

import pytest

from desk.app import DeskApp
from desk.commandline import CommandError, complete, parse, usage
from desk.keymap import ACTIONS, BY_NAME, PLAIN, TYPED, Action, Keymap, is_text, normal_keys
from screens import filterline
from screens.acting import Acting
from screens.answers import AnswersScreen
from screens.articles import ArticlesScreen
from screens.base import DeskScreen
from screens.calling import Calling
from screens.chatting import Chatting
from screens.commandline import CommandLine
from screens.confirm import Confirm
from screens.connect import ConnectScreen
from screens.connections import ConnectionsScreen
from screens.customers.editing import CustomerEditing
from screens.customers.merging import CustomerMerging
from screens.customers.screen import CustomersScreen
from screens.deeds import Deeds
from screens.everywhere import Everywhere
from screens.filtering import Filtering
from screens.inbox import InboxScreen
from screens.listing import DraftsScreen, LedgerScreen, OutboxScreen
from screens.live import LiveScreen
from screens.live_acts import LiveActs
from screens.moving import Moving
from screens.offering import Offering
from screens.opening import Opening
from screens.pager import Pager
from screens.palette import Palette
from screens.parts import Parts
from screens.picker import Picker
from screens.plots import PlotsScreen
from screens.prompt import Prompt
from screens.reading import Reading
from screens.reports import ReportScreen
from screens.rules import RulesScreen
from screens.saving import Saving
from screens.selecting import Selecting
from screens.settings import SettingsScreen
from screens.sheet import KeySheet
from screens.supervising import Supervising
from screens.viewing import Viewing
from screens.viewpicker import ViewPicker
from screens.visitors import VisitorsScreen
from screens.welcome import WelcomeScreen
from screens.widgets.lines import LineView, destination
from screens.widgets.rowlist import RowList
from screens.writing import Writing

PLACES: tuple[type, ...] = (
    SettingsScreen, ConnectionsScreen,
    InboxScreen, Acting, Filtering, Saving, Selecting, Viewing, ViewPicker, Deeds, Reading, Writing, LedgerScreen,
    OutboxScreen, DraftsScreen, WelcomeScreen, ConnectScreen, CommandLine, Palette, KeySheet, Everywhere, DeskApp,
    DeskScreen, Moving, Parts, CustomerEditing, CustomerMerging, CustomersScreen, Pager, Confirm, Picker,
    AnswersScreen, ArticlesScreen, SettingsScreen, ConnectionsScreen, Calling, Opening, Chatting, VisitorsScreen,
    LiveScreen, LiveActs, Supervising, PlotsScreen, ReportScreen, Offering, RulesScreen,
)  # fmt: skip
"""Whoever carries out actions by methods."""
UNTOLD: tuple[type, ...] = (Pager,)
"""Those among them whom no line reaches: they are told nothing and pass the action on."""
MOVERS = (RowList, LineView)
"""Whoever carries them out by `act`."""


def methods(action: Action, *, told: bool = False) -> list[object]:
    places = [place for place in PLACES if not (told and place in UNTOLD)]
    return [found for place in places if (found := getattr(place, action.method, None)) is not None]


def each(*actions: Action) -> pytest.MarkDecorator:
    return pytest.mark.parametrize("action", actions, ids=lambda action: action.name)


def acted(action: Action) -> bool:
    """Whether a widget carries it out without a method of its own."""
    return f'"{action.name}"' in inspect.getsource(Prompt.act) or f'"{action.name}"' in inspect.getsource(filterline)


@each(*ACTIONS)
def test_somebody_carries_it_out(action: Action) -> None:
    if action.runs:
        assert parse(action.runs).action in BY_NAME
    elif action.group != "Move" or action.name == "go-to":
        assert methods(action) or acted(action), action.name
    else:
        assert f'"{action.name}"' in inspect.getsource(destination)
        assert all("destination(" in inspect.getsource(mover.act) for mover in MOVERS)


@each(*(action for action in ACTIONS if not action.runs))
def test_its_method_takes_what_the_registry_says(action: Action) -> None:
    for method in methods(action, told=True):
        takes = inspect.signature(method).parameters  # type: ignore[arg-type]
        assert ("argument" in takes) == (action.argument != "none"), method
        assert ("count" in takes) == action.countable, method
        if action.argument != "none":
            assert (takes["argument"].default is inspect.Parameter.empty) == action.required, method


@each(*ACTIONS)
def test_it_can_be_reached(action: Action) -> None:
    written = set(action.contexts) & set(PLAIN)
    assert action.keys or written, "neither a key nor a place where the command line opens"
    if written:
        line = f"{action.name} {EXAMPLES[action.argument]}".strip()
        assert parse(line).action == action.name
        offered = complete(action.name, len(action.name), ACTIONS, lambda kind, typed: ()).choices
        assert offered[0].text == action.name


EXAMPLES = {
    "none": "", "text": "a b", "rep": "ada", "tag": "+a -b", "time": "tomorrow 9:00", "priority": "high",
    "queue": "Late Returns", "view": "mine", "answer": "refund", "macro": "close", "conversation": "26",
    "path": "~/a b.mbox", "query": 'from:ada "a b"', "switch": "off", "number": "3", "action": "snooze",
    "setting": "theme light", "theme": "light", "account": "shop", "outcome": "busy",
}  # fmt: skip


@each(*ACTIONS)
def test_it_is_told_well(action: Action) -> None:
    assert action.name == action.name.lower()
    assert action.help
    assert action.help == action.help.strip()
    assert len(usage(action)) <= 26
    assert len(action.label) <= 16
    assert all(normal_keys(key) == key for key in action.keys)
    if any(context in TYPED for context in action.contexts):
        assert not any(is_text(part) for key in action.keys for part in key.split())


def test_names_and_other_names_mean_one_thing() -> None:
    names = [name for action in ACTIONS for name in (action.name, *action.aliases)]
    assert len(names) == len(set(names))
    assert len(BY_NAME) == len(ACTIONS)


@each(*(action for action in ACTIONS if action.argument == "none" and set(action.contexts) & set(PLAIN)))
def test_what_takes_nothing_is_told_nothing(action: Action) -> None:
    with pytest.raises(CommandError) as caught:
        parse(f"{action.name} more of it")
    assert (caught.value.start, caught.value.end) == (len(action.name) + 1, len(action.name) + 11)


@each(*(action for action in ACTIONS if action.required))
def test_what_needs_something_says_what(action: Action) -> None:
    with pytest.raises(CommandError, match=f"{action.name} needs"):
        parse(action.name)


def test_the_keys_that_were_promised() -> None:
    keymap = Keymap()
    promised = {
        "j": "down", "k": "up", "g g": "top", "G": "bottom", "/": "search", "n": "next-conversation",
        "N": "previous-conversation", "enter": "open", "o": "open", "u": "undo", "e": "resolve", "r": "reply",
        "i": "note", "c": "claim", "a": "assign", "z": "snooze", "t": "tag", "p": "priority", "!": "spam",
        ".": "repeat", ":": "command", "ctrl+p": "palette", "?": "help",
    }  # fmt: skip
    for key, action in promised.items():
        assert keymap.find("list", key) == action
    for context in ("composer", "note", "form"):
        assert keymap.find(context, "ctrl+j") in ("send", "submit")  # type: ignore[arg-type]
