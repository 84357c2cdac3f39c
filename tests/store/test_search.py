"""The contract of search: any language, any text as a query, the newest first, each conversation once."""

from __future__ import annotations

import random
import re
import uuid

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from desk.model import Address, Attachment
from desk.store.base import Store
from tests.store.world import World

TEXTS = {
    "english": "The kettle's lid doesn't close; order A-1234, see https://shop.example/k?x=1",
    "german": "Die Größe passt nicht, bitte um Rückerstattung an Frau Weiß, Straße 5",
    "french": "Le café très serré a déjà été livré à l’hôtel, cœur brisé",
    "japanese": "ご注文の湯沸かし器が届きません。サポートへ連絡",
    "chinese": "我的水壶坏了，请退款给我。谢谢！",
    "thai": "กาต้มน้ำของฉันเสีย ขอเงินคืน",
    "korean": "고객님 주전자가 고장났어요 환불해 주세요",
    "arabic": "الغَلّاية معطلة وأريد استرداد المال",
    "russian": "Чайник сломался, верните деньги. Ёлка",
    "greek": "Ο βραστήρας χάλασε, θέλω επιστροφή χρημάτων",
    "hebrew": "הקומקום שבור, אני רוצה החזר",
    "hindi": "केतली खराब हो गई, पैसे वापस चाहिए",
    "turkish": "Su ısıtıcısı İSTANBUL şubesinde bozuldu",
}

QUERIES = {
    "english": [
        "kettle",
        "KETTLE",
        "kett*",
        "lid close",
        '"lid doesn\'t close"',
        "a-1234",
        "shop.example",
        "k*",
        "or*",
    ],
    "german": ["größe", "grosse", "GRÖSSE -kettle", "ruckerstattung", "Rücker*", "weiss", "strasse", "weiß"],
    "french": ["cafe", "CAFÉ", "déjà", "deja ete", "hotel", "l'hôtel", "cœur", "tres serre", "liv*", "é*"],
    "japanese": ["注文", "湯沸かし", "届", "サポート", "沸かし器が届", "サポ*", '"ご注文の"', "連絡"],
    "chinese": ["水壶", "水", "退款给我", "坏了 谢谢", "请*"],
    "thai": ["กาต้มน้ำ", "น้ำ", "เงิน", "ขอเงินคืน", "เสีย"],
    "korean": ["고객님", "환불*", "주전자*", "고장났어요"],
    "arabic": ["الغلاية", "استرداد", "المال", "استر*"],
    "russian": ["чайник", "ЧАЙНИК", "верн*", '"верните деньги"', "елка", "ёлка", "ч*"],
    "greek": ["ΒΡΑΣΤΗΡΑΣ", "βραστηρας", "χάλασε", "επιστρ*"],
    "hebrew": ["הקומקום", "החזר"],
    "hindi": ["केतली", "पैसे वापस"],
    "turkish": ["istanbul", "subesinde", "ısıtıcısı"],
}
MISSES = [
    "kettles",
    "ettle",
    '"close lid"',
    "lid -kettle",
    "größen",
    "水谢",
    '"注文ご"',
    "เงินน้ำ",
    "환불",
    "чай",
    "zzz*",
]


@pytest.fixture
def babel(world: World) -> World:
    for language, text in TEXTS.items():
        world.message(world.conversation(language), text)
    return world


def found(world: World, query: str) -> set[str]:
    return {hit.conversation.subject for hit in world.store.search.find(query).hits}


@pytest.mark.parametrize(("language", "query"), [(name, query) for name, all in QUERIES.items() for query in all])
def test_finds(world: World, babel: World, language: str, query: str) -> None:
    assert language in found(babel, query)


@pytest.mark.parametrize("query", MISSES)
def test_does_not_find(babel: World, query: str) -> None:
    assert found(babel, query) == set()


def test_every_field_is_searched(world: World) -> None:
    file = Attachment(name="Rechnung_März.pdf", media_type="application/pdf", size=1, sha256="ab" * 32)
    id = world.message(
        world.conversation("Kettle"),
        "Body",
        subject="Gluey subject",
        sender=Address(email="grace.hopper@navy.example", name="Grace Hopper"),
        cc=(Address(email="x@y.example", name="José"),),
        attachments=(file,),
    )
    for query in ("gluey", "body", "hopper", "grace.hopper@navy.example", "navy.ex*", "jose", "rechnung", "märz.pdf"):
        assert [hit.message_id for hit in world.store.search.find(query).hits] == [id], query
    for query in ("glu*", "b*", "hop*", "jo*", "rech*"):
        assert [hit.message_id for hit in world.store.search.find(query).hits] == [id], query


def test_events_are_not_found(world: World) -> None:
    world.mail("Ann claimed it", direction="event")
    assert world.store.search.find("claimed").hits == ()
    assert world.store.search.find("cl*").hits == ()


def test_a_conversation_is_one_hit_with_its_newest_message(world: World) -> None:
    first, second = world.conversation("one"), world.conversation("two")
    world.message(first, "kettle", at=world.now)
    b = world.message(second, "kettle", at=world.now + 1)
    c = world.message(first, "a kettle again", at=world.now + 2)
    world.message(first, "something else", at=world.now + 3)
    page = world.store.search.find("kettle")
    assert [(hit.conversation.id, hit.message_id) for hit in page.hits] == [(first, c), (second, b)]
    assert page.hits[0].at == world.now + 2
    assert page.hits[0].excerpt == "a kettle again"
    assert page.next_before is None


