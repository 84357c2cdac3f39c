"""The client's part for settings and for accounts as they run."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, TypeVar
from urllib.parse import quote

from desk.model import Check

if TYPE_CHECKING:
    from desk.settings.shown import SettingValue
    from desk.settings.words import Comfort

T = TypeVar("T")


class SettingsCalls:
    """What `desk.client.Client` can do with `desk.toml`."""

    async def settings(self) -> list[SettingValue]:
        """Every setting with its value, where that comes from, and what it is for."""
        from desk.settings.shown import SettingValue

        return await self._get("/settings", list[SettingValue])

    async def set_setting(self, path: str, value: Any) -> list[SettingValue]:
        """Write a setting into `desk.toml` and go by it at once; answers it, and those in it if it is a table.

        Refused with `bad-settings`, the findings as `file:line: what`, one a line; nothing has changed then.
        """
        from desk.settings.shown import SettingValue

        return await self._send_as("PUT", "/settings", list[SettingValue], {"path": path, "value": value})

    async def unset_setting(self, path: str) -> list[SettingValue]:
        """Take a setting, or a table, out of `desk.toml`. Refused with `bad-settings` if it is not there."""
        from desk.settings.shown import SettingValue

        return await self._send_as("DELETE", "/settings", list[SettingValue], setting=path)

    async def comfort(self) -> Comfort:
        """How I want Desk to look and sound: `[desk]`, and `[reps.ME]` over it."""
        from desk.settings.words import Comfort

        return await self._get("/comfort", Comfort)

    async def disconnect_account(self, account: str) -> list[Check]:
        """Take an account out of `desk.toml`, and its secret out of the keyring; its conversations stay."""
        return await self._send_as("DELETE", f"/accounts/{quote(account, safe='')}", list[Check])

    async def check_account(self, account: str) -> list[Check]:
        """Try a connected account, and let it connect again now if it waits."""
        return await self._post(f"/accounts/{quote(account, safe='')}/check", list[Check], timeout=60.0)

    async def keep_secret(self, account: str, secret: str) -> Check:
        """Keep a secret in the keyring; where there is none, for this run of the server only, as the answer says."""
        return await self._send_as("PUT", f"/accounts/{quote(account, safe='')}/secret", Check, {"secret": secret})

    if TYPE_CHECKING:

        async def _get(self, path: str, type: type[T], *, timeout: float | None = None, **params: Any) -> T: ...

        async def _post(
            self, path: str, type: type[T], body: Any = None, *, timeout: float | None = None, **params: Any
        ) -> T: ...

        async def _send_as(
            self,
            method: str,
            path: str,
            type: type[T],
            body: Any = None,
            *,
            timeout: float | None = None,
            **params: Any,
        ) -> T: ...
