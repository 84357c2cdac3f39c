"""Tables of where visitors were, as SQL. What stands here is never edited after a release."""

from __future__ import annotations

TRAIL = """
ALTER TABLE visitors ADD COLUMN vouched TEXT NOT NULL DEFAULT '';
CREATE UNIQUE INDEX visitors_vouched ON visitors (account, vouched) WHERE vouched <> '';
CREATE INDEX visitors_seen ON visitors (last_seen_at);
CREATE TABLE visitor_sessions (
  token BLOB PRIMARY KEY,
  visitor_id INTEGER NOT NULL REFERENCES visitors(id) ON DELETE CASCADE,
  expires_at INTEGER NOT NULL
) WITHOUT ROWID;
CREATE INDEX visitor_sessions_visitor ON visitor_sessions (visitor_id);
CREATE INDEX visitor_sessions_expire ON visitor_sessions (expires_at);
CREATE TABLE trail (
  id INTEGER PRIMARY KEY,
  visitor_id INTEGER NOT NULL REFERENCES visitors(id) ON DELETE CASCADE,
  visit INTEGER NOT NULL,
  kind TEXT NOT NULL,
  key TEXT NOT NULL,
  at INTEGER NOT NULL,
  lasted INTEGER NOT NULL,
  url TEXT NOT NULL,
  title TEXT NOT NULL,
  referrer TEXT NOT NULL,
  cart REAL,
  currency TEXT NOT NULL
);
CREATE UNIQUE INDEX trail_visitor_key ON trail (visitor_id, key);
CREATE INDEX trail_visitor ON trail (visitor_id, id);
CREATE INDEX trail_at ON trail (at);
CREATE TABLE invitations (
  id INTEGER PRIMARY KEY,
  visitor_id INTEGER REFERENCES visitors(id) ON DELETE SET NULL,
  account TEXT NOT NULL,
  rule TEXT NOT NULL,
  agent_id INTEGER,
  text TEXT NOT NULL,
  state TEXT NOT NULL,
  at INTEGER NOT NULL,
  decided_at INTEGER,
  conversation_id INTEGER
);
CREATE INDEX invitations_visitor ON invitations (visitor_id, id);
CREATE INDEX invitations_at ON invitations (at);
"""
