"""What settings are made of: the structs, and what is wrong with them."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any, Literal

from msgspec import Struct, field
from msgspec.structs import replace

from desk import missed
from desk.alerts import AlertRule
from desk.clock import DAY, HOUR, MINUTE, SECOND, Millis
from desk.hours import Hours, usual
from desk.invitations import Rule
from desk.login import user_name
from desk.lookups import Lookup
from desk.model.staffing import Capacity, QueueRules, Role, Staff
from desk.model.words import Channel
from desk.promises.policies import Policy
from desk.roster import Shift
from desk.rules.limits import MailLimits
from desk.rules.words import Automation
from desk.rules.words import Rule as RoutingRule

if TYPE_CHECKING:
    from desk.steps import Macro

NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9_.-]{0,63}")
"""What accounts may be called: it stands in paths, environment variables and the ledger."""

DESKTOP = "desktop"
"""What the dialer is called that is there without settings."""

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


Advance = Literal["next", "previous", "list", "stay"]
Noticed = Literal["off", "mentions", "mine", "all"]
"""What a rep is called for: colleagues naming them, mail in what is theirs as well, new conversations of nobody too."""


class Comfort(Struct, frozen=True, kw_only=True):
    """How Desk looks and sounds for one rep: `[desk]`, and `[reps.LOGIN]` over it; see `desk.settings.fields`."""

    theme: str = ""
    linear: bool = False
    advance: Advance = "next"
    title: bool = True
    bell: Noticed = "off"
    notices: Noticed = "off"
    notice_form: Literal["osc9", "osc777"] = "osc9"
    notice_names: bool = False
    quiet: bool = False


class DeskSettings(Comfort, frozen=True, kw_only=True):
    """`[desk]`: how this workspace behaves. `desk.settings.fields` says what each key means."""

    undo_seconds: float = 10.0
    agent: str = ""
    agent_name: str = ""
    upload_mb: float = 25.0
    dialer: str = ""
    figures_days: float = 800.0
    value_tags: tuple[str, ...] = ()


class ArticleSettings(Struct, frozen=True, kw_only=True):
    """`[articles]`: the help articles that visitors read."""

    folder: str = "articles"
    remote_pictures: bool = False
    keep_days: float = 90


class VisitorSettings(Struct, frozen=True, kw_only=True):
    """`[visitors]`: what is kept of them."""

    trail_days: float = 30
    keep_days: float = 30
    greeting: str = "Hello! Can we help you?"


class LearningSettings(Struct, frozen=True, kw_only=True):
    """`[learning]`: what is done with what was learned of where conversations belong."""

    queues: bool = False
    tags: bool = False
    precision: float = 0.9
    daily: bool = True


class Command(Struct, frozen=True, kw_only=True):
    """A command that prints a secret: `argv`, or `shell` for those who ask for one."""

    argv: tuple[str, ...] = ()
    shell: str = ""


class AccountSettings(Struct, frozen=True, kw_only=True):
    """`[accounts.NAME]`: one mailbox, or another connection to the outside world."""

    name: str
    """The table's own name."""
    connector: str = "email"
    address: str = ""
    display_name: str = ""
    """`name` in the file."""
    signature: str = ""
    queue: str = ""
    enabled: bool = True
    password_cmd: Command | None = None
    folder: str = ""
    """Where `desk.toml` lies: what relative paths in the options are relative to."""
    options: Mapping[str, Any] = {}
    """All other keys: the connector's own settings, checked by it."""

    @property
    def secret_expires(self) -> bool:
        """Whether the secret is an access token, so that each use needs a fresh one."""
        tables = (self.options, self.options.get("imap"), self.options.get("smtp"))
        return any(isinstance(table, Mapping) and table.get("auth") == "xoauth2" for table in tables)


def dialer_account(name: str) -> str:
    """Under which name a dialer's secret is kept, and the dialer is tried."""
    return f"dialer-{name}"


