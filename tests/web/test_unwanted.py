"""The page behind the link of an automatic mail: looking changes nothing; one POST does, as RFC 8058 has it."""

from __future__ import annotations

import re
from collections.abc import Callable

import httpx
import pytest

from connectors.webchat import assets
from connectors.webchat.wording import said_in
from desk.clock import SystemClock
from desk.mail.parsed import Source
from desk.model import AutoMail, NewReply, Unsubscribe
from desk.rules.words import Automation
from desk.service import letters, refusals
from desk.service.admitting import Means
from desk.service.ingest import apply
from desk.store.sqlite import open_store
from tests.servers.desk import DeskServer
from tests.service.world import ACCOUNT, OPTIONS, mail
from tests.web.visitors import SITE, address_of

ONE_CLICK = {"List-Unsubscribe": "One-Click"}


def sent_mail(server: DeskServer) -> str:
    """The token of an automatic mail in that server's store, which is not running yet."""
    home, clock = server.home, SystemClock()
    store = open_store(home.database, blobs=home.attachments, clock=clock)
    hello = Automation(name="hello", on="created", text="Hello!")
    means = Means(
        write=lambda *given: NewReply(body=given[-1].text),
        sender=lambda _: ACCOUNT,
        site=lambda _: "https://x.example/",
    )
    try:
        apply(store, clock, "support", [(Source(external_id="1"), mail())], options=OPTIONS)
        [conversation] = store.conversations.many([1])
        with store.write():
            letters.plan(store, hello, conversation.id, conversation.created_at, means, clock.now())
        assert letters.sweep(store, clock, {"hello": hello}, means) == 1
        kept = store.auto_mails.of("hello", conversation.id)
        assert isinstance(kept, AutoMail)
        assert kept.unsubscribe != Unsubscribe()
        return refusals.token(store, kept.id)
    finally:
        store.close()


@pytest.fixture
def server(new_desk: Callable[..., DeskServer]) -> DeskServer:
    return new_desk(SITE)


def ask(method: str, url: str, *, origin: str = "", **more: object) -> httpx.Response:
    headers = {"Accept-Language": "de-AT, en;q=0.5", **({"Origin": origin} if origin else {})}
    with httpx.Client(trust_env=False) as client:
        return client.request(method, url, headers={**headers, **more.pop("headers", {})}, **more)  # type: ignore[arg-type]


async def test_looking_changes_nothing_and_a_button_does(server: DeskServer) -> None:
    token = sent_mail(server)
    url = await address_of(server.start())
    page = f"{url}/larkspur/mail/{token}"
    for method in ("GET", "GET", "HEAD", "OPTIONS"):
        ask(method, page)
    shown = ask("GET", page)
    assert shown.status_code == 200
    assert "Keine mehr senden" in shown.text
    assert "a…@example.com" in shown.text
    assert "alice@example.com" not in shown.text
    policy = shown.headers["Content-Security-Policy"]
    assert "default-src 'none'" in policy
    assert "script" not in policy + shown.text
    assert (shown.headers["Cache-Control"], shown.headers["X-Robots-Tag"]) == ("no-store", "noindex")
    async with server.client() as client:
        assert await client.refusals() == []
        for origin in ("", "https://evil.example", "null"):
            refused = ask("POST", page, origin=origin, data={"do": "stop"})
            assert refused.status_code == 403
        assert await client.refusals() == []
        [action] = re.findall(r'action="([^"]+)"', shown.text)
        moved = ask("POST", f"{url}{action}", origin=url, data={"do": "stop"})
        assert (moved.status_code, moved.headers["Location"]) == (303, f"/larkspur/mail/{token}")
        assert [each.source for each in await client.refusals()] == ["page"]
        assert "erhält keine automatischen E-Mails" in ask("GET", page).text
        ask("POST", page, origin=url, data={"do": "again"})
        assert await client.refusals() == []
        assert [each.refuses for each in await client.refusal_history("alice@example.com")] == [False, True]


@pytest.mark.parametrize("multipart", [False, True])
async def test_one_click_needs_neither_origin_nor_cookie(server: DeskServer, multipart: bool) -> None:
    token = sent_mail(server)
    url = await address_of(server.start())
    given = {"files": {"List-Unsubscribe": (None, "One-Click")}} if multipart else {"data": ONE_CLICK}
    async with server.client() as client:
        for wrong in ("1." + "a" * 32, "x", token.replace(".", ".."), token.upper() + "Z"):
            assert ask("POST", f"{url}/larkspur/mail/{wrong}", **given).status_code == 404
        assert ask("POST", f"{url}/other/mail/{token}", **given).status_code == 404
        assert await client.refusals() == []
        for _ in range(2):
            clicked = ask("POST", f"{url}/larkspur/mail/{token}", origin="https://mail.example", **given)
            assert clicked.status_code == 200
            assert "set-cookie" not in clicked.headers
        assert [(each.address, each.source) for each in await client.refusals()] == [("alice@example.com", "one-click")]
        [found] = await client.find_customers("alice")
        assert [each.address for each in (await client.customer_summary(found.id)).refusals] == ["alice@example.com"]
        statuses = {ask("GET", f"{url}/larkspur/mail/{token}").status_code for _ in range(40)}
        assert statuses == {200, 429}


def test_every_language_says_all_of_it() -> None:
    english = said_in("mails", "en")
    for tag in assets.languages():
        said = said_in("mails", tag)
        assert said.keys() == english.keys()
        for key, text in said.items():
            assert set(re.findall(r"\{\w+\}", text)) == set(re.findall(r"\{\w+\}", english[key])), (tag, key)
