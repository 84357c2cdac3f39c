"""`desk.toml` written: one setting or one account at a time, with every comment left where it is.

The file is replaced in one step and is private (0600). What would not be valid changes nothing.
"""

from __future__ import annotations

import os
from collections.abc import Mapping, MutableMapping, Sequence
from pathlib import Path
from typing import Any

from desk.settings.places import join_path
from desk.settings.reading import parse, read_text
from desk.settings.words import Settings, SettingsError


def write_account(path: Path, name: str, connector: str, settings: Mapping[str, Any]) -> Settings:
    """Set `[accounts.NAME]` in `desk.toml`, leaving every comment and other table as it is.

    Keys not in `settings` stay. Returns what the file says then; raises SettingsError, and changes nothing, if that
    would not be valid.
    """
    text, parsed = plan_account(path, name, connector, settings)
    replace(path, text)
    return parsed


def plan_account(path: Path, name: str, connector: str, settings: Mapping[str, Any]) -> tuple[str, Settings]:
    """What `write_account` would write, and what it would mean. Raises SettingsError."""

    def change(document: Any) -> None:
        account = _inner(document, ("accounts", name))
        account["connector"] = connector
        for key, value in settings.items():
            account[key] = value

    return _plan(path, f"accounts.{name}", change)


def plan_value(path: Path, at: Sequence[str], value: Any) -> tuple[str, Settings]:
    """What the file would say, and mean, with one setting changed. Raises SettingsError."""

    def change(document: Any) -> None:
        _inner(document, tuple(at[:-1]))[at[-1]] = _item(value)

    return _plan(path, join_path(at), change)


def plan_without(path: Path, at: Sequence[str]) -> tuple[str, Settings]:
    """What the file would say, and mean, without a setting or a table. Raises SettingsError."""

    def change(document: Any) -> None:
        table = document
        for part in at[:-1]:
            table = table.get(part) if isinstance(table, Mapping) else None
        if not isinstance(table, MutableMapping) or at[-1] not in table:
            raise SettingsError([f"{path}: {join_path(at)} is not set there"])
        del table[at[-1]]

    return _plan(path, join_path(at), change)


def append_tables(path: Path, tables: str) -> Settings:
    """Add tables, as TOML, below what `desk.toml` says. Raises SettingsError and changes nothing if it is invalid."""
    text = path.read_text("utf-8") if path.exists() else ""
    written = f"{text.rstrip()}\n\n{tables.strip()}\n".lstrip("\n")
    parsed = parse(written, path)
    replace(path, written)
    return parsed


def replace(path: Path, text: str) -> None:
    """Put a text in the file's place, in one step, private and on the disk."""
    temporary = path.with_name(f".{path.name}.{os.getpid()}")
    with open(os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w", encoding="utf-8") as file:
        file.write(text)
        file.flush()
        os.fsync(file.fileno())
    os.replace(temporary, path)


def _plan(path: Path, what: str, change: Any) -> tuple[str, Settings]:
    import tomlkit
    from tomlkit.exceptions import TOMLKitError

    text = read_text(path) or ""
    try:
        document = tomlkit.parse(text)
        change(document)
        written = tomlkit.dumps(document)
    except TOMLKitError as error:
        parse(text, path)
        raise SettingsError([f"{path}: [{what}] cannot be written: {error}"]) from error
    except (TypeError, ValueError, AttributeError) as error:
        raise SettingsError([f"{path}: [{what}] cannot be written: {error}"]) from error
    return written, parse(written, path)


def _inner(document: Any, at: Sequence[str]) -> Any:
    """The table there, made if there is none. Raises TypeError where something else stands."""
    import tomlkit

    table = document
    for depth, part in enumerate(at):
        if part not in table:
            outer = depth + 1 < len(at) and at[0] in (
                "accounts",
                "reps",
                "queues",
                "dialers",
                "invitations",
                "macros",
                "lookup",
            )
            table[part] = tomlkit.table(is_super_table=True) if outer and not depth else tomlkit.table()
        table = table[part]
        if not isinstance(table, MutableMapping):
            raise TypeError(f"{join_path(at[: depth + 1])} is no table there")
    return table


def _item(value: Any) -> Any:
    """A value as people would write it: texts of several lines on several lines."""
    import tomlkit

    if isinstance(value, str) and "\n" in value and '"""' not in value and "\\" not in value:
        return tomlkit.string(value, multiline=True)
    if isinstance(value, Mapping):
        table = tomlkit.inline_table()
        table.update({key: _item(each) for key, each in value.items()})
        return table
    return value