class DialerSettings(Struct, frozen=True, kw_only=True):
    """`[dialers.NAME]`: one way to call; see `connectors.dialing`."""

    name: str
    """The table's own name."""
    dialer: str = "launch"
    """Which kind."""
    enabled: bool = True
    password_cmd: Command | None = None
    folder: str = ""
    """Where `desk.toml` lies."""
    options: Mapping[str, Any] = {}
    """All other keys: the dialer's own settings, checked by it."""

    @property
    def account(self) -> AccountSettings:
        """The same, as those see it who look for secrets."""
        return AccountSettings(
            name=dialer_account(self.name),
            connector=self.dialer,
            enabled=self.enabled,
            password_cmd=self.password_cmd,
            folder=self.folder,
            options=self.options,
        )


class CallbackSettings(Struct, frozen=True, kw_only=True):
    """`[callbacks]`: how customers are called back."""

    country: str = ""
    countries: tuple[str, ...] = ()
    soonest: Millis = 10 * MINUTE
    lines: int = 1
    slot: Millis = 30 * MINUTE
    lead: Millis = 5 * MINUTE
    per_slot: int = 2
    days: int = 7
    attempts: int = 3
    again: Mapping[str, Millis] = field(
        default_factory=lambda: {
            "no-answer": 30 * MINUTE,
            "busy": 5 * MINUTE,
            "unreachable": 30 * MINUTE,
            "voicemail": 2 * HOUR,
        }
    )
    """By outcome."""


class CalendarSettings(Struct, frozen=True, kw_only=True):
    """`[calendars.NAME]`: whose time counts."""

    name: str
    hours: Hours
    holidays: str = ""
    """The path of an iCalendar file."""


