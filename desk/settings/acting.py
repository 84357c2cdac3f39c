"""Tables that say what Desk does: macros, rules, automations, alerts, invitations, calls, views and keys."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import msgspec

from desk import invitations
from desk.alerts import AlertRule
from desk.missed import Rule
from desk.rules.limits import MailLimits
from desk.rules.words import Automation
from desk.rules.words import Rule as RoutingRule
from desk.settings.alerting import ALERTS
from desk.settings.calling import CALLBACKS, MISSED, callbacks_of, missed_of
from desk.settings.field import Field
from desk.settings.fields import MACROS, named
from desk.settings.finding import Findings
from desk.settings.judging import in_words, problem
from desk.settings.routing import AUTOMATIONS, MAILING, RULES, automation_of, mailing_of, wrong_mailing
from desk.settings.visiting import INVITATIONS
from desk.settings.words import NAME, CallbackSettings, duration

if TYPE_CHECKING:
    from desk.steps import Macro


def macro(told: Findings, name: str, table: dict[str, Any], at: tuple[str, ...]) -> Macro | None:
    """`[macros.NAME]`; None if anything is wrong with it, which is told then."""
    from desk.steps import Macro

    known = named(MACROS)
    steps = table.get("steps")
    if steps is None:
        told.finding((*at, "steps"), problem(known["steps"], steps))
        return None
    good = told.good(table, at, MACROS)
    if "steps" not in good or ("help" in table and "help" not in good):
        return None
    return Macro(name=name, steps=tuple(good["steps"]), help=good.get("help", ""))


def rule(told: Findings, name: str, table: dict[str, Any], at: tuple[str, ...]) -> RoutingRule | None:
    """`[rules.NAME]`; None if anything is wrong with it, which is told then."""
    good = _by_itself(told, table, at, RULES)
    return None if good is None else msgspec.convert({**good, "name": name}, RoutingRule)


def automation(
    told: Findings, given: dict[str, Any], name: str, table: dict[str, Any], at: tuple[str, ...]
) -> Automation | None:
    """`[automations.NAME]`; None if anything is wrong. `given`: all tables, for what it names in others."""
    from desk.rules.composing import wrong

    good = _by_itself(told, table, at, AUTOMATIONS)
    if good is None:
        return None
    accounts = given["accounts"].items()
    mailboxes = {name for name, each in accounts if isinstance(each, dict) and each.get("address")}
    finding = wrong(good, mailboxes, given["calendars"])
    told.stands(at, finding)
    return None if finding else automation_of(name, good)


def mailing(told: Findings, table: dict[str, Any]) -> MailLimits:
    """`[mailing]`: the limits of what automations send."""
    limits = mailing_of(told.good(table, ("mailing",), MAILING))
    told.stands(("mailing",), wrong_mailing(limits))
    return limits


def alert(told: Findings, name: str, table: dict[str, Any], at: tuple[str, ...]) -> AlertRule | None:
    """`[alerts.NAME]`; None if anything is wrong with it, which is told then."""
    before = len(told.findings)
    good = told.good(table, at, ALERTS)
    if missing := [key for key in ("number", "above") if key not in table]:
        told.finding(at, f'an alert needs {" and ".join(missing)}, such as number = "broken", above = 5')
    if good.get("below", 0) > good.get("above", 0):
        told.finding((*at, "below"), "it is well again below this: it cannot be more than above")
    if len(told.findings) > before:
        return None
    return msgspec.convert({**good, "name": name, "lasting": duration(good.pop("lasting", "0s"))}, AlertRule)


def _by_itself(
    told: Findings, table: dict[str, Any], at: tuple[str, ...], fields: Sequence[Field]
) -> dict[str, Any] | None:
    """What is right of a table that says what Desk does by itself; None if anything is wrong."""
    from desk.rules.words import wrong

    before = len(told.findings)
    if not table.keys() & {"do", "send", "text"}:
        told.finding(at, f'[{".".join(at)}] does nothing; write do = ["queue Returns", "tag +refund"]')
    good = told.good(table, at, fields)
    if len(told.findings) > before:
        return None
    if finding := wrong(good.get("when", ""), good.get("do", ())):
        told.finding((*at, finding[0]), finding[1])
        return None
    return good


def invitation(told: Findings, name: str, table: dict[str, Any], at: tuple[str, ...]) -> invitations.Rule | None:
    """`[invitations.NAME]`; None if anything is wrong with it, which is told then."""
    good = told.good(table, at, INVITATIONS)
    if "text" not in table:
        told.finding(at, f'[invitations.{name}] lacks its words; write text = "Hello! Can we help you?"')
    if "text" not in good:
        return None
    try:
        rule = msgspec.convert({**good, "name": name}, invitations.Rule)
    except msgspec.ValidationError as error:
        told.finding(at, f"[invitations.{name}] cannot be understood: {error}; see docs/visitors.md")
        return None
    if finding := invitations.wrong(rule):
        told.finding((*at, finding[0]), finding[1])
    return None if finding else rule


def missed(told: Findings, name: str, table: dict[str, Any], at: tuple[str, ...]) -> Rule | None:
    """`[missed.NAME]`: which mail tells of a missed call; None if it cannot be understood."""
    if not {"from", "subject"} & table.keys():
        told.finding(at, f'[missed.{name}] fits every mail; write from = "voicemail@pbx.example.com"')
    try:
        return missed_of(name, told.good(table, at, MISSED))
    except ValueError as error:
        told.finding((*at, "country"), str(error))
        return None


def callbacks(told: Findings, table: dict[str, Any]) -> CallbackSettings:
    """`[callbacks]`, or what it is without a word if that cannot be understood."""
    try:
        return callbacks_of(told.good(table, ("callbacks",), CALLBACKS))
    except (ValueError, TypeError) as error:
        told.finding(("callbacks",), f"[callbacks]: {error}")
        return CallbackSettings()


def views(told: Findings, table: dict[str, Any]) -> dict[str, str]:
    """`[views]`: the queries that can be understood, by name."""
    return {name: query for name, query in table.items() if _is_view(told, name, query, ("views", name))}


def _is_view(told: Findings, name: str, query: object, at: tuple[str, ...]) -> bool:
    from desk.query import QueryError, parse

    if not NAME.fullmatch(name):
        told.finding(at, f"views are called letters, digits, '.', '-' and '_', at most 64: not {name!r}")
        return False
    if not isinstance(query, str) or not query.strip():
        told.finding(at, f'{name} is a query, such as "is:unread priority:urgent", not {in_words(query)}')
        return False
    try:
        parse(query, now=0)
    except QueryError as error:
        column = told.column_of(at, query)
        place = f"column {column + error.start}: " if column else ""
        told.finding(at, f"{place}{error.message}")
        return False
    return True


def keys(told: Findings, table: dict[str, Any], at: tuple[str, ...] = ("keys",)) -> dict[str, Any]:
    """`[keys]`, by place where it names one: what can be keys; whether they are free is judged elsewhere."""
    return {
        name: keys(told, value, (*at, name)) if isinstance(value, dict) and len(at) == 1 else value
        for name, value in table.items()
        if (isinstance(value, dict) and len(at) == 1) or _names_keys(told, value, (*at, name))
    }


def _names_keys(told: Findings, value: object, at: tuple[str, ...]) -> bool:
    return told.fits(Field(path=at[-1].replace(".", " "), kind="keys", help=""), value, at[:-1])
