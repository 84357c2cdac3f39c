"""What can be set of the rules by which Desk deals with what comes in."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import msgspec

from desk.rules.limits import MailLimits
from desk.rules.words import MOMENTS, TRIGGERS, Automation
from desk.settings.field import define as _field
from desk.settings.words import duration

RULES = (
    _field("rules.*.on", "choice", "new",
           "when it is asked: a customer begins a conversation (`new`), or writes at all (`message`)",
           choices=TRIGGERS),
    _field("rules.*.when", "query", None,
           "where it fits: a [query](search.md), whose words are looked for in what was just written",
           shown="everywhere"),
    _field("rules.*.do", "steps", None,
           'what is done, such as `["queue Returns", "tag +refund"]`; [which steps](rules.md#what-rules-do)'),
    _field("rules.*.stop", "switch", False, "where it fits, no later rule is asked"),
    _field("rules.*.enabled", "switch", True, "`false`: it is only tried, with `desk rules try`"),
)  # fmt: skip
AUTOMATIONS = (
    _field("automations.*.on", "choice", "last",
           "from when on time is counted: the newest message (`last`), the customer's first that nobody answered "
           "(`waiting`), the beginning (`created`), or what happens: `resolved`, `reopened`, `assigned`, `queued`, "
           "`tagged`, `answered`, `rated`, `called` (a callback is done), `abandoned`",
           choices=MOMENTS),
    _field("automations.*.tag", "text", "", "of `tagged`: which tag it is that was put on"),
    _field("automations.*.after", "duration", None, "how long after that", shown="at once"),
    _field("automations.*.when", "query", None, "where it fits then: a [query](search.md)", shown="everywhere"),
    _field("automations.*.do", "steps", None,
           'what is done, such as `["priority urgent", "note @ada look"]`; [which steps](rules.md#what-rules-do)'),
    _field("automations.*.send", "text", "",
           "the shortcut of a [canned answer](answers.md) that the customer is [sent by mail](automations.md), once"),
    _field("automations.*.text", "lines", "", "instead of `send`: what that mail says, with placeholders"),
    _field("automations.*.subject", "text", "", "of the mail, with placeholders", shown="the conversation's"),
    _field("automations.*.from", "text", "", "the account that sends it", shown="the conversation's"),
    _field("automations.*.at", "text", "", 'at which time of day it goes, by the zone of `[hours]`: `"9:30"`',
           shown="at any"),
    _field("automations.*.during", "text", "", "in whose hours it goes: `hours`, or one of `[calendars]`",
           shown="at any time"),
    _field("automations.*.enabled", "switch", True, "`false`: it is only tried, with `desk automations try`"),
)  # fmt: skip
MAILING = (
    _field("mailing.per_hour", "number", 60, "how many automatic mails one mailbox sends in any hour", least=0),
    _field("mailing.per_day", "number", 500, "how many it sends in any 24 hours", least=0),
    _field("mailing.all_per_day", "number", 2_000, "how many all of them send in any 24 hours", least=0),
    _field("mailing.per_customer", "number", 1, "how many one customer gets in `customer_days`", least=0),
    _field("mailing.customer_days", "number", 7, "see `per_customer`", least=0.01, most=366),
    _field("mailing.lapse", "duration", "2d", "what is kept back longer than this never goes"),
    _field("mailing.footer", "lines", "To get no more mail of this kind: {unsubscribe}",
           "stands below mail that has no `{unsubscribe}` of its own"),
)  # fmt: skip
"""What holds for the mail of all automations together."""
LEARNING = (
    _field("learning.queues", "switch", False,
           "put new conversations that are in no queue where others like them went: see [rules.md](rules.md#learning)"),
    _field("learning.tags", "switch", False, "give them the tags that others like them have"),
    _field("learning.precision", "number", 0.9,
           "what share of the guesses of a label have to be right before it counts; measured on conversations that "
           "nothing was learned from", least=0.5, most=1),
    _field("learning.daily", "switch", True,
           "learn anew each night at 3:30, by the clock of the server, while `queues` or `tags` is on"),
)  # fmt: skip


def mailing_of(given: Mapping[str, Any]) -> MailLimits:
    """`[mailing]`, of which each value is right."""
    counts = ("per_hour", "per_day", "all_per_day", "per_customer")
    said: dict[str, Any] = {key: int(value) if key in counts else value for key, value in given.items()}
    if "lapse" in said:
        said["lapse"] = duration(said["lapse"])
    return msgspec.convert(said, MailLimits)


def automation_of(name: str, given: Mapping[str, Any]) -> Automation:
    """`[automations.NAME]`, of which each value is right."""
    said = {"account" if key == "from" else key: value for key, value in given.items()}
    return msgspec.convert({**said, "name": name, "after": duration(given.get("after", "0s"))}, Automation)


def wrong_mailing(limits: MailLimits) -> tuple[str, str] | None:
    """The key, and what is wrong with it; None if nothing is."""
    if "{unsubscribe}" not in limits.footer:
        return "footer", "the footer says where such mail is refused: write {unsubscribe} where that is to stand"
    return None
