"""Files that visitors send and get: taken for what they are, and given to nobody but whom they are for."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable, Callable
from typing import Any
from urllib.parse import quote

from litestar import Response, get, post
from msgspec import Struct

from connectors.base import File
from connectors.sites import House, Refused
from connectors.webchat.http import SAFE, AnyRequest, Problem, as_json
from connectors.webchat.kinds import KINDS, RASTER, is_named, kind_of, named
from connectors.webchat.limits import Limits, Rate
from connectors.webchat.settings import SiteSettings
from desk.model import Attachment, Visitor
from desk.text import line

MEGABYTE = 1_000_000
AT_ONCE = 8
"""Files that are taken in at the same time, at most."""
TOGETHER_MB = 64
"""How much they may have together: each lies in memory until it is whole."""
SECONDS_AT_MOST = 120
"""For one of them."""
NAME_AT_MOST = 200
_VISITOR = Rate(10, 1 / 60)
_ADDRESS = Rate(20, 1 / 30)
_EVERYBODY = Rate(200, 1 / 2)

Who = Callable[[AnyRequest, str], Awaitable[Visitor]]
"""Whose request it is, to the site of that key. Raises `Problem`."""
Where = Callable[[AnyRequest], str]
"""The address that a request came from, before any proxy of ours."""
Begin = Callable[[Visitor], Awaitable[None]]
"""Raises `Problem` if they may not say anything yet."""


class ShownFile(Struct, frozen=True):
    """A file as the visitor's browser gets to know it."""

    name: str
    size: int
    """Bytes."""
    picture: bool
    """It may be one that can be shown."""


def shown(attachment: Attachment) -> ShownFile:
    """What a visitor is told of an attachment."""
    picture = attachment.media_type in {KINDS[each].media_type for each in RASTER}
    return ShownFile(attachment.name, attachment.size, picture)


def taken(settings: SiteSettings) -> dict[str, object]:
    """What the panel is told of them: endings of names, and how large one may be; both empty if none is taken."""
    endings = [f".{ending}" for kind in settings.files for ending in KINDS[kind].endings]
    return {"endings": endings, "mb": settings.files_mb if endings else 0}


def judged(name: str, data: bytes, settings: SiteSettings) -> File:
    """The file as it is kept. Raises `Refused` for what is empty, of a kind that is not taken, or disguised."""
    plain = line(name).replace("\\", "/").rpartition("/")[2][-NAME_AT_MOST:].strip(" .") or "file"
    if not data:
        raise Refused("file-empty", f"{plain} is empty", field="file")
    kind = kind_of(data)
    if kind not in settings.files:
        known = ", ".join(settings.files)
        raise Refused("file-kind", f"{plain} is none of the kinds that are taken here: {known}", field="file")
    if not is_named(plain, kind):
        raise Refused("file-disguised", f"{plain} is not what its name says: its content is {kind}", field="file")
    return File(name=named(plain, kind), media_type=KINDS[kind].media_type, data=data)


def at_once(megabytes: float) -> int:
    """How many files of that size are taken in at the same time."""
    return max(1, min(AT_ONCE, int(TOGETHER_MB / megabytes)))


def routes(house: House, settings: SiteSettings, who: Who, where: Where, begin: Begin) -> list[Any]:
    """What is asked of files."""
    limits = Limits(time.monotonic, visitor=_VISITOR, address=_ADDRESS, everybody=_EVERYBODY)
    taking = asyncio.Semaphore(at_once(settings.files_mb))

    @post("/{key:str}/files", status_code=201, request_max_body_size=None)
    async def take(request: AnyRequest, key: str, id: str = "", name: str = "") -> Response[bytes]:
        visitor = await who(request, key)
        if not settings.files:
            raise Refused("file-kind", "no files are taken here", field="file")
        await begin(visitor)
        if wait := limits.wait(where(request), str(visitor.id)):
            raise Problem(429, "too-fast", "those are too many files at once; try again in a moment", wait=wait)
        if taking.locked():
            raise Problem(429, "too-fast", "many are sending files just now; try again in a moment", wait=2)
        async with taking:
            file = judged(name, await _read(request, settings.files_mb), settings)
            await house.say(visitor, id, "", [file])
        return as_json({}, 201)

    @get("/{key:str}/files/{seq:int}/{number:int}")
    async def give(request: AnyRequest, key: str, seq: int, number: int) -> Response[bytes]:
        visitor = await who(request, key)
        file = await house.file(visitor, seq, number)
        if file is None:
            raise Problem(404, "not-found", "there is no such file here")
        return _download(file)

    return [take, give]


async def _read(request: AnyRequest, megabytes: float) -> bytes:
    """The body, as far as it is allowed. Raises `Refused`, `Problem`."""
    data = bytearray()
    try:
        async with asyncio.timeout(SECONDS_AT_MOST):
            async for piece in request.stream():
                data += piece
                if len(data) > megabytes * MEGABYTE:
                    raise Refused("file-large", f"a file has at most {megabytes:g} MB", field="file")
    except TimeoutError as error:
        raise Problem(408, "too-slow", "the file did not come in time; try again") from error
    return bytes(data)


def _download(file: File) -> Response[bytes]:
    """As a file to be saved, never as a page: even a browser that is led here shows and runs nothing of it."""
    kind = kind_of(file.data)
    headers = {
        **SAFE,
        "Cache-Control": "private, no-store",
        "Content-Disposition": f"attachment; filename*=UTF-8''{quote(file.name, safe='')}",
        "Content-Security-Policy": "default-src 'none'; sandbox",
        "Cross-Origin-Resource-Policy": "same-origin",
    }
    media_type = KINDS[kind].media_type if kind in RASTER else "application/octet-stream"
    return Response(file.data, headers=headers, media_type=media_type)
