"""The table of what happened, as SQL. What stands here is never edited after a release."""

from __future__ import annotations

HAPPENINGS = """
CREATE TABLE happenings (
  id INTEGER PRIMARY KEY,
  at INTEGER NOT NULL,
  kind TEXT NOT NULL,
  conversation_id INTEGER,
  channel TEXT,
  queue_id INTEGER,
  agent_id INTEGER,
  value INTEGER,
  late INTEGER,
  first INTEGER NOT NULL
);
CREATE INDEX happenings_at ON happenings (at);
CREATE INDEX happenings_waits ON happenings (conversation_id, id)
  WHERE kind IN ('arrived', 'resumed', 'answered', 'closed');
"""
