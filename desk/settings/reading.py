"""`desk.toml` read: typed settings, or every finding with file, line and remedy."""

from __future__ import annotations

import tomllib
from collections.abc import Callable, Mapping
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

import msgspec

from desk.clock import Millis
from desk.model.staffing import Capacity, QueueRules
from desk.promises.policies import Policy
from desk.roster import Shift
from desk.settings import acting, connecting
from desk.settings.calling import HOURS, hours_of
from desk.settings.fields import ARTICLES, DESK, PROMISES, REPS, TABLES
from desk.settings.finding import Findings
from desk.settings.places import join_path, syntax_error
from desk.settings.promising import (
    CALENDARS,
    POLICIES,
    calendar_of,
    lost_calendar,
    policy_of,
    wrong_calendar,
    wrong_policy,
)
from desk.settings.routing import LEARNING
from desk.settings.staffing import QUEUES, REP_CAPACITY, ROSTER, SHIFTS, queue_of, shift_of, wrong_roster, wrong_shift
from desk.settings.visiting import CAPACITY, VISITORS
from desk.settings.words import (
    ArticleSettings,
    CalendarSettings,
    DeskSettings,
    LearningSettings,
    Settings,
    SettingsError,
    VisitorSettings,
    duration,
)

if TYPE_CHECKING:
    pass


def load(path: Path) -> Settings:
    """Read `desk.toml`; all defaults if there is none. Raises SettingsError with every finding."""
    text = read_text(path)
    return Settings() if text is None else parse(text, path)


def read_text(path: Path) -> str | None:
    """What the file says, None if there is none. Raises SettingsError."""
    try:
        return path.read_text("utf-8")
    except FileNotFoundError:
        return None
    except (OSError, UnicodeDecodeError) as error:
        raise SettingsError([f"{path}: cannot be read: {error}"]) from error


def tables_of(text: str, path: Path) -> dict[str, Any]:
    """The TOML, as plain data. Raises SettingsError."""
    try:
        return tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise SettingsError([syntax_error(str(error), path)]) from error


def parse(text: str, path: Path) -> Settings:
    """`load`, for text at hand; `path` is for the errors only."""
    tables = tables_of(text, path)
    told = Findings(text, path)
    settings = _Reader(told).settings(tables)
    if told.findings:
        raise SettingsError(told.findings)
    return settings


class _Reader:
    """Turns parsed tables into settings."""

    def __init__(self, told: Findings) -> None:
        self._told = told

    def settings(self, tables: dict[str, Any]) -> Settings:
        told = self._told
        for name in [name for name in tables if name not in TABLES]:
            told.unknown((name,), TABLES)
        given = {name: told.table(tables.get(name, {}), (name,), name) for name in TABLES}

        def each(section: str, noun: str, read: Callable[[Findings, str, dict[str, Any], tuple[str, ...]], Any]) -> Any:
            return told.named(given[section], section, noun, partial(read, told))

        return Settings(
            desk=msgspec.convert(told.good(given["desk"], ("desk",), DESK), DeskSettings),
            reps={
                login: self._rep(table, ("reps", login))
                for login, table in given["reps"].items()
                if told.is_table(table, ("reps", login), f"reps.{login}")
            },
            queues={
                name: self._queue(name, table, given["calendars"])
                for name, table in given["queues"].items()
                if told.is_table(table, ("queues", name), join_path(("queues", name)))
            },
            shifts=told.named(given["shifts"], "shifts", "shift", partial(self._shift, given["calendars"])),
            roster=self._roster(given["roster"]),
            accounts=connecting.accounts(told, given["accounts"]),
            dialers=each("dialers", "dialer", connecting.dialer),
            promises={**Settings().promises, **self._promises(given["promises"])},
            calendars=told.named(given["calendars"], "calendars", "calendar", self._calendar),
            policies=self._policies(given["policies"], given["calendars"]),
            keys=acting.keys(told, given["keys"]),
            hours=hours_of(told.good(given["hours"], ("hours",), HOURS)),
            callbacks=acting.callbacks(told, given["callbacks"]),
            missed=each("missed", "kind of missed call", acting.missed),
            articles=msgspec.convert(told.good(given["articles"], ("articles",), ARTICLES), ArticleSettings),
            visitors=msgspec.convert(told.good(given["visitors"], ("visitors",), VISITORS), VisitorSettings),
            capacity=msgspec.convert(told.good(given["capacity"], ("capacity",), CAPACITY), Capacity),
            invitations=each("invitations", "invitation", acting.invitation),
            macros=each("macros", "macro", acting.macro),
            rules=each("rules", "rule", acting.rule),
            automations=told.named(
                given["automations"], "automations", "automation", partial(acting.automation, told, given)
            ),
            mailing=acting.mailing(told, given["mailing"]),
            alerts=each("alerts", "alert", acting.alert),
            learning=msgspec.convert(told.good(given["learning"], ("learning",), LEARNING), LearningSettings),
            lookups=each("lookup", "lookup", connecting.lookup),
            lookup_secrets=connecting.lookup_secrets(told, given["lookup"]),
            views=acting.views(told, given["views"]),
        )

    def _rep(self, table: dict[str, Any], at: tuple[str, ...]) -> dict[str, Any]:
        good = self._told.good(table, at, REPS)
        if "capacity" in good:
            inner = self._told.table(good["capacity"], (*at, "capacity"), join_path((*at, "capacity")))
            good["capacity"] = self._told.good(inner, (*at, "capacity"), REP_CAPACITY)
        return good

    def _queue(self, name: str, table: dict[str, Any], calendars: Mapping[str, object]) -> QueueRules:
        at = ("queues", name)
        queue = queue_of(name, self._told.good(table, at, QUEUES))
        self._told.stands(at, lost_calendar(queue.calendar, calendars))
        return queue

    def _shift(
        self, calendars: Mapping[str, object], name: str, table: dict[str, Any], at: tuple[str, ...]
    ) -> Shift | None:
        good = self._told.good(table, at, SHIFTS)
        if len(good) < len(table):
            return None  # what is wrong with it is told
        shift = shift_of(name, good)
        return shift if self._told.stands(at, wrong_shift(shift, calendars)) else None

    def _roster(self, table: dict[str, Any]) -> str:
        given = self._told.good(table, ("roster",), ROSTER).get("file", "")
        path = str(Path(self._told.folder, given)) if given else ""
        return path if self._told.stands(("roster",), wrong_roster(path)) else ""

    def _promises(self, table: dict[str, Any]) -> dict[str, Millis]:
        return {channel: duration(text) for channel, text in self._told.good(table, ("promises",), PROMISES).items()}

    def _calendar(self, name: str, table: dict[str, Any], at: tuple[str, ...]) -> CalendarSettings | None:
        calendar = calendar_of(name, self._told.good(table, at, CALENDARS), self._told.folder)
        return calendar if self._told.stands(at, wrong_calendar(calendar)) else None

    def _policies(self, tables: dict[str, Any], calendars: Mapping[str, object]) -> dict[str, Policy]:
        def read(name: str, table: dict[str, Any], at: tuple[str, ...]) -> Policy | None:
            good = self._told.good(table, at, POLICIES)
            if len(good) < len(table):
                return None  # what is wrong with it is told
            policy = policy_of(name, good)
            return policy if self._told.stands(at, wrong_policy(policy, calendars)) else None

        return self._told.named(tables, "policies", "policy", read)
