"""`desk.toml` as typed settings, with errors that name file, line and remedy.

A workspace without the file has the defaults. Secrets are not settings: see `desk.secrets`.
"""

from __future__ import annotations

import os
import re
import tomllib
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import msgspec
from msgspec import Struct, field

from desk.clock import DAY, HOUR, MINUTE, SECOND, Millis
from desk.lookups import Lookup, check_url

if TYPE_CHECKING:
    from desk.steps import Macro

NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9_.-]{0,63}")
"""What accounts may be called: it stands in paths, environment variables and the ledger."""

SECRET_NAMES = frozenset({"password", "secret", "token", "api_key"})
"""Keys that are refused wherever they stand: see `desk.secrets` for where secrets come from."""


def environment_name(account: str) -> str:
    """The variable that may hold the account's secret: `DESK_PASSWORD_SHOP_MAIL` for `shop-mail`."""
    return "DESK_PASSWORD_" + re.sub(r"[^A-Z0-9]", "_", account.upper())


class SettingsError(Exception):
    """What is wrong with `desk.toml`, one finding a line, each as `file:line: what, and what to do`."""

    def __init__(self, findings: Sequence[str]) -> None:
        super().__init__("\n".join(findings))
        self.findings = tuple(findings)


class DeskSettings(Struct, frozen=True, kw_only=True):
    """`[desk]`: how this workspace behaves."""

    undo_seconds: float = 10.0
    """How long an answer can be taken back before it leaves; 0 sends at once."""
    agent: str = ""
    """The rep's login; default: the operating system's user name."""
    agent_name: str = ""
    """The rep's name as customers and other reps read it; default: the login."""
    theme: str = ""
    """A theme of Textual's, such as `nord` or `textual-light`; default: Desk's own."""
    upload_mb: float = 25.0
    """The largest attachment a rep may add, in megabytes (10^6 bytes)."""


class Command(Struct, frozen=True, kw_only=True):
    """A command that prints a secret: `argv`, or `shell` for those who ask for one."""

    argv: tuple[str, ...] = ()
    shell: str = ""


class AccountSettings(Struct, frozen=True, kw_only=True):
    """`[accounts.NAME]`: one mailbox, or another connection to the outside world."""

    name: str
    """The table's own name."""
    connector: str = "email"
    """Which kind: a name in the entry point group `desk.connectors`."""
    address: str = ""
    """The address customers write to, and that answers come from."""
    display_name: str = ""
    """`name` in the file: whom customers see as the sender."""
    signature: str = ""
    """Appended to every answer, below a `-- ` line."""
    queue: str = ""
    """The queue new conversations of this account begin in."""
    enabled: bool = True
    """`false` keeps the account's mail but neither receives nor sends."""
    password_cmd: Command | None = None
    """Prints the secret on its first line: `"pass show mail/shop"`, a list of arguments, or `{ shell = "…" }`."""
    folder: str = ""
    """Where `desk.toml` lies: what relative paths in the options are relative to."""
    options: Mapping[str, Any] = {}
    """All other keys: the connector's own settings, checked by it."""


class Settings(Struct, frozen=True, kw_only=True):
    """Everything `desk.toml` says."""

    desk: DeskSettings = DeskSettings()
    accounts: Mapping[str, AccountSettings] = {}
    promises: Mapping[str, Millis] = field(default_factory=lambda: {"email": 8 * HOUR})
    """`[promises]`: the longest a customer waits for an answer, by channel, such as `email = "8h"`."""
    macros: Mapping[str, Macro] = {}
    """`[macros.NAME]`: what is done to a conversation under one name; `steps` are those of `desk.steps`."""
    views: Mapping[str, str] = {}
    """`[views]`: name to query, in the search language (`desk.query`)."""
    lookups: Mapping[str, Lookup] = {}
    """`[lookup.NAME]`: other systems that know something of a customer; see `desk.lookups`."""
    lookup_secrets: Mapping[str, Command] = {}
    """`secret_cmd` of these, by name."""
    keys: Mapping[str, Any] = {}
    """`[keys]`: action name to key, or to a list of keys; a table in it is for one context. `desk.keymap` checks it."""


