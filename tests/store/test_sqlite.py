"""What is true of the SQLite store alone: the file, its schema, its permissions, and what a kill leaves behind."""

from __future__ import annotations

import os
import random
import re
import signal
import sqlite3
import stat
import subprocess
import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING, get_args

import pytest

from desk.clock import DAY, ManualClock, SystemClock
from desk.model import Attachment, Callback, Draft, Identity, NewReply, StateView
from desk.query import Field, parse
from desk.store.base import NewerSchema, Selection, StoreError
from desk.store.sqlite import SqliteStore, open_store
from desk.store.sqlite.elsewhere import asked
from desk.store.sqlite.migrations import STEPS, migrate
from tests.store.world import World

if TYPE_CHECKING:
    from sqlite_utils import Database


def opened(folder: Path) -> SqliteStore:
    return open_store(folder / "desk.db", blobs=folder / "attachments", clock=ManualClock())


def mode(path: Path) -> int:
    return stat.S_IMODE(path.stat().st_mode)


def test_only_the_owner_may_read(tmp_path: Path) -> None:
    old = os.umask(0)
    try:
        store = opened(tmp_path / "deep" / "workspace")
        World(store, ManualClock()).mail("x")
        store.blobs.put(b"x")
    finally:
        os.umask(old)
    files = [path for path in tmp_path.rglob("*") if path.is_file()]
    assert {path.name for path in files} >= {"desk.db", "desk.db-wal", "desk.db-shm"}
    assert {mode(path) for path in files} == {0o600}
    assert {mode(path) for path in tmp_path.rglob("*") if path.is_dir()} == {0o700}
    store.close()


def test_a_newer_schema_is_refused_and_left_alone(tmp_path: Path) -> None:
    opened(tmp_path).close()
    path = tmp_path / "desk.db"
    with sqlite3.connect(path) as connection:
        connection.execute(f"PRAGMA user_version = {len(STEPS) + 1}")
    connection.close()
    before = path.read_bytes()
    with pytest.raises(NewerSchema, match="Update Desk"):
        opened(tmp_path)
    assert path.read_bytes() == before


