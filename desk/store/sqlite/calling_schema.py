"""Tables of callbacks, as SQL."""

from __future__ import annotations

CALLING = """
CREATE TABLE callbacks (
  id INTEGER PRIMARY KEY,
  conversation_id INTEGER NOT NULL REFERENCES conversations(id),
  account TEXT NOT NULL,
  number TEXT NOT NULL,
  country TEXT NOT NULL,
  reason TEXT NOT NULL,
  language TEXT NOT NULL,
  state TEXT NOT NULL,
  promised_at INTEGER NOT NULL,
  until INTEGER,
  due_at INTEGER NOT NULL,
  asked_at INTEGER NOT NULL,
  visitor_id INTEGER,
  message_id INTEGER,
  agent_id INTEGER REFERENCES agents(id),
  rev INTEGER NOT NULL DEFAULT 1
);
CREATE INDEX callbacks_conversation ON callbacks (conversation_id);
CREATE INDEX callbacks_state ON callbacks (state, due_at, id);
CREATE UNIQUE INDEX callbacks_message ON callbacks (message_id) WHERE message_id IS NOT NULL;
CREATE UNIQUE INDEX callbacks_visitor ON callbacks (visitor_id, number)
  WHERE visitor_id IS NOT NULL AND state IN ('waiting', 'calling', 'unclear');
CREATE TABLE call_attempts (
  id INTEGER PRIMARY KEY,
  callback_id INTEGER NOT NULL REFERENCES callbacks(id),
  reference TEXT NOT NULL UNIQUE,
  number TEXT NOT NULL,
  agent_id INTEGER NOT NULL REFERENCES agents(id),
  dialer TEXT NOT NULL,
  claimed INTEGER NOT NULL DEFAULT 0,
  begun_at INTEGER NOT NULL,
  ended_at INTEGER,
  outcome TEXT,
  words TEXT NOT NULL DEFAULT ''
);
CREATE INDEX call_attempts_callback ON call_attempts (callback_id, id);
CREATE UNIQUE INDEX call_attempts_under_way ON call_attempts (callback_id) WHERE outcome IS NULL;
CREATE INDEX conversations_merged ON conversations (merged_into) WHERE merged_into IS NOT NULL;
"""
