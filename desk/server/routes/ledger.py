"""What came in and what became of it; imports; the sample shop."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

from litestar import get, post
from litestar.params import Parameter
from litestar.status_codes import HTTP_200_OK, HTTP_202_ACCEPTED
from msgspec import Struct

from desk.mail.parsed import Source
from desk.model import ImportJob, LedgerEntry, LedgerOutcome
from desk.server.problems import BadRequest
from desk.server.routes.common import Before, Limit, Rep, TheDesk, found
from desk.service import quarantine
from desk.service.ingest import IngestOptions

WAIT_AT_MOST = 60.0


class ImportBody(Struct, forbid_unknown_fields=True):
    paths: list[str]
    """Absolute paths that the server can read."""


@get("/ledger", sync_to_thread=False)
def ledger(
    desk: TheDesk, outcome: LedgerOutcome | None = None, before: Before = None, limit: Limit = 100
) -> list[LedgerEntry]:
    """Newest first."""
    return desk.store.ledger.page(outcome=outcome, before=before, limit=limit)


@post("/ledger/{id:int}/replay", status_code=HTTP_200_OK, may="work")
async def replay(desk: TheDesk, id: int) -> LedgerEntry:
    """Try a quarantined message again. 409 `still-quarantined` if it still cannot be read."""
    entry = found(desk.store.ledger.get(id), "ledger entry", id)
    raw = await desk.threads.read(desk.store.ledger.raw, id)
    [(_, outcome)] = await desk.pool.parse([Source(external_id=entry.external_id, raw=raw or b"")])
    options = IngestOptions(own=desk.own)
    return await desk.write(quarantine.replay, id, outcome, options=options)


@post("/imports", status_code=HTTP_202_ACCEPTED, sync_to_thread=False, may="connect")
def start_import(desk: TheDesk, data: ImportBody) -> ImportJob:
    """Import archives the server can read. Safe to repeat: what is in already is not added again."""
    paths = [Path(each) for each in data.paths]
    if not paths or not all(path.is_absolute() for path in paths):
        raise BadRequest("bad-request", "paths: name at least one file or folder, by its absolute path")
    if missing := [path for path in paths if not path.exists()]:
        raise BadRequest("no-such-file", f"the server cannot find {missing[0]}", {"path": str(missing[0])})
    return desk.imports.start(paths, desk.own)


@get("/imports/{id:int}")
async def import_job(
    desk: TheDesk,
    id: int,
    wait: Annotated[float, Parameter(ge=0, le=WAIT_AT_MOST, description="Seconds to wait for a change.")] = 0.0,
) -> ImportJob:
    """Progress; with `wait`, answer when it changed or after that many seconds."""
    return await desk.imports.wait(id, wait)


@post("/imports/{id:int}/cancel", status_code=HTTP_200_OK, sync_to_thread=False, may="connect")
def cancel_import(desk: TheDesk, id: int) -> ImportJob:
    """Ask an import to end; what is stored stays."""
    return desk.imports.cancel(id)


@post("/sample", status_code=HTTP_200_OK, may="connect")
async def load_sample(desk: TheDesk, agent: Rep) -> ImportJob:
    """Fill an empty workspace with the sample shop and connect its post. 422 `not-empty` otherwise."""
    from desk.server import shop  # a tenth of the server's start, and seldom needed

    return await shop.load(desk, agent)


HANDLERS = [ledger, replay, start_import, import_job, cancel_import, load_sample]
