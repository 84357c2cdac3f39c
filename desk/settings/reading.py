"""`desk.toml` read: typed settings, or every finding with file, line and remedy."""

from __future__ import annotations

import shlex
import tomllib
from collections.abc import Mapping, Sequence
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

import msgspec

from desk import invitations
from desk.alerts import AlertRule
from desk.clock import Millis
from desk.lookups import Lookup, check_url
from desk.missed import Rule
from desk.model.staffing import Capacity, QueueRules
from desk.promises.policies import Policy
from desk.roster import Shift
from desk.rules.limits import MailLimits
from desk.rules.words import Automation
from desk.rules.words import Rule as RoutingRule
from desk.settings.alerting import ALERTS
from desk.settings.calling import CALLBACKS, HOURS, MISSED, callbacks_of, hours_of, missed_of
from desk.settings.dialing import DIALERS
from desk.settings.field import Field
from desk.settings.fields import ACCOUNTS, ARTICLES, DESK, LOOKUP, MACROS, PROMISES, REPS, TABLES, named
from desk.settings.judging import in_words, problem
from desk.settings.places import join_path, line_of, syntax_error
from desk.settings.promising import (
    CALENDARS,
    POLICIES,
    calendar_of,
    lost_calendar,
    policy_of,
    wrong_calendar,
    wrong_policy,
)
from desk.settings.routing import AUTOMATIONS, LEARNING, MAILING, RULES, automation_of, mailing_of, wrong_mailing
from desk.settings.staffing import QUEUES, REP_CAPACITY, ROSTER, SHIFTS, queue_of, shift_of, wrong_roster, wrong_shift
from desk.settings.visiting import CAPACITY, INVITATIONS, VISITORS
from desk.settings.words import (
    NAME,
    SECRET_NAMES,
    AccountSettings,
    ArticleSettings,
    CalendarSettings,
    CallbackSettings,
    Command,
    DeskSettings,
    DialerSettings,
    LearningSettings,
    Settings,
    SettingsError,
    VisitorSettings,
    dialer_account,
    duration,
    environment_name,
)

if TYPE_CHECKING:
    from desk.steps import Macro


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
    reader = _Reader(text, path)
    settings = reader.settings(tables)
    if reader.findings:
        raise SettingsError(reader.findings)
    return settings


