"""Brings a database to the schema this Desk knows: all pending steps in one transaction, or none of them.

`PRAGMA user_version` counts the steps taken, so that a database of today opens without loading sqlite-utils;
`_sqlite_migrations` names them, for people and for `sqlite-utils migrate --list`.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING

from desk.store.base import NewerSchema, StoreError
from desk.store.sqlite.automating_schema import AUTOMATING
from desk.store.sqlite.calling_schema import CALLING
from desk.store.sqlite.elsewhere_schema import BESIDE
from desk.store.sqlite.happenings_schema import HAPPENINGS
from desk.store.sqlite.offering_schema import OFFERS
from desk.store.sqlite.promising_schema import PROMISES
from desk.store.sqlite.routing_schema import ROUTING
from desk.store.sqlite.schema import FIRST
from desk.store.sqlite.selfhelp_schema import SELF_HELP
from desk.store.sqlite.staffing_schema import STAFFING
from desk.store.sqlite.trail_schema import TRAIL
from desk.store.sqlite.urgency_schema import ORDER, PACES
from desk.store.sqlite.visiting_schema import LEFT, TOLD, UNDER_WAY, VISITING

if TYPE_CHECKING:
    from sqlite_utils import Database

Step = Callable[["Database"], None]

APPLICATION_ID = 0x4465736B
"""`Desk`, in the file's header: tells our databases from others (SQLite file format, section 1.3.17)."""


def first(db: Database) -> None:
    """Everything there was at the beginning."""
    db.executescript(FIRST)


def self_help(db: Database) -> None:
    """What visitors asked of the help articles."""
    db.executescript(SELF_HELP)


def visiting(db: Database) -> None:
    """Visitors of sites, and their chats."""
    db.executescript(VISITING)


def calling(db: Database) -> None:
    """Callbacks, and the attempts to make them."""
    db.executescript(CALLING)


def trail(db: Database) -> None:
    """Where visitors were, who of them the shop vouches for, and how they were invited."""
    db.executescript(TRAIL)


def told(db: Database) -> None:
    """What visitors answer before a chat."""
    db.executescript(TOLD)


def happenings(db: Database) -> None:
    """What happened, for the live queue and reports."""
    db.executescript(HAPPENINGS)


def paces(db: Database) -> None:
    """How fast what is left of each promise becomes less."""
    db.executescript(PACES)


def staffing(db: Database) -> None:
    """When reps were available, and what supervisors say of queues."""
    db.executescript(STAFFING)


def routing(db: Database) -> None:
    """Where rules and automations have acted."""
    db.executescript(ROUTING)


def order(db: Database) -> None:
    """The order of urgency."""
    db.executescript(ORDER)


def promises(db: Database) -> None:
    """Promises that were given."""
    db.executescript(PROMISES)


def offers(db: Database) -> None:
    """What is offered to reps."""
    db.executescript(OFFERS)


def automating(db: Database) -> None:
    """Mail of automations, and who wants none."""
    db.executescript(AUTOMATING)


def under_way(db: Database) -> None:
    """Chats under way are found without those that are over."""
    db.executescript(UNDER_WAY)


def beside(db: Database) -> None:
    """What filters ask of promises, customers and chats is found by indexes."""
    db.executescript(BESIDE)


def left(db: Database) -> None:
    """Who left a chat before the first answer."""
    db.executescript(LEFT)


STEPS: tuple[Step, ...] = (
    first,
    self_help,
    visiting,
    calling,
    trail,
    told,
    happenings,
    paces,
    staffing,
    routing,
    promises,
    order,
    offers,
    automating,
    under_way,
    beside,
    left,
)
"""In order, append only. Each runs inside the one transaction and must not commit."""


def migrate(connection: sqlite3.Connection, where: str, steps: Sequence[Step] = STEPS) -> None:
    """Take the steps that are pending.

    Raises `NewerSchema` if a newer Desk wrote the database, `StoreError` if it is somebody else's or a step
    failed. Whatever is raised, the database is as it was.
    """
    taken = _steps_taken(connection, where, len(steps))
    if taken == len(steps):
        return
    connection.execute("BEGIN IMMEDIATE")
    try:
        if _steps_taken(connection, where, len(steps)) < len(steps):
            _take(connection, steps)
        connection.execute("COMMIT")
    except BaseException as error:
        if connection.in_transaction:
            connection.execute("ROLLBACK")
        if isinstance(error, StoreError) or not isinstance(error, Exception):
            raise
        raise StoreError(
            f"{where} could not be brought from schema {taken} to {len(steps)}: {error}. "
            "It is unchanged; the Desk that wrote it can still open it."
        ) from error


def _steps_taken(connection: sqlite3.Connection, where: str, known: int) -> int:
    try:
        [taken] = connection.execute("PRAGMA user_version").fetchone()
        [application] = connection.execute("PRAGMA application_id").fetchone()
        [tables] = connection.execute("SELECT count(*) FROM sqlite_master").fetchone()
    except sqlite3.DatabaseError as error:
        raise StoreError(f"{where} cannot be read as a database: {error}. Restore it from a backup.") from error
    if tables and application != APPLICATION_ID:
        raise StoreError(f"{where} is a database of another program. Name another workspace, or move it away.")
    if taken > known:
        raise NewerSchema(
            f"{where} has schema {taken}, and this Desk knows {known}: a newer Desk wrote it. Update Desk to open it."
        )
    return int(taken)


def _take(connection: sqlite3.Connection, steps: Sequence[Step]) -> None:
    from sqlite_utils import Database, Migrations

    migrations = Migrations("desk")
    for step in steps:
        migrations(name=step.__name__)(step)
    migrations.apply(Database(connection, recursive_triggers=False, execute_plugins=False))
    connection.execute(f"PRAGMA application_id = {APPLICATION_ID}")
    connection.execute(f"PRAGMA user_version = {len(steps)}")
