"""Signed-in customers over HTTP: the shop's word counts, nobody else's, and not for longer than it says."""

from __future__ import annotations

import asyncio
import os
import re
import shutil
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from desk.service.vouching import keys, verify
from tests.cli.program import Program
from tests.servers.desk import DeskServer
from tests.service.test_vouching import OTHER, SECRET, token
from tests.web.visitors import SITE, Browser, address_of, browser

SEEN = SITE.replace("port = 0", 'port = 0\ntrail = "on"', 1)


@pytest.fixture
def server(new_desk: Callable[..., DeskServer]) -> DeskServer:
    return new_desk(SEEN, environment={"DESK_PASSWORD_SITE": f"{OTHER} {SECRET}"}).start()


def signed(id: str = "4711", *, secret: str = SECRET, lasts: float = 3_600, **more: Any) -> str:
    return token({"sub": id, "exp": time.time() + lasts, **more}, secret=secret)


async def come(tab: Browser, customer: str = "") -> Browser:
    """Come to a page that vouches for somebody, or for nobody."""
    told = await tab.done("visit", {"language": "en", "customer": customer})
    tab.token = told["token"] or tab.token
    tab.lines, tab.glance = told["lines"], {"why": told["why"], **told["visitor"]}
    return tab


async def test_a_signed_in_customer_has_their_chats_in_every_browser(server: DeskServer) -> None:
    url = await address_of(server)
    async with browser(url) as home, browser(url) as phone, server.client() as client:
        await come(home, signed(name="Ada", email="ada@example.org", email_verified=True))
        await home.say("From home")
        await come(phone, signed(secret=OTHER, name="Ada"))
        assert phone.said == ["From home"]
        assert phone.glance["email"] == "ada@example.org"
        [row] = (await client.conversations("channel:chat")).items
        customer = await client.customer(row.customer_id)
        assert {(each.kind, each.value) for each in customer.identities} == {
            ("shop", "site/4711"), ("email", "ada@example.org"),
        }  # fmt: skip


async def test_who_signs_in_takes_the_chat_along_and_who_signs_out_leaves_nothing(server: DeskServer) -> None:
    url = await address_of(server)
    async with browser(url) as ada, server.client() as client:
        await come(ada)
        await ada.say("Where is my order?")
        nobody = ada.token
        await come(ada, signed(name="Ada"))
        assert ada.said == ["Where is my order?"]
        session = ada.token
        [row] = (await client.conversations("channel:chat")).items
        assert row.customer_name == "Ada"
        await come(ada)
        assert ada.said == []
        async with browser(url, session) as thief:
            for what in ("events", "messages"):
                assert (await thief.ask(what, {"id": "x", "text": "x"})).status_code == 401
        for old in (session, nobody):
            async with browser(url, old) as thief:
                assert (await come(thief)).said == []


@pytest.mark.parametrize(
    ("forged", "why"),
    [
        (lambda: signed(secret="x" * 40), "signature"),
        (lambda: signed(lasts=-120), "expired"),
        (lambda: signed(lasts=90_000), "more than a day"),
        (lambda: signed()[:-3], "signature"),
        (lambda: signed().rpartition(".")[0] + ".", "signature"),
        (lambda: signed(aud="another"), "another site"),
        (lambda: token({"sub": "4711", "exp": time.time() + 60}, head={"alg": "none"}), "HS256"),
        (lambda: "4711", "no token"),
        (lambda: "\u202e" * 9_000, "no token"),
    ],
)
async def test_what_the_shop_did_not_say_counts_for_nothing(
    server: DeskServer, forged: Callable[[], str], why: str
) -> None:
    url = await address_of(server)
    async with browser(url) as ada, browser(url) as thief:
        await come(ada, signed())
        await ada.say("Between us")
        await come(thief, forged())
        assert why in thief.glance["why"]
        assert thief.said == []
        assert (await thief.ask("messages", {"id": "1", "text": "x"})).status_code == 201
        told = await thief.done("sight", {"key": "k", "url": "https://shop.example/", "customer": forged()})
        assert told["token"] is None or told["token"] == ""
        await come(ada, signed())
        assert ada.said == ["Between us"]


