"""The whole store in one SQLite database."""

from __future__ import annotations

from contextlib import AbstractContextManager
from pathlib import Path

from desk.clock import Clock, SystemClock
from desk.model import Queue, Tag
from desk.store.base import (
    Agents,
    AnswerUses,
    AutoMails,
    Availabilities,
    Blobs,
    Callbacks,
    Changes,
    Chats,
    Conversations,
    Cursors,
    Customers,
    Deeds,
    Drafts,
    Happenings,
    History,
    Invitations,
    Ledger,
    Messages,
    Meta,
    Names,
    Offers,
    Outbox,
    Placing,
    Promises,
    QueueWords,
    Reads,
    Refusals,
    Routing,
    Search,
    SelfHelp,
    Standings,
    Trails,
    Views,
    Visitors,
)
from desk.store.blobs import DiskBlobs
from desk.store.sqlite.answer_uses import SqliteAnswerUses
from desk.store.sqlite.automating import SqliteAutoMails, SqliteRefusals
from desk.store.sqlite.calling import SqliteCallbacks
from desk.store.sqlite.changes import SqliteChanges
from desk.store.sqlite.check import findings
from desk.store.sqlite.connection import Database
from desk.store.sqlite.conversation_rows import ConversationRows
from desk.store.sqlite.conversations import SqliteConversations
from desk.store.sqlite.deeds import SqliteDeeds
from desk.store.sqlite.drafts import SqliteDrafts
from desk.store.sqlite.happenings import SqliteHappenings
from desk.store.sqlite.haystacks import Rows
from desk.store.sqlite.history import SqliteHistory
from desk.store.sqlite.ledger import SqliteLedger
from desk.store.sqlite.messages import SqliteMessages
from desk.store.sqlite.offering import SqliteOffers
from desk.store.sqlite.outbox import SqliteOutbox
from desk.store.sqlite.partaking import Partaking
from desk.store.sqlite.people import SqliteAgents, SqliteCustomers, SqliteNames
from desk.store.sqlite.placing import SqlitePlacing
from desk.store.sqlite.promising import SqlitePromises
from desk.store.sqlite.reads import SqliteReads
from desk.store.sqlite.routing import SqliteRouting
from desk.store.sqlite.search import SqliteSearch
from desk.store.sqlite.selfhelp import SqliteSelfHelp
from desk.store.sqlite.staffing import SqliteAvailabilities, SqliteQueueWords
from desk.store.sqlite.standings import SqliteStandings
from desk.store.sqlite.trail import SqliteInvitations, SqliteTrails
from desk.store.sqlite.values import SqliteCursors, SqliteMeta
from desk.store.sqlite.views import SqliteViews
from desk.store.sqlite.visiting import SqliteChats, SqliteVisitors


class SqliteStore:
    """See `desk.store.base.Store`.

    A `write` inside a `write` is a savepoint: an exception that leaves only the inner block undoes only what was
    done there.
    """

    def __init__(self, path: Path, *, blobs: Path, clock: Clock) -> None:
        self._db = Database(path, clock)
        self._blobs = DiskBlobs(blobs)
        self.blobs: Blobs = self._blobs
        self.agents: Agents = SqliteAgents(self._db)
        self.queues: Names = SqliteNames(self._db, "queue", Queue)
        self.tags: Names = SqliteNames(self._db, "tag", Tag)
        self.customers: Customers = SqliteCustomers(self._db)
        rows = ConversationRows(self._db)
        partaking = Partaking(self._db)
        conversations = SqliteConversations(self._db, rows, partaking)
        self.conversations: Conversations = conversations
        messages = SqliteMessages(self._db, rows, partaking)
        self.messages: Messages = messages
        self.placing: Placing = SqlitePlacing(self._db, messages)
        self.history: History = SqliteHistory(self._db)
        self.deeds: Deeds = SqliteDeeds(self._db)
        self.answer_uses: AnswerUses = SqliteAnswerUses(self._db)
        self.self_help: SelfHelp = SqliteSelfHelp(self._db)
        texts = Rows(self._db)
        self.search: Search = SqliteSearch(self._db, conversations, texts)
        reads = SqliteReads(self._db)
        self.reads: Reads = reads
        self.views: Views = SqliteViews(self._db, conversations, reads, texts)
        self.outbox: Outbox = SqliteOutbox(self._db)
        self.drafts: Drafts = SqliteDrafts(self._db)
        self.visitors: Visitors = SqliteVisitors(self._db)
        self.trails: Trails = SqliteTrails(self._db)
        self.invitations: Invitations = SqliteInvitations(self._db)
        self.chats: Chats = SqliteChats(self._db, messages.many)
        self.callbacks: Callbacks = SqliteCallbacks(self._db, self.placing.target)
        self.ledger: Ledger = SqliteLedger(self._db)
        self.cursors: Cursors = SqliteCursors(self._db)
        self.meta: Meta = SqliteMeta(self._db)
        self.changes: Changes = SqliteChanges(self._db)
        self.happenings: Happenings = SqliteHappenings(self._db)
        self.promises: Promises = SqlitePromises(self._db)
        self.routing: Routing = SqliteRouting(self._db, texts)
        self.auto_mails: AutoMails = SqliteAutoMails(self._db)
        self.refusals: Refusals = SqliteRefusals(self._db)
        self.standings: Standings = SqliteStandings(self._db)
        self.availabilities: Availabilities = SqliteAvailabilities(self._db)
        self.queue_words: QueueWords = SqliteQueueWords(self._db)
        self.offers: Offers = SqliteOffers(self._db)

    def write(self) -> AbstractContextManager[None]:
        return self._db.write()

    def check(self) -> list[str]:
        return findings(self._db, self._blobs)

    def close(self) -> None:
        self._db.close()


def open_store(path: Path, *, blobs: Path, clock: Clock | None = None) -> SqliteStore:
    """Open the database at `path`, made with its folder (0700) if there is none, with attachments below `blobs`.

    Raises `NewerSchema` if a newer Desk wrote it, `StoreError` if it cannot be opened or brought up to date.
    """
    return SqliteStore(path, blobs=blobs, clock=clock or SystemClock())
