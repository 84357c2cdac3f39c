"""Self-help's tables, as SQL. What stands here is never edited after a release."""

from __future__ import annotations

SELF_HELP = """
CREATE TABLE asks (
  id INTEGER PRIMARY KEY,
  at INTEGER NOT NULL,
  page TEXT NOT NULL,
  language TEXT NOT NULL,
  words TEXT NOT NULL,
  found INTEGER NOT NULL,
  person INTEGER NOT NULL
);
CREATE INDEX asks_at ON asks (at);
CREATE TABLE ask_articles (
  ask_id INTEGER NOT NULL REFERENCES asks(id) ON DELETE CASCADE,
  slug TEXT NOT NULL,
  verdict INTEGER NOT NULL,
  PRIMARY KEY (ask_id, slug)
) WITHOUT ROWID;
CREATE TABLE article_counts (
  slug TEXT NOT NULL,
  page TEXT NOT NULL,
  month INTEGER NOT NULL,
  opened INTEGER NOT NULL,
  solved INTEGER NOT NULL,
  unsolved INTEGER NOT NULL,
  PRIMARY KEY (slug, page, month)
) WITHOUT ROWID;
CREATE INDEX article_counts_page ON article_counts (page, month);
CREATE TABLE learned_questions (
  slug TEXT NOT NULL,
  words TEXT NOT NULL,
  count INTEGER NOT NULL,
  last_at INTEGER NOT NULL,
  PRIMARY KEY (slug, words)
) WITHOUT ROWID;
CREATE INDEX learned_questions_count ON learned_questions (count, last_at);
"""
