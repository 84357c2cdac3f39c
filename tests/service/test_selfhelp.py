"""Answers first: what is asked leaves nothing of a person, teaches the search, and shows what is missing."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from hypothesis import given
from hypothesis import strategies as st

from desk.articles.index import Index
from desk.clock import DAY
from desk.model import Article
from desk.service import selfhelp
from desk.service.errors import NotFound
from tests.service.world import World, new_world

PAGE = "https://shop.example/checkout?basket=77#pay"


@pytest.fixture
def world() -> Iterator[World]:
    with new_world() as world:
        yield world


def solve(world: World, words: str, slug: str, *, solved: bool = True, page: str = PAGE) -> int:
    store, clock = world.store, world.clock
    ask = selfhelp.asked(store, clock, words, page=page, found=1)
    selfhelp.opened(store, clock, slug, ask_id=ask.id)
    return selfhelp.judged(store, clock, ask.id, slug, solved=solved).id


@pytest.mark.parametrize(
    ("words", "kept"),
    [
        ("where is my order 10023-44 ?", "where is my order ?"),
        ("i am ada@example.org", "i am"),
        ("call +49 30 1234567 now", "call now"),
        ("code AB12CD34", "code"),
        ("see https://shop.example/?t=1", "see"),
        ("28 inch wheel for 2 bikes", "28 inch wheel for 2 bikes"),
        ("one\n\ttwo\x1b[31m", "one two␛[31m"),
        ("x " * 1000, ("x " * 150).strip()),
    ],
)
def test_what_is_kept_of_words(words: str, kept: str) -> None:
    assert selfhelp.scrub(words).strip() == kept


@given(st.text(), st.emails())
def test_no_address_is_kept(words: str, address: str) -> None:
    assert address not in selfhelp.scrub(f"{words} {address} {words}")


def test_a_search_goes_on_until_an_article_is_opened(world: World) -> None:
    store, clock = world.store, world.clock
    first = selfhelp.asked(store, clock, "late", page=PAGE, language="en", found=3)
    assert (first.page, first.language) == ("shop.example/checkout", "en")
    assert selfhelp.asked(store, clock, "late parcel", ask_id=first.id).id == first.id
    assert selfhelp.opened(store, clock, "late", ask_id=first.id).opened == 1
    other = selfhelp.asked(store, clock, "return", ask_id=first.id)
    assert other.id != first.id
    assert selfhelp.asked(store, clock, "return", ask_id=4711).id != 4711
    stood_there = selfhelp.opened(store, clock, "size", page=PAGE)
    assert (stood_there.words, stood_there.opened, stood_there.page) == ("", 1, "shop.example/checkout")
    assert sorted(ask.words for ask in store.self_help.unanswered(0)) == ["late parcel", "return", "return"]
    with pytest.raises(NotFound):
        selfhelp.judged(store, clock, 4711, "late", solved=True)
    with pytest.raises(NotFound):
        selfhelp.to_person(store, clock, 4711)


def test_answers_learn(world: World) -> None:
    articles = [
        Article(slug="puncture", title="Mend a puncture", body="Glue."),
        Article(slug="pump", title="Pumps", body=""),
    ]
    assert Index(articles).search("it went pop") == []
    for _ in range(2):
        solve(world, "it went pop", "puncture")
    solve(world, "it went pop", "pump", solved=False)
    wiser = Index(articles, world.store.self_help.learned())
    assert [hit.article.slug for hit in wiser.search("went pop")] == ["puncture"]


def test_suggestions(world: World) -> None:
    def article(slug: str, *pages: str, **more: object) -> Article:
        return Article(slug=slug, title=slug, body="Text.", pages=pages, **more)  # type: ignore[arg-type]

    every = [article(slug) for slug in ("late", "size", "return", "never")]
    every += [article("pay", "/checkout*"), article("pay.de", "/checkout*", language="de")]
    every += [article("voucher", "shop.example/checkout"), article("hidden", "/checkout*", draft=True)]
    articles = {each.slug: each for each in every}

    def suggested(language: str = "", page: str = PAGE, limit: int = 9) -> list[str]:
        hits = selfhelp.suggest(world.store, world.clock, articles, page, language=language, limit=limit)
        return [hit.article.slug for hit in hits]

    assert suggested() == ["voucher", "pay"]
    for _ in range(3):
        solve(world, "a", "late", page="https://shop.example/home")
    solve(world, "b", "size")
    solve(world, "b", "size", solved=False, page="https://shop.example/home")
    selfhelp.opened(world.store, world.clock, "return", page=PAGE)
    assert suggested() == ["voucher", "pay", "size", "return", "late"]
    assert suggested("de") == ["voucher", "pay.de", "size", "return", "late"]
    assert suggested("fr", limit=2) == ["voucher", "pay"]
    assert suggested(page="https://shop.example/home") == ["late", "size"]
    assert suggested(page="") == ["late"]
    world.clock.advance(500 * DAY)
    assert suggested(page="") == []


def test_gaps(world: World) -> None:
    store, clock = world.store, world.clock
    for words in ("do you rent bikes", "rent a bike", "can I rent bikes", "bike to rent?"):
        clock.advance(1_000)
        selfhelp.asked(store, clock, words, page=PAGE)
    lost = selfhelp.asked(store, clock, "do you rent bikes", found=2)
    selfhelp.to_person(store, clock, lost.id)
    solve(world, "gift card balance", "voucher", solved=False)
    solve(world, "gift card balance", "voucher")
    solve(world, "colour of the frame", "size", solved=False)
    first, second, third = selfhelp.gaps(store, clock, nearest=lambda words: "voucher" if "gift" in words else "")
    assert (first.words, first.asked, first.unfound, first.person) == ("do you rent bikes", 5, 4, 1)
    assert set(first.examples) == {"rent a bike", "can I rent bikes", "bike to rent?"}
    assert first.pages == ("shop.example/checkout",)
    assert {second.words, third.words} == {"gift card balance", "colour of the frame"}
    assert {(each.unsolved, each.nearest) for each in (second, third)} == {(1, "voucher"), (1, "")}
    clock.advance(31 * DAY)
    assert selfhelp.gaps(store, clock) == []
    assert len(selfhelp.gaps(store, clock, days=90, limit=2)) == 2


def test_forgetting(world: World) -> None:
    id = solve(world, "it went pop", "puncture")
    world.clock.advance(91 * DAY)
    assert selfhelp.forget(world.store, world.clock, 90 * DAY) == 2
    assert world.store.self_help.get(id) is None
    assert world.store.self_help.learned() == []
    assert world.store.self_help.counts()["puncture"].solved == 1
