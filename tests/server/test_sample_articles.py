"""The sample shop's help articles: sound, found by how people ask, and with some life in them."""

from __future__ import annotations

from pathlib import Path

from desk.articles.files import Folder
from desk.articles.index import Index
from desk.articles.rendering import Places, render
from desk.sample.articles import read_articles, read_asks
from tests.servers.desk import DeskServer


def test_every_article_is_sound(tmp_path: Path) -> None:
    folder = Folder(tmp_path)
    for path, data in read_articles().items():
        folder.put(path, data)
    found = folder.scan()
    articles = list(found.documents.values())
    assert found.findings == ()
    assert list(folder.faults(articles)) == []
    assert [sum(each.language == language for each in articles) for language in ("", "de")] == [13, 3]
    for article in articles:
        assert render(article, Places(article=lambda slug: f"/{slug}")).html
    assert {each["slug"] for each in read_asks() if "slug" in each} <= set(found.documents)
    index = Index(articles)
    for asked, slug in (
        ("my parcel has not arrived yet", "shipping/late"),
        ("how tall must i be for size M", "bicycles/frame-size"),
        ("flat tyre", "care/puncture"),
        ("i want to send it back", "returns/send-back"),
        ("chain squeaking", "care/chain"),
        ("vat number", "orders/invoice"),
        ("wo ist mein paket", "shipping/late.de"),
        ("refund when", "returns/refund"),
    ):
        assert index.search(asked)[0].article.slug == slug


async def test_the_shop_comes_with_them(desk_server: DeskServer) -> None:
    async with desk_server.client("mia") as client:
        await client.load_sample()
        assert await client.article_findings() == []
        assert (await client.articles("went pop"))[0].article.slug == "care/puncture"
        gaps = await client.article_gaps()
        assert (gaps[0].asked, gaps[0].person) == (13, 4)
        assert "rent" in gaps[0].words
        offered = await client.suggested_articles("https://larkspur-cycles.example/")
        assert offered[0].article.slug == "bicycles/test-ride"
        german = await client.suggested_articles("https://larkspur-cycles.example/", language="de")
        assert "bicycles/frame-size.de" in [hit.article.slug for hit in german]