def test_mail_imported_late_takes_its_place_in_time(world: World) -> None:
    late = [world.now + n for n in random.Random(1).sample(range(100), 40)]
    ids = [world.mail("kettle", at=at) for at in late]
    hits = world.store.search.find("kettle", limit=100).hits
    assert [hit.message_id for hit in hits] == sorted(ids, reverse=True)
    assert [hit.message_id for hit in world.store.search.find("ke*", limit=100).hits] == sorted(ids, reverse=True)


@pytest.mark.parametrize("query", ["kettle", "k*", "kettle o*", '"the kettle"'])
def test_pages_continue_without_gap_or_repeat(world: World, query: str) -> None:
    chance = random.Random(2)
    conversations = [world.conversation(f"#{n}") for n in range(30)]
    newest: dict[int, int] = {}
    for n in range(120):
        conversation = chance.choice(conversations)
        matching = chance.random() < 0.6
        id = world.message(conversation, "over the kettle" if matching else "of the toaster", at=world.now + n)
        if matching:
            newest[conversation] = id
    expected = sorted(newest.items(), key=lambda item: -item[1])
    seen: list[tuple[int, int]] = []
    before = None
    for _ in range(40):
        page = world.store.search.find(query, before=before, limit=4)
        seen += [(hit.conversation.id, hit.message_id) for hit in page.hits]
        before = page.next_before
        if before is None:
            break
    assert seen == expected


def test_the_excerpt_shows_the_place(world: World) -> None:
    world.mail("word " * 200 + "the needle   is\nhere " + "more " * 200)
    [hit] = world.store.search.find("needle").hits
    assert "the needle is here" in hit.excerpt
    assert hit.excerpt.startswith("…")
    assert len(hit.excerpt) <= 161
    assert "\n" not in hit.excerpt


@pytest.mark.parametrize("query", ["", " ", '"', '""', "*", "-", "-kettle", "!!!", "- -", '-"', "***", "\x00"])
def test_a_query_that_asks_for_nothing_finds_nothing(world: World, query: str) -> None:
    world.mail("kettle")
    assert world.store.search.find(query).hits == ()


@pytest.mark.parametrize(
    "query",
    [
        *("kettle AND", "OR kettle", "NOT kettle", "NEAR(kettle", "kettle:", "body:kettle", "^kettle", "{a b}:kettle"),
        *(
            "kettle)",
            "(kettle",
            "kettle+lid",
            "kettle'",
            "kettle;--",
            '"kettle',
            'kettle"',
            "kettle\x00",
            "kettle\ud800",
        ),
        *("-" * 500, "a " * 5_000, "*" * 5_000, '"' * 999, "(" * 2_000, "水" * 5_000, "\u0301", "kettle %s {} \\"),
    ],
)
def test_syntax_is_data(world: World, query: str) -> None:
    world.mail("kettle")
    world.store.search.find(query)


def test_words_of_fts_syntax_are_words(world: World) -> None:
    id = world.mail("this and that or not near")
    for query in ("and", "AND", "not or", "NEAR", '"that or not"'):
        assert [hit.message_id for hit in world.store.search.find(query).hits] == [id]


@settings(max_examples=300, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(query=st.text(max_size=60))
@example(query='a"b" -c*')
def test_no_text_ever_raises(store: Store, query: str) -> None:
    store.search.find(query)
    store.search.find(query, before=5, limit=1)


WORDS = ("kettle", "Kettle", "ket", "kéttle", "lid", "li", "l", "水壶", "水", "ölig", "a-b", "b")
words = st.sampled_from(WORDS)
terms = st.builds(
    lambda minus, word, star: minus + word + star,
    st.sampled_from(["", "", "", "-"]),
    words,
    st.sampled_from(["", "", "*"]),
) | st.builds(lambda some: f'"{" ".join(some)}"', st.lists(words, min_size=1, max_size=3))


@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(bodies=st.lists(st.lists(words, max_size=5), max_size=12), query=st.lists(terms, max_size=4))
def test_search_equals_reading_everything(world: World, bodies: list[list[str]], query: list[str]) -> None:
    marker = f"m{uuid.uuid4().hex}"
    ids = {world.mail(" ".join((marker, *body)), sender=None): " ".join(body) for body in bodies}
    text = " ".join(query)
    expected = {id for id, body in ids.items() if matches(text, body)}
    page = world.store.search.find(f"{marker} {text}", limit=50)
    assert {hit.message_id for hit in page.hits} == expected


def tokens(text: str) -> list[str]:
    plain = text.lower().replace("é", "e").replace("ö", "o")
    return re.findall(r"[a-z0-9]+|[水壶]", plain)


def matches(query: str, body: str) -> bool:
    """A search that reads: what each term asks for, tried at each place."""
    have = tokens(body)
    for minus, phrase, word in re.findall(r'(-?)(?:"([^"]*)"|(\S+))', query):
        want, prefix = tokens(phrase or word), word.endswith("*")
        there = any(_at(have[start:], want, prefix) for start in range(len(have)))
        if there == bool(minus):
            return False
    return True


def _at(have: list[str], want: list[str], prefix: bool) -> bool:
    if len(have) < len(want):
        return False
    *firm, last = want
    here = have[len(firm)]
    return have[: len(firm)] == firm and (here.startswith(last) if prefix else here == last)
