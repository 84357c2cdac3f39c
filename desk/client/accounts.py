"""The client's part for the accounts that mail comes through."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from typing import Any
from urllib.parse import quote

from desk.client.connection import Connection
from desk.model import AccountStatus, Check

SITE_EVERY_SECONDS = 0.05


class AccountCalls(Connection):
    """What `desk.client.Client` can do with accounts."""

    async def accounts(self) -> list[AccountStatus]:
        """Every account and how its connection is."""
        return await self._get("/accounts", list[AccountStatus])

    async def mailboxes(self) -> list[AccountStatus]:
        """Those that mail can be sent from."""
        return [each for each in await self.accounts() if each.address]

    async def site(self, *, within: float = 3.0) -> str:
        """Where visitors reach us, once a site serves; empty if none does `within` seconds."""
        while True:
            sites = [each for each in await self.accounts() if each.connector == "webchat"]
            if serving := next((each.url for each in sites if each.url), ""):
                return serving
            if within <= 0 or not sites:
                return ""
            within -= SITE_EVERY_SECONDS
            await asyncio.sleep(SITE_EVERY_SECONDS)

    async def connect_account(
        self, name: str, connector: str, settings: Mapping[str, Any], secret: str | None, *, dry_run: bool = False
    ) -> list[Check]:
        """Try an account and, if all is well and it is no dry run, write it to `desk.toml` and start it."""
        body = {"name": name, "connector": connector, "settings": dict(settings), "secret": secret, "dry_run": dry_run}
        return await self._post("/accounts", list[Check], body, timeout=60.0)

    async def provide_secret(self, account: str, secret: str) -> None:
        """Hand over a secret for this run of the server only."""
        await self._send("POST", f"/accounts/{quote(account, safe='')}/secret", json_body={"secret": secret})

    async def disconnect_account(self, account: str) -> list[Check]:
        """Take an account out of `desk.toml`, and its secret out of the keyring; its conversations stay."""
        return await self._send_as("DELETE", f"/accounts/{quote(account, safe='')}", list[Check])

    async def check_account(self, account: str) -> list[Check]:
        """Try a connected account, and let it connect again now if it waits."""
        return await self._post(f"/accounts/{quote(account, safe='')}/check", list[Check], timeout=60.0)

    async def keep_secret(self, account: str, secret: str) -> Check:
        """Keep a secret in the keyring; where there is none, for this run of the server only, as the answer says."""
        return await self._send_as("PUT", f"/accounts/{quote(account, safe='')}/secret", Check, {"secret": secret})
