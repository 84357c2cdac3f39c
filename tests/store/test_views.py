"""The contract of lists of conversations: what a query matches, as a slow reading of the definition says it."""

from __future__ import annotations

import random
import re
from datetime import UTC
from typing import Any

import pytest

from desk.model import BUILT_IN_VIEWS, Address, Attachment, Chat, Conversation, Customer, Message, OutboxItem, Promise
from desk.promises.policies import Case, is_theirs
from desk.query import EVERYTHING, All, AnyOf, Field, Not, Phrase, Prefix, Query, QueryError, Word, parse, render
from desk.store.base import Selection, Store, StoreError
from desk.urgency import rank, share, worth
from tests.store.world import World

NOW = 1_767_225_600_000
DAY, HOUR = 86_400_000, 3_600_000
SUBJECTS = ("Broken kettle", "Café order 100%", "RE: Invoice_12", "Wo ist mein Päckchen", "水壶坏了", "a.b\\c", "")
BODIES = ("the kettle leaks", "refund please, kettles", "nothing works", "Ökonomie und Ärger", "退款给我", "order 1234")
PEOPLE = (("Ada Byron", "ada@example.org"), ("José", "jose@shop.example"), ("", "x_y@example.org"))
TAGS = ("refund", "Gift refund", "old")
WHO = ((("VIP", "Große Kunden"), "de"), ((), "pt-BR"), (("große kunden",), ""))
POLICIES = ("gold", "Chat-1", "")


