"""Databases that an older Desk wrote, opened by this one: what was due then is a promise now, at once."""

from __future__ import annotations

import sqlite3
from pathlib import Path

import pytest

from desk.clock import HOUR, MINUTE, ManualClock, Millis
from desk.service import promises as promising
from desk.store.sqlite import SqliteStore, open_store
from desk.store.sqlite.migrations import STEPS, happenings, migrate, promises

NOW: Millis = 1_790_000_000_000


def older(path: Path, before: object) -> None:
    """A workspace of the time before that step, with work of each kind under way."""
    connection = sqlite3.connect(path, isolation_level=None)
    migrate(connection, "here", STEPS[: STEPS.index(before)])  # type: ignore[arg-type]
    connection.execute("INSERT INTO customers VALUES (1,'Ann','ann@x.example','ann','',NULL,'','','',NULL,?,1)", [NOW])
    asked = NOW - HOUR
    rows = (
        (1, "open", "email", asked, asked + 8 * HOUR, None),
        (2, "snoozed", "email", asked, asked + 2 * HOUR, asked - HOUR),
        (3, "open", "chat", asked, asked + MINUTE, None),
        (4, "waiting", "email", None, None, asked),
        (5, "resolved", "email", asked, None, None),
        (6, "open", "callback", None, NOW + HOUR, None),
    )
    connection.executemany(
        "INSERT INTO conversations (id, state, channel, waiting_since, due_at, last_out_at, last_at, created_at,"
        " subject, account, customer_id, customer_name, customer_address, folded_subject)"
        f" VALUES (?, ?, ?, ?, ?, ?, {asked}, {asked}, 'lamp', 'shop', 1, 'Ann', 'ann@x.example', 'lamp')",
        rows,
    )
    connection.execute(
        "INSERT INTO callbacks (id, conversation_id, account, number, country, reason, language, state, promised_at,"
        " until, due_at, asked_at) VALUES (9, 6, 'shop', '+4930123', 'DE', '', '', 'waiting', ?, ?, ?, ?)",
        [NOW + HOUR, NOW + 2 * HOUR, NOW + HOUR, asked],
    )
    connection.close()


def given(store: SqliteStore) -> dict[int, tuple[object, ...]]:
    return {
        each.conversation_id: (each.kind, each.state, each.began_at, each.due_at, each.promised)
        for each in store.promises.of(range(1, 7))
    }


@pytest.mark.parametrize("before", [happenings, promises], ids=["before-this-release", "before-promises"])
def test_what_was_due_is_promised_right_after_the_migration(tmp_path: Path, before: object) -> None:
    older(tmp_path / "desk.db", before)
    store = open_store(tmp_path / "desk.db", blobs=tmp_path / "attachments", clock=ManualClock(NOW))
    asked = NOW - HOUR
    wanted = {
        1: ("first", "running", asked, asked + 8 * HOUR, 8 * HOUR),
        2: ("next", "running", asked, asked + 2 * HOUR, 2 * HOUR),
        3: ("first", "running", asked, asked + MINUTE, MINUTE),
        6: ("callback", "running", asked, NOW + 2 * HOUR, 3 * HOUR),
    }
    assert given(store) == wanted
    due = {id: row.due_at for id in range(1, 7) if (row := store.conversations.get(id)) is not None}
    assert due == {1: asked + 8 * HOUR, 2: asked + 2 * HOUR, 3: asked + MINUTE, 4: None, 5: None, 6: NOW + HOUR}
    assert promising.mark_broken(store, ManualClock(NOW)) == 1
    store.close()


def test_the_first_refresh_goes_on_with_them(tmp_path: Path) -> None:
    """Of what was promised before, nothing is given a second time, and what is due stays so."""
    older(tmp_path / "desk.db", promises)
    store = open_store(tmp_path / "desk.db", blobs=tmp_path / "attachments", clock=ManualClock(NOW))
    first = given(store)[1]
    with store.write():
        promising.refresh(store, [1])
    assert given(store)[1] == first
    row = store.conversations.get(1)
    assert row is not None
    assert row.due_at == first[3]
    store.close()