class Settings(Struct, frozen=True, kw_only=True):
    """Everything `desk.toml` says."""

    desk: DeskSettings = DeskSettings()
    reps: Mapping[str, Mapping[str, Any]] = {}
    """`[reps.LOGIN]`: what a rep has otherwise than `[desk]` says."""
    accounts: Mapping[str, AccountSettings] = {}
    dialers: Mapping[str, DialerSettings] = {}
    promises: Mapping[str, Millis] = field(default_factory=lambda: {"email": 8 * HOUR, "chat": MINUTE})
    """`[promises]`: the longest a customer waits for an answer, by channel, such as `email = "8h"`."""
    calendars: Mapping[str, CalendarSettings] = {}
    """`[calendars.NAME]`: whose time counts for a promise, or when a queue is open."""
    policies: Mapping[str, Policy] = {}
    """`[policies.NAME]`: what is promised to whom; in the order of the file, of which the first that fits counts."""
    hours: Hours = field(default_factory=usual)
    """`[hours]`: when somebody is there."""
    callbacks: CallbackSettings = CallbackSettings()
    missed: Mapping[str, missed.Rule] = {}
    """`[missed.NAME]`: mail that becomes a callback; in the order of the file."""
    articles: ArticleSettings = ArticleSettings()
    visitors: VisitorSettings = VisitorSettings()
    capacity: Capacity = Capacity()
    """`[capacity]`: how much reps do at once who have no `capacity` of their own."""
    queues: Mapping[str, QueueRules] = {}
    """`[queues.NAME]`; of a queue that is not here the defaults hold: see `queue_rules`."""
    shifts: Mapping[str, Shift] = {}
    """`[shifts.NAME]`: who is to be there when."""
    roster: str = ""
    """The path of an iCalendar file that says so, too."""
    invitations: Mapping[str, Rule] = {}
    """`[invitations.NAME]`: when visitors are asked whether they would like to chat; in the order of the file."""
    macros: Mapping[str, Macro] = {}
    """`[macros.NAME]`: what is done to a conversation under one name; `steps` are those of `desk.steps`."""
    rules: Mapping[str, RoutingRule] = {}
    """`[rules.NAME]`: what is done with what customers write; asked in the order of the file."""
    automations: Mapping[str, Automation] = {}
    """`[automations.NAME]`: what is done when so much time has gone by."""
    mailing: MailLimits = MailLimits()
    """`[mailing]`: how much mail automations may send."""
    alerts: Mapping[str, AlertRule] = {}
    """`[alerts.NAME]`: which number of the live queue is too high."""
    learning: LearningSettings = LearningSettings()
    views: Mapping[str, str] = {}
    """`[views]`: name to query, in the search language (`desk.query`)."""
    lookups: Mapping[str, Lookup] = {}
    """`[lookup.NAME]`: other systems that know something of a customer; see `desk.lookups`."""
    lookup_secrets: Mapping[str, Command] = {}
    """`secret_cmd` of these, by name."""
    keys: Mapping[str, Any] = {}
    """`[keys]`: action name to key, or to a list of keys; a table in it is for one context. `desk.keymap` checks it."""

    def name_of(self, login: str) -> str:
        """What a rep is to be called; empty if the file does not say."""
        own = str(self.reps.get(login, {}).get("name", ""))
        return own or (self.desk.agent_name if login == (self.desk.agent or user_name()) else "")

    @property
    def has_roles(self) -> bool:
        """Whether anybody's role is said; while nobody's is, everybody may everything."""
        return any(rep.get("role") for rep in self.reps.values())

    def staff_of(self, login: str, *, first: bool = False) -> Staff:
        """What a rep may and can do; `first`: they set the workspace up, and are its admin unless the file says no."""
        own = self.reps.get(login, {})
        usual: Role = "rep" if self.has_roles and not first else "admin"
        return Staff(
            login=login,
            role=own.get("role") or usual,
            **{key: tuple(own.get(key, ())) for key in ("skills", "languages", "queues")},
            capacity=replace(self.capacity, **own.get("capacity", {})),
        )

    def queue_rules(self, name: str) -> QueueRules:
        """What is said of a queue, whose name is compared without case."""
        wanted = name.casefold()
        return next((each for each in self.queues.values() if each.name.casefold() == wanted), QueueRules(name=name))

    def queue_for(self, channel: Channel) -> str:
        """In which queue conversations of a channel begin whose account names none; empty: in none."""
        return next((each.name for each in self.queues.values() if channel in each.channels), "")

    def dialer_of(self, login: str) -> DialerSettings | None:
        """By what a rep calls; None where the name that stands there is no dialer's, or the dialer is switched off.

        Without any in the file it is the desktop's program for `tel:` links.
        """
        chosen = str(self.reps.get(login, {}).get("dialer", "")) or self.desk.dialer
        if not self.dialers and not chosen:
            return DialerSettings(name=DESKTOP)
        able = {name: each for name, each in self.dialers.items() if each.enabled}
        return able.get(chosen) if chosen else next(iter(able.values()), None)

    def comfort(self, login: str) -> Comfort:
        """How a rep wants it."""
        own = self.reps.get(login, {})
        return Comfort(**{name: own.get(name, getattr(self.desk, name)) for name in Comfort.__struct_fields__})


_UNITS = {"ms": 1, "s": SECOND, "m": MINUTE, "min": MINUTE, "h": HOUR, "d": DAY, "w": 7 * DAY}
_DURATION = re.compile(r"(?:\d+(?:\.\d+)?\s*(?:ms|min|s|m|h|d|w)\s*)+")
_DURATION_PART = re.compile(r"(\d+(?:\.\d+)?)\s*(ms|min|s|m|h|d|w)")


def duration(text: str) -> Millis:
    """`"8h"`, `"1h30m"`, `"90 min"`, `"2d"` in milliseconds. Raises ValueError."""
    trimmed = text.strip().lower()
    if not _DURATION.fullmatch(trimmed):
        raise ValueError(f'{text!r} is no duration; write it like "45s", "90m", "8h" or "2d"')
    return round(sum(float(number) * _UNITS[unit] for number, unit in _DURATION_PART.findall(trimmed)))
