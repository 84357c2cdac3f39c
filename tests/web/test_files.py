"""Files both ways over HTTP: taken for what they are, kept by their content, given to nobody else."""

from __future__ import annotations

import asyncio
import re
from collections import Counter
from collections.abc import Callable
from contextlib import AsyncExitStack
from pathlib import Path

import pytest

from connectors.webchat.files import MEGABYTE, TOGETHER_MB, at_once
from desk.model import NewReply
from tests.servers.desk import DeskServer
from tests.web.articles import SMALLEST_PNG
from tests.web.visitors import SITE, address_of, browser

SVG = b'<svg xmlns="http://www.w3.org/2000/svg" onload="alert(1)"/>'


@pytest.fixture
def server(new_desk: Callable[..., DeskServer]) -> DeskServer:
    return new_desk(SITE.replace("port = 0", "port = 0\nfiles_mb = 0.1", 1)).start()


async def test_a_visitors_file_is_an_attachment_like_any_other(server: DeskServer) -> None:
    async with browser(await address_of(server)) as ada, server.client() as client:
        await ada.visit()
        for _ in range(2):
            assert (await ada.send("../../bell\x1b.png", SMALLEST_PNG, "1")).status_code == 201
        [row] = (await client.conversations("channel:chat")).items
        [message] = await client.messages(row.id)
        [attachment] = message.attachments
        assert (attachment.name, attachment.media_type, row.subject) == ("bell␛.png", "image/png", "bell␛.png")
        assert await client.blob(attachment.sha256) == SMALLEST_PNG
        await ada.visit()
        [line] = ada.lines
        assert line["files"] == [{"name": "bell␛.png", "size": len(SMALLEST_PNG), "picture": True}]
        given = await ada.get(1)
        assert given.content == SMALLEST_PNG
        assert given.headers["content-type"] == "image/png"
        assert given.headers["content-disposition"].startswith("attachment")


@pytest.mark.parametrize(
    ("name", "data", "code"),
    [
        ("photo.png", b"MZ\x90\x00", "file-kind"),
        ("photo.svg", SVG, "file-kind"),
        ("page.html", SMALLEST_PNG, "file-disguised"),
        ("large.png", SMALLEST_PNG + b"\0" * 100_000, "file-large"),
        ("empty.png", b"", "file-empty"),
    ],
    ids=["program", "drawing", "disguised", "large", "empty"],
)
async def test_what_is_not_taken_is_refused_in_words(server: DeskServer, name: str, data: bytes, code: str) -> None:
    async with browser(await address_of(server)) as ada:
        await ada.visit()
        refused = await ada.send(name, data)
        assert (refused.status_code, refused.json()["code"]) == (422, code)
        assert refused.json()["message"]
        assert (await ada.visit()).lines == []


async def test_what_a_rep_sends_is_saved_and_never_shown_as_a_page(server: DeskServer) -> None:
    async with browser(await address_of(server)) as ada, server.client() as client:
        await ada.visit()
        await ada.say("Hello")
        [row] = (await client.conversations("channel:chat")).items
        files = {"a.svg": SVG, "b.html": b"<script>alert(1)</script>", "c.png": SVG, 'd"é.png': SMALLEST_PNG}
        names = [f"{await client.upload(data)}:{name}" for name, data in files.items()]
        await client.reply(row.id, NewReply(body="Here", attachments=tuple(names)))
        await ada.visit()
        assert [each["picture"] for each in ada.lines[1]["files"]] == [False, False, True, True]
        for number, data in enumerate(files.values()):
            given = await ada.get(2, number)
            assert given.content == data
            assert given.headers["x-content-type-options"] == "nosniff"
            assert given.headers["content-disposition"].startswith("attachment; filename*=UTF-8''")
            assert "sandbox" in given.headers["content-security-policy"]
            expected = "image/png" if data == SMALLEST_PNG else "application/octet-stream"
            assert given.headers["content-type"] == expected
        assert [(await ada.get(*at)).status_code for at in ((2, 4), (3, 0), (1, 0), (0, 0))] == [404] * 4


