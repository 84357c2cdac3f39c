"""The store: one of each protocol."""

from __future__ import annotations

from contextlib import AbstractContextManager
from typing import Protocol

from desk.store.base.automating import AutoMails, Refusals
from desk.store.base.calling import Callbacks
from desk.store.base.conversations import Conversations, Messages
from desk.store.base.finding import Reads, Search, Views
from desk.store.base.happenings import Happenings
from desk.store.base.incoming import Blobs, Cursors, Ledger
from desk.store.base.journal import Changes, Deeds, Placing
from desk.store.base.offering import Offers
from desk.store.base.outgoing import Drafts, Outbox
from desk.store.base.people import Agents, Customers, History, Names
from desk.store.base.promising import Promises
from desk.store.base.routing import Routing
from desk.store.base.selfhelp import SelfHelp
from desk.store.base.staffing import Availabilities, QueueWords
from desk.store.base.standings import Standings
from desk.store.base.trail import Invitations, Trails
from desk.store.base.upkeep import AnswerUses, Meta
from desk.store.base.visiting import Chats, Visitors


class Store(Protocol):
    agents: Agents
    queues: Names
    tags: Names
    customers: Customers
    conversations: Conversations
    messages: Messages
    search: Search
    views: Views
    reads: Reads
    outbox: Outbox
    drafts: Drafts
    ledger: Ledger
    changes: Changes
    deeds: Deeds
    answer_uses: AnswerUses
    self_help: SelfHelp
    placing: Placing
    history: History
    visitors: Visitors
    trails: Trails
    invitations: Invitations
    chats: Chats
    callbacks: Callbacks
    cursors: Cursors
    meta: Meta
    happenings: Happenings
    promises: Promises
    routing: Routing
    auto_mails: AutoMails
    refusals: Refusals
    standings: Standings
    availabilities: Availabilities
    queue_words: QueueWords
    offers: Offers
    blobs: Blobs

    def write(self) -> AbstractContextManager[None]:
        """A transaction, taken at once (`BEGIN IMMEDIATE`); nests by joining the outer one.

        An exception that leaves only an inner block undoes only what was done inside it."""
        ...

    def check(self) -> list[str]:
        """Integrity findings in words; empty when all is well."""
        ...

    def close(self) -> None: ...