class Life:
    """A store with conversations of every kind, and what is known of them beside their rows."""

    def __init__(self, world: World, seed: int, size: int) -> None:
        self.store = world.store
        self.chance = random.Random(seed)
        self.beside = random.Random(seed)
        self.messages: dict[int, list[Message]] = {}
        self.failed: set[int] = set()
        self.unread: set[int] = set()
        self.named: set[int] = set()
        self.promised: dict[int, list[Promise]] = {}
        self.rated: dict[int, int] = {}
        with self.store.write():
            self.me = self.store.agents.ensure("mei", "Mei Tanaka").id
            self.ben = self.store.agents.ensure("ben", "Ben").id
            self.queues = [self.store.queues.ensure(name) for name in ("Orders", "Returns")]
            self.tags = [self.store.tags.ensure(name) for name in TAGS]
            self.visitor = self.store.visitors.create("site", "ab" * 32, NOW)
        self.customers = [world.customer(name or "-", address) for name, address in PEOPLE]
        with self.store.write():
            for id, (tags, language) in zip(self.customers, WHO, strict=True):
                assert self.store.customers.update(id, rev=world.person(id).rev, tags=tags, language=language)
        self.ids = [self._conversation() for _ in range(size)]
        for _ in range(size):
            self._happen(self.chance.choice(self.ids))

    def _conversation(self) -> int:
        chance, store = self.chance, self.store
        at = NOW - chance.randrange(10) * DAY
        with store.write():
            id = store.conversations.create(
                subject=chance.choice(SUBJECTS),
                channel=chance.choice(("email", "email", "chat", "callback")),
                account="support",
                customer_id=chance.choice(self.customers),
                at=at,
                queue_id=chance.choice((None, *self.queues)),
            )
            if chance.random() < 0.3:
                store.conversations.set_due(id, at + DAY)
        self.messages[id] = []
        self._mail(id, at)
        self._beside(id)
        return id

    def _beside(self, id: int) -> None:
        """Promises, and a chat with a rating."""
        chance, store = self.beside, self.store
        self.promised[id] = [self._promise(id, n) for n in range(chance.choice((0, 0, 1, 1, 2)))]
        with store.write():
            store.promises.put(self.promised[id])
            if chance.random() < 0.4:
                store.chats.begin(Chat(conversation_id=id, visitor_id=self.visitor, account="site", began_at=NOW))
                self.rated[id] = chance.randrange(6)
                if self.rated[id]:
                    store.chats.rate(id, self.rated[id], "")

    def _promise(self, id: int, number: int) -> Promise:
        chance = self.beside
        state = chance.choice(("running", "running", "paused", "kept", "broken", "void"))
        due_at = NOW + chance.choice((-HOUR, -1, 0, 1, HOUR))
        return Promise(
            conversation_id=id,
            kind=("first", "resolution")[number],
            policy=chance.choice(POLICIES),
            promised=HOUR,
            began_at=NOW - DAY,
            due_at=None if state == "paused" else due_at,
            broken_at=due_at if state == "broken" or chance.random() < 0.2 else None,
            state=state,  # type: ignore[arg-type]
            ended_at=None if state in ("running", "paused") else NOW,
        )

    def _mail(self, id: int, at: int) -> None:
        chance = self.chance
        name, address = chance.choice(PEOPLE)
        mail = Message(
            conversation_id=id,
            direction=chance.choice(("in", "in", "out")),
            sender=Address(email=address, name=name),
            to=(Address(email=chance.choice(("help@shop.example", "orders@shop.example"))),),
            subject=chance.choice(SUBJECTS),
            body=chance.choice(BODIES),
            attachments=(Attachment(name="label.pdf", media_type="x/y", size=1, sha256="ab" * 32),)
            if chance.random() < 0.2
            else (),
            third_party=chance.random() < 0.1,
            at=at,
        )
        with self.store.write():
            self.store.messages.add(mail)
        self.messages[id].append(mail)
        if mail.direction == "in":
            newest = max(each.at for each in self.messages[id] if each.direction == "in")
            (self.unread.add if newest >= NOW - 3_600_000 else self.unread.discard)(id)

    def _happen(self, id: int) -> None:
        chance, store = self.chance, self.store
        what = chance.randrange(8)
        if what == 0:
            self._mail(id, NOW - chance.randrange(3) * DAY)
        elif what == 7:
            self._note(id)
        with store.write():
            if what == 1:
                store.conversations.tag(id, chance.choice(self.tags), NOW)
            elif what == 2:
                store.conversations.assign(id, chance.choice((self.me, self.ben, None)), NOW)
            elif what == 3:
                store.conversations.set_state(id, chance.choice(("resolved", "spam", "open")), NOW)  # type: ignore[arg-type]
            elif what == 4:
                store.conversations.set_priority(id, chance.choice(("urgent", "low")), NOW)  # type: ignore[arg-type]
            elif what == 5:
                store.reads.read(self.me, id)
                self.unread.discard(id)
            elif what == 6:
                store.reads.unread(self.me, id)
                self.unread.add(id)

    def _note(self, id: int) -> None:
        store = self.store
        note = Message(conversation_id=id, direction="note", body="@mei look at the xylophone", at=NOW)
        with store.write():
            message_id = store.messages.add(note)
            store.reads.mention(self.me, id, message_id)
            state: Any = self.chance.choice(("failed", "sent", "unknown"))
            store.outbox.add(
                OutboxItem(
                    message_id=message_id,
                    conversation_id=id,
                    account="support",
                    rfc_message_id=f"{message_id}@x",
                    state=state,
                )
            )
        self.messages[id].append(note)
        self.named.add(id)
        if state != "sent":
            self.failed.add(id)

    # --- the slow reading ---------------------------------------------------------------------------------

    def rows(self) -> list[Conversation]:
        return self.store.conversations.many(self.ids)

    def matches(self, query: Query, row: Conversation) -> bool:
        if isinstance(query, Word | Phrase | Prefix):
            return self._has(query, row)
        if isinstance(query, Field):
            return self._is(query, row)
        if isinstance(query, Not):
            return not self.matches(query.of, row)
        return (all if isinstance(query, All) else any)(self.matches(part, row) for part in query.of)

    def _has(self, term: Word | Phrase | Prefix, row: Conversation) -> bool:
        shown = "\n".join((row.subject, row.customer_name, row.customer_address, *row.tags))
        if fold(term.text) in fold(shown):
            return True
        words = tokens(term.text)
        if not words or (term.text.isascii() and sum(map(len, words)) < 3):
            return False
        return any(occurs(words, tokens(text), isinstance(term, Prefix)) for text in self._texts(row.id))

    def _texts(self, id: int) -> list[str]:
        return [
            text
            for mail in self.messages[id]
            for text in (mail.subject, mail.body, *(file.name for file in mail.attachments), _names(mail))
        ]

    def _is(self, field: Field, row: Conversation) -> bool:
        value, mails = field.value, [mail for mail in self.messages[row.id] if mail.direction != "note"]
        folded = fold(value)
        senders = [mail.sender for mail in mails if mail.sender]
        assert field.at is not None or field.name not in ("before", "after")
        return {
            "from": lambda: any(folded in fold(f"{who.name} {who.email}") for who in senders),
            "to": lambda: any(value.lower() in to.email for mail in mails for to in mail.to),
            "subject": lambda: folded in fold(row.subject),
            "tag": lambda: any(
                tag.lower().startswith(value[:-1].lower()) if value.endswith("*") else tag.lower() == value.lower()
                for tag in row.tags
            ),
            "queue": lambda: (row.queue_name or "none").lower() == value.lower(),
            "assignee": lambda: {
                "me": row.assignee_id == self.me,
                "nobody": row.assignee_id is None,
            }.get(value, (row.assignee_name or "").lower() == value.lower()),
            "state": lambda: row.state == value,
            "channel": lambda: row.channel == value,
            "priority": lambda: row.priority == value,
            "before": lambda: row.last_at < (field.at or 0),
            "after": lambda: row.last_at >= (field.at or 0),
            "has": lambda: row.has_attachments,
            "is": lambda: {
                "unread": row.id in self.unread and row.state not in ("resolved", "spam"),
                "mine": row.state == "open" and row.assignee_id == self.me,
                "unassigned": row.state == "open" and row.assignee_id is None,
                "mentioned": row.id in self.named,
                "failed": row.id in self.failed,
                "third-party": row.third_party,
                "due": any(each.state == "running" for each in self.promised[row.id]),
                "late": any(map(_is_late, self._open(row))),
            }[value],
            "policy": lambda: any((each.policy.lower() or "[promises]") == value.lower() for each in self._open(row)),
            "customer": lambda: is_theirs(value, Case(address=row.customer_address, customer_tags=self._who(row).tags)),
            "language": lambda: (
                (self._who(row).language.lower() or "none").split("-")[: value.count("-") + 1] == value.split("-")
            ),
            "rating": lambda: self.rated.get(row.id, 0) in RATED[value],
        }[field.name]()

    def _open(self, row: Conversation) -> list[Promise]:
        return [each for each in self.promised[row.id] if each.open]

    def _who(self, row: Conversation) -> Customer:
        customer = self.store.customers.get(row.customer_id)
        assert customer is not None
        return customer

    def in_view(self, view: str, row: Conversation) -> bool:
        kind, _, name = view.partition(":")
        if kind == "queue":
            return row.state == "open" and row.queue_name == name
        if kind == "channel":
            return row.state == "open" and row.channel == name
        return {
            "mine": row.state == "open" and row.assignee_id == self.me,
            "unassigned": row.state == "open" and row.assignee_id is None,
            "sent": row.last_direction == "out",
            "failed": row.id in self.failed,
            "mentions": row.id in self.named,
            "all": True,
            "anything": row.state != "spam",
        }.get(view, row.state == view)


