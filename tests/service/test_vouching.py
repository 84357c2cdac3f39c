"""Signed-in customers: the shop's word counts, as it was given and for as long; nobody else's does."""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from desk.clock import DAY, HOUR, MINUTE, SECOND
from desk.model import Visitor
from desk.service import chats, vouching
from desk.service.vouching import BadToken, Claims, keys, verify
from tests.service.world import World, mail, often

SECRET = "a-secret-of-the-shop-and-of-desk-only"
OTHER = "another-secret-that-is-just-as-long-too"
NOW = 1_767_225_600_000
GOOD = {"sub": "4711", "exp": NOW // SECOND + 3_600}


def part(value: object) -> str:
    raw = value if isinstance(value, bytes) else json.dumps(value).encode()
    return base64.urlsafe_b64encode(raw).rstrip(b"=").decode()


def token(claims: object = GOOD, *, secret: str = SECRET, head: object = {"alg": "HS256", "typ": "JWT"}) -> str:
    signed = f"{part(head)}.{part(claims)}"
    return f"{signed}.{part(hmac.digest(secret.encode(), signed.encode(), hashlib.sha256))}"


def read(given: str, *, secret: str = SECRET, now: int = NOW) -> Claims:
    return verify(given, keys(secret), site="larkspur", now=now)


def test_what_it_says_is_believed() -> None:
    said = {**GOOD, "name": "Ada\x1b[2J", "email": "ada@example.org", "email_verified": True, "aud": "larkspur"}
    assert read(token(said)) == Claims(
        id="4711", until=GOOD["exp"] * SECOND, name="Ada␛[2J", email="ada@example.org", proven=True
    )
    assert read(token({**GOOD, "email": "nobody", "email_verified": "yes"})).proven is False


@pytest.mark.parametrize("id", ["Ünï-42", "客户/7", "a b", "😀"])
def test_ids_are_any_text(id: str) -> None:
    assert read(token({**GOOD, "sub": id})).id == id


@pytest.mark.parametrize(
    "claims",
    [
        {},
        {"sub": "4711"},
        {"exp": GOOD["exp"]},
        {**GOOD, "sub": ""},
        {**GOOD, "sub": 4711},
        {**GOOD, "sub": "x" * 201},
        {**GOOD, "sub": "a\nb"},
        {**GOOD, "sub": "a\u202eb"},
        {**GOOD, "exp": NOW // SECOND - 61},
        {**GOOD, "exp": NOW // SECOND + 2 * 86_400},
        {**GOOD, "exp": "tomorrow"},
        {**GOOD, "exp": True},
        {**GOOD, "exp": 1e300},
        {**GOOD, "nbf": NOW // SECOND + 120},
        {**GOOD, "iat": NOW // SECOND + 120},
        {**GOOD, "aud": "another-site"},
        {**GOOD, "aud": ["another-site"]},
        [],
        "text",
    ],
)
def test_what_cannot_be_vouches_for_nobody(claims: object) -> None:
    with pytest.raises(BadToken):
        read(token(claims))


@pytest.mark.parametrize(
    "head", [{"alg": "none"}, {"alg": "HS512"}, {"alg": "hs256"}, {}, {"alg": "HS256", "crit": ["exp"]}, []]
)
def test_only_the_one_algorithm_counts(head: object) -> None:
    with pytest.raises(BadToken):
        read(token(head=head))


@pytest.mark.parametrize(
    "given",
    [
        "",
        ".",
        "..",
        "a.b",
        "a.b.c",
        token()[:-1],
        token() + "=",
        token().rpartition(".")[0] + ".",
        "é.é.é",
        "x" * 9_000,
    ],
)
def test_what_is_no_token_is_refused(given: str) -> None:
    with pytest.raises(BadToken):
        read(given)


def test_another_secret_signs_nothing() -> None:
    with pytest.raises(BadToken, match="signature"):
        read(token(secret=OTHER))


@given(at=st.integers(0, 10_000), flip=st.integers(1, 255))
@often(200)
def test_not_one_bit_may_be_another(at: int, flip: int) -> None:
    good = token().encode()
    changed = bytearray(good)
    changed[at % len(good)] ^= flip
    with pytest.raises(BadToken):
        read(bytes(changed).decode("latin-1"))


def test_clocks_may_differ_by_a_minute() -> None:
    late = token({**GOOD, "exp": NOW // SECOND - 59})
    early = token({**GOOD, "iat": NOW // SECOND + 59})
    assert read(late).id == read(early).id == "4711"


def test_two_secrets_are_good_while_one_takes_the_others_place() -> None:
    both = f"{OTHER} {SECRET}"
    assert read(token(), secret=both).id == read(token(secret=OTHER), secret=both).id
    for wrong in ("", "short", f"{SECRET} short", f"{SECRET} {OTHER} {SECRET}"):
        with pytest.raises(BadToken):
            keys(wrong)


# --- whose chats --------------------------------------------------------------------------------------------


def arrive(world: World) -> chats.Arrival:
    return chats.arrive(world.store, world.clock, "site")


def vouch(world: World, id: str = "4711", *, token: str = "", **more: Any) -> tuple[Visitor, str]:
    claims = Claims(id=id, until=world.clock.now() + HOUR, **more)
    return vouching.vouch(world.store, world.clock, "site", claims, token=token)


def known(world: World, token: str) -> Visitor | None:
    return vouching.known(world.store, world.clock, "site", token)


def say(world: World, visitor: Visitor, text: str) -> int:
    return chats.say(world.store, world.clock, visitor, f"{text}/{visitor.id}", text).conversation_id


def said(world: World, visitor: Visitor) -> list[str]:
    return [line.message.body for line in world.store.chats.lines(visitor.id)]


def test_one_customer_is_one_visitor_in_however_many_browsers(world: World) -> None:
    at_home, one = vouch(world, name="Ada", email="ada@example.org", proven=True)
    abroad, other = vouch(world, name="Ada")
    assert at_home.id == abroad.id
    assert one != other
    id = say(world, at_home, "From home")
    assert said(world, abroad) == ["From home"]
    customer = world.store.customers.get(world.conversation(id).customer_id)
    assert customer is not None
    assert {(each.kind, each.value) for each in customer.identities} == {
        ("shop", "site/4711"), ("email", "ada@example.org"),
    }  # fmt: skip
    stranger, _ = vouch(world, "4712", name="Ada")
    assert stranger.id != at_home.id
    assert stranger.customer_id != at_home.customer_id


def test_a_proven_address_joins_its_customer_and_a_typed_one_does_not(world: World) -> None:
    world.take(mail("ada@example.org", name="Ada"))
    customer = world.store.customers.find("email", "ada@example.org")
    assert customer is not None
    claimed, _ = vouch(world, "1", email="ada@example.org")
    assert claimed.customer_id != customer
    typed = chats.introduce(world.store, world.clock, arrive(world).visitor, email="ada@example.org")
    assert world.conversation(say(world, typed, "Hello")).customer_id != customer
    proven, _ = vouch(world, "2", email="Ada@Example.org", proven=True)
    assert proven.customer_id == customer
    again, _ = vouch(world, "3", email="ada@example.org", proven=True)
    assert again.customer_id == customer, "two accounts with the shop, one person"


def test_the_chat_under_way_goes_along_and_what_ended_does_not(world: World) -> None:
    here = arrive(world)
    before = say(world, here.visitor, "Somebody else's question")
    chats.end(world.store, world.clock, here.visitor)
    under_way = say(world, here.visitor, "Where is my order?")
    ada, session = vouch(world, token=here.token, name="Ada")
    assert said(world, ada) == ["Where is my order?"]
    assert world.conversation(under_way).customer_id == ada.customer_id
    assert world.conversation(under_way).customer_name == "Ada"
    assert world.conversation(before).customer_id != ada.customer_id
    assert say(world, ada, "It is 4711") == under_way
    assert [line.seq for line in world.store.chats.lines(ada.id)] == [1, 2]
    assert known(world, session) is not None


def test_nobody_is_left_behind_of_whom_nothing_is_left(world: World) -> None:
    here = arrive(world)
    conversation = say(world, here.visitor, "Hello")
    nobody = world.conversation(conversation).customer_id
    ada, _ = vouch(world, token=here.token, name="Ada")
    assert known(world, here.token) is None
    found = world.store.customers.get(nobody)
    assert found is not None
    assert found.merged_into == ada.customer_id
    other = arrive(world)
    before = say(world, other.visitor, "Somebody else")
    chats.end(world.store, world.clock, other.visitor)
    vouch(world, token=other.token)
    kept = world.store.customers.get(world.conversation(before).customer_id)
    assert kept is not None
    assert kept.merged_into is None


def test_who_signs_out_has_nothing_left_in_this_browser(world: World) -> None:
    ada, session = vouch(world)
    say(world, ada, "Between us")
    assert known(world, session) == world.store.visitors.get(ada.id)
    assert vouching.leave(world.store, world.clock, "site", session)
    assert known(world, session) is None
    assert not vouching.leave(world.store, world.clock, "site", session)
    nobody = arrive(world)
    assert not vouching.leave(world.store, world.clock, "site", nobody.token)
    assert known(world, nobody.token) is not None


def test_another_customer_in_the_same_browser_sees_nothing_of_the_first(world: World) -> None:
    ada, first = vouch(world, "ada")
    say(world, ada, "Between us")
    ben, second = vouch(world, "ben", token=first)
    assert said(world, ben) == []
    assert known(world, first) is None
    assert known(world, second) is not None


def test_a_secret_is_good_as_long_as_the_shops_word(world: World) -> None:
    ada, session = vouch(world)
    world.clock.advance(50 * MINUTE)
    again, fresh = vouch(world, token=session)
    assert (again.id, fresh) == (ada.id, "")
    world.clock.advance(50 * MINUTE)
    assert known(world, session) is not None, "longer, for it was said again"
    world.clock.advance(20 * MINUTE)
    assert known(world, session) is None
    assert vouching.known(world.store, world.clock, "other", session) is None
    world.clock.advance(DAY)
    with world.store.write():
        assert world.store.visitors.forget_sessions(world.clock.now(), 10) == 1
