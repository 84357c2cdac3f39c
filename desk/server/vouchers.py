"""Whom the shop's pages vouch for: tokens checked with the secret that is kept for the site."""

from __future__ import annotations

import asyncio
import logging
import secrets as randomness
from collections import OrderedDict
from collections.abc import Callable, Mapping

from desk.clock import MINUTE, Clock, Millis
from desk.secrets import SecretError, Secrets
from desk.service import vouching
from desk.service.vouching import BadToken, Claims
from desk.settings import AccountSettings

log = logging.getLogger(__name__)

AGAIN: Millis = MINUTE
"""How often a keyring that has no secret is asked, and a shop's mistake told, however often its pages come."""
SETTLED_AT_MOST = 5_000


class Vouchers:
    """Of all sites. Belongs to the running event loop."""

    def __init__(self, clock: Clock, secrets: Secrets, accounts: Callable[[], Mapping[str, AccountSettings]]) -> None:
        self._clock = clock
        self._secrets = secrets
        self._accounts = accounts
        self._missing: dict[str, Millis] = {}
        self._told: dict[str, Millis] = {}
        self._settled: OrderedDict[tuple[str, str], None] = OrderedDict()

    async def check(self, account: str, token: str) -> tuple[Claims | None, str]:
        """What a token vouches for; or None, and why it does not, in words for the shop's programmers."""
        settings = self._accounts().get(account)
        try:
            secret = "" if settings is None else await self._secret(settings)
            if settings is None or not secret:
                raise BadToken(f"no secret is kept for this site: desk identity {account} makes one")
            site = str(settings.options.get("key", ""))
            return vouching.verify(token, vouching.keys(secret), site=site, now=self._clock.now()), ""
        except BadToken as error:
            self._tell(account, str(error))
            return None, str(error)

    def settled(self, secret: str, token: str) -> bool:
        """Whether a browser that shows this secret, on a page with this token, is whom it vouches for."""
        return (secret, token) in self._settled

    def settle(self, secret: str, token: str) -> None:
        """It is, from now on; nothing about it has to be written again."""
        self._settled[secret, token] = None
        while len(self._settled) > SETTLED_AT_MOST:
            self._settled.popitem(last=False)

    async def _secret(self, settings: AccountSettings) -> str:
        found = self._secrets.known(settings)
        if found is None and self._missing.get(settings.name, 0) <= self._clock.now():
            try:
                found = await asyncio.to_thread(self._secrets.find, settings)
            except SecretError as error:
                self._tell(settings.name, str(error))
            if found is None:
                self._missing[settings.name] = self._clock.now() + AGAIN
        return "" if found is None else found.secret

    def renewed(self, secret: str) -> tuple[str, str]:
        """A new secret, and what to keep: it, and the one in use, which stays good until the next."""
        self._missing.clear()
        fresh = randomness.token_urlsafe(32)
        return fresh, " ".join([fresh, *secret.split()[:1]])

    def _tell(self, account: str, why: str) -> None:
        if self._told.get(account, 0) <= self._clock.now():
            self._told[account] = self._clock.now() + AGAIN
            log.warning("%s: the shop's page vouches for nobody: %s", account, why)
