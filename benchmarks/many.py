"""A workspace with very many conversations, written straight into the store: what the terminal is measured on."""

from __future__ import annotations

import random
from pathlib import Path

from desk.clock import DAY, MINUTE, Millis, SystemClock
from desk.model import Address, Identity, Message
from desk.store.sqlite.store import open_store
from desk.workspace import Workspace

WORDS = [
    "order",
    "parcel",
    "wheel",
    "brake",
    "light",
    "invoice",
    "refund",
    "battery",
    "saddle",
    "chain",
    "delivery",
    "address",
    "colour",
    "frame",
    "warranty",
    "please",
    "thank",
    "today",
    "tomorrow",
    "never",
    "again",
    "photo",
    "attached",
    "number",
    "customer",
    "waiting",
    "street",
    "broken",
    "missing",
    "late",
]
COMMON = "parcel"
RARE_EVERY = 9_973


def fill(folder: Path, conversations: int, messages: int, *, over: Millis = 200 * DAY, ago: Millis = 0) -> Workspace:
    """Make the workspace; message `n` of every `RARE_EVERY` holds the word `rareword`. `over`: in the course of what
    time they came; `ago`: how long ago that ended."""
    home = Workspace(folder).prepare()
    store = open_store(home.database, blobs=home.attachments)
    dice = random.Random(7)
    now = SystemClock().now() - ago
    ids: list[tuple[int, str]] = []
    step = over // messages
    try:
        for start in range(0, messages, 2_000):
            with store.write():
                for n in range(start, min(start + 2_000, messages)):
                    at = now - over + n * step - dice.randrange(MINUTE)
                    if len(ids) < conversations and n % (messages // conversations) == 0:
                        number = len(ids)
                        name = f"Customer {number}"
                        email = f"c{number}@example.org"
                        customer = store.customers.create(name, [Identity(kind="email", value=email, name=name)], at)
                        subject = f"{dice.choice(WORDS)} {dice.choice(WORDS)} {number}"
                        id = store.conversations.create(
                            subject=subject, channel="email", account="shop", customer_id=customer, at=at
                        )
                        ids.append((id, email))
                        chosen = ids[-1]
                    else:
                        chosen = dice.choice(ids[-400:])
                    id, email = chosen
                    text = " ".join(dice.choices(WORDS, k=40)) + (" rareword" if n % RARE_EVERY == 5 else "")
                    store.messages.add(
                        Message(
                            conversation_id=id,
                            account="shop",
                            direction="in",
                            sender=Address(email=email),
                            to=(Address(email="shop@example.org"),),
                            subject="Re: it",
                            body="\n".join(text[i : i + 70] for i in range(0, len(text), 70)),
                            rfc_message_id=f"{n}@example.org",
                            at=at,
                        )
                    )
    finally:
        store.close()
    return home
