"""The tables of people at work, as SQL. What stands here is never edited after a release."""

from __future__ import annotations

STAFFING = """
CREATE TABLE availability (
  id INTEGER PRIMARY KEY,
  agent_id INTEGER NOT NULL REFERENCES agents(id),
  state TEXT NOT NULL,
  reason TEXT NOT NULL,
  began_at INTEGER NOT NULL,
  ended_at INTEGER
);
CREATE UNIQUE INDEX availability_now ON availability (agent_id) WHERE ended_at IS NULL;
CREATE INDEX availability_ended ON availability (ended_at);
CREATE INDEX availability_agent ON availability (agent_id, id);
CREATE TABLE queue_words (
  queue_id INTEGER NOT NULL REFERENCES queues(id),
  agent_id INTEGER NOT NULL,
  value INTEGER NOT NULL,
  by_id INTEGER NOT NULL,
  at INTEGER NOT NULL,
  PRIMARY KEY (queue_id, agent_id)
) WITHOUT ROWID;
"""
"""`queue_words`: with agent 0, whether the queue is open; else whether that rep works in it."""
