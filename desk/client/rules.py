"""The client's part for what Desk does by itself."""

from __future__ import annotations

from urllib.parse import quote

from desk.client.connection import Connection
from desk.model import AutoMail, AutoMailState, AutomationInfo, Decision, Refusal, RuleInfo, Trial, Undone


class RuleCalls(Connection):
    """What `desk.client.Client` can do with rules and automations."""

    async def rules(self) -> list[RuleInfo]:
        """Those of `desk.toml`, in the order in which they are asked."""
        return await self._get("/rules", list[RuleInfo])

    async def try_rules(self, name: str = "", *, days: float = 7) -> list[Trial]:
        """What they, or one, would have done with what customers wrote in that time. Nothing is changed."""
        return await self._get("/rules/try", list[Trial], name=name, days=days, timeout=120.0)

    async def automations(self) -> list[AutomationInfo]:
        """Those of `desk.toml`, in its order."""
        return await self._get("/automations", list[AutomationInfo])

    async def try_automations(self, name: str = "", *, days: float = 7) -> list[Trial]:
        """What they, or one, would have done in that time. Nothing is changed."""
        return await self._get("/automations/try", list[Trial], name=name, days=days, timeout=120.0)

    async def automatic_mails(
        self, state: AutoMailState | None = None, *, name: str = "", before: int | None = None, limit: int = 100
    ) -> list[AutoMail]:
        """Mail of automations, newest first: what became of it, or what keeps it back until when."""
        return await self._get(
            "/automations/mails", list[AutoMail], became=state, name=name, before=before, limit=limit
        )

    async def drop_mail(self, id: int) -> AutoMail:
        """Let one that is planned or held not go. Refused with `too-late` if it is neither."""
        return await self._post(f"/automations/mails/{id}/drop", AutoMail)

    async def refusals(self, *, before: int | None = None, limit: int = 100) -> list[Refusal]:
        """Addresses that want no automatic mail, newest first."""
        return await self._get("/refusals", list[Refusal], before=before, limit=limit)

    async def refusal_history(self, address: str) -> list[Refusal]:
        """All that was said of an address, newest first."""
        return await self._get(f"/refusals/{quote(address, safe='')}", list[Refusal])

    async def set_refusal(self, address: str, *, refuses: bool) -> Refusal:
        """Note what a customer told a rep. Refused with `bad-address`."""
        return await self._send_as("PUT", f"/refusals/{quote(address, safe='')}", Refusal, {"refuses": refuses})

    async def decisions(self, conversation_id: int) -> list[Decision]:
        """What Desk did to a conversation by itself in the last seven days, newest first, and why."""
        return await self._get(f"/conversations/{conversation_id}/decisions", list[Decision])

    async def undo_decision(self, conversation_id: int, name: str = "") -> Undone:
        """Take the newest back, or the newest of that name (`rule refunds`); it is not made there again.

        Refused with `nothing-to-undo`."""
        return await self._post(f"/conversations/{conversation_id}/decisions/undo", Undone, {"name": name})