_UNITS = {"ms": 1, "s": SECOND, "m": MINUTE, "min": MINUTE, "h": HOUR, "d": DAY, "w": 7 * DAY}
_DURATION = re.compile(r"(?:\d+(?:\.\d+)?\s*(?:ms|min|s|m|h|d|w)\s*)+")
_DURATION_PART = re.compile(r"(\d+(?:\.\d+)?)\s*(ms|min|s|m|h|d|w)")


def duration(text: str) -> Millis:
    """`"8h"`, `"1h30m"`, `"90 min"`, `"2d"` in milliseconds. Raises ValueError."""
    trimmed = text.strip().lower()
    if not _DURATION.fullmatch(trimmed):
        raise ValueError(f'{text!r} is no duration; write it like "45s", "90m", "8h" or "2d"')
    return round(sum(float(number) * _UNITS[unit] for number, unit in _DURATION_PART.findall(trimmed)))


def load(path: Path) -> Settings:
    """Read `desk.toml`; all defaults if there is none. Raises SettingsError with every finding."""
    try:
        text = path.read_text("utf-8")
    except FileNotFoundError:
        return Settings()
    except (OSError, UnicodeDecodeError) as error:
        raise SettingsError([f"{path}: cannot be read: {error}"]) from error
    return parse(text, path)


def parse(text: str, path: Path) -> Settings:
    """`load`, for text at hand; `path` is for the errors only."""
    try:
        tables = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise SettingsError([syntax_error(str(error), path)]) from error
    reader = _Reader(text, path)
    settings = reader.settings(tables)
    if reader.findings:
        raise SettingsError(reader.findings)
    return settings


def syntax_error(message: str, path: Path) -> str:
    """What the TOML parser says of a file, with the file's name and line."""
    found = re.search(r"\(at line (\d+), column (\d+)\)", message)
    place = f"{path}:{found[1]}" if found else str(path)
    what = message.partition(" (at ")[0]
    if "overwrite a value" in what or "twice" in what:
        what = "this key or table stands here for the second time; keep one"
    return f"{place}: {what[:1].lower()}{what[1:]}"


