"""Messages, their bytes, and the files of reps."""

from __future__ import annotations

from typing import Annotated, Any

from litestar import MediaType, Request, Response, get, post
from litestar.params import Parameter
from litestar.status_codes import HTTP_200_OK

from desk.model import HeaderField, LedgerEntry, Message
from desk.server.problems import TooLarge
from desk.server.routes.common import TheDesk, found
from desk.service import reading

Hash = Annotated[str, Parameter(pattern="^[0-9a-f]{64}$", description="SHA-256, hex.")]
MEGABYTE = 1_000_000


class Bytes(Response[bytes]):
    """Bytes from outside, as nothing that a browser would open."""

    def __init__(self, content: bytes) -> None:
        super().__init__(
            content,
            media_type="application/octet-stream",
            headers={"X-Content-Type-Options": "nosniff", "Content-Disposition": "attachment"},
        )


@get("/messages/{id:int}", sync_to_thread=False)
def message(desk: TheDesk, id: int) -> Message:
    """One message."""
    return found(desk.store.messages.get(id), "message", id)


@get("/messages/{id:int}/raw", media_type="application/octet-stream")
async def raw(desk: TheDesk, id: int) -> Response[bytes]:
    """The bytes as they came or went. Not cleaned: never print them as they are."""
    return Bytes(found(await desk.threads.read(desk.store.messages.raw, id), "message with bytes", id))


@get("/messages/{id:int}/headers")
async def header_fields(desk: TheDesk, id: int) -> list[HeaderField]:
    """The header fields of a mail, in their order, decoded and as they stand there."""
    raw = found(await desk.threads.read(desk.store.messages.raw, id), "message with bytes", id)
    return await desk.threads.read(reading.header_fields, raw)


@get("/messages/{id:int}/ledger", sync_to_thread=False)
def provenance(desk: TheDesk, id: int) -> list[LedgerEntry]:
    """How a message came in and what became of it."""
    return desk.store.ledger.of_message(id)


@get("/blobs/{sha256:str}", media_type="application/octet-stream")
async def blob(desk: TheDesk, sha256: Hash) -> Response[bytes]:
    """An attachment's bytes."""
    return Bytes(found(await desk.threads.read(desk.store.blobs.read, sha256), "attachment", sha256))


@post("/blobs", status_code=HTTP_200_OK, media_type=MediaType.JSON, request_max_body_size=None, may="work")
async def upload(desk: TheDesk, request: Request[Any, Any, Any]) -> dict[str, str]:
    """Store an attachment's bytes; returns their SHA-256. 413 if they are more than the settings allow."""
    limit = desk.settings.desk.upload_mb
    data = bytearray()
    async for piece in request.stream():
        data += piece
        if len(data) > limit * MEGABYTE:
            raise TooLarge("too-large", f"an attachment may have {limit:g} MB; upload_mb in desk.toml allows more")
    return {"sha256": await desk.threads.read(desk.store.blobs.put, bytes(data))}


HANDLERS = [message, raw, header_fields, provenance, blob, upload]
