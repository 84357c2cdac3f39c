"""What a transaction remembers: for its commit, and of rows that are put off until they can be written together.

Each statement gives the interpreter away and takes it back, and costs more than most of the rows it writes. So mail
that comes in is collected as rows and written when somebody wants to read or change what the store holds, at the
latest before the commit; `Database.reader` and `Database.writer` see to that. Ids are given out meanwhile: there is
one writer, so what it knows of a table stays true until it ends.
"""

from __future__ import annotations

from msgspec import Struct

from desk.clock import Millis
from desk.model import ChangeKind, Happening, IdentityKind, Message
from desk.store.sqlite.activity import Row
from desk.store.sqlite.documents import Document

Value = str | int | bytes | None


class Added(Struct, frozen=True):
    """A message that is to be written."""

    id: int
    message: Message
    sha256: str
    raw_packed: bytes


class Transaction:
    """One transaction's memory; a new one begins with nothing."""

    __slots__ = (
        "added",
        "arrived",
        "came",
        "changes",
        "conversations",
        "created",
        "customers",
        "documents",
        "entered",
        "entries",
        "happened",
        "happening",
        "ids",
        "last_ids",
        "owners",
        "paces",
        "partaking",
        "put_off",
        "rows",
        "stale",
        "unkept",
        "unseen",
    )

    def __init__(self) -> None:
        self.changes: list[tuple[ChangeKind, int, int | None]] = []
        self.stale: dict[ChangeKind, set[int]] = {"conversation": set(), "message": set()}
        """Of what the tables that filters read have to be brought up to date; see `upkeep`."""
        self.happened: list[Happening] = []
        """What happened that no row tells of."""
        self.happening = True
        """Whether what it does happens now; see `Happenings.pass_over`."""
        self.came: set[tuple[int, Millis]] = set()
        """Where customers' messages came that were not here before, and of which instants."""
        self.paces: dict[tuple[str, Millis], int] = {}
        """Ids of paces, by calendar and what is promised."""
        self.documents: list[Document] = []
        self.arrived: list[tuple[str]] = []
        self.ids: dict[str, int] = {}
        """The last id given out, by table."""
        self.last_ids: dict[Millis, int] = {}
        """The last message id of an instant, as far as it was asked for; one below the first where there is none."""
        self._forget_all()

    def _forget_all(self) -> None:
        self.put_off = False
        """Whether anything of the following is yet to be written."""
        self.created: list[tuple[Value, ...]] = []
        """Rows of customers."""
        self.added: list[Added] = []
        self.entries: list[tuple[Value, ...]] = []
        """Rows of the ledger."""
        self.rows: dict[str, list[tuple[str | int | bytes, ...]]] = {}
        """What `Database.later` was given, by statement."""
        self.partaking: dict[str, dict[int, set[str]]] = {"participants": {}, "addressed": {}}
        """Rows of these two tables: addresses by conversation."""
        self.unseen: set[tuple[str, str]] = set()
        """Accounts and external ids that the ledger does not have."""
        self.forget()

    def forget(self) -> None:
        """A statement may change anything: what is known of the store's rows need not be true any more."""
        self.conversations: dict[int, Row] = {}
        self.customers: dict[int, tuple[str, str]] = {}
        """Names and addresses."""
        self.owners: dict[tuple[IdentityKind, str], int | None] = {}
        """Customers by identity; None where nobody has it."""
        self.unkept: set[str] = set()
        """Hashes of raw bytes that the store does not have."""
        self.entered: dict[tuple[str, str], int] = {}
        """Ids of ledger entries, by account and external id."""

    def mark(self) -> Transaction:
        """A copy to go back to, of one that has written all it put off."""
        copy = Transaction()
        copy.changes, copy.documents, copy.arrived = self.changes[:], self.documents[:], self.arrived[:]
        copy.stale = {kind: set(ids) for kind, ids in self.stale.items()}
        copy.happened, copy.came = self.happened[:], set(self.came)
        return copy

    def back_to(self, mark: Transaction) -> None:
        """Be as at `mark` again; ids that were given out since are not given out again."""
        self.changes, self.documents, self.arrived = mark.changes, mark.documents, mark.arrived
        self.stale, self.happened, self.came = mark.stale, mark.happened, mark.came
        self.paces = {}
        self._forget_all()
