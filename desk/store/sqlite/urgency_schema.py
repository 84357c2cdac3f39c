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

ORDER = """
ALTER TABLE tags ADD COLUMN worth INTEGER NOT NULL DEFAULT 0;
ALTER TABLE conversations ADD COLUMN tag_worth INTEGER NOT NULL DEFAULT 0;
ALTER TABLE conversations ADD COLUMN lane INTEGER GENERATED ALWAYS AS (
  CASE pace WHEN 0 THEN 0 ELSE pace * 64 + tag_worth
    + CASE priority WHEN 'urgent' THEN 48 WHEN 'high' THEN 32 WHEN 'normal' THEN 16 ELSE 0 END END
) VIRTUAL;
ALTER TABLE conversations ADD COLUMN turn INTEGER GENERATED ALWAYS AS (
  ifnull(due_work, 4611686018427387904 - last_at)
) VIRTUAL;
DROP INDEX conversations_open;
DROP INDEX conversations_queue;
DROP INDEX conversations_channel;
CREATE INDEX conversations_urgent ON conversations (lane, turn, id, last_at, last_in_at) WHERE state = 'open';
CREATE INDEX conversations_open ON conversations (assignee_id, lane, turn, id, state, last_at, last_in_at)
  WHERE state = 'open';
CREATE INDEX conversations_queue ON conversations (queue_id, lane, turn, id)
  WHERE state = 'open' AND queue_id IS NOT NULL;
CREATE INDEX conversations_channel ON conversations (channel, lane, turn, id)
  WHERE state = 'open' AND channel <> 'email';
"""
"""`lane`: the pace, and what the conversation is worth; within one, `turn` is an order that time does not change. Lane
0 is what is promised nothing."""
