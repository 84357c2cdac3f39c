"""The table of promises, as SQL. What stands here is never edited after a release."""

from __future__ import annotations

PROMISES = """
CREATE TABLE promises (
  id INTEGER PRIMARY KEY,
  conversation_id INTEGER NOT NULL REFERENCES conversations(id),
  kind TEXT NOT NULL,
  policy TEXT NOT NULL,
  calendar TEXT NOT NULL,
  promised INTEGER NOT NULL,
  began_at INTEGER NOT NULL,
  since INTEGER,
  spent INTEGER NOT NULL,
  due_at INTEGER,
  broken_at INTEGER,
  state TEXT NOT NULL,
  ended_at INTEGER,
  agent_id INTEGER,
  callback_id INTEGER NOT NULL DEFAULT 0,
  UNIQUE (conversation_id, kind, began_at, callback_id)
);
CREATE INDEX promises_running ON promises (due_at) WHERE state = 'running';
CREATE INDEX promises_unmarked ON promises (due_at) WHERE state = 'running' AND broken_at IS NULL;
CREATE INDEX promises_open ON promises (conversation_id) WHERE state IN ('running', 'paused');
CREATE INDEX promises_ended ON promises (ended_at) WHERE ended_at IS NOT NULL;
CREATE INDEX promises_broken ON promises (broken_at) WHERE broken_at IS NOT NULL;
INSERT INTO promises (conversation_id, kind, policy, calendar, promised, began_at, since, spent, due_at, state)
  SELECT id, CASE WHEN last_out_at IS NULL THEN 'first' ELSE 'next' END, '', '', due_at - waiting_since, waiting_since,
    waiting_since, 0, due_at, 'running'
  FROM conversations WHERE waiting_since IS NOT NULL AND due_at >= waiting_since AND state IN ('open', 'snoozed')
    AND channel <> 'callback';
INSERT INTO promises (conversation_id, kind, policy, calendar, promised, began_at, since, spent, due_at, state,
    callback_id)
  SELECT conversation_id, 'callback', '', '', max(ifnull(until, promised_at) - asked_at, 0), asked_at, asked_at, 0,
    ifnull(until, promised_at), 'running', id
  FROM callbacks WHERE state = 'waiting' AND NOT EXISTS (SELECT 1 FROM call_attempts WHERE callback_id = callbacks.id);
"""
"""Those that run when this Desk meets an older one's database are the ones that its rows tell of."""
