"""What can be set of the rules by which Desk deals with what comes in."""

from __future__ import annotations

from desk.rules.words import MOMENTS, TRIGGERS
from desk.settings.field import define as _field

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
           "(`waiting`), the beginning (`created`), or what happens: `resolved`, `reopened`, `assigned`, `queued`",
           choices=MOMENTS),
    _field("automations.*.after", "duration", None, "how long after that", shown="at once"),
    _field("automations.*.when", "query", None, "where it fits then: a [query](search.md)", shown="everywhere"),
    _field("automations.*.do", "steps", None,
           'what is done, such as `["priority urgent", "note @ada look"]`; [which steps](rules.md#what-rules-do)'),
    _field("automations.*.enabled", "switch", True, "`false`: it is only tried, with `desk automations try`"),
)  # fmt: skip
LEARNING = (
    _field("learning.queues", "switch", False,
           "put new conversations that are in no queue where others like them went: see [rules.md](rules.md#learning)"),
    _field("learning.tags", "switch", False, "give them the tags that others like them have"),
    _field("learning.precision", "number", 0.9,
           "what share of the guesses of a label have to be right before it counts; measured on conversations that "
           "nothing was learned from", least=0.5, most=1),
)  # fmt: skip
