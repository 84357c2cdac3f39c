"""The table of what is offered to reps, as SQL. What stands here is never edited after a release."""

from __future__ import annotations

OFFERS = """
CREATE TABLE offers (
  id INTEGER PRIMARY KEY,
  conversation_id INTEGER NOT NULL REFERENCES conversations(id),
  agent_id INTEGER NOT NULL REFERENCES agents(id),
  queue_id INTEGER NOT NULL REFERENCES queues(id),
  offered_at INTEGER NOT NULL,
  until INTEGER NOT NULL,
  state TEXT NOT NULL,
  ended_at INTEGER,
  done_at INTEGER,
  seen_at INTEGER
);
CREATE UNIQUE INDEX offers_open ON offers (conversation_id) WHERE state = 'open';
CREATE INDEX offers_ended ON offers (ended_at);
CREATE INDEX offers_done ON offers (done_at);
CREATE INDEX offers_agent ON offers (agent_id, id, offered_at, state);
CREATE INDEX offers_queue ON offers (queue_id, id, agent_id);
CREATE INDEX offers_undone ON offers (agent_id) WHERE state = 'accepted' AND done_at IS NULL;
CREATE INDEX offers_unseen ON offers (agent_id, id) WHERE state = 'returned' AND seen_at IS NULL;
"""
"""`done_at`: when the rep was done with what they had accepted. `seen_at`: when they saw that it went back."""