class _Reader:
    """Turns parsed tables into settings, gathering what is wrong on the way."""

    def __init__(self, text: str, path: Path) -> None:
        self.path = path
        self.findings: list[str] = []
        self._lines = text.splitlines()

    def settings(self, tables: dict[str, Any]) -> Settings:
        known = {"desk", "accounts", "promises", "keys", "macros", "views", "lookup"}
        for name in [name for name in tables if name not in known]:
            self._unknown((name,), known)
        sections = {name: self._table(tables, name) for name in known}
        return Settings(
            desk=self._struct(sections["desk"], ("desk",), DeskSettings),
            accounts=self._accounts(sections["accounts"]),
            promises={**Settings().promises, **self._promises(sections["promises"])},
            keys=self._keys(sections["keys"]),
            macros=self._macros(sections["macros"]),
            lookups=self._lookups(sections["lookup"]),
            lookup_secrets=self._lookup_secrets(sections["lookup"]),
            views=self._views(sections["views"]),
        )

    def _table(self, tables: dict[str, Any], name: str) -> dict[str, Any]:
        value = tables.get(name, {})
        if isinstance(value, dict):
            return value
        self._finding((name,), f"{name} is a table; write [{name}] above its keys")
        return {}

    def _struct(self, table: dict[str, Any], at: tuple[str, ...], kind: type[DeskSettings]) -> DeskSettings:
        fields = {each.name: each.type for each in msgspec.structs.fields(kind)}
        good = {}
        for name, value in table.items():
            if name not in fields:
                self._unknown((*at, name), set(fields))
            elif self._fits(value, fields[name], (*at, name)):
                good[name] = value
        for name in ("undo_seconds", "upload_mb"):
            if good.get(name, 0) < 0:
                self._finding((*at, name), f"{name} cannot be negative")
        return msgspec.convert(good, kind)

    def _accounts(self, tables: dict[str, Any]) -> dict[str, AccountSettings]:
        accounts = {}
        for name, table in tables.items():
            at = ("accounts", name)
            if not isinstance(table, dict):
                self._finding(at, f"an account is a table; write [accounts.{name}] above its keys")
            elif not NAME.fullmatch(name):
                self._finding(at, f"account names are letters, digits, '.', '-' and '_', at most 64: not {name!r}")
            else:
                accounts[name] = self._account(name, table, at)
        return accounts

    def _account(self, name: str, table: dict[str, Any], at: tuple[str, ...]) -> AccountSettings:
        texts = {"connector": "connector", "address": "address", "name": "display_name"}
        texts |= {"signature": "signature", "queue": "queue"}
        given: dict[str, Any] = {"name": name}
        options: dict[str, Any] = {}
        for key, value in table.items():
            where = (*at, key)
            if key in texts:
                if self._fits(value, str, where):
                    given[texts[key]] = value
            elif key == "enabled":
                if self._fits(value, bool, where):
                    given[key] = value
            elif key == "password_cmd":
                given[key] = self._command(value, where)
            else:
                self._refuse_secrets(key, value, where)
                options[key] = value
        return AccountSettings(**given, folder=str(self.path.absolute().parent), options=options)

    def _refuse_secrets(self, key: str, value: object, at: tuple[str, ...]) -> None:
        if key in SECRET_NAMES:
            variable = f"the environment variable {environment_name(at[1])}"
            self._finding(
                at, f"secrets are not kept here; delete {key} and use password_cmd, the keyring or {variable}"
            )
        elif isinstance(value, dict):
            for inner, deeper in value.items():
                self._refuse_secrets(inner, deeper, (*at, inner))

    def _command(self, value: object, at: tuple[str, ...]) -> Command | None:
        if isinstance(value, str) and value.strip():
            import shlex

            try:
                return Command(argv=tuple(shlex.split(value)))
            except ValueError as error:
                self._finding(at, f"the quotes do not match ({error})")
                return None
        if isinstance(value, list) and value and all(isinstance(each, str) for each in value):
            return Command(argv=tuple(value))
        if isinstance(value, dict) and list(value) == ["shell"] and isinstance(value["shell"], str):
            return Command(shell=value["shell"])
        self._finding(at, 'write a command as "pass show shop", as a list of strings, or as { shell = "…" }')
        return None

    def _promises(self, table: dict[str, Any]) -> dict[str, Millis]:
        promises = {}
        for channel, value in table.items():
            at = ("promises", channel)
            if channel not in ("email", "chat", "callback"):
                self._unknown(at, {"email", "chat", "callback"})
            elif self._fits(value, str, at):
                try:
                    promises[channel] = duration(value)
                except ValueError as error:
                    self._finding(at, str(error))
        return promises

    def _lookups(self, tables: dict[str, Any]) -> dict[str, Lookup]:
        lookups = {}
        for name, table in tables.items():
            at = ("lookup", name)
            if not isinstance(table, dict):
                self._finding(at, f"a lookup is a table; write [lookup.{name}] above its keys")
            elif not NAME.fullmatch(name):
                self._finding(at, f"lookup names are letters, digits, '.', '-' and '_', at most 64: not {name!r}")
            elif lookup := self._lookup(name, table, at):
                lookups[name] = lookup
        return lookups

    def _lookup(self, name: str, table: dict[str, Any], at: tuple[str, ...]) -> Lookup | None:
        known = {"url", "headers", "secret_cmd", "timeout_seconds", "cache_seconds", "show"}
        given = {key: value for key, value in table.items() if key != "secret_cmd"}
        for key in [key for key in table if key not in known]:
            self._refuse_secrets(key, table[key], (*at, key))
            if key not in SECRET_NAMES:
                self._unknown((*at, key), known)
            given.pop(key)
        before = len(self.findings)
        headers = given.get("headers", {})
        secret = isinstance(headers, dict) and any("{secret}" in str(value) for value in headers.values())
        try:
            lookup = msgspec.convert({"name": name, **given, "secret": secret}, Lookup)
        except msgspec.ValidationError as error:
            self._finding(at, f"[lookup.{name}] cannot be understood: {error}; see docs/configuration.md")
            return None
        if wrong := check_url(lookup.url):
            self._finding((*at, "url"), wrong)
        for key in ("timeout_seconds", "cache_seconds"):
            if not 0 <= getattr(lookup, key) <= 86_400:
                self._finding((*at, key), f"{key} is a number of seconds from 0 to 86400")
        for header, value in lookup.headers.items():
            if any(c in header + value for c in "\r\n\0") or not header.isascii() or not value.isascii():
                self._finding((*at, "headers"), f"the header {header!r} holds what headers cannot")
        return lookup if len(self.findings) == before else None

    def _lookup_secrets(self, tables: dict[str, Any]) -> dict[str, Command]:
        commands = {}
        for name, table in tables.items():
            if isinstance(table, dict) and "secret_cmd" in table:
                command = self._command(table["secret_cmd"], ("lookup", name, "secret_cmd"))
                if command is not None:
                    commands[name] = command
        return commands

    def _macros(self, tables: dict[str, Any]) -> dict[str, Macro]:
        macros = {}
        for name, table in tables.items():
            at = ("macros", name)
            if not isinstance(table, dict):
                self._finding(at, f"a macro is a table; write [macros.{name}] above its keys")
            elif not NAME.fullmatch(name):
                self._finding(at, f"macro names are letters, digits, '.', '-' and '_', at most 64: not {name!r}")
            elif macro := self._macro(name, table, at):
                macros[name] = macro
        return macros

    def _macro(self, name: str, table: dict[str, Any], at: tuple[str, ...]) -> Macro | None:
        from desk.steps import Macro, StepError, parse

        for key in [key for key in table if key not in ("steps", "help")]:
            self._unknown((*at, key), {"steps", "help"})
        steps, help = table.get("steps", []), table.get("help", "")
        if not isinstance(steps, list) or not steps or not all(isinstance(step, str) for step in steps):
            self._finding((*at, "steps"), 'steps is a list of texts, such as ["reply ::late", "tag +late", "resolve"]')
            return None
        if not self._fits(help, str, (*at, "help")):
            return None
        for step in steps:
            try:
                parse(step)
            except StepError as error:
                self._finding((*at, "steps"), f"{step!r}: {error}", after=step)
                return None
        return Macro(name=name, steps=tuple(steps), help=help)

    def _views(self, table: dict[str, Any]) -> dict[str, str]:
        return {name: query for name, query in table.items() if self._is_view(name, query, ("views", name))}

    def _is_view(self, name: str, query: object, at: tuple[str, ...]) -> bool:
        from desk.query import QueryError, parse

        if not NAME.fullmatch(name):
            self._finding(at, f"views are called letters, digits, '.', '-' and '_', at most 64: not {name!r}")
            return False
        if not isinstance(query, str) or not query.strip():
            self._finding(at, f'{name} is a query, such as "is:unread priority:urgent", not {_in_words(query)}')
            return False
        try:
            parse(query, now=0)
        except QueryError as error:
            column = self._column_of(at, query)
            place = f"column {column + error.start}: " if column else ""
            self._finding(at, f"{place}{error.message}")
            return False
        return True

    def _column_of(self, at: tuple[str, ...], text: str) -> int | None:
        """Where a text in quotes begins in its line, from 1; None if it is written in some other way there."""
        number = line_of(self._lines, at)
        found = -1 if number is None else self._lines[number - 1].find(text)
        return found + 1 if found >= 0 else None

    def _keys(self, table: dict[str, Any], at: tuple[str, ...] = ("keys",)) -> dict[str, Any]:
        return {
            name: self._keys(value, (*at, name)) if isinstance(value, dict) and len(at) == 1 else value
            for name, value in table.items()
            if (isinstance(value, dict) and len(at) == 1) or self._names_keys(value, (*at, name))
        }

    def _names_keys(self, value: object, at: tuple[str, ...]) -> bool:
        if isinstance(value, list):
            return all(self._fits(each, str, at) for each in value)
        return self._fits(value, str, at)

    def _fits(self, value: object, kind: Any, at: tuple[str, ...]) -> bool:
        expected, names = {
            str: ((str,), 'a text in quotes, such as "…"'),
            bool: ((bool,), "true or false"),
            float: ((int, float), "a number"),
        }[kind]
        if isinstance(value, expected) and (kind is bool or not isinstance(value, bool)):
            return True
        self._finding(at, f"{at[-1]} is {names}, not {_in_words(value)}")
        return False

    def _unknown(self, at: tuple[str, ...], known: set[str]) -> None:
        from difflib import get_close_matches

        close = get_close_matches(at[-1], sorted(known), n=1)
        hint = f"did you mean {close[0]}?" if close else f"known here: {', '.join(sorted(known))}"
        self._finding(at, f"there is no setting {'.'.join(at)}; {hint}")

    def _finding(self, at: tuple[str, ...], what: str, *, after: str = "") -> None:
        """`after`: the text, at that key or below, that is wrong."""
        number = line_of(self._lines, at)
        if number and after:
            below = (n for n, line in enumerate(self._lines[number - 1 :], number) if after.split("\n")[0] in line)
            number = next(below, number)
        self.findings.append(f"{self.path}:{number}: {what}" if number else f"{self.path}: {what}")


