"""The tables of docs/configuration.md, made from the fields: what stands between its markers."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence

from desk.settings.alerting import ALERTS
from desk.settings.calling import CALLBACKS, HOURS, MISSED
from desk.settings.dialing import ASTERISK, BARESIP, DIALERS, LAUNCH, TWILIO
from desk.settings.field import Field
from desk.settings.fields import (
    ACCOUNTS,
    ARTICLES,
    DESK,
    EMAIL,
    LOOKUP,
    MACROS,
    MAILDIR,
    PROMISES,
    SERVERS,
    WEBCHAT,
)
from desk.settings.judging import as_toml
from desk.settings.promising import CALENDARS, POLICIES
from desk.settings.routing import AUTOMATIONS, LEARNING, MAILING, RULES
from desk.settings.staffing import QUEUES, ROSTER, SHIFTS, STAFF
from desk.settings.visiting import CAPACITY, INVITATIONS, VISITORS

SECTIONS: Mapping[str, Sequence[Field]] = {
    "desk": DESK,
    "reps": STAFF,
    "queues": QUEUES,
    "shifts": SHIFTS,
    "roster": ROSTER,
    "accounts": ACCOUNTS,
    "email": EMAIL,
    "servers": SERVERS,
    "maildir": MAILDIR,
    "webchat": WEBCHAT,
    "dialers": DIALERS,
    "launch": LAUNCH,
    "baresip": BARESIP,
    "asterisk": ASTERISK,
    "twilio": TWILIO,
    "promises": PROMISES,
    "calendars": CALENDARS,
    "policies": POLICIES,
    "hours": HOURS,
    "callbacks": CALLBACKS,
    "missed": MISSED,
    "articles": ARTICLES,
    "visitors": VISITORS,
    "invitations": INVITATIONS,
    "capacity": CAPACITY,
    "macros": MACROS,
    "rules": RULES,
    "automations": AUTOMATIONS,
    "mailing": MAILING,
    "alerts": ALERTS,
    "learning": LEARNING,
    "lookup": LOOKUP,
}
_MARKED = re.compile(r"(<!-- settings: (\w+) -->\n).*?(<!-- end -->)", re.DOTALL)


def refreshed(document: str) -> str:
    """The document with every marked table as the fields have it. Raises KeyError for a marker of no section."""
    return _MARKED.sub(lambda match: f"{match[1]}{table(SECTIONS[match[2]])}{match[3]}", document)


def table(fields: Sequence[Field]) -> str:
    """A table of Markdown: key, default, meaning."""
    rows = [f"| `{field.name}` | {_default(field)} | {_meaning(field)} |" for field in fields]
    return "\n".join(["| key | default | meaning |", "|---|---|---|", *rows]) + "\n"


def _default(field: Field) -> str:
    if field.shown:
        return field.shown
    if field.default in (None, ""):
        return "–"
    plain = isinstance(field.default, bool | int | float)
    return as_toml(field.default) if plain else f"`{as_toml(field.default)}`"


def _meaning(field: Field) -> str:
    late = "; counts for terminals opened from then on" if field.effect == "new terminals" else ""
    return (field.help + late).replace("|", "\\|")
