"""The client's part for what came in: the ledger, and archives of old mail."""

from __future__ import annotations

from pathlib import Path

from desk.client.connection import Connection
from desk.model import ImportJob, LedgerEntry, LedgerOutcome


class IncomingCalls(Connection):
    """What `desk.client.Client` can do with the ledger and with imports."""

    async def ledger(
        self, *, outcome: LedgerOutcome | None = None, before: int | None = None, limit: int = 100
    ) -> list[LedgerEntry]:
        """Newest first."""
        return await self._get("/ledger", list[LedgerEntry], outcome=outcome, before=before, limit=limit)

    async def replay(self, ledger_id: int) -> LedgerEntry:
        """Try a quarantined message again. Refused with `still-quarantined` if it still cannot be read."""
        return await self._post(f"/ledger/{ledger_id}/replay", LedgerEntry)

    async def start_import(self, paths: list[Path]) -> ImportJob:
        """Import archives the server can read. Safe to repeat: what is in already is not added again."""
        return await self._post("/imports", ImportJob, {"paths": [str(path.absolute()) for path in paths]})

    async def import_job(self, id: int, *, wait: float = 0.0) -> ImportJob:
        """Progress; with `wait`, answer when it changed or after that many seconds."""
        return await self._get(f"/imports/{id}", ImportJob, wait=wait)

    async def cancel_import(self, id: int) -> ImportJob:
        """Ask it to end; what is in stays."""
        return await self._post(f"/imports/{id}/cancel", ImportJob)

    async def load_sample(self) -> ImportJob:
        """Fill an empty workspace with the sample shop. Refused with `not-empty` otherwise."""
        return await self._post("/sample", ImportJob)