RATED = {"1": (1,), "5": (5,), "<3": (1, 2), "<=3": (1, 2, 3), ">3": (4, 5), ">=2": (2, 3, 4, 5)}


def _is_late(promise: Promise) -> bool:
    running = promise.state == "running" and promise.due_at is not None
    return promise.broken_at is not None or (running and (promise.due_at or 0) < NOW)


BY_TIME = frozenset(BUILT_IN_VIEWS) - {"open", "mine", "unassigned"} | {"anything"}


def in_order(view: str, row: Conversation) -> tuple[int, ...]:
    if view == "sent":
        return -row.last_at, -row.id
    if row.due_at is None:
        return 1, -row.last_at, row.id
    if view in BY_TIME:
        return 0, row.due_at, row.id
    return 0, *rank(share(row.due_at - NOW, 8 * HOUR), worth(row.priority)), row.due_at, row.id


def fold(text: str) -> str:
    text = text.casefold().replace("é", "e").replace("ä", "a").replace("ö", "o")
    return re.sub("([\u4e00-\u9fff])", r" \1 ", text)


def tokens(text: str) -> list[str]:
    return re.findall(r"[^\W_]+", fold(text))


def occurs(words: list[str], text: list[str], prefix: bool) -> bool:
    for at in range(len(text) - len(words) + 1):
        *first, last = text[at : at + len(words)]
        if first == words[:-1] and (last.startswith(words[-1]) if prefix else last == words[-1]):
            return True
    return False


