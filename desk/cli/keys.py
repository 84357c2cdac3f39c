"""`desk keys`: which key does what, whether `desk.toml` may change that, and the whole of it as a file."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any, get_args

import click

from desk.cli.command import Desk, command
from desk.cli.failures import Exit, Failure
from desk.cli.output import Column, Styled
from desk.commandline import usage
from desk.keymap import BY_NAME, Action, Context, Keymap, KeymapError, read_keymap

PLACES: Mapping[Context, str] = {
    "list": "In the list",
    "search": "In what a search found",
    "conversation": "Reading a conversation",
    "customer": "In the customer's pane",
    "composer": "Writing an answer",
    "note": "Writing a note",
    "ledger": "In the ledger",
    "outbox": "In the outbox",
    "drafts": "Among the drafts",
    "settings": "In the settings",
    "connections": "Among the connections",
    "welcome": "On the first screen",
    "form": "Filling in a form",
    "prompt": "Asked something",
    "command": "On the `:` line",
    "finder": "In the palette and the sheet of keys",
    "sheet": "Reading a sheet",
}


@command("keys", start=False)
@click.option(
    "--check", "checked", metavar="[FILE]", is_flag=False, flag_value="", default=None, help="Only look for faults."
)
@click.option("--export", "form", type=click.Choice(["toml", "json", "markdown"]), help="All of it, as a document.")
@click.option("--context", type=click.Choice(get_args(Context)), help="Only what works there.")
@click.option("--default", "defaults", is_flag=True, help="Desk's own keys, whatever desk.toml says.")
def keys(desk: Desk, checked: str | None, form: str | None, context: Context | None, defaults: bool) -> None:
    """Which key does what; check and export the keymap.

    Each in its place. `--check` says what is wrong with a file's `[keys]`.
    """
    settings = Path(checked).expanduser() if checked else desk.workspace / "desk.toml"
    if checked and not settings.is_file():
        raise Failure(f"there is no file {settings}", code="not-found", exit=Exit.NOT_FOUND)
    try:
        keymap = Keymap() if defaults else read_keymap(settings)
    except KeymapError as error:
        raise Failure(str(error), code="bad-keys", hint="The keys stay Desk's own until this is mended.") from error
    if checked is not None:
        told = {"file": str(settings), "actions": len(keymap.actions)}
        desk.said(told, Styled("✓ ", "green"), f"{settings}: the keys are fine")
    elif form is not None:
        desk.out.text(EXPORTS[form](keymap).rstrip("\n"))
    else:
        desk.show(records(keymap, context), lambda: _print(desk, keymap, context))


def _print(desk: Desk, keymap: Keymap, context: Context | None) -> None:
    columns = [Column("where"), Column("keys"), Column("action"), Column("what it does", flexible=True)]
    if not desk.out.tty:
        desk.out.table(columns, [row for place in PLACES if context in (None, place) for row in _rows(keymap, place)])
        return
    for place, title in PLACES.items():
        if context in (None, place):
            desk.out.line(Styled(title.replace("`", ""), "bold"))
            desk.out.table(columns[1:], [row[1:] for row in _rows(keymap, place)])
            desk.out.line("")


def _rows(keymap: Keymap, place: Context) -> Iterator[tuple[str | Styled, ...]]:
    for action in keymap.here(place):
        yield place, Styled("  ".join(keymap.keys(action.name, place)), "cyan"), usage(action), action.help


def records(keymap: Keymap, context: Context | None = None) -> list[dict[str, Any]]:
    """Every action as plain data; `keys` is by context."""
    return [
        {
            "name": action.name,
            "group": action.group,
            "help": action.help,
            "argument": action.argument,
            "required": action.required,
            "repeatable": action.repeatable,
            "countable": action.countable,
            "aliases": list(action.aliases),
            "runs": action.runs,
            "keys": {place: list(keymap.keys(action.name, place)) for place in action.contexts},
        }
        for action in keymap.actions
        if context is None or context in action.contexts
    ]


def as_json(keymap: Keymap) -> str:
    """The keymap as a JSON document."""
    return json.dumps(records(keymap), ensure_ascii=False, indent=2)


def as_toml(keymap: Keymap) -> str:
    """The keymap as a table `[keys]`, which read back is the same keymap."""
    lines = ["[keys]"]
    places: dict[Context, list[str]] = {}
    for action in keymap.actions:
        everywhere = _everywhere(keymap, action)
        bound = action.name not in BY_NAME or everywhere != action.keys
        if everywhere:
            shown = f"{_toml_name(action.name)} = {_toml_keys(everywhere)}"
            lines.append(shown if bound else f"# {shown}")
        for place in action.contexts:
            there = keymap.keys(action.name, place)
            if there not in (everywhere, ()):
                places.setdefault(place, []).append(f"{_toml_name(action.name)} = {_toml_keys(there)}")
    for place, given in places.items():
        lines += ["", f"[keys.{place}]", *given]
    return "\n".join(lines) + "\n"


def _everywhere(keymap: Keymap, action: Action) -> tuple[str, ...]:
    """What the table says of an action beside its places: nothing if there is one where it has no keys.

    `[keys.search]` is the place, so an action of that name keeps its keys there and is bound place by place.
    """
    if action.name in PLACES:
        return action.keys
    return () if any(not keymap.keys(action.name, place) for place in action.contexts) else keymap.keys(action.name)


def _toml_name(name: str) -> str:
    return name if all(char.isalnum() or char == "-" for char in name) else json.dumps(name, ensure_ascii=False)


def _toml_keys(keys: tuple[str, ...]) -> str:
    shown = [json.dumps(key, ensure_ascii=False) for key in keys]
    return shown[0] if len(shown) == 1 else f"[{', '.join(shown)}]"


def as_markdown(keymap: Keymap) -> str:
    """The keymap as a page of documentation."""
    lines = [
        "# The keys",
        "",
        "Made by `desk keys --export markdown`. `?` in Desk shows the same, narrowed while you type.",
        "",
        "- A number before a key is a count: `3j` goes three down, `5e` resolves five from the cursor on.",
        "- `g m` means `g`, then `m`. The bottom line shows how keys go on; escape takes back what was pressed.",
        "- `.` does the last decision again, with what it was told, on what the cursor is on now.",
        "- Every action has its line after `:`, such as `:snooze tomorrow 9:00` or `:tag +refund -old`; tab completes,",
        "  `↑` brings lines back, `ctrl+r` finds one. `:3` goes to row 3.",
        "- All of it can be changed in [desk.toml](configuration.md#keys).",
    ]
    for group in dict.fromkeys(action.group for action in keymap.actions):
        lines += ["", f"## {group}", "", "| keys | `:` line | what it does | where |", "|---|---|---|---|"]
        lines += [_markdown_row(keymap, action) for action in keymap.actions if action.group == group]
    return "\n".join(lines) + "\n"


def _markdown_row(keymap: Keymap, action: Action) -> str:
    keys = " ".join(f"`{_cell(key)}`" for key in keymap.keys(action.name)) or "–"
    line = f"`{_cell(usage(action))}`" if _typed(action) else "–"
    return f"| {keys} | {line} | {_cell(action.help)} | {_where(action)} |"


def _typed(action: Action) -> bool:
    command_line = BY_NAME["command"]
    return action is not command_line and not set(action.contexts).isdisjoint(command_line.contexts)


def _where(action: Action) -> str:
    everywhere = set(BY_NAME["command"].contexts)
    if everywhere <= set(action.contexts):
        return "everywhere"
    return ", ".join(action.contexts)


def _cell(text: str) -> str:
    return text.replace("|", "\\|")


EXPORTS: Mapping[str, Callable[[Keymap], str]] = {"toml": as_toml, "json": as_json, "markdown": as_markdown}