def _in_words(value: object) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    return {str: "a text", int: "a number", float: "a number", list: "a list", dict: "a table"}.get(
        type(value), "a date or time"
    )


_HEADER = re.compile(r"\s*\[\[?\s*([^\[\]]+?)\s*\]\]?\s*(?:#.*)?$")
_KEY = re.compile(r"""\s*((?:[A-Za-z0-9_-]+|"[^"]*"|'[^']*')(?:\s*\.\s*(?:[A-Za-z0-9_-]+|"[^"]*"|'[^']*'))*)\s*=""")
_KEY_PART = re.compile(r"""[A-Za-z0-9_-]+|"[^"]*"|'[^']*'""")


def line_of(lines: Sequence[str], at: tuple[str, ...]) -> int | None:
    """The line, from 1, where the key stands; the nearest table around it if it is written inline."""
    table: tuple[str, ...] = ()
    best: tuple[int, int] | None = None
    for number, line in enumerate(lines, 1):
        if header := _HEADER.match(line):
            table = _parts(header[1])
            path = table
        elif key := _KEY.match(line):
            path = (*table, *_parts(key[1]))
        else:
            continue
        depth = len(path)
        if path == at[:depth] and (best is None or depth > best[0]):
            best = (depth, number)
    return best[1] if best else None


