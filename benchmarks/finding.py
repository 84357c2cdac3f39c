"""Views and filters over 100,000 conversations, while they go on changing."""

from __future__ import annotations

import random
import statistics
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from datetime import UTC
from pathlib import Path

from benchmarks.store import Figure, Language, opened, timed
from desk.model import Address, Identity, Message
from desk.query import parse
from desk.store.base import Selection, Store

CONVERSATIONS = 100_000
CUSTOMERS = 20_000
BATCH = 1_000
START = 1_700_000_000_000
MINUTE = 60_000
TAGS = ("refund", "delivery", "question", "complaint", "warranty")
WINDOW = 64
LATE = 5_000


def run() -> Iterator[Figure]:
    """Yield each figure with its name."""
    chance = random.Random(3)
    language = Language(chance)
    with tempfile.TemporaryDirectory() as folder, opened(Path(folder)) as store:
        agent = _fill(store, chance, language)
        store.views.page(Selection(view="open", agent_id=agent))
        yield from _views(store, agent, chance)
        yield from _letters(store, agent, chance, language)
        yield from _fields(store, agent)
        yield from _counts(store, agent)
        yield from _searches(store, agent, language)
        yield from _late(store, language)
        yield from _searches(store, agent, language, ", after late mail")


def _late(store: Store, language: Language) -> Iterator[Figure]:
    """Old mail comes in after newer mail: below all that the index has."""
    taken: list[float] = []
    for first in range(0, LATE, BATCH):
        start = time.perf_counter()
        with store.write():
            for n in range(first, first + BATCH):
                at = START - (LATE - n) * MINUTE
                id = store.conversations.create(
                    subject=language.text(5), channel="email", account="import", customer_id=1 + n % CUSTOMERS, at=at
                )
                sender = Address(email=f"late{n}@shop.example")
                body = language.text(60)
                store.messages.add(Message(conversation_id=id, direction="in", sender=sender, body=body, at=at))
        taken.append((time.perf_counter() - start) * 1_000)
    yield f"{LATE:,} old mails come late, {BATCH:,} a transaction", _said(taken)


def _fill(store: Store, chance: random.Random, language: Language) -> int:
    with store.write():
        agents = [store.agents.ensure(f"agent{n}").id for n in range(20)]
        queues = [store.queues.ensure(f"Queue {n}") for n in range(6)]
        tags = [store.tags.ensure(name) for name in TAGS]
        people = [(f"{language.text(1).title()} {language.text(1).title()}", f"c{n}@{language.text(1)}.example")
                  for n in range(CUSTOMERS)]  # fmt: skip
        customers = [
            store.customers.create(name, [Identity(kind="email", value=email)], START) for name, email in people
        ]
    for first in range(0, CONVERSATIONS, BATCH):
        with store.write():
            for n in range(first, first + BATCH):
                _one(store, chance, language, n, agents, queues, tags, customers, people)
    return agents[0]


