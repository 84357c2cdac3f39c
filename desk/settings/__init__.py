"""`desk.toml` as typed settings, with errors that name file, line and remedy.

A workspace without the file has the defaults. Secrets are not settings: see `desk.secrets`. What there is to set stands
once, in `fields`; `reading` reads it, `writing` writes it, `listing` tells what is set, `reference` documents it.
"""

from __future__ import annotations

from desk.settings.places import join_path, line_of, split_path, syntax_error
from desk.settings.reading import load, parse
from desk.settings.words import (
    DESKTOP,
    NAME,
    SECRET_NAMES,
    AccountSettings,
    ArticleSettings,
    CalendarSettings,
    CallbackSettings,
    Comfort,
    Command,
    DeskSettings,
    DialerSettings,
    Settings,
    SettingsError,
    VisitorSettings,
    dialer_account,
    duration,
    environment_name,
)
from desk.settings.writing import append_tables, plan_account, plan_value, plan_without, write_account

__all__ = [
    "DESKTOP",
    "NAME",
    "SECRET_NAMES",
    "AccountSettings",
    "ArticleSettings",
    "CalendarSettings",
    "CallbackSettings",
    "Comfort",
    "Command",
    "DeskSettings",
    "DialerSettings",
    "Settings",
    "SettingsError",
    "VisitorSettings",
    "append_tables",
    "dialer_account",
    "duration",
    "environment_name",
    "join_path",
    "line_of",
    "load",
    "parse",
    "plan_account",
    "plan_value",
    "plan_without",
    "split_path",
    "syntax_error",
    "write_account",
]
