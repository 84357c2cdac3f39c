"""The help centre: read without a script, found by what is asked, and better with each question answered."""

from __future__ import annotations

import re
from collections.abc import AsyncIterator, Callable

import httpx
import pytest

from desk.client import Client
from tests.servers.desk import DeskServer
from tests.web.articles import write_articles
from tests.web.visitors import SITE, address_of, browser


@pytest.fixture
async def site(new_desk: Callable[..., DeskServer]) -> AsyncIterator[tuple[httpx.AsyncClient, Client]]:
    """A help centre as a browser reaches it, and a rep who looks at what it is used for."""
    server = new_desk(SITE)
    write_articles(server.home.folder)
    url = await address_of(server.start())
    english = {"Accept-Language": "en"}
    async with httpx.AsyncClient(base_url=url, trust_env=False, headers=english) as http, server.client() as client:
        yield http, client


Site = tuple[httpx.AsyncClient, Client]


async def test_all_articles_stand_on_one_page_and_drafts_on_none(site: Site) -> None:
    http, _ = site
    page = (await http.get("/help")).text
    assert 'href="/help/orders/cancel"' in page
    assert "Not yet" not in page
    assert "Eine Bestellung" not in page
    assert (await http.get("/help/secret")).status_code == 404
    assert (await http.get("/help/nothing/here")).status_code == 404


async def test_a_reader_gets_their_language(site: Site) -> None:
    http, _ = site
    page = await http.get("/help", headers={"Accept-Language": "de-DE,de;q=0.9,en;q=0.8"})
    assert "Eine Bestellung stornieren" in page.text
    assert "Wie können wir helfen?" in page.text


async def test_an_article_is_read_and_its_links_hold(site: Site) -> None:
    http, _ = site
    page = (await http.get("/help/orders/cancel")).text
    assert "<strong>any</strong>" in page
    assert 'href="/help/returns"' in page
    assert "<title>Cancel an order – Larkspur Cycles</title>" in page
    assert "<script" not in page
    picture = await http.get("/help/picture/box.png")
    assert (picture.status_code, picture.headers["content-type"]) == (200, "image/png")


@pytest.mark.parametrize(
    "path", ["../desk.toml", "..%2fdesk.toml", "orders/../../desk.db", "orders/cancel.md", "%2e%2e/desk.db"]
)
async def test_nothing_but_pictures_is_given_out(site: Site, path: str) -> None:
    http, _ = site
    assert (await http.get(f"/help/picture/{path}")).status_code == 404


async def test_what_an_author_slips_in_is_text(site: Site) -> None:
    http, _ = site
    for path in ("/help", "/help/evil", "/help/returns", "/help?q=<script>alert(1)</script>"):
        answer = await http.get(path)
        assert not re.search(r"<(script|svg|img[^>]*onerror)|href=[^>]*javascript:", answer.text), path
        assert "script-src" not in answer.headers["content-security-policy"]
        assert "default-src 'none'" in answer.headers["content-security-policy"]


async def test_a_question_that_is_answered_is_found_better(site: Site) -> None:
    http, client = site
    found = (await http.get("/help", params={"q": "i do not want it any more"})).text
    ask = re.search(r"ask=(\d+)", found)
    page = await http.get("/help/orders/cancel", params={"ask": ask[1] if ask else "0"})
    ask = re.search(r'name="ask" value="(\d+)"', page.text)
    assert ask is not None
    judged = await http.post(
        "/help/orders/cancel", data={"ask": ask[1], "solved": "yes"}, headers={"Origin": str(http.base_url).rstrip("/")}
    )
    assert (judged.status_code, judged.headers["location"]) == (303, "/help/orders/cancel?told=yes")
    assert "Thank you!" in (await http.get(judged.headers["location"])).text
    [counts] = [each for each in await client.article_counts() if each.slug == "orders/cancel"]
    assert (counts.opened >= 1, counts.solved) == (True, 1)


async def test_nobody_elses_form_judges(site: Site) -> None:
    http, client = site
    for origin in ({}, {"Origin": "https://evil.example"}, {"Origin": "null"}):
        refused = await http.post("/help/returns", data={"ask": "1", "solved": "yes"}, headers=origin)
        assert refused.status_code == 403
    assert all(each.solved == 0 for each in await client.article_counts())


async def test_the_panel_finds_reads_and_judges(site: Site) -> None:
    http, client = site
    async with browser(str(http.base_url).rstrip("/")) as ada:
        needed = await ada.done("find", {"page": "https://shop.example/checkout/pay", "language": "en"})
        assert [each["slug"] for each in needed["articles"]] == ["orders/cancel"]
        typing = await ada.done("find", {"text": "send b", "language": "en"})
        assert (typing["articles"][0]["slug"], typing["ask"]) == ("returns", 0)
        asked = await ada.done("find", {"text": "send back", "language": "en", "settled": True})
        read = await ada.done("read", {"slug": "returns", "ask": asked["ask"]})
        assert read["title"] == "Send something back"
        assert read["text"][0] == ["p", {}, "Within 30 days. <script>alert(1)</script>"]
        assert read["text"][-1][2] == ["img", {"src": "/help/picture/box.png", "alt": "x"}]
        await ada.done("judge", {"slug": "returns", "ask": read["ask"], "solved": True})
        assert (await ada.ask("read", {"slug": "secret"})).status_code == 404
        vain = await ada.done("find", {"text": "tandem rental", "settled": True})
        await ada.done("person", {"ask": vain["ask"]})
    [gap] = await client.article_gaps()
    assert (gap.words, gap.person) == ("tandem rental", 1)
    [counts] = [each for each in await client.article_counts() if each.slug == "returns"]
    assert counts.solved == 1


async def test_what_is_asked_in_vain_is_known(site: Site) -> None:
    http, client = site
    page = (await http.get("/help", params={"q": "tandem rental"})).text
    assert "Nothing is found" in page
    assert 'content="noindex"' in page
    assert [each.words for each in await client.article_gaps()] == ["tandem rental"]
