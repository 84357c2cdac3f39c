"""Searching answers: what comes first, what is forgiven, who sees what."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from desk.answers.library import Index
from desk.answers.model import Answer


def answer(key: str, title: str = "", body: str = "Text.", *, shortcut: str = "", language: str = "") -> Answer:
    stem = key.rpartition("/")[2]
    owner = key.partition("/")[0][1:] if key.startswith("@") else ""
    return Answer(key=key, title=title or stem, body=body, shortcut=shortcut or stem, language=language, owner=owner)


SHOP = Index(
    [
        answer("refund", "Money back", "We send your money back within five days."),
        answer("refund-partly", "Part of the money back", "We send a part back."),
        answer("late", "Where is my parcel?", "It is late; the refund follows if it is lost."),
        answer("returns/how", "How to return", "Put the kettle into its box. Größe egal."),
        answer("late.de", "Wo ist mein Paket?", "Es kommt zu spät.", shortcut="late", language="de"),
        answer("late.fr", "Où est mon colis ?", "Il est en retard.", shortcut="late", language="fr"),
        answer("@ada/late", "My late", "Sorry!", shortcut="late"),
        answer("@ben/secret", "Secret of Ben", "refund nobody"),
    ]
)


def found(text: str, login: str = "eve", index: Index = SHOP, **more: object) -> list[str]:
    return [each.key for each in index.search(text, login, **more)]  # type: ignore[arg-type]


def test_shortcut_then_title_then_text() -> None:
    assert found("refund") == ["refund", "refund-partly", "late"]
    assert found("::ref") == ["refund", "refund-partly", "late"]
    assert found("money") == ["refund", "refund-partly"]
    assert found("kettle box") == ["returns/how"]
    assert found("grosse") == found("größe") == ["returns/how"]
    assert found("nothing like it at all") == []


@pytest.mark.parametrize("typed", ["mnoey", "moneyy", "monye"])
def test_a_slip_of_the_finger_is_forgiven(typed: str) -> None:
    assert found(typed) == ["refund", "refund-partly"]


def test_letters_in_order_are_enough_for_a_shortcut() -> None:
    assert found("rfnd")[:2] == ["refund", "refund-partly"]


def test_the_customers_language_comes_first() -> None:
    assert found("late", language="de-AT")[:3] == ["late.de", "late", "late.fr"]
    assert found("late", language="fr")[0] == "late.fr"
    assert found("late")[0] == "late"


def test_a_reps_own_come_before_everybodys_and_are_nobody_elses() -> None:
    assert found("late", "ada")[0] == "@ada/late"
    assert found("late", "ada", language="de")[:2] == ["late.de", "@ada/late"]
    assert "@ada/late" not in found("late")
    assert "@ben/secret" not in [*found("refund"), *found("secret"), *found("")]
    assert found("secret", "ben") == ["@ben/secret"]
    assert SHOP.get("@ben/secret", "ada") is None
    assert SHOP.get("@ben/secret", "ben") is not None


def test_what_is_used_most_breaks_ties() -> None:
    uses = {"refund-partly": 5, "refund": 2}
    assert found("back", uses=uses) == ["refund-partly", "refund"]
    assert found("", uses=uses)[:2] == ["refund-partly", "refund"]
    assert len(found("", limit=2)) == 2


def test_what_a_shortcut_means() -> None:
    def key(login: str, language: str = "") -> str | None:
        meant = SHOP.by_shortcut("LATE", login, language)
        return meant.key if meant else None

    assert (key("eve"), key("eve", "de"), key("ada"), key("ada", "fr")) == ("late", "late.de", "@ada/late", "late.fr")
    assert SHOP.by_shortcut("lat", "eve") is None
    assert SHOP.by_shortcut("secret", "eve") is None
    assert [each.key for each in SHOP.all("eve")][-1] != "@ben/secret"


@given(st.text(max_size=30), st.sampled_from(["", "de", "x-\x00"]))
def test_no_search_fails_or_repeats_itself(text: str, language: str) -> None:
    keys = found(text, "ada", language=language)
    assert len(keys) == len(set(keys))
    assert "@ben/secret" not in keys


@given(st.lists(st.text(max_size=20), max_size=20), st.text(max_size=5))
def test_whatever_begins_with_what_was_typed_is_found(shortcuts: list[str], typed: str) -> None:
    index = Index(answer(f"k{number}", shortcut=name or "x") for number, name in enumerate(shortcuts))
    folded = typed.strip().removeprefix("::").casefold()
    if folded.isascii():
        wanted = {
            f"k{n}" for n, name in enumerate(shortcuts) if (name or "x").isascii() and name.lower().startswith(folded)
        }
        assert wanted <= set(found(typed, index=index, limit=100))
