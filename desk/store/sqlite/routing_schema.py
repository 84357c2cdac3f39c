"""The table of rules and automations, as SQL. What stands here is never edited after a release."""

from __future__ import annotations

ROUTING = """
CREATE TABLE acted (
  name TEXT NOT NULL,
  conversation_id INTEGER NOT NULL,
  at INTEGER NOT NULL,
  PRIMARY KEY (name, conversation_id)
) WITHOUT ROWID;
"""
