"""The client's part for settings."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from desk.client.connection import Connection

if TYPE_CHECKING:
    from desk.settings.shown import SettingValue
    from desk.settings.words import Comfort


class SettingsCalls(Connection):
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