class _Reader:
    """Turns parsed tables into settings, gathering what is wrong on the way."""

    def __init__(self, text: str, path: Path) -> None:
        self.path = path
        self.findings: list[str] = []
        self._lines = text.splitlines()

    def settings(self, tables: dict[str, Any]) -> Settings:
        for name in [name for name in tables if name not in TABLES]:
            self._unknown((name,), TABLES)
        given = {name: self._table(tables.get(name, {}), (name,), name) for name in TABLES}
        return Settings(
            desk=msgspec.convert(self._good(given["desk"], ("desk",), DESK), DeskSettings),
            reps={
                login: self._rep(table, ("reps", login))
                for login, table in given["reps"].items()
                if self._is_table(table, ("reps", login), f"reps.{login}")
            },
            queues={
                name: self._queue(name, table, given["calendars"])
                for name, table in given["queues"].items()
                if self._is_table(table, ("queues", name), join_path(("queues", name)))
            },
            shifts=self._named(given["shifts"], "shifts", "shift", partial(self._shift, given["calendars"])),
            roster=self._roster(given["roster"]),
            accounts=self._accounts(given["accounts"]),
            dialers=self._named(given["dialers"], "dialers", "dialer", self._dialer),
            promises={**Settings().promises, **self._promises(given["promises"])},
            calendars=self._named(given["calendars"], "calendars", "calendar", self._calendar),
            policies=self._policies(given["policies"], given["calendars"]),
            keys=self._keys(given["keys"]),
            hours=hours_of(self._good(given["hours"], ("hours",), HOURS)),
            callbacks=self._callbacks(given["callbacks"]),
            missed=self._named(given["missed"], "missed", "kind of missed call", self._missed),
            articles=msgspec.convert(self._good(given["articles"], ("articles",), ARTICLES), ArticleSettings),
            visitors=msgspec.convert(self._good(given["visitors"], ("visitors",), VISITORS), VisitorSettings),
            capacity=msgspec.convert(self._good(given["capacity"], ("capacity",), CAPACITY), Capacity),
            invitations=self._named(given["invitations"], "invitations", "invitation", self._invitation),
            macros=self._named(given["macros"], "macros", "macro", self._macro),
            rules=self._named(given["rules"], "rules", "rule", self._rule),
            automations=self._named(
                given["automations"], "automations", "automation", partial(self._automation, given)
            ),
            mailing=self._mailing(given["mailing"]),
            alerts=self._named(given["alerts"], "alerts", "alert", self._alert),
            learning=msgspec.convert(self._good(given["learning"], ("learning",), LEARNING), LearningSettings),
            lookups=self._named(given["lookup"], "lookup", "lookup", self._lookup),
            lookup_secrets=self._lookup_secrets(given["lookup"]),
            views=self._views(given["views"]),
        )

    # --- tables -------------------------------------------------------------------------------------------

    def _table(self, value: object, at: tuple[str, ...], header: str) -> dict[str, Any]:
        return value if self._is_table(value, at, header) and isinstance(value, dict) else {}

    def _is_table(self, value: object, at: tuple[str, ...], header: str) -> bool:
        if not isinstance(value, dict):
            self._finding(at, f"{at[-1]} is a table; write [{header}] above its keys")
        return isinstance(value, dict)

    def _good(self, table: Mapping[str, Any], at: tuple[str, ...], fields: Sequence[Field]) -> dict[str, Any]:
        """What is right of a table whose keys are all known; the rest are findings."""
        known = named(fields)
        for name in [name for name in table if name not in known]:
            self._unknown((*at, name), known)
        return {name: table[name] for name in table if name in known and self._fits(known[name], table[name], at)}

    def _named(self, tables: dict[str, Any], section: str, noun: str, read: Any) -> dict[str, Any]:
        """Tables with names of people's choosing; `read` makes one, or None and findings."""
        found = {}
        for name, table in tables.items():
            at = (section, name)
            if not isinstance(table, dict):
                article = "an" if noun[0] in "aeiou" else "a"
                self._finding(at, f"{article} {noun} is a table; write [{section}.{name}] above its keys")
            elif not NAME.fullmatch(name):
                self._finding(at, f"{noun} names are letters, digits, '.', '-' and '_', at most 64: not {name!r}")
            elif (made := read(name, table, at)) is not None:
                found[name] = made
        return found

    # --- people -------------------------------------------------------------------------------------------

    def _rep(self, table: dict[str, Any], at: tuple[str, ...]) -> dict[str, Any]:
        good = self._good(table, at, REPS)
        if "capacity" in good:
            inner = self._table(good["capacity"], (*at, "capacity"), join_path((*at, "capacity")))
            good["capacity"] = self._good(inner, (*at, "capacity"), REP_CAPACITY)
        return good

    def _queue(self, name: str, table: dict[str, Any], calendars: Mapping[str, object]) -> QueueRules:
        at = ("queues", name)
        queue = queue_of(name, self._good(table, at, QUEUES))
        self._stands(at, lost_calendar(queue.calendar, calendars))
        return queue

    def _shift(
        self, calendars: Mapping[str, object], name: str, table: dict[str, Any], at: tuple[str, ...]
    ) -> Shift | None:
        good = self._good(table, at, SHIFTS)
        if len(good) < len(table):
            return None  # what is wrong with it is told
        shift = shift_of(name, good)
        return shift if self._stands(at, wrong_shift(shift, calendars)) else None

    def _roster(self, table: dict[str, Any]) -> str:
        given = self._good(table, ("roster",), ROSTER).get("file", "")
        path = str(Path(self._folder, given)) if given else ""
        return path if self._stands(("roster",), wrong_roster(path)) else ""

    # --- accounts and dialers -----------------------------------------------------------------------------

    def _accounts(self, tables: dict[str, Any]) -> dict[str, AccountSettings]:
        found = self._named(tables, "accounts", "account", self._account)
        mailboxes = [name for name, each in found.items() if each.address]
        for name, account in found.items():
            mail = account.options.get("mail") if account.connector == "webchat" else None
            if isinstance(mail, str) and mail and mail not in mailboxes:
                known = f"known are {', '.join(mailboxes)}" if mailboxes else "connect one with `desk connect email`"
                self._finding(("accounts", name, "mail"), f"no account {mail!r} sends mail; {known}")
        return found

    def _account(self, name: str, table: dict[str, Any], at: tuple[str, ...]) -> AccountSettings:
        given, options = self._connected(table, at, ACCOUNTS, environment_name(name))
        if "name" in given:
            given["display_name"] = given["name"]
        return AccountSettings(**{**given, "name": name}, folder=self._folder, options=options)

    def _dialer(self, name: str, table: dict[str, Any], at: tuple[str, ...]) -> DialerSettings | None:
        if "dialer" not in table:
            self._finding(at, f'[dialers.{name}] lacks its kind; write dialer = "launch", or another one there is')
            return None
        secrets = environment_name(dialer_account(name))
        given, options = self._connected(table, at, DIALERS, secrets)
        if "dialer" not in given:
            return None
        return DialerSettings(**given, name=name, folder=self._folder, options=options)

    def _connected(
        self, table: dict[str, Any], at: tuple[str, ...], fields: Sequence[Field], variable: str
    ) -> tuple[dict[str, Any], dict[str, Any]]:
        """What is right of what Desk itself knows, and all other keys, which are judged by the kind."""
        known = named(fields)
        given: dict[str, Any] = {}
        options: dict[str, Any] = {}
        for key, value in table.items():
            if key not in known:
                self._refuse_secrets(key, value, (*at, key), variable)
                options[key] = value
            elif self._fits(known[key], value, at):
                given[key] = _command(value) if key == "password_cmd" else value
        return given, options

    @property
    def _folder(self) -> str:
        return str(self.path.absolute().parent)

    def _refuse_secrets(self, key: str, value: object, at: tuple[str, ...], variable: str) -> None:
        if key in SECRET_NAMES:
            instead = f"password_cmd, the keyring or the environment variable {variable}"
            self._finding(at, f"secrets are not kept here; delete {key} and use {instead}")
        elif isinstance(value, dict):
            for inner, deeper in value.items():
                self._refuse_secrets(inner, deeper, (*at, inner), variable)

    # --- the other tables ---------------------------------------------------------------------------------

    def _promises(self, table: dict[str, Any]) -> dict[str, Millis]:
        return {channel: duration(text) for channel, text in self._good(table, ("promises",), PROMISES).items()}

    def _calendar(self, name: str, table: dict[str, Any], at: tuple[str, ...]) -> CalendarSettings | None:
        calendar = calendar_of(name, self._good(table, at, CALENDARS), self._folder)
        return calendar if self._stands(at, wrong_calendar(calendar)) else None

    def _policies(self, tables: dict[str, Any], calendars: Mapping[str, object]) -> dict[str, Policy]:
        def read(name: str, table: dict[str, Any], at: tuple[str, ...]) -> Policy | None:
            good = self._good(table, at, POLICIES)
            if len(good) < len(table):
                return None  # what is wrong with it is told
            policy = policy_of(name, good)
            return policy if self._stands(at, wrong_policy(policy, calendars)) else None

        return self._named(tables, "policies", "policy", read)

    def _stands(self, at: tuple[str, ...], wrong: tuple[str, str] | None) -> bool:
        """Whether nothing is wrong with a table; tells the key and what is."""
        if wrong is not None:
            self._finding((*at, wrong[0]), wrong[1])
        return wrong is None

    def _callbacks(self, table: dict[str, Any]) -> CallbackSettings:
        try:
            return callbacks_of(self._good(table, ("callbacks",), CALLBACKS))
        except (ValueError, TypeError) as error:
            self._finding(("callbacks",), f"[callbacks]: {error}")
            return CallbackSettings()

    def _missed(self, name: str, table: dict[str, Any], at: tuple[str, ...]) -> Rule | None:
        if not {"from", "subject"} & table.keys():
            self._finding(at, f'[missed.{name}] fits every mail; write from = "voicemail@pbx.example.com"')
        try:
            return missed_of(name, self._good(table, at, MISSED))
        except ValueError as error:
            self._finding((*at, "country"), str(error))
            return None

    def _invitation(self, name: str, table: dict[str, Any], at: tuple[str, ...]) -> invitations.Rule | None:
        good = self._good(table, at, INVITATIONS)
        if "text" not in table:
            self._finding(at, f'[invitations.{name}] lacks its words; write text = "Hello! Can we help you?"')
        if "text" not in good:
            return None
        try:
            rule = msgspec.convert({**good, "name": name}, invitations.Rule)
        except msgspec.ValidationError as error:
            self._finding(at, f"[invitations.{name}] cannot be understood: {error}; see docs/visitors.md")
            return None
        if finding := invitations.wrong(rule):
            self._finding((*at, finding[0]), finding[1])
        return None if finding else rule

    def _lookup(self, name: str, table: dict[str, Any], at: tuple[str, ...]) -> Lookup | None:
        before = len(self.findings)
        for key in [key for key in table if key not in named(LOOKUP)]:
            self._refuse_secrets(key, table[key], (*at, key), environment_name(name))
        given = {key: value for key, value in table.items() if key not in SECRET_NAMES}
        good = self._good(given, at, LOOKUP)
        good.pop("secret_cmd", None)
        headers = good.get("headers", {})
        secret = isinstance(headers, dict) and any("{secret}" in str(value) for value in headers.values())
        try:
            lookup = msgspec.convert({"name": name, **good, "secret": secret}, Lookup)
        except msgspec.ValidationError as error:
            if len(self.findings) == before:
                self._finding(at, f"[lookup.{name}] cannot be understood: {error}; see docs/configuration.md")
            return None
        if wrong := check_url(lookup.url):
            self._finding((*at, "url"), wrong)
        for header, value in lookup.headers.items():
            if any(c in header + value for c in "\r\n\0") or not header.isascii() or not value.isascii():
                self._finding((*at, "headers"), f"the header {header!r} holds what headers cannot")
        return lookup if len(self.findings) == before else None

    def _lookup_secrets(self, tables: dict[str, Any]) -> dict[str, Command]:
        given = {name: table.get("secret_cmd") for name, table in tables.items() if isinstance(table, dict)}
        field = named(LOOKUP)["secret_cmd"]
        return {
            name: _command(value) for name, value in given.items() if value is not None and not problem(field, value)
        }

    def _macro(self, name: str, table: dict[str, Any], at: tuple[str, ...]) -> Macro | None:
        from desk.steps import Macro

        known = named(MACROS)
        steps = table.get("steps")
        if steps is None:
            self._finding((*at, "steps"), problem(known["steps"], steps))
            return None
        good = self._good(table, at, MACROS)
        if "steps" not in good or ("help" in table and "help" not in good):
            return None
        return Macro(name=name, steps=tuple(good["steps"]), help=good.get("help", ""))

    def _rule(self, name: str, table: dict[str, Any], at: tuple[str, ...]) -> RoutingRule | None:
        good = self._by_itself(table, at, RULES)
        return None if good is None else msgspec.convert({**good, "name": name}, RoutingRule)

    def _automation(
        self, given: dict[str, Any], name: str, table: dict[str, Any], at: tuple[str, ...]
    ) -> Automation | None:
        from desk.rules.composing import wrong

        good = self._by_itself(table, at, AUTOMATIONS)
        if good is None:
            return None
        accounts = given["accounts"].items()
        mailboxes = {name for name, each in accounts if isinstance(each, dict) and each.get("address")}
        finding = wrong(good, mailboxes, given["calendars"])
        self._stands(at, finding)
        return None if finding else automation_of(name, good)

    def _mailing(self, table: dict[str, Any]) -> MailLimits:
        limits = mailing_of(self._good(table, ("mailing",), MAILING))
        self._stands(("mailing",), wrong_mailing(limits))
        return limits

    def _alert(self, name: str, table: dict[str, Any], at: tuple[str, ...]) -> AlertRule | None:
        before = len(self.findings)
        good = self._good(table, at, ALERTS)
        if missing := [key for key in ("number", "above") if key not in table]:
            self._finding(at, f'an alert needs {" and ".join(missing)}, such as number = "broken", above = 5')
        if good.get("below", 0) > good.get("above", 0):
            self._finding((*at, "below"), "it is well again below this: it cannot be more than above")
        if len(self.findings) > before:
            return None
        return msgspec.convert({**good, "name": name, "lasting": duration(good.pop("lasting", "0s"))}, AlertRule)

    def _by_itself(self, table: dict[str, Any], at: tuple[str, ...], fields: Sequence[Field]) -> dict[str, Any] | None:
        """What is right of a table that says what Desk does by itself; None if anything is wrong."""
        from desk.rules.words import wrong

        before = len(self.findings)
        if not table.keys() & {"do", "send", "text"}:
            self._finding(at, f'[{".".join(at)}] does nothing; write do = ["queue Returns", "tag +refund"]')
        good = self._good(table, at, fields)
        if len(self.findings) > before:
            return None
        if finding := wrong(good.get("when", ""), good.get("do", ())):
            self._finding((*at, finding[0]), finding[1])
            return None
        return good

    def _views(self, table: dict[str, Any]) -> dict[str, str]:
        return {name: query for name, query in table.items() if self._is_view(name, query, ("views", name))}

    def _is_view(self, name: str, query: object, at: tuple[str, ...]) -> bool:
        from desk.query import QueryError, parse

        if not NAME.fullmatch(name):
            self._finding(at, f"views are called letters, digits, '.', '-' and '_', at most 64: not {name!r}")
            return False
        if not isinstance(query, str) or not query.strip():
            self._finding(at, f'{name} is a query, such as "is:unread priority:urgent", not {in_words(query)}')
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
        return self._fits(Field(path=at[-1].replace(".", " "), kind="keys", help=""), value, at[:-1])

    # --- findings -----------------------------------------------------------------------------------------

    def _fits(self, field: Field, value: object, table: tuple[str, ...]) -> bool:
        wrong = problem(field, value)
        if wrong:
            after = next((step for step in value if repr(step) in wrong), "") if isinstance(value, list) else ""
            self._finding((*table, field.name), wrong, after=str(after))
        return not wrong

    def _unknown(self, at: tuple[str, ...], known: Mapping[str, object]) -> None:
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


def _command(value: Any) -> Command:
    """A command that `problem` found nothing wrong with."""
    if isinstance(value, dict):
        return Command(shell=value["shell"])
    return Command(argv=tuple(shlex.split(value) if isinstance(value, str) else value))