@pytest.mark.parametrize("content", [b"no database, just words " * 100, b"SQLite format 3\x00" + b"\xff" * 4096])
def test_a_file_that_is_no_database_is_refused_and_left_alone(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "desk.db"
    path.write_bytes(content)
    with pytest.raises(StoreError, match=r"desk\.db"):
        opened(tmp_path)
    assert path.read_bytes() == content


def test_the_database_of_another_program_is_refused(tmp_path: Path) -> None:
    with sqlite3.connect(tmp_path / "desk.db") as connection:
        connection.execute("CREATE TABLE notes (text)")
    connection.close()
    with pytest.raises(StoreError, match="another program"):
        opened(tmp_path)


def test_a_folder_that_cannot_be_made_is_an_error_in_words(tmp_path: Path) -> None:
    (tmp_path / "file").write_bytes(b"")
    with pytest.raises(StoreError, match="cannot be opened"):
        opened(tmp_path / "file" / "workspace")


def add_column(db: Database) -> None:
    db.execute("ALTER TABLE agents ADD COLUMN colour TEXT NOT NULL DEFAULT 'blue'")


def break_halfway(db: Database) -> None:
    db.execute("DROP TABLE meta")
    db.execute("UPDATE agents SET name = 'broken'")
    raise RuntimeError("out of ideas")


def contents(connection: sqlite3.Connection) -> list[str]:
    """The schema, and every row of every table."""
    tables = connection.execute("SELECT name, sql FROM sqlite_master ORDER BY name").fetchall()
    rows = [
        connection.execute(f"SELECT * FROM {name}").fetchall()
        for name, sql in tables
        if sql and sql.startswith("CREATE TABLE")
    ]
    return [str(tables), *map(str, rows)]


def test_a_migration_takes_all_steps_or_none(tmp_path: Path) -> None:
    store = opened(tmp_path)
    with store.write():
        store.agents.ensure("ann")
    store.close()
    connection = sqlite3.connect(tmp_path / "desk.db", isolation_level=None)
    before = contents(connection)
    with pytest.raises(StoreError, match="out of ideas"):
        migrate(connection, "here", (*STEPS, add_column, break_halfway))
    assert contents(connection) == before
    migrate(connection, "here", (*STEPS, add_column))
    assert connection.execute("SELECT colour FROM agents").fetchall() == [("blue",)]
    assert connection.execute("PRAGMA user_version").fetchone() == (len(STEPS) + 1,)
    with pytest.raises(NewerSchema):
        migrate(connection, "here")
    connection.close()


def test_opening_a_database_of_today_does_not_load_what_migrates(tmp_path: Path) -> None:
    opened(tmp_path).close()
    code = (
        "import sys; from pathlib import Path; from desk.store.sqlite import open_store; folder = Path(sys.argv[1]);"
        "open_store(folder / 'desk.db', blobs=folder / 'attachments').close(); sys.exit('sqlite_utils' in sys.modules)"
    )
    assert subprocess.run([sys.executable, "-c", code, str(tmp_path)], check=False).returncode == 0


def test_durability_settings(tmp_path: Path) -> None:
    store = opened(tmp_path)
    with store.write():
        pragma = {
            name: store._db.writer.execute(f"PRAGMA {name}").fetchone()[0]
            for name in ("journal_mode", "synchronous", "foreign_keys")
        }
    assert pragma == {"journal_mode": "wal", "synchronous": 2, "foreign_keys": 1}
    with pytest.raises(sqlite3.OperationalError, match="readonly"):
        store._db.reader.execute("DELETE FROM meta")
    store.close()


@pytest.mark.parametrize("view", [*get_args(StateView), "sent", "queue:Orders", "channel:chat"])
def test_every_view_is_a_walk_of_indexes_that_sorts_nothing(tmp_path: Path, view: str) -> None:
    store = opened(tmp_path)
    asked: list[str] = []
    with store.write():
        ada = Identity(kind="email", value="ada@example.org", name="Ada")
        customer = store.customers.create("Ada", [ada], 1)
        queue = store.queues.ensure("Orders")
        for channel in ("email", "chat"):
            id = store.conversations.create(
                subject="x", channel=channel, account="a", customer_id=customer, at=1, queue_id=queue
            )
            store.conversations.set_due(id, 5)
        store._db.reader.set_trace_callback(asked.append)
        store.views.page(Selection(view=view, agent_id=1), limit=10)
        store._db.reader.set_trace_callback(None)
        walked = [each for each in asked if "ORDER BY" in each and "conversations" in each]
        assert walked
        for each in walked:
            steps = [step[3] for step in store._db.reader.execute(f"EXPLAIN QUERY PLAN {each}")]
            assert not [step for step in steps if "TEMP B-TREE" in step], (each, steps)
    store.close()


def test_what_is_asked_of_a_conversation_looks_at_no_others_calls_and_promises(tmp_path: Path) -> None:
    store = opened(tmp_path)
    statements: list[str] = []
    with store.write():
        customer = store.customers.create("Ada", [], 1)
        id = store.conversations.create(subject="x", channel="callback", account="a", customer_id=customer, at=1)
        call = Callback(
            conversation_id=id, account="a", number="+493012345678", country="DE", promised_at=5, due_at=5, asked_at=1
        )
        store.callbacks.add(call)
        store._db.reader.set_trace_callback(statements.append)
        assert [len(each.calls) for each in store.promises.facts([id])] == [1]
        assert store.promises.answer(id, 0) is None
        assert store.callbacks.due_in([id]) == {id: 5}
        store._db.reader.set_trace_callback(None)
        about = [each for each in statements if "JOIN callbacks" in each]
        assert len(about) == 3
        for each in about:
            steps = [step[3] for step in store._db.reader.execute(f"EXPLAIN QUERY PLAN {each}")]
            assert not [step for step in steps if re.match(r"SCAN [kpt]\b", step)], steps
            assert [step for step in steps if re.match(r"SEARCH k USING .*\(conversation_id=", step)], steps
    store.close()


@pytest.mark.parametrize(
    "text",
    ["is:due", "is:late", "policy:gold", "customer:vip", "customer:@x.example", "customer:a@x.example", "language:de",
     "rating:1", "rating:>=3"],
)  # fmt: skip
def test_what_stands_beside_conversations_is_found_by_indexes_alone(tmp_path: Path, text: str) -> None:
    store = opened(tmp_path)
    reader, query = store._db.reader, parse(text, now=1)
    assert isinstance(query, Field)
    sql = asked(reader, query)
    assert sql is not None
    assert sql.ids is not None
    tables = reader.execute(f"EXPLAIN QUERY PLAN {sql.ids.text}", sql.ids.values).fetchall()
    row = reader.execute(
        f"EXPLAIN QUERY PLAN SELECT 1 FROM conversations c WHERE c.id = 1 AND {sql.of_row.text}", sql.of_row.values
    ).fetchall()
    steps = [
        step[3] for step in (*tables, *row) if re.match(r"(SCAN|SEARCH) (conv|prom|cust|chats|[copkmh]\b)", step[3])
    ]
    assert steps
    assert not [step for step in steps if "INDEX" not in step and "PRIMARY KEY" not in step], steps
    assert not [step for step in steps if step.startswith("SCAN") and not step.endswith(("_late", "_due"))], steps
    store.close()


# --- check ------------------------------------------------------------------------------------------------


def test_check_names_missing_and_forgotten_files(tmp_path: Path) -> None:
    store = open_store(tmp_path / "desk.db", blobs=tmp_path / "attachments", clock=SystemClock())
    kept, lost, forgotten, drafted, fresh = (store.blobs.put(bytes([n])) for n in range(5))
    world = World(store, SystemClock())
    for sha256 in (kept, lost):
        world.mail("x", attachments=(Attachment(name="a", media_type="text/plain", size=1, sha256=sha256),))
    with store.write():
        store.drafts.save(Draft(agent_id=1, conversation_id=1, content=NewReply(attachments=(f"{drafted}:a.txt",))))
    assert store.check() == []
    long_ago = time.time() - 30 * DAY / 1000
    for sha256 in (kept, forgotten, drafted):
        path = store.blobs.path(sha256)
        assert path is not None
        os.utime(path, (long_ago, long_ago))
    path = store.blobs.path(lost)
    assert path is not None
    path.unlink()
    missing, left_over = store.check()
    assert lost in missing
    assert "1 attachments are missing" in missing
    assert forgotten in left_over
    assert fresh not in left_over
    store.close()


def test_check_names_damage(tmp_path: Path) -> None:
    store = opened(tmp_path)
    world = World(store, ManualClock())
    for n in range(300):
        world.mail(f"word{n} " * 20, raw=b"%d" % n * 300)
    store.close()
    connection = sqlite3.connect(tmp_path / "desk.db")
    [page] = connection.execute("SELECT rootpage FROM sqlite_master WHERE name = 'messages_rfc_id'").fetchone()
    connection.executescript("DELETE FROM raw WHERE id = 3; DELETE FROM search_data WHERE id > 10")
    connection.executescript("PRAGMA wal_checkpoint(TRUNCATE)")
    connection.close()
    with (tmp_path / "desk.db").open("r+b") as file:
        file.seek((page - 1) * 4096)
        file.write(b"\xee" * 64)
    again = opened(tmp_path)
    findings = "\n".join(again.check())
    again.close()
    assert "is damaged" in findings
    assert "search index" in findings
    assert "1 messages whose raw bytes are gone" in findings


# --- killed -----------------------------------------------------------------------------------------------

WRITER = """
import sys
from pathlib import Path
from desk.clock import SystemClock
from desk.model import Attachment, LedgerEntry
from desk.store.sqlite import open_store
from tests.store.world import World

folder = Path(sys.argv[1])
store = open_store(folder / "desk.db", blobs=folder / "attachments")
world = World(store, SystemClock())
batch = int(store.meta.get("batch") or 0)
print("ready", flush=True)
while True:
    batch += 1
    with store.write():
        for n in range(7):
            name = f"{batch}-{n}"
            blob = store.blobs.put(name.encode())
            file = Attachment(name="f", media_type="text/plain", size=1, sha256=blob)
            id = world.mail(f"batch{batch} " * 50, raw=name.encode() * 99, rfc_message_id=name, attachments=(file,))
            store.ledger.add(LedgerEntry(at=1, account="a", external_id=name, outcome="stored", message_id=id))
        store.meta.set("batch", str(batch))
    print(batch, flush=True)
"""


def test_a_kill_loses_no_batch_and_halves_none(tmp_path: Path) -> None:
    chance = random.Random(7)
    committed = 0
    for _ in range(12):
        process = subprocess.Popen(
            [sys.executable, "-c", WRITER, str(tmp_path)],
            stdout=subprocess.PIPE,
            cwd=Path(__file__).parents[2],
            text=True,
        )
        assert process.stdout is not None
        assert process.stdout.readline() == "ready\n"
        for _ in range(chance.randrange(1, 8)):
            committed = int(process.stdout.readline())
        time.sleep(chance.random() * 0.01)
        process.send_signal(signal.SIGKILL)
        committed = max([committed, *(int(line) for line in process.stdout.read().split())])
        process.wait()
        process.stdout.close()
    store = opened(tmp_path)
    batches = int(store.meta.get("batch") or 0)
    assert batches - 1 <= committed + 12
    assert batches >= committed
    assert store.check() == []
    assert store.messages.count() == 7 * batches == store.ledger.counts()["stored"]
    for batch in range(1, batches + 1):
        assert len(store.search.find(f"batch{batch}").hits) == 7
        assert len(store.messages.by_rfc_ids([f"{batch}-{n}" for n in range(8)])) == 7
    store.close()
