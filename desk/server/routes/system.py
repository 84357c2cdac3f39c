"""The server itself."""

from __future__ import annotations

from litestar import get, post
from litestar.status_codes import HTTP_202_ACCEPTED

from desk.model import Check, Status
from desk.server.routes.common import TheDesk


@get("/status", sync_to_thread=False)
def status(desk: TheDesk) -> Status:
    """What runs and how much there is."""
    return desk.status()


@get("/doctor")
async def doctor(desk: TheDesk) -> list[Check]:
    """Check the store, the disk, what waits, and every account. Takes as long as the slowest mail server."""
    return await desk.doctor()


@post("/stop", status_code=HTTP_202_ACCEPTED, sync_to_thread=False, may="stop")
def stop(desk: TheDesk) -> None:
    """End the server; what is under way is finished or safely recorded first."""
    desk.stop_asked.set()


HANDLERS = [status, doctor, stop]