def _names(mail: Message) -> str:
    people = [mail.sender, *mail.to] if mail.sender else [*mail.to]
    return "\n".join(f"{who.name} {who.email}" for who in people if who)


BESIDE = (
    "is:late", "is:due", "policy:gold",
    "policy:chat-1", "policy:GOLD", "policy:[promises]", "policy:none-such", "customer:vip", 'customer:"GROSSE kunden"',
    "customer:@example.org", "customer:@EXAMPLE.ORG", "customer:@ple.org", "customer:@", "customer:ada@example.org",
    "customer:jose@shop", "customer:nobody", "language:de", "language:PT", "language:pt-br", "language:none",
    "language:fr", "rating:1", "rating:5", "rating:<3", "rating:<=3", "rating:>3", "rating:>=2",
)  # fmt: skip
TERMS = (
    *BESIDE,
    "kettle", "kett", "ettle", "KETTLES", "café", "cafe", "100%", "_", "invoice_12", "ada", "example.org", "x_y",
    "refund", '"kettle leaks"', '"gift re"', "kett*", "order*", "12*", "1234", "paeck", "päck", "ökonomie", "argers",
    "水壶", "退款", "xylophone", "a", "zzz", "label.pdf", "\\c", "nothing",
    "from:ada", "from:example", "from:josé", "to:orders", "to:HELP@", "subject:kettle", "subject:refund",
    'subject:"100%"', "tag:refund", "tag:Gift*", 'tag:"gift refund"', "tag:none-such", "queue:orders",
    "queue:none", "queue:Nowhere",
    "assignee:me", "assignee:nobody", "assignee:ben", "assignee:x", "state:open", "state:resolved", "channel:chat",
    "priority:urgent", "priority:normal", "before:2d", "after:3d", "has:attachment", "is:unread", "is:mine",
    "is:unassigned", "is:mentioned", "is:failed", "is:third-party",
)  # fmt: skip
VIEWS = (
    "open", "mine", "unassigned", "waiting", "resolved", "spam", "all", "anything", "sent", "failed", "mentions",
    "queue:Orders", "channel:email", "channel:chat",
)  # fmt: skip


def read(text: str) -> Query:
    return parse(text, now=NOW, zone=UTC)


def random_query(chance: random.Random, depth: int = 0) -> str:
    kind = chance.randrange(6) if depth < 3 else 0
    if kind == 1:
        return f"({random_query(chance, depth + 1)} or {random_query(chance, depth + 1)})"
    if kind == 2:
        return f"-({random_query(chance, depth + 1)})"
    if kind in (3, 4):
        return f"{random_query(chance, depth + 1)} {random_query(chance, depth + 1)}"
    return chance.choice(TERMS)