async def test_another_visitors_files_are_not_there(server: DeskServer) -> None:
    url = await address_of(server)
    async with browser(url) as ada, browser(url) as ben:
        await ada.visit()
        await ben.visit()
        await ada.send("hers.png", SMALLEST_PNG)
        await ben.say("Hello")
        assert (await ada.get(1)).status_code == 200
        assert (await ben.get(1)).status_code == 404
        ben.token = ""
        assert (await ben.get(1)).status_code == 401
        assert (await ben.send("his.png", SMALLEST_PNG)).status_code == 401
    async with browser(url, ada.token, origin="https://evil.example") as foreign:
        assert (await foreign.send("a.png", SMALLEST_PNG)).status_code == 403


async def test_a_site_may_take_none(new_desk: Callable[..., DeskServer]) -> None:
    server = new_desk(SITE.replace("port = 0", "port = 0\nfiles = []", 1)).start()
    async with browser(await address_of(server)) as ada:
        await ada.visit()
        assert (await ada.send("a.png", SMALLEST_PNG)).status_code == 422


async def test_what_is_not_taken_in_leaves_nothing_behind(server: DeskServer) -> None:
    def kept() -> int:
        return sum(each.is_file() for each in server.home.attachments.rglob("*"))

    async with browser(await address_of(server)) as ada:
        await ada.visit()
        assert (await ada.send("a.png", SMALLEST_PNG, "1")).status_code == 201
        assert (await ada.send("a.png", SMALLEST_PNG + b"1", "1")).status_code == 201, "it was said already"
        assert (await ada.send("a.png", SMALLEST_PNG + b"2", "x" * 999)).json()["code"] == "bad-id"
        assert (await ada.send("a.exe", SMALLEST_PNG + b"3", "3")).status_code == 422
        assert kept() == 1


LARGE_MB = 5
MANY = SITE.replace("port = 0", f'port = 0\nfiles_mb = {LARGE_MB}\nproxies = ["127.0.0.1"]', 1)


@pytest.mark.skipif(not Path("/proc/self/status").exists(), reason="how much memory a process had is read from /proc")
async def test_many_large_files_at_once_wait_for_each_other_in_bounded_memory(
    new_desk: Callable[..., DeskServer],
) -> None:
    server = new_desk(MANY).start()
    data = SMALLEST_PNG.ljust(LARGE_MB * MEGABYTE, b"\0")

    def memory() -> int:
        [most] = re.findall(r"VmHWM:\s+(\d+) kB", Path(f"/proc/{server.pid}/status").read_text())
        return int(most) * 1_000

    async with AsyncExitStack() as stack:
        url = await address_of(server)
        tabs = [await stack.enter_async_context(browser(url, address=f"192.0.2.{i}")) for i in range(50)]
        for tab in tabs:
            await tab.visit()
        before = memory()
        answers = await asyncio.gather(*(tab.send("a.png", data) for tab in tabs))
        taken, told = Counter(each.status_code for each in answers), [each for each in answers if each.is_error]
        assert taken.keys() <= {201, 429}
        assert taken[201] >= at_once(LARGE_MB)
        assert all(each.json()["code"] == "too-fast" and int(each.headers["retry-after"]) >= 1 for each in told)
        assert memory() - before < 3 * TOGETHER_MB * MEGABYTE
        assert (await tabs[0].ask("typing", {"typing": False})).status_code == 204


@pytest.mark.parametrize(("megabytes", "number"), [(0.1, 8), (10, 6), (40, 1), (100, 1)])
def test_the_larger_the_fewer_at_once(megabytes: float, number: int) -> None:
    assert at_once(megabytes) == number


async def test_who_sends_one_after_another_has_to_wait(server: DeskServer) -> None:
    async with browser(await address_of(server)) as ada:
        await ada.visit()
        answers = [await ada.send("a.png", SMALLEST_PNG) for _ in range(12)]
        assert [each.status_code for each in answers] == [201] * 10 + [429] * 2
        assert int(answers[-1].headers["retry-after"]) > 1
