"""Tables of the web channel, as SQL."""

from __future__ import annotations

TOLD = """
ALTER TABLE visitors ADD COLUMN told TEXT NOT NULL DEFAULT '{}';
"""

VISITING = """
CREATE TABLE visitors (
  id INTEGER PRIMARY KEY,
  account TEXT NOT NULL,
  token BLOB NOT NULL,
  name TEXT NOT NULL DEFAULT '',
  email TEXT NOT NULL DEFAULT '',
  language TEXT NOT NULL,
  customer_id INTEGER REFERENCES customers(id),
  first_seen_at INTEGER NOT NULL,
  last_seen_at INTEGER NOT NULL
);
CREATE UNIQUE INDEX visitors_token ON visitors (account, token);
CREATE TABLE chats (
  conversation_id INTEGER PRIMARY KEY REFERENCES conversations(id),
  visitor_id INTEGER NOT NULL REFERENCES visitors(id),
  account TEXT NOT NULL,
  state TEXT NOT NULL,
  began_at INTEGER NOT NULL,
  answered_at INTEGER,
  ended_at INTEGER,
  delivered INTEGER NOT NULL DEFAULT 0,
  read INTEGER NOT NULL DEFAULT 0,
  rating INTEGER,
  comment TEXT NOT NULL DEFAULT ''
);
CREATE INDEX chats_visitor ON chats (visitor_id, conversation_id);
CREATE INDEX chats_waiting ON chats (account, began_at) WHERE state = 'waiting';
CREATE TABLE chat_lines (
  visitor_id INTEGER NOT NULL,
  seq INTEGER NOT NULL,
  message_id INTEGER NOT NULL,
  client_id TEXT NOT NULL,
  PRIMARY KEY (visitor_id, seq)
) WITHOUT ROWID;
CREATE UNIQUE INDEX chat_lines_client ON chat_lines (visitor_id, client_id) WHERE client_id <> '';
"""

LEFT = """
ALTER TABLE chats ADD COLUMN left_at INTEGER;
"""

UNDER_WAY = """
CREATE INDEX chats_under_way ON chats (conversation_id) WHERE state IN ('waiting', 'active');
"""
