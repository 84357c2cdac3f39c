"""Finding articles: by how people ask, while they type, with slips, in their language, and better each time."""

from __future__ import annotations

from hypothesis import given, settings
from hypothesis import strategies as st

from desk.articles.index import Index, excerpt
from desk.model import Article, LearnedQuestion


def article(slug: str, title: str, body: str = "", *questions: str, **more: object) -> Article:
    return Article(slug=slug, title=title, body=body, questions=questions, **more)  # type: ignore[arg-type]


SHOP = [
    article("late", "My parcel is late", "Carriers need up to five working days.\n\nThen we search for it."),
    article("late.de", "Mein Paket ist verspätet", "Es dauert bis zu fünf Werktage.", language="de"),
    article("return", "Send something back", "Within thirty days.", "How do I return a bike?", "Can I get a refund?"),
    article("puncture", "Mend a puncture", "Take the wheel off, then the tyre. A patch holds for years."),
    article("size", "Which frame size fits me", "Measure your inseam in centimetres."),
    article("invoice", "Get an invoice", "Every parcel holds one; we send another by mail."),
    article("secret", "Frame size of next year", "Not yet.", draft=True),
    article("時計", "自転車のサイズ", "股下を測ってください。", language="ja"),
]
INDEX = Index(SHOP)


def found(text: str, index: Index = INDEX, **more: object) -> list[str]:
    return [hit.article.slug for hit in index.search(text, **more)]  # type: ignore[arg-type]


def test_questions_in_words() -> None:
    assert found("where is my parcel?")[0] == "late"
    assert found("I want my money back, refund please")[0] == "return"
    assert found("how do I mend a flat, a puncture")[0] == "puncture"
    assert found("which size of frame do I need")[:1] == ["size"]
    assert found("patch")[0] == "puncture"


def test_as_somebody_types() -> None:
    for end in range(3, len("puncture") + 1):
        assert found("puncture"[:end])[0] == "puncture"
    assert found("retu")[0] == "return"
    assert found("frame si")[0] == "size"
    assert found("retu", typing=False) == found("retu ") == []


def test_slips() -> None:
    assert found("punctrue")[0] == "puncture"
    assert found("inovice")[0] == "invoice"
    assert found("centimeters inseem")[0] == "size"


def test_titles_before_texts() -> None:
    assert found("parcel")[:2] == ["late", "invoice"]


def test_what_is_not_there_is_not_found() -> None:
    assert found("quantum chromodynamics") == found("") == found("?!") == found("zzz") == []
    assert found("parcel", Index()) == []


def test_languages() -> None:
    assert found("verspatet")[0] == found("VERSPÄTET")[0] == "late.de"
    assert found("parcel late", language="de")[0] == "late.de"
    assert "late.de" not in found("parcel late", language="fr")[:1]
    assert found("サイズ")[0] == "時計"
    assert found("自転")[0] == "時計"


def test_drafts_are_for_reps() -> None:
    assert "secret" not in found("frame size next year")
    assert "secret" in found("frame size next year", drafts=True)


def test_what_an_article_answered_leads_to_it() -> None:
    assert found("it went pop on the road") != ["puncture"]
    learned = [LearnedQuestion(slug="puncture", words="my wheel went pop on the road", count=2)]
    learned += [LearnedQuestion(slug="never-there", words="pop", count=2)]
    wiser = Index(SHOP, learned, INDEX)
    assert found("it went pop", wiser)[0] == "puncture"
    assert found("where is my parcel", wiser)[0] == "late"


def test_a_new_index_keeps_what_is_as_it_was() -> None:
    after = Index([*SHOP[1:], article("late", "Deliveries", "Weather.")], (), INDEX)
    assert after._profiles["return"] is INDEX._profiles["return"]
    assert found("weather", after) == ["late"]
    assert found("weather") == []


def test_an_excerpt_is_where_the_words_are() -> None:
    assert INDEX.search("carriers search")[0].excerpt == "Carriers need up to five working days."
    assert excerpt("# Head\n\n**Bold** [link](x.md) ![p](p.png)\n\nLast") == "Head"
    assert len(excerpt("word " * 100)) <= 160
    assert excerpt("| what | abroad |\n| :--- | ---: |\n| parts | € 12 |\n\nLast") == "what · abroad parts · € 12"


@settings(max_examples=60)
@given(st.text(max_size=60), st.sampled_from(["", "de", "pt-BR", "xx"]))
def test_any_text_can_be_asked(text: str, language: str) -> None:
    hits = INDEX.search(text, language=language, limit=3)
    assert len(hits) <= 3
    assert [hit.score for hit in hits] == sorted((hit.score for hit in hits), reverse=True)
