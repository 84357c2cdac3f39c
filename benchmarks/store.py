"""The store alone: writing, pages of the inbox, search; 100,000 messages, and 1,000 beside 100,000 conversations."""

from __future__ import annotations

import itertools
import random
import statistics
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from hashlib import sha256
from pathlib import Path

from desk.mail.packing import pack
from desk.model import Address, Identity, LedgerEntry, Message
from desk.store.base import Selection, Store
from desk.store.sqlite import open_store

MESSAGES = 100_000
CONVERSATIONS = 25_000
WORDS = 20_000
BATCH = 500
START = 1_700_000_000_000
MINUTE = 60_000

Figure = tuple[str, str]


class Language:
    """Words as often as in real text: the n-th most common one is 1/n as common as the first."""

    def __init__(self, chance: random.Random) -> None:
        syllables = [a + b for a in "bcdfghklmnprstvw" for b in "aeiou"]
        self.words = ["".join(chance.choices(syllables, k=chance.randint(1, 5))) for _ in range(WORDS)]
        self._weights = list(itertools.accumulate(1 / n for n in range(1, WORDS + 1)))
        self._chance = chance

    def text(self, length: int) -> str:
        return " ".join(self._chance.choices(self.words, cum_weights=self._weights, k=length))


def run() -> Iterator[Figure]:
    """Yield each figure with its name."""
    with tempfile.TemporaryDirectory() as folder:
        chance = random.Random(1)
        language = Language(chance)
        with opened(Path(folder, "mail")) as store:
            yield from _writing(store, chance, language)
            yield from _conversation(store, chance)
            yield from _searching(store, language, "")
            yield from _late_mail(store, language)
            yield from _searching(store, language, ", after late mail")
            yield from _claiming(store)
        for number in (1_000, 100_000):
            with opened(Path(folder, str(number))) as store:
                _fill_inbox(store, number)
                yield from _inbox(store, number)


@contextmanager
def opened(folder: Path) -> Iterator[Store]:
    store = open_store(folder / "desk.db", blobs=folder / "attachments")
    try:
        yield store
    finally:
        store.close()


def timed(what: Callable[[int], object], times: int = 200) -> str:
    """Median and 95th percentile of calls with 0, 1, 2, …"""
    taken: list[float] = []
    for n in range(times):
        start = time.perf_counter()
        what(n)
        taken.append((time.perf_counter() - start) * 1_000)
    return f"median {statistics.median(taken):.2f} ms, p95 {statistics.quantiles(taken, n=20)[-1]:.2f} ms"


# --- 100,000 messages in 25,000 conversations -------------------------------------------------------------


def _writing(store: Store, chance: random.Random, language: Language) -> Iterator[Figure]:
    customers, conversations = _people(store, language)
    elapsed = cpu = 0.0
    for first in range(0, MESSAGES, BATCH):
        batch = [
            _incoming(n, conversations[n if n < CONVERSATIONS else chance.randrange(CONVERSATIONS)], language)
            for n in range(first, first + BATCH)
        ]
        start, start_cpu = time.perf_counter(), time.process_time()
        with store.write():
            for n, (message, packed, digest) in enumerate(batch, first):
                id = store.messages.add(message, raw_packed=packed, sha256=digest)
                store.conversations.add_participants(message.conversation_id, [f"customer{n % customers}@example.org"])
                store.ledger.add(
                    LedgerEntry(
                        at=START,
                        account="support",
                        external_id=f"sha256:{digest}",
                        outcome="stored",
                        message_id=id,
                        conversation_id=message.conversation_id,
                        subject=message.subject,
                        size=message.size,
                    )
                )
        elapsed += time.perf_counter() - start
        cpu += time.process_time() - start_cpu
    yield (
        f"store a message with bytes, ledger and search, {BATCH} a transaction, of {MESSAGES:,}",
        f"{elapsed / MESSAGES * 1e6:.0f} µs ({cpu / MESSAGES * 1e6:.0f} µs CPU)",
    )


def _people(store: Store, language: Language) -> tuple[int, list[int]]:
    number = CONVERSATIONS // 5
    conversations: list[int] = []
    with store.write():
        customers = [
            store.customers.create(f"Customer {n}", [Identity(kind="email", value=f"customer{n}@example.org")], START)
            for n in range(number)
        ]
        for n in range(CONVERSATIONS):
            conversations.append(
                store.conversations.create(
                    subject=language.text(5),
                    channel="email",
                    account="support",
                    customer_id=customers[n % number],
                    at=START + n * MINUTE,
                )
            )
    return number, conversations


