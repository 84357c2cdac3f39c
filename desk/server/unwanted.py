"""What who got automatic mail may say of it on a site."""

from __future__ import annotations

from connectors.unwanted import MailWanted
from desk.model import RefusalSource
from desk.server.core import Core
from desk.service import refusals
from desk.store.base import Store


class UnwantedMail:
    """See `connectors.unwanted.Unwanted`: the token says it all, whichever site it is said on."""

    _core: Core

    async def mail_wanted(self, token: str) -> MailWanted | None:
        return await self._core.threads.read(_wanted, self._core.store, token)

    async def refuse_mail(self, token: str, *, refuses: bool, one_click: bool = False) -> MailWanted | None:
        source: RefusalSource = "one-click" if one_click else "page"
        await self._core.write(refusals.by_link, token, refuses=refuses, source=source)
        return await self.mail_wanted(token)


def _wanted(store: Store, token: str) -> MailWanted | None:
    mail = refusals.linked(store, token)
    if mail is None:
        return None
    local, at, domain = mail.address.rpartition("@")
    return MailWanted(address=f"{local[:1]}…{at}{domain}", refused=refusals.standing(store, mail.address) is not None)