@pytest.mark.parametrize("seed", range(4))
def test_a_filtered_view_is_what_the_definition_says(world: World, seed: int) -> None:
    life = Life(world, seed, 60)
    chance = random.Random(seed + 100)
    rows = life.rows()
    queries = [*TERMS, *(random_query(chance) for _ in range(150))]
    for text in queries:
        view, query = chance.choice(VIEWS), read(text)
        wanted = [row for row in rows if life.in_view(view, row) and life.matches(query, row)]
        wanted.sort(key=lambda row: in_order(view, row))
        expected = [row.id for row in wanted]
        selection = Selection(view=view, query=query, agent_id=life.me)
        page = life.store.views.page(selection, limit=1_000)
        assert [row.id for row in page.items] == expected, (view, text)
        assert (page.total, page.exact) == (len(expected), True), text
        assert life.store.views.ids(selection) == expected, text
        assert life.store.views.count(selection) == (len(expected), True), text
        unread = {row.id for row in wanted if life.matches(Field("is", "unread"), row)}
        assert {row.id for row in page.items if row.unread} == unread, text
        offset = chance.randrange(len(expected) + 2)
        window = life.store.views.page(selection, offset=offset, limit=5)
        assert [row.id for row in window.items] == expected[offset : offset + 5], text
        for id in chance.sample(life.ids, 5):
            place = expected.index(id) if id in expected else None
            assert life.store.views.position(selection, id) == place, (view, text)


@pytest.mark.parametrize("seed", range(2))
def test_rules_are_told_what_lists_hold_and_what_is_found_beforehand_is_so(world: World, seed: int) -> None:
    """A field is asked of one row, and for all ids that it can be: both say what the definition says."""
    life = Life(world, seed, 60)
    rows = life.rows()
    for text in BESIDE:
        query = read(text)
        expected = {row.id for row in rows if life.matches(query, row)}
        assert life.store.routing.matching(query, life.ids) == expected, text
        selection = Selection(view="all", query=query, agent_id=life.me)
        assert set(life.store.views.ids(selection)) == expected, text
        without = Selection(view="all", query=Not(query), agent_id=life.me)
        assert set(life.store.views.ids(without)) == {*life.ids} - expected, text


@pytest.mark.parametrize("seed", range(2))
def test_views_without_a_query_are_counted_and_paged(world: World, seed: int) -> None:
    life = Life(world, seed, 80)
    rows = life.rows()
    counts = life.store.views.counts(life.me)
    assert set(BUILT_IN_VIEWS) <= set(counts)
    for view in VIEWS:
        expected = [
            row.id for row in sorted(rows, key=lambda row: in_order(view, row)) if life.in_view(view, row)
        ]  # fmt: skip
        selection = Selection(view=view, agent_id=life.me)
        for offset in (0, 3, max(len(expected) - 4, 0), len(expected) + 1):
            page = life.store.views.page(selection, offset=offset, limit=6)
            assert [row.id for row in page.items] == expected[offset : offset + 6], view
            assert page.total == len(expected), view
        assert [life.store.views.position(selection, id) for id in expected] == list(range(len(expected))), view
        if view != "anything":
            assert counts.get(view, 0) == len(expected), view


def test_typing_on_sees_what_changed_meanwhile(world: World) -> None:
    store = world.store
    ids = [world.conversation(f"Number {n}") for n in range(50)]

    def found(text: str) -> list[int]:
        return [row.id for row in store.views.page(Selection(view="all", query=read(text))).items]

    before = set(found("number"))
    new = world.conversation("A number of things")
    assert set(found("number")) == {*before, new}
    assert found("number of th") == [new]
    with store.write():
        store.tags.ensure("lumber")
        store.conversations.tag(ids[7], store.tags.ensure("number of thieves"), 1)
    assert set(found('"number of th"')) == {new, ids[7]}