def _parts(dotted: str) -> tuple[str, ...]:
    return tuple(part.strip("\"'") for part in _KEY_PART.findall(dotted))


def write_account(path: Path, name: str, connector: str, settings: Mapping[str, Any]) -> Settings:
    """Set `[accounts.NAME]` in `desk.toml`, leaving every comment and other table as it is.

    Keys not in `settings` stay. The file is replaced in one step and is private (0600). Returns what the file
    says then; raises SettingsError, and changes nothing, if that would not be valid.
    """
    text, parsed = plan_account(path, name, connector, settings)
    _replace(path, text)
    return parsed


def plan_account(path: Path, name: str, connector: str, settings: Mapping[str, Any]) -> tuple[str, Settings]:
    """What `write_account` would write, and what it would mean. Raises SettingsError."""
    import tomlkit
    from tomlkit.exceptions import TOMLKitError

    text = path.read_text("utf-8") if path.exists() else ""
    try:
        document = tomlkit.parse(text)
        accounts = document.setdefault("accounts", tomlkit.table(is_super_table=True))
        account = accounts.setdefault(name, tomlkit.table())
        account["connector"] = connector
        for key, value in settings.items():
            account[key] = value
        written = tomlkit.dumps(document)
    except (TOMLKitError, TypeError, ValueError, AttributeError) as error:
        raise SettingsError([f"{path}: [accounts.{name}] cannot be written: {error}"]) from error
    return written, parse(written, path)


def append_tables(path: Path, tables: str) -> Settings:
    """Add tables, as TOML, below what `desk.toml` says. Raises SettingsError and changes nothing if it is invalid."""
    text = path.read_text("utf-8") if path.exists() else ""
    written = f"{text.rstrip()}\n\n{tables.strip()}\n".lstrip("\n")
    parsed = parse(written, path)
    _replace(path, written)
    return parsed


def _replace(path: Path, text: str) -> None:
    temporary = path.with_name(f".{path.name}.{os.getpid()}")
    with open(os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w", encoding="utf-8") as file:
        file.write(text)
        file.flush()
        os.fsync(file.fileno())
    os.replace(temporary, path)
