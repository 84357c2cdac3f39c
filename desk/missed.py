"""Mail that tells of a missed call or a voicemail: which it is, and who called."""

from __future__ import annotations

from collections.abc import Iterable
from fnmatch import fnmatchcase

from msgspec import Struct

from desk.clock import MINUTE, Millis
from desk.telephone import Number, find


class Rule(Struct, frozen=True, kw_only=True):
    """`[missed.NAME]`: what fits becomes a callback."""

    name: str
    sender: str = "*"
    """A pattern with `*` and `?`, as in names of files; case does not matter."""
    subject: str = "*"
    account: str = ""
    country: str = ""
    """Whose numbers need no `+`."""
    within: Millis = 10 * MINUTE

    def fits(self, account: str, sender: str, subject: str) -> bool:
        """Whether such a mail is one."""
        return (
            self.account in ("", account)
            and fnmatchcase(sender.casefold(), self.sender.casefold())
            and fnmatchcase(subject.casefold(), self.subject.casefold())
        )


class Missed(Struct, frozen=True, kw_only=True):
    """Who called, and by which rule that is known."""

    rule: Rule
    number: Number


def missed(
    rules: Iterable[Rule], account: str, sender: str, name: str, subject: str, body: str, *, country: str = ""
) -> Missed | None:
    """The first rule that a mail fits and the first number in it that can be called: of the sender's name, the subject,
    the body. None for mail that is to stay mail."""
    for rule in rules:
        if rule.fits(account, sender, subject):
            for text in (name, subject, body):
                if number := find(text, rule.country or country):
                    return Missed(rule=rule, number=number)
    return None