def test_common_words_in_mails_are_looked_for_in_the_newest(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    from desk.store.sqlite import filters

    monkeypatch.setattr(filters, "NEWEST_MAILS", 5)
    ids = [world.conversation(f"#{n}") for n in range(12)]
    for n, id in enumerate(ids):
        world.message(id, "x" * 300 + " needle", at=world.now + n)
    selection = Selection(view="all", query=read("needle"))
    page = world.store.views.page(selection)
    assert not page.exact
    assert {row.id for row in page.items} == set(ids[-6:])
    assert set(world.store.views.ids(selection)) == set(ids)
    assert world.store.views.ids(Selection(view="all", query=read("-needle"))) == []


def test_what_is_no_list_is_refused(store: Store) -> None:
    with pytest.raises(StoreError, match="no list"):
        store.views.page(Selection(view="quarantined"))


# --- search in the language -------------------------------------------------------------------------------


@pytest.mark.parametrize("seed", range(3))
def test_search_takes_the_language(world: World, seed: int) -> None:
    life = Life(world, seed, 40)
    chance = random.Random(seed + 7)
    rows = {row.id: row for row in life.rows()}
    queries = [
        "kettle state:open", "tag:refund", "kettle or refund", "-kettle from:ada", "(kettle or tag:old) -spam",
        "is:unread nothing", "kettle -tag:refund", "state:open", "-state:open",
        *(random_query(chance) for _ in range(60)),
    ]  # fmt: skip
    for text in queries:
        query = read(text)
        if all(not isinstance(part, Field | AnyOf) for part in (query.of if isinstance(query, All) else (query,))):
            continue
        if "-_" in text or "-(_" in text:
            continue  # that there is no letterless word in a message is not said: no message is asked for it
        expected = {
            id
            for id, row in rows.items()
            if any(_message_matches(life, query, row, mail) for mail in life.messages[id])
        }
        found: list[int] = []
        before = None
        while True:
            page = life.store.search.matching(query, agent_id=life.me, before=before, limit=7)
            found += [hit.conversation.id for hit in page.hits]
            before = page.next_before
            if before is None:
                break
        assert len(found) == len(set(found)), text
        assert set(found) == expected, (text, render(query))


def _message_matches(life: Life, query: Query, row: Conversation, mail: Message) -> bool:
    if isinstance(query, Field):
        return life.matches(query, row)
    if isinstance(query, Not):
        return not _message_matches(life, query.of, row, mail)
    if isinstance(query, All | AnyOf):
        parts = (_message_matches(life, part, row, mail) for part in query.of)
        return all(parts) if isinstance(query, All) else any(parts)
    words = tokens(query.text)
    texts = (mail.subject, mail.body, *(file.name for file in mail.attachments), _names(mail))
    if not words:
        return True
    return any(occurs(words, tokens(text), isinstance(query, Prefix)) for text in texts)


def test_plain_words_are_searched_as_ever(world: World) -> None:
    id = world.mail("the kettle leaks")
    assert [hit.message_id for hit in world.store.search.matching(read("kettle -refund")).hits] == [id]
    assert world.store.search.matching(EVERYTHING).hits == ()
    with pytest.raises(QueryError):
        read("colour:red")


def test_made_ready_beforehand_it_finds_the_same(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("desk.store.sqlite.haystacks._FELT", 2)
    life = Life(world, 5, 30)
    selection = Selection(view="all", query=Word("kettle"), agent_id=life.me)
    world.store.views.warm()
    first = world.store.views.ids(selection)
    assert first
    with world.store.write():
        world.store.conversations.tag(life.ids[0], world.store.tags.ensure("kettle"), NOW)
    world.store.views.warm()
    assert set(world.store.views.ids(selection)) == {*first, life.ids[0]}


def test_a_conversation_is_found_by_its_new_subject(world: World) -> None:
    store, id = world.store, world.conversation()
    seq = store.changes.last()
    with store.write():
        assert store.conversations.set_subject(id, "Größe des Sattels", world.now)
    row = store.conversations.get(id)
    assert row is not None
    assert (row.subject, row.rev) == ("Größe des Sattels", 2)
    assert [each.id for each in store.changes.since(seq)] == [id]
    assert [each.id for each in store.views.page(Selection(view="all", query=Word("grosse"))).items] == [id]


def test_what_is_found_is_as_of_now_though_changes_were_forgotten(world: World) -> None:
    store, id = world.store, world.conversation()

    def found() -> list[int]:
        return [each.id for each in store.views.page(Selection(view="all", query=Word("zebra"))).items]

    assert found() == []
    with store.write():
        store.conversations.tag(id, store.tags.ensure("zebra"), NOW)
    for number in range(3):
        with store.write():
            store.changes.note("account", number)
    with store.write():
        store.changes.forget(2)
    assert found() == [id]
