"""Tables of automatic mail, as SQL. What stands here is never edited after a release."""

from __future__ import annotations

AUTOMATING = """
CREATE TABLE auto_mails (
  id INTEGER PRIMARY KEY AUTOINCREMENT,
  automation TEXT NOT NULL,
  conversation_id INTEGER NOT NULL,
  moment INTEGER NOT NULL,
  due_at INTEGER NOT NULL,
  next_at INTEGER NOT NULL,
  state TEXT NOT NULL,
  why TEXT NOT NULL DEFAULT '',
  account TEXT NOT NULL DEFAULT '',
  address TEXT NOT NULL DEFAULT '',
  url TEXT NOT NULL DEFAULT '',
  mailto TEXT NOT NULL DEFAULT '',
  outbox_id INTEGER,
  updated_at INTEGER NOT NULL
);
CREATE UNIQUE INDEX auto_mails_once ON auto_mails (automation, conversation_id);
CREATE INDEX auto_mails_next ON auto_mails (next_at) WHERE state IN ('planned', 'held');
CREATE INDEX auto_mails_queued ON auto_mails (updated_at) WHERE state = 'queued';
CREATE UNIQUE INDEX auto_mails_outbox ON auto_mails (outbox_id) WHERE outbox_id IS NOT NULL;
CREATE INDEX auto_mails_conversation ON auto_mails (conversation_id);
CREATE TABLE refusals (
  id INTEGER PRIMARY KEY AUTOINCREMENT,
  address TEXT NOT NULL,
  refuses INTEGER NOT NULL,
  source TEXT NOT NULL,
  at INTEGER NOT NULL,
  agent_name TEXT NOT NULL DEFAULT '',
  conversation_id INTEGER
);
CREATE INDEX refusals_address ON refusals (address, id);
CREATE INDEX happenings_of ON happenings (conversation_id, kind, id);
"""
