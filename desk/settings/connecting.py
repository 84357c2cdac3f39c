"""`[accounts.NAME]`, `[dialers.NAME]` and `[lookup.NAME]`: what connects Desk to the world outside, and its secrets."""

from __future__ import annotations

import shlex
from collections.abc import Sequence
from functools import partial
from typing import Any

import msgspec

from desk.lookups import Lookup, check_url
from desk.settings.dialing import DIALERS
from desk.settings.field import Field
from desk.settings.fields import ACCOUNTS, LOOKUP, named
from desk.settings.finding import Findings
from desk.settings.judging import problem
from desk.settings.words import (
    SECRET_NAMES,
    AccountSettings,
    Command,
    DialerSettings,
    dialer_account,
    environment_name,
)


def accounts(told: Findings, tables: dict[str, Any]) -> dict[str, AccountSettings]:
    """`[accounts.NAME]`, by name; a site that mails by an account which is not there is told."""
    found = told.named(tables, "accounts", "account", partial(_account, told))
    mailboxes = [name for name, each in found.items() if each.address]
    for name, account in found.items():
        mail = account.options.get("mail") if account.connector == "webchat" else None
        if isinstance(mail, str) and mail and mail not in mailboxes:
            known = f"known are {', '.join(mailboxes)}" if mailboxes else "connect one with `desk connect email`"
            told.finding(("accounts", name, "mail"), f"no account {mail!r} sends mail; {known}")
    return found


def _account(told: Findings, name: str, table: dict[str, Any], at: tuple[str, ...]) -> AccountSettings:
    given, options = _connected(told, table, at, ACCOUNTS, environment_name(name))
    if "name" in given:
        given["display_name"] = given["name"]
    return AccountSettings(**{**given, "name": name}, folder=told.folder, options=options)


def dialer(told: Findings, name: str, table: dict[str, Any], at: tuple[str, ...]) -> DialerSettings | None:
    """`[dialers.NAME]`; None if its kind is missing or wrong."""
    if "dialer" not in table:
        told.finding(at, f'[dialers.{name}] lacks its kind; write dialer = "launch", or another one there is')
        return None
    secrets = environment_name(dialer_account(name))
    given, options = _connected(told, table, at, DIALERS, secrets)
    if "dialer" not in given:
        return None
    return DialerSettings(**given, name=name, folder=told.folder, options=options)


def _connected(
    told: Findings, table: dict[str, Any], at: tuple[str, ...], fields: Sequence[Field], variable: str
) -> tuple[dict[str, Any], dict[str, Any]]:
    """What is right of what Desk itself knows, and all other keys, which are judged by the kind."""
    known = named(fields)
    given: dict[str, Any] = {}
    options: dict[str, Any] = {}
    for key, value in table.items():
        if key not in known:
            _refuse_secrets(told, key, value, (*at, key), variable)
            options[key] = value
        elif told.fits(known[key], value, at):
            given[key] = _command(value) if key == "password_cmd" else value
    return given, options


def _refuse_secrets(told: Findings, key: str, value: object, at: tuple[str, ...], variable: str) -> None:
    if key in SECRET_NAMES:
        instead = f"password_cmd, the keyring or the environment variable {variable}"
        told.finding(at, f"secrets are not kept here; delete {key} and use {instead}")
    elif isinstance(value, dict):
        for inner, deeper in value.items():
            _refuse_secrets(told, inner, deeper, (*at, inner), variable)


def lookup(told: Findings, name: str, table: dict[str, Any], at: tuple[str, ...]) -> Lookup | None:
    """`[lookup.NAME]`; None if anything is wrong with it, which is told then."""
    before = len(told.findings)
    for key in [key for key in table if key not in named(LOOKUP)]:
        _refuse_secrets(told, key, table[key], (*at, key), environment_name(name))
    given = {key: value for key, value in table.items() if key not in SECRET_NAMES}
    good = told.good(given, at, LOOKUP)
    good.pop("secret_cmd", None)
    headers = good.get("headers", {})
    secret = isinstance(headers, dict) and any("{secret}" in str(value) for value in headers.values())
    try:
        lookup = msgspec.convert({"name": name, **good, "secret": secret}, Lookup)
    except msgspec.ValidationError as error:
        if len(told.findings) == before:
            told.finding(at, f"[lookup.{name}] cannot be understood: {error}; see docs/configuration.md")
        return None
    if wrong := check_url(lookup.url):
        told.finding((*at, "url"), wrong)
    for header, value in lookup.headers.items():
        if any(c in header + value for c in "\r\n\0") or not header.isascii() or not value.isascii():
            told.finding((*at, "headers"), f"the header {header!r} holds what headers cannot")
    return lookup if len(told.findings) == before else None


def lookup_secrets(told: Findings, tables: dict[str, Any]) -> dict[str, Command]:
    """The commands that print the secrets of lookups, by their names."""
    given = {name: table.get("secret_cmd") for name, table in tables.items() if isinstance(table, dict)}
    field = named(LOOKUP)["secret_cmd"]
    return {name: _command(value) for name, value in given.items() if value is not None and not problem(field, value)}


def _command(value: Any) -> Command:
    """A command that `problem` found nothing wrong with."""
    if isinstance(value, dict):
        return Command(shell=value["shell"])
    return Command(argv=tuple(shlex.split(value) if isinstance(value, str) else value))