def _one(
    store: Store,
    chance: random.Random,
    language: Language,
    n: int,
    agents: Sequence[int],
    queues: Sequence[int],
    tags: Sequence[int],
    customers: Sequence[int],
    people: Sequence[tuple[str, str]],
) -> None:
    at, whose = START + n * MINUTE, n % CUSTOMERS
    subject = language.text(5)
    queue = chance.choice((*queues, None)) if n % 3 else None
    id = store.conversations.create(
        subject=subject, channel="email", account="support", customer_id=customers[whose], at=at, queue_id=queue
    )
    name, email = people[whose]
    store.messages.add(
        Message(
            conversation_id=id,
            account="support",
            direction="in",
            sender=Address(email=email, name=name),
            to=(Address(email="support@shop.example"),),
            subject=subject,
            body=language.text(60),
            at=at,
        )
    )
    if n % 4 == 0:
        store.conversations.set_due(id, at + 1)
    if n % 5 == 0:
        store.conversations.tag(id, tags[n // 5 % len(tags)], at)
    if n % 3 == 0:
        store.conversations.claim(id, chance.choice(agents), at)
    if n % 10 == 0:
        store.conversations.set_priority(id, "urgent" if n % 100 == 0 else "high", at)
    if n % 10 >= 7:
        store.conversations.set_state(id, "resolved", at)


def _views(store: Store, agent: int, chance: random.Random) -> Iterator[Figure]:
    views = ("open", "mine", "unassigned", "waiting", "resolved", "sent", "all", "failed", "mentions")
    names = [*views, "queue:Queue 1", "queue:Queue 4", "channel:email", "channel:chat"]

    def switch(n: int) -> None:
        store.views.page(Selection(view=names[n % len(names)], agent_id=agent), limit=WINDOW)

    yield f"switch to a view of {CONVERSATIONS:,}", timed(switch)
    ids = [chance.randrange(1, CONVERSATIONS) for _ in range(200)]
    yield (
        f"the place of one of {CONVERSATIONS:,}",
        timed(lambda n: store.views.position(Selection(view="all", agent_id=agent), ids[n])),
    )


def _letters(store: Store, agent: int, chance: random.Random, language: Language) -> Iterator[Figure]:
    """Words typed letter by letter, common and rare ones, a conversation changing before each letter."""
    sorts: dict[str, Callable[[int], str]] = {
        "a common word": lambda n: language.words[n % 50],
        "a rare word": lambda n: language.words[-1 - n * 37],
        "two words": lambda n: f"{language.words[200 + n]} {language.words[5_000 + n]}",
        "what nobody wrote": lambda n: f"xq{n}{language.words[n]}",
        "an address": lambda n: f"c{chance.randrange(CUSTOMERS)}@",
    }
    for name, word in sorts.items():
        for view in ("open", "all"):
            taken: list[float] = []
            for n in range(25):
                text = word(n)
                for length in range(1, len(text) + 1):
                    with store.write():
                        store.conversations.set_due(chance.randrange(1, CONVERSATIONS), START + n)
                    taken.append(_asked(store, Selection(view=view, query=_read(text[:length]), agent_id=agent)))
            yield f"filter {view}, a letter of {name}", _said(taken)


def _asked(store: Store, selection: Selection) -> float:
    start = time.perf_counter()
    store.views.page(selection, limit=WINDOW)
    return (time.perf_counter() - start) * 1_000


def _said(taken: list[float]) -> str:
    worst = max(taken)
    p95 = statistics.quantiles(taken, n=20)[-1]
    return f"median {statistics.median(taken):.2f} ms, p95 {p95:.2f} ms, max {worst:.1f} ms"


def _read(text: str):  # type: ignore[no-untyped-def]
    return parse(text, now=START + CONVERSATIONS * MINUTE, zone=UTC)


def _fields(store: Store, agent: int) -> Iterator[Figure]:
    for text in (
        "is:unread", "is:unread priority:urgent", "tag:refund", "tag:nowhere", "from:c77@", "to:support", "after:3d",
        "before:2020-01-01", "before:2023-12-01", "channel:chat", "queue:nowhere",
        "assignee:agent7", "priority:low", "has:attachment", "queue:\"Queue 2\" assignee:nobody", "state:waiting",
        "assignee:agent3 tag:warranty", "subject:kettle", "-state:resolved (tag:refund or is:failed)",
    ):  # fmt: skip
        selection = Selection(view="all", query=_read(text), agent_id=agent)
        yield f"filter all, {text}", timed(lambda _, s=selection: store.views.page(s, limit=WINDOW), 20)  # type: ignore[misc]


def _counts(store: Store, agent: int) -> Iterator[Figure]:
    yield "the counts of all views", timed(lambda _: store.views.counts(agent), 50)
    yield "how many are unread and name me", timed(lambda _: store.reads.counts(agent), 50)
    for text in ("is:unread priority:urgent", "tag:refund state:open", "after:3d"):
        selection = Selection(view="anything", query=_read(text), agent_id=agent)
        yield f"the count of a saved view, {text}", timed(lambda _, s=selection: store.views.count(s), 20)  # type: ignore[misc]
    open_ = Selection(view="open", query=_read(""), agent_id=agent)
    yield "every id of an unfiltered view, to act on", timed(lambda _: store.views.ids(open_), 5)


def _searches(store: Store, agent: int, language: Language, when: str = "") -> Iterator[Figure]:
    words = language.words
    queries: dict[str, Callable[[int], str]] = {
        "a common word": lambda n: words[n % 5],
        "a rare word": lambda n: words[-1 - n],
        "a common word with tag:refund": lambda n: f"{words[n % 5]} tag:refund",
        "a common word from one person": lambda n: f"{words[n % 5]} from:c{n}@",
        "one word or another": lambda n: f"{words[n % 50]} or {words[-1 - n]}",
        "a common word before a day": lambda n: f"{words[n % 5]} before:2023-11-20",
        "a tag alone": lambda n: f"tag:{TAGS[n % 5]}",
        "state:waiting and a rare word": lambda n: f"state:waiting {words[-1 - n]}",
    }
    for name, query in queries.items():
        yield (
            f"search {name}{when}",
            timed(lambda n, query=query: store.search.matching(_read(query(n)), agent_id=agent), 40),  # type: ignore[misc]
        )
