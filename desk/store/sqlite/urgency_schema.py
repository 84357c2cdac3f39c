"""What the order of urgency stands on, as SQL. What stands here is never edited after a release."""

from __future__ import annotations

PACES = """
CREATE TABLE paces (
  id INTEGER PRIMARY KEY,
  calendar TEXT NOT NULL,
  promised INTEGER NOT NULL,
  UNIQUE (calendar, promised)
);
ALTER TABLE conversations ADD COLUMN pace INTEGER NOT NULL DEFAULT 0;
ALTER TABLE conversations ADD COLUMN due_work INTEGER;
INSERT INTO paces (calendar, promised) VALUES ('', 28800000), ('', 60000);
UPDATE conversations SET due_work = due_at, pace = CASE channel WHEN 'chat' THEN 2 ELSE 1 END
  WHERE due_at IS NOT NULL;
"""
"""`pace`: how fast what is left of a promise becomes less; 0 where none runs. `due_work`: its end, in the working time
of the pace's calendar since 1970."""