RUN_BY = {
    "python": (sys.executable, ".py"),
    "php": ("php", ".php"),
    "ruby": ("ruby", ".rb"),
    "javascript": ("node", ".cjs"),
}


@pytest.mark.parametrize("language", RUN_BY)
def test_the_examples_sign_what_is_believed(language: str, tmp_path: Path) -> None:
    document = Path(__file__).parents[2] / "docs" / "visitors.md"
    [example] = re.findall(rf"^```{language}\n(.*?vouch.*?)^```", document.read_text("utf-8"), re.DOTALL | re.MULTILINE)
    program, ending = RUN_BY[language]
    if shutil.which(program) is None:
        pytest.skip(f"{program} is not installed")
    file = tmp_path / f"vouch{ending}"
    file.write_text(example, "utf-8")
    environment = {**os.environ, "DESK_SECRET": SECRET}
    ran = subprocess.run([program, file], env=environment, capture_output=True, text=True, timeout=60, check=True)
    claims = verify(ran.stdout.strip(), keys(SECRET), site="larkspur", now=round(time.time() * 1000))
    assert (claims.id, claims.name, claims.email, claims.proven) == ("4711", "Ada", "ada@example.org", True)


async def test_an_id_in_any_script_and_the_trail_of_a_customer(server: DeskServer) -> None:
    async with browser(await address_of(server)) as ada, server.client() as client:
        page = {"key": "k", "url": "https://shop.example/konto"}
        ada.token = (await ada.done("sight", page))["token"]
        told = await ada.done("sight", {**page, "customer": signed("客户-7", name="Ada")})
        assert told["token"]
        ada.token = told["token"]
        again = await ada.done("sight", {**page, "customer": signed("客户-7", name="Ada")})
        assert not again["token"]
        [here] = await client.visitors_now()
        assert (here.customer, here.visitor.vouched, here.pages) == ("Ada", "客户-7", 1)


async def test_the_secret_of_another_site_and_a_site_without_one(new_desk: Callable[..., DeskServer]) -> None:
    other = SITE.split("[accounts.support]")[0].replace("accounts.site", "accounts.other").replace("larkspur", "finch")
    server = new_desk(SEEN + other, environment={"DESK_PASSWORD_SITE": SECRET}).start()
    async with browser(await address_of(server)) as ada, browser(await address_of(server, "other"), key="finch") as ben:
        await come(ada, signed())
        assert ada.glance["why"] == ""
        await come(ben, signed())
        assert "no secret" in ben.glance["why"]
        ben.token = ada.token
        assert (await ben.ask("messages", {"id": "1", "text": "x"})).status_code == 401


def test_a_new_secret_is_told_once_and_the_one_before_stays_good(new_desk: Callable[..., DeskServer]) -> None:
    server = new_desk(SEEN).start()
    own = Program(server.home)
    first = own.ok("identity", "site", "--json").json()
    assert "until the server ends" in first["kept"]
    second, third = (own.ok("identity", "site").out.strip() for _ in range(2))
    assert len({first["secret"], second, third}) == 3
    assert own("identity", "nothing").code == 4

    async def why(secret: str) -> str:
        async with browser(await address_of(server)) as ada:
            await come(ada, signed(secret=secret))
            return str(ada.glance["why"])

    assert [bool(asyncio.run(why(each))) for each in (first["secret"], second, third)] == [True, False, False]
    weak = new_desk(SEEN, environment={"DESK_PASSWORD_SITE": "short"}).start()
    assert "the secret is too short" in Program(weak.home)("doctor").out
    with_environment = new_desk(SEEN, environment={"DESK_PASSWORD_SITE": SECRET}).start()
    assert "from the environment" in Program(with_environment.home).ok("identity", "site").err