def _incoming(n: int, conversation: int, language: Language) -> tuple[Message, bytes, str]:
    body = language.text(180)
    raw = f"Message-ID: <{n}@example.org>\n\n{body}".encode()
    message = Message(
        conversation_id=conversation,
        account="support",
        direction="in",
        sender=Address(email=f"customer{n}@example.org", name=f"Customer {n}"),
        to=(Address(email="support@example.org", name="Support"),),
        subject=language.text(5),
        body=body,
        rfc_message_id=f"{n}@example.org",
        in_reply_to=f"{n - CONVERSATIONS}@example.org" if n >= CONVERSATIONS else "",
        at=START + n * MINUTE,
        size=len(raw),
    )
    return message, pack(raw), sha256(raw).hexdigest()


def _conversation(store: Store, chance: random.Random) -> Iterator[Figure]:
    ids = [chance.randrange(1, CONVERSATIONS) for _ in range(200)]
    yield "read the newest 50 messages of a conversation", timed(lambda n: store.messages.of_conversation(ids[n]))


def _searching(store: Store, language: Language, when: str) -> Iterator[Figure]:
    words = language.words
    long = [word for word in words if len(word) > 6]
    queries = {
        "a rare word": lambda n: words[-1 - n],
        "a very common word": lambda n: words[n % 5],
        "two common words": lambda n: f"{words[n % 7]} {words[7 + n % 7]}",
        "a phrase": lambda n: f'"{words[n % 3]} {words[n % 4]}"',
        "a common word but not another": lambda n: f"{words[n % 5]} -{words[5 + n % 5]}",
        "a prefix of 1 letter": lambda n: f"{words[n][:1]}*",
        "a prefix of 2 letters": lambda n: f"{words[n][:2]}*",
        "a prefix of 3 letters": lambda n: f"{long[n][:3]}*",
        "a prefix of 5 letters": lambda n: f"{long[n][:5]}*",
        "a common word and a prefix": lambda n: f"{words[n % 5]} {words[n][:2]}*",
    }
    for name, query in queries.items():
        yield f"search {name}, 50 conversations{when}", timed(lambda n, query=query: store.search.find(query(n)))  # type: ignore[misc]


def _late_mail(store: Store, language: Language) -> Iterator[Figure]:
    """Mail from years before, one a transaction: the hardest for an index that is kept in the order of time."""
    late = [_incoming(MESSAGES + n, 1 + n % CONVERSATIONS, language)[0] for n in range(2_000)]
    chance = random.Random(2)

    def add(n: int) -> None:
        message = late[n]
        with store.write():
            store.messages.add(
                Message(
                    conversation_id=message.conversation_id,
                    direction="in",
                    body=message.body,
                    at=START - chance.randrange(10**11),
                )
            )

    yield "store one late message, durable at once", timed(add, len(late))


def _claiming(store: Store) -> Iterator[Figure]:
    with store.write():
        agent = store.agents.ensure("ann")

    def claim(n: int) -> None:
        with store.write():
            store.conversations.claim(n + 1, agent.id, START)

    yield "claim a conversation, durable", timed(claim, 1_000)


# --- the inbox at two sizes -------------------------------------------------------------------------------


def _fill_inbox(store: Store, number: int) -> None:
    with store.write():
        customer = store.customers.create("Ada", [Identity(kind="email", value="ada@example.org")], START)
    for first in range(0, number, 2_000):
        with store.write():
            for n in range(first, min(first + 2_000, number)):
                at = START + n * MINUTE
                id = store.conversations.create(
                    subject=f"Order {n}", channel="email", account="support", customer_id=customer, at=at
                )
                store.messages.add(
                    Message(conversation_id=id, direction="in", body=f"Where is order {n}?", at=at, account="support")
                )
                if n % 10 == 0:
                    store.conversations.set_due(id, at + 1)


def _inbox(store: Store, number: int) -> Iterator[Figure]:
    conversations, views = store.conversations, store.views
    of = f"of {number:,} conversations"
    yield f"100 rows from the top {of}", timed(lambda n: views.page(Selection(view="open")))
    yield f"100 rows from the middle {of}", timed(lambda n: views.page(Selection(view="open"), offset=number // 2))
    yield f"100 rows from the end {of}", timed(lambda n: views.page(Selection(view="open"), offset=number - 100))
    yield f"the counts of all views {of}", timed(lambda n: conversations.counts(agent_id=1))
    yield f"the place of one {of}", timed(lambda n: views.position(Selection(view="open"), 1 + n * (number // 200)))
