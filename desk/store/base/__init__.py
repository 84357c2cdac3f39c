"""The store as the service sees it: one small protocol a capability, one `Store` that holds them.

All methods are synchronous and run in a worker thread. Reads may run in any thread and see the last
commit. Writes happen inside `with store.write():`, one writer at a time; leaving the block commits, an
exception rolls back. Every write leaves rows in `changes` by itself: one per thing and transaction.
"""

from __future__ import annotations

from desk.store.base.automating import AutoMails, Gone, Refusals
from desk.store.base.calling import Callbacks
from desk.store.base.conversations import Conversations, Messages
from desk.store.base.errors import NewerSchema, StoreError
from desk.store.base.finding import Reads, Search, Selection, Urgent, Views
from desk.store.base.happenings import Happenings
from desk.store.base.incoming import Blobs, Cursors, Ledger
from desk.store.base.journal import Changes, Deeds, Place, Placing
from desk.store.base.offering import Offers
from desk.store.base.outgoing import Drafts, Outbox
from desk.store.base.people import Agents, Customers, History, Names
from desk.store.base.promising import Promises
from desk.store.base.routing import Arrival, Routing
from desk.store.base.selfhelp import SelfHelp
from desk.store.base.staffing import Availabilities, QueueWords
from desk.store.base.standings import Standings
from desk.store.base.store import Store
from desk.store.base.trail import Invitations, Standing, Trails
from desk.store.base.upkeep import AnswerUses, Meta
from desk.store.base.visiting import Chats, Visitors

__all__ = [
    "Agents",
    "AnswerUses",
    "Arrival",
    "AutoMails",
    "Availabilities",
    "Blobs",
    "Callbacks",
    "Changes",
    "Chats",
    "Conversations",
    "Cursors",
    "Customers",
    "Deeds",
    "Drafts",
    "Gone",
    "Happenings",
    "History",
    "Invitations",
    "Ledger",
    "Messages",
    "Meta",
    "Names",
    "NewerSchema",
    "Offers",
    "Outbox",
    "Place",
    "Placing",
    "Promises",
    "QueueWords",
    "Reads",
    "Refusals",
    "Routing",
    "Search",
    "Selection",
    "SelfHelp",
    "Standing",
    "Standings",
    "Store",
    "StoreError",
    "Trails",
    "Urgent",
    "Views",
    "Visitors",
]
