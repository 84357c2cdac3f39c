"""The part of a `House` (see `connectors.sites`) that concerns who wants no automatic mail."""

from __future__ import annotations

from typing import Protocol, runtime_checkable

from msgspec import Struct

from connectors.base import Account


class MailWanted(Struct, frozen=True, kw_only=True):
    """Whether automatic mail goes to an address, as who has a link in such mail sees it."""

    address: str
    """Not all of it: the mail may have been passed on."""
    refused: bool


class Unwanted(Protocol):
    """A token stands in the link. Whoever has it may refuse such mail for its recipient, and nothing else."""

    async def mail_wanted(self, token: str) -> MailWanted | None:
        """None for what is no token of ours."""
        ...

    async def refuse_mail(self, token: str, *, refuses: bool, one_click: bool = False) -> MailWanted | None:
        """Once more is fine. `one_click`: a mail program did it for its user (RFC 8058)."""
        ...


@runtime_checkable
class RefusingFactory(Protocol):
    """A `SiteFactory` whose sites have a page for this."""

    def refusing_at(self, account: Account) -> str:
        """The beginning of its address, which a token completes; empty if nobody outside can reach the site."""
        ...
