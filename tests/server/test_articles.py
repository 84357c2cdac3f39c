"""Help articles over the API and as the visitors' site will call them, against a real server and real files."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from desk.articles.rendering import Places, render
from desk.client import Refused
from desk.documents.errors import BadDocument, NoSuchDocument
from desk.model import NewArticle
from desk.server.desk import Desk
from desk.service.errors import NotFound
from desk.workspace import Workspace
from tests.documents.files import put
from tests.servers.desk import DeskServer

PUNCTURE = '+++\ntitle = "Mend a puncture"\npages = ["/bikes/*"]\n+++\nTake the wheel off. ![Patch](patch.png)\n'


@pytest.fixture
async def desk(tmp_path: Path) -> AsyncIterator[Desk]:
    opened = await Desk.open(Workspace(tmp_path / "desk").prepare())
    yield opened
    await opened.close()


async def test_a_visitors_way(desk: Desk) -> None:
    root = desk.home.folder / "articles"
    put(root, "care/puncture.md", PUNCTURE)
    put(root, "care/patch.png", b"\x89PNG")
    put(root, "care/soon.md", "+++\ndraft = true\n+++\n")
    articles = desk.articles
    page = "https://shop.example/bikes/city-28"
    assert [hit.article.slug for hit in await articles.suggest(page)] == ["care/puncture"]
    ask, hits = await articles.asked("it went pop", page=page)
    assert hits == []
    again, hits = await articles.asked("how do i mend it", page=page, ask_id=ask.id)
    assert (again.id, [hit.article.slug for hit in hits]) == (ask.id, ["care/puncture"])
    read = await articles.opened("care/puncture", ask_id=ask.id)
    assert (read.opened, read.solved) == (1, False)
    assert (await articles.judged(ask.id, "care/puncture", solved=True)).solved
    article = await articles.article("care/puncture")
    html = render(article, Places(picture=lambda path: f"/pictures/{path}")).html
    assert '<img src="/pictures/care/patch.png" alt="Patch" loading="lazy">' in html
    assert (await articles.picture("care/patch.png")).read_bytes() == b"\x89PNG"
    for doing in (articles.article("care/soon"), articles.opened("never"), articles.opened("care/soon")):
        with pytest.raises(NoSuchDocument):
            await doing
    with pytest.raises(NotFound):
        await articles.judged(1, "care/puncture", solved=True)
    with pytest.raises(BadDocument):
        await articles.picture("../desk.db")
    assert [each.slug for each in await articles.published()] == ["care/puncture"]


async def test_answers_learn_without_a_restart(desk: Desk) -> None:
    put(desk.home.folder / "articles", "puncture.md", "Glue.")
    articles = desk.articles
    assert await articles.search("my wheel went pop") == []
    for _ in range(2):
        ask, _ = await articles.asked("my wheel went pop")
        await articles.opened("puncture", ask_id=ask.id)
        await articles.judged(ask.id, "puncture", solved=True)
    await articles.learn()
    assert [hit.article.slug for hit in await articles.search("wheel went po")] == ["puncture"]
    missing, _ = await articles.asked("rent a bike")
    assert (await articles.to_person(missing.id)).person
    [gap] = await articles.gaps()
    assert (gap.words, gap.asked, gap.person, gap.nearest) == ("rent a bike", 1, 1, "")
    [counted] = await articles.counts()
    assert (counted.opened, counted.solved) == (2, 2)


async def test_the_folder_is_a_setting(desk: Desk, tmp_path: Path) -> None:
    put(desk.home.folder / "articles", "here.md", "Here.")
    assert [each.slug for each in await desk.articles.all()] == ["here"]
    put(tmp_path / "elsewhere", "there.md", "There.")
    desk.home.settings.write_text(f'[articles]\nfolder = "{tmp_path / "elsewhere"}"\nkeep_days = 7\n')
    await desk.reload()
    assert [each.slug for each in await desk.articles.all()] == ["there"]


async def test_reps_write_them(desk_server: DeskServer) -> None:
    async with desk_server.client("ada") as ada, desk_server.client("ben") as ben:
        new = NewArticle(title="Cancel an order", body="Write **soon**.", questions=("I ordered by mistake",))
        made = await ada.save_article(new, folder="orders")
        assert made.slug == "orders/cancel-an-order"
        assert [hit.article.slug for hit in await ben.articles("mistak")] == [made.slug]
        changed = await ben.save_article(NewArticle(title="Cancel", body="[x](y.md)"), slug=made.slug, rev=made.rev)
        for code, doing in (
            ("stale", ada.save_article(new, slug=made.slug, rev=made.rev)),
            ("exists", ada.save_article(new, slug=made.slug)),
            ("stale", ada.delete_article(made.slug, made.rev)),
            ("not-found", ada.article("orders/never")),
            ("bad-key", ada.article("../desk")),
            ("bad-title", ada.save_article(NewArticle(title="", body="y"))),
            ("bad-pattern", ada.save_article(NewArticle(title="x", body="y", pages=("checkout",)))),
        ):
            with pytest.raises(Refused) as refused:
                await doing
            assert refused.value.problem.code == code
        [finding] = await ada.article_findings()
        assert str(finding).startswith("orders/cancel-an-order.md:5: the link to y.md")
        moved = await ben.move_article(made.slug, "cancel", changed.rev)
        assert [each.slug for each in await ada.all_articles()] == ["cancel"]
        assert (await ada.article_counts())[0].opened == 0
        assert await ada.suggested_articles("https://shop.example/") == await ada.article_gaps() == []
        await ada.delete_article("cancel", moved.rev)
        assert await ben.all_articles() == []
