"""What can be set of alerts: which number of the live queue is too high."""

from __future__ import annotations

from desk.alerts import WATCHED
from desk.settings.field import define as _field

ALERTS = (
    _field("alerts.*.number", "choice", None,
           "which number of the [live queue](metrics.md) is looked at; `longest` is in minutes", choices=WATCHED),
    _field("alerts.*.above", "number", None, "from this on it is too high", least=0),
    _field("alerts.*.below", "number", None, "below this it is well again", least=0, shown="four fifths of `above`"),
    _field("alerts.*.lasting", "duration", "0s", "how long it has to be too high before that is told"),
    _field("alerts.*.queue", "text", "", "of this queue only", shown="all together"),
    _field("alerts.*.channel", "choice", None, "of this channel only, for `waiting`",
           choices=("email", "chat", "callback"), shown="all"),
)  # fmt: skip
