"""What visitors asked and opened, and what answered it: counted once, taken back, learned, forgotten."""

from __future__ import annotations

from desk.clock import DAY
from desk.model import ArticleCounts, Ask, LearnedQuestion
from desk.store.base import Store

JANUARY = 1_767_225_600_000
"""The first of 2026, UTC."""


def ask(store: Store, id: int, words: str = "late parcel", at: int = JANUARY, page: str = "shop.example/cart") -> int:
    with store.write():
        store.self_help.ask(Ask(id=id, at=at, page=page, language="en", words=words, found=3))
    return id


def judge(store: Store, id: int, slug: str, solved: bool, at: int = JANUARY) -> bool:
    with store.write():
        store.self_help.opened(id, slug)
        return store.self_help.judged(id, slug, solved=solved, at=at)


def test_what_became_of_a_question(store: Store) -> None:
    one = ask(store, 41)
    with store.write():
        assert store.self_help.opened(one, "orders/late")
        assert not store.self_help.opened(one, "orders/late")
        assert not store.self_help.opened(999, "orders/late")
        assert not store.self_help.judged(one, "never/opened", solved=True, at=JANUARY)
        assert store.self_help.to_person(one)
        assert not store.self_help.to_person(one)
    known = store.self_help.get(one)
    assert known == Ask(
        id=41, at=JANUARY, page="shop.example/cart", language="en", words="late parcel", found=3, opened=1, person=True
    )
    assert store.self_help.get(1) is None
    assert judge(store, one, "orders/late", True)
    assert not judge(store, one, "orders/late", True)
    assert store.self_help.counts() == {"orders/late": ArticleCounts(slug="orders/late", opened=1, solved=1)}


def test_a_later_word_takes_the_place_of_the_earlier(store: Store) -> None:
    one = ask(store, 1)
    judge(store, one, "late", True)
    assert store.self_help.learned() == [LearnedQuestion(slug="late", words="late parcel", count=1)]
    assert store.self_help.unanswered(0) == []
    judge(store, one, "late", False)
    assert store.self_help.counts() == {"late": ArticleCounts(slug="late", opened=1, unsolved=1)}
    assert store.self_help.learned() == []
    [left] = store.self_help.unanswered(0)
    assert (left.id, left.unsolved, left.solved) == (1, 1, False)


def test_a_question_is_asked_anew_until_something_is_opened(store: Store) -> None:
    ask(store, 1, "lat")
    ask(store, 1, "late parcel")
    assert [each.words for each in store.self_help.unanswered(0)] == ["late parcel"]
    judge(store, 1, "late", False)
    ask(store, 1, "something else")
    assert [each.words for each in store.self_help.unanswered(0)] == ["late parcel"]


def test_counts_by_page_and_month(store: Store) -> None:
    judge(store, ask(store, 1, page="shop.example/cart"), "pay", True)
    judge(store, ask(store, 2, page="shop.example/returns"), "pay", True)
    judge(store, ask(store, 3, page="shop.example/cart", at=JANUARY - DAY), "pay", False)
    assert store.self_help.counts()["pay"].opened == 3
    assert store.self_help.counts(JANUARY + 5 * DAY)["pay"] == ArticleCounts(slug="pay", opened=2, solved=2)
    assert store.self_help.counts(page="shop.example/cart")["pay"].opened == 2
    assert store.self_help.counts(page="shop.example/nowhere") == {}


def test_what_was_learned_is_ordered_and_needs_words(store: Store) -> None:
    for number, words in enumerate(["where is it", "where is it", "my parcel", ""]):
        judge(store, ask(store, number + 1, words), "late", True, JANUARY + number)
    assert [(each.words, each.count) for each in store.self_help.learned()] == [("where is it", 2), ("my parcel", 1)]
    assert len(store.self_help.learned(limit=1)) == 1


def test_a_moved_article_takes_along_what_was_counted(store: Store) -> None:
    judge(store, ask(store, 1), "old", True)
    judge(store, ask(store, 2), "new", True)
    judge(store, ask(store, 3), "old", False)
    with store.write():
        store.self_help.move("old", "new")
        store.self_help.move("new", "new")
    assert store.self_help.counts() == {"new": ArticleCounts(slug="new", opened=3, solved=2, unsolved=1)}
    assert store.self_help.learned() == [LearnedQuestion(slug="new", words="late parcel", count=1)]
    assert judge(store, 3, "new", True)


def test_forgetting(store: Store) -> None:
    for number in range(5):
        judge(
            store, ask(store, number + 1, f"asked {number // 2}", at=JANUARY + number), "late", True, JANUARY + number
        )
    with store.write():
        assert store.self_help.forget_before(JANUARY + 4, JANUARY, 3) == 3
        assert store.self_help.forget_before(JANUARY + 4, JANUARY, 3) == 1
    assert store.self_help.get(4) is None
    assert store.self_help.get(5) is not None
    assert [(each.words, each.count) for each in store.self_help.learned()] == [
        ("asked 1", 2), ("asked 0", 2), ("asked 2", 1)
    ]  # fmt: skip
    with store.write():
        store.self_help.forget_before(JANUARY + DAY, JANUARY + 40 * DAY, 10)
    assert [each.words for each in store.self_help.learned()] == ["asked 1", "asked 0"]
    assert store.self_help.counts() == {}


def test_a_rolled_back_ask_is_none(store: Store) -> None:
    try:
        with store.write():
            store.self_help.ask(Ask(id=1, at=1, words="late"))
            raise RuntimeError
    except RuntimeError:
        pass
    assert store.self_help.get(1) is None
