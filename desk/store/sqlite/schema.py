"""The first schema, as SQL. Later ones change it in `migrations`; what stands here is never edited after a release."""

from __future__ import annotations

FIRST = """
CREATE TABLE agents (
  id INTEGER PRIMARY KEY,
  login TEXT NOT NULL UNIQUE,
  name TEXT NOT NULL,
  created_at INTEGER NOT NULL
);
CREATE TABLE queues (id INTEGER PRIMARY KEY, name TEXT NOT NULL, folded TEXT NOT NULL UNIQUE);
CREATE TABLE tags (id INTEGER PRIMARY KEY, name TEXT NOT NULL, folded TEXT NOT NULL UNIQUE);

CREATE TABLE customers (
  id INTEGER PRIMARY KEY,
  name TEXT NOT NULL,
  address TEXT NOT NULL,
  haystack TEXT NOT NULL,
  notes TEXT NOT NULL DEFAULT '',
  attributes BLOB,
  tags TEXT NOT NULL DEFAULT '',
  zone TEXT NOT NULL DEFAULT '',
  language TEXT NOT NULL DEFAULT '',
  merged_into INTEGER REFERENCES customers(id),
  first_seen_at INTEGER NOT NULL,
  rev INTEGER NOT NULL DEFAULT 1
);
CREATE TABLE customer_keys (
  key TEXT NOT NULL,
  customer_id INTEGER NOT NULL REFERENCES customers(id),
  PRIMARY KEY (key, customer_id)
) WITHOUT ROWID;
CREATE INDEX customer_keys_customer ON customer_keys (customer_id);
CREATE VIRTUAL TABLE customer_search USING fts5 (
  haystack, content='customers', content_rowid='id', columnsize=0, tokenize='trigram'
);
CREATE TRIGGER customer_refound AFTER UPDATE OF haystack ON customers WHEN old.haystack <> new.haystack BEGIN
  INSERT INTO customer_search (customer_search, rowid, haystack) VALUES ('delete', old.id, old.haystack);
  INSERT INTO customer_search (rowid, haystack) VALUES (new.id, new.haystack);
END;
CREATE TRIGGER customer_lost AFTER DELETE ON customers BEGIN
  INSERT INTO customer_search (customer_search, rowid, haystack) VALUES ('delete', old.id, old.haystack);
END;
CREATE TABLE identities (
  kind TEXT NOT NULL,
  value TEXT NOT NULL,
  customer_id INTEGER NOT NULL REFERENCES customers(id),
  name TEXT NOT NULL,
  PRIMARY KEY (kind, value)
) WITHOUT ROWID;
CREATE INDEX identities_customer ON identities (customer_id);

CREATE TABLE conversations (
  id INTEGER PRIMARY KEY,
  state TEXT NOT NULL,
  assignee_id INTEGER REFERENCES agents(id),
  due_at INTEGER,
  last_at INTEGER NOT NULL,
  sort INTEGER GENERATED ALWAYS AS (ifnull(due_at, 4611686018427387904 - last_at)) VIRTUAL,
  rev INTEGER NOT NULL DEFAULT 1,
  subject TEXT NOT NULL,
  channel TEXT NOT NULL,
  account TEXT NOT NULL,
  priority TEXT NOT NULL DEFAULT 'normal',
  customer_id INTEGER NOT NULL REFERENCES customers(id),
  customer_name TEXT NOT NULL,
  customer_address TEXT NOT NULL,
  assignee_name TEXT,
  queue_id INTEGER REFERENCES queues(id),
  queue_name TEXT,
  tags TEXT NOT NULL DEFAULT '',
  snippet TEXT NOT NULL DEFAULT '',
  messages INTEGER NOT NULL DEFAULT 0,
  has_attachments INTEGER NOT NULL DEFAULT 0,
  third_party INTEGER NOT NULL DEFAULT 0,
  created_at INTEGER NOT NULL,
  last_direction TEXT NOT NULL DEFAULT 'in',
  last_in_at INTEGER,
  last_out_at INTEGER,
  waiting_since INTEGER,
  snoozed_until INTEGER,
  merged_into INTEGER REFERENCES conversations(id),
  folded_subject TEXT NOT NULL
);
CREATE INDEX conversations_view ON conversations (state, sort, id, last_at, last_in_at);
CREATE INDEX conversations_open ON conversations (assignee_id, sort, id, state, last_at, last_in_at)
  WHERE state = 'open';
CREATE INDEX conversations_all ON conversations (sort, id, state, last_at, last_in_at) WHERE state <> 'merged';
CREATE INDEX conversations_queue ON conversations (queue_id, sort, id) WHERE state = 'open' AND queue_id IS NOT NULL;
CREATE INDEX conversations_channel ON conversations (channel, sort, id) WHERE state = 'open' AND channel <> 'email';
CREATE INDEX conversations_sent ON conversations (last_at, id) WHERE last_direction = 'out' AND state <> 'merged';
CREATE INDEX conversations_priority ON conversations (priority) WHERE priority <> 'normal';
CREATE INDEX conversations_assigned ON conversations (assignee_id) WHERE assignee_id IS NOT NULL;
CREATE INDEX conversations_queued ON conversations (queue_id) WHERE queue_id IS NOT NULL;
CREATE INDEX conversations_not_email ON conversations (channel) WHERE channel <> 'email';
CREATE INDEX conversations_files ON conversations (id) WHERE has_attachments = 1;
CREATE INDEX conversations_third_party ON conversations (id) WHERE third_party = 1;
CREATE INDEX conversations_customer ON conversations (customer_id);
CREATE INDEX conversations_subject ON conversations (folded_subject, account);
CREATE INDEX conversations_snoozed ON conversations (snoozed_until) WHERE state = 'snoozed';

CREATE TABLE conversation_counts (
  state TEXT NOT NULL,
  assignee_id INTEGER NOT NULL,
  number INTEGER NOT NULL,
  PRIMARY KEY (state, assignee_id)
) WITHOUT ROWID;
CREATE TRIGGER conversations_recounted AFTER UPDATE OF state, assignee_id ON conversations
WHEN old.state <> new.state OR old.assignee_id IS NOT new.assignee_id BEGIN
  UPDATE conversation_counts SET number = number - 1
    WHERE state = old.state AND assignee_id = ifnull(old.assignee_id, 0);
  INSERT INTO conversation_counts VALUES (new.state, ifnull(new.assignee_id, 0), 1)
    ON CONFLICT DO UPDATE SET number = number + 1;
END;

CREATE TABLE conversation_tags (
  conversation_id INTEGER NOT NULL REFERENCES conversations(id),
  tag_id INTEGER NOT NULL REFERENCES tags(id),
  PRIMARY KEY (conversation_id, tag_id)
) WITHOUT ROWID;
CREATE INDEX conversation_tags_tag ON conversation_tags (tag_id);
CREATE TABLE participants (
  conversation_id INTEGER NOT NULL,
  address TEXT NOT NULL,
  PRIMARY KEY (conversation_id, address)
) WITHOUT ROWID;
CREATE TABLE addressed (
  conversation_id INTEGER NOT NULL,
  address TEXT NOT NULL,
  PRIMARY KEY (conversation_id, address)
) WITHOUT ROWID;

CREATE TABLE haystacks (conversation_id INTEGER PRIMARY KEY, text TEXT NOT NULL);
CREATE TABLE senders (message_id INTEGER PRIMARY KEY, conversation_id INTEGER NOT NULL, text TEXT NOT NULL);
CREATE TABLE reads (
  conversation_id INTEGER NOT NULL,
  agent_id INTEGER NOT NULL,
  message_id INTEGER NOT NULL,
  PRIMARY KEY (conversation_id, agent_id)
) WITHOUT ROWID;
CREATE INDEX reads_unread ON reads (agent_id, conversation_id) WHERE message_id = 0;
CREATE TABLE mentions (
  agent_id INTEGER NOT NULL,
  conversation_id INTEGER NOT NULL,
  message_id INTEGER NOT NULL,
  seen INTEGER NOT NULL DEFAULT 0,
  PRIMARY KEY (agent_id, conversation_id, message_id)
) WITHOUT ROWID;
CREATE INDEX mentions_message ON mentions (message_id);

CREATE TABLE messages (
  id INTEGER PRIMARY KEY,
  conversation_id INTEGER NOT NULL REFERENCES conversations(id),
  direction TEXT NOT NULL,
  kind TEXT NOT NULL,
  at INTEGER NOT NULL,
  raw_id INTEGER,
  files INTEGER NOT NULL,
  third_party INTEGER NOT NULL,
  channel TEXT NOT NULL,
  account TEXT NOT NULL,
  agent_id INTEGER,
  agent_name TEXT,
  rule TEXT NOT NULL,
  rule_detail TEXT NOT NULL,
  size INTEGER NOT NULL,
  rfc_message_id TEXT NOT NULL,
  subject TEXT NOT NULL,
  detail BLOB NOT NULL,
  body TEXT NOT NULL
);
CREATE INDEX messages_conversation ON messages (conversation_id);
CREATE INDEX messages_rfc_id ON messages (rfc_message_id) WHERE rfc_message_id <> '';
CREATE TABLE raw (
  id INTEGER PRIMARY KEY,
  message_id INTEGER NOT NULL,
  shared INTEGER NOT NULL DEFAULT 0,
  sha256 BLOB NOT NULL,
  packed BLOB NOT NULL
);
CREATE UNIQUE INDEX raw_sha256 ON raw (sha256);
CREATE TABLE attachments (
  id INTEGER PRIMARY KEY,
  message_id INTEGER NOT NULL,
  name TEXT NOT NULL,
  media_type TEXT NOT NULL,
  size INTEGER NOT NULL,
  sha256 TEXT NOT NULL,
  inline INTEGER NOT NULL,
  content_id TEXT NOT NULL
);
CREATE INDEX attachments_message ON attachments (message_id);
CREATE TABLE missing_parents (
  rfc_id TEXT NOT NULL,
  message_id INTEGER NOT NULL,
  PRIMARY KEY (rfc_id, message_id)
) WITHOUT ROWID;
CREATE VIRTUAL TABLE search USING fts5 (
  subject, body, names, files,
  content='', columnsize=0, tokenize="unicode61 remove_diacritics 2 categories 'L* N* Co M*'"
);
INSERT INTO search (search, rank) VALUES ('hashsize', 16777216);
INSERT INTO search (search, rank) VALUES ('automerge', 8);

CREATE TABLE outbox (
  id INTEGER PRIMARY KEY,
  message_id INTEGER NOT NULL,
  conversation_id INTEGER NOT NULL,
  account TEXT NOT NULL,
  state TEXT NOT NULL,
  rfc_message_id TEXT NOT NULL,
  content BLOB,
  quoted_id INTEGER,
  hold_until INTEGER NOT NULL,
  next_attempt_at INTEGER NOT NULL,
  attempts INTEGER NOT NULL,
  error TEXT NOT NULL,
  filing TEXT NOT NULL,
  filing_attempts INTEGER NOT NULL,
  filing_next_at INTEGER NOT NULL,
  filing_error TEXT NOT NULL,
  created_at INTEGER NOT NULL,
  updated_at INTEGER NOT NULL,
  rev INTEGER NOT NULL
);
CREATE INDEX outbox_message ON outbox (message_id);
CREATE UNIQUE INDEX outbox_rfc_id ON outbox (rfc_message_id);
CREATE INDEX outbox_state ON outbox (state, id);
CREATE INDEX outbox_due ON outbox (max(hold_until, next_attempt_at)) WHERE state = 'held';
CREATE INDEX outbox_filing ON outbox (filing_next_at) WHERE filing = 'pending';
CREATE TABLE drafts (
  agent_id INTEGER NOT NULL,
  conversation_id INTEGER NOT NULL,
  slot TEXT NOT NULL,
  content BLOB NOT NULL,
  updated_at INTEGER NOT NULL,
  rev INTEGER NOT NULL,
  PRIMARY KEY (agent_id, conversation_id, slot)
) WITHOUT ROWID;

CREATE TABLE ledger (
  id INTEGER PRIMARY KEY,
  outcome TEXT NOT NULL,
  at INTEGER NOT NULL,
  account TEXT NOT NULL,
  external_id TEXT NOT NULL,
  message_id INTEGER,
  conversation_id INTEGER,
  rule TEXT,
  reason TEXT NOT NULL,
  subject TEXT NOT NULL,
  sender TEXT NOT NULL,
  size INTEGER NOT NULL
);
CREATE UNIQUE INDEX ledger_external ON ledger (account, external_id);
CREATE INDEX ledger_outcome ON ledger (outcome, id);
CREATE INDEX ledger_message ON ledger (message_id) WHERE message_id IS NOT NULL;
CREATE TABLE ledger_counts (outcome TEXT PRIMARY KEY, number INTEGER NOT NULL) WITHOUT ROWID;
CREATE TRIGGER ledger_recounted AFTER UPDATE OF outcome ON ledger WHEN old.outcome <> new.outcome BEGIN
  UPDATE ledger_counts SET number = number - 1 WHERE outcome = old.outcome;
  INSERT INTO ledger_counts VALUES (new.outcome, 1) ON CONFLICT DO UPDATE SET number = number + 1;
END;
CREATE TABLE kept (ledger_id INTEGER PRIMARY KEY, sha256 BLOB NOT NULL, packed BLOB NOT NULL);
CREATE INDEX kept_sha256 ON kept (sha256);

CREATE TABLE deeds (
  id INTEGER PRIMARY KEY AUTOINCREMENT,
  group_id INTEGER NOT NULL,
  agent_id INTEGER NOT NULL,
  agent_name TEXT NOT NULL,
  at INTEGER NOT NULL,
  kind TEXT NOT NULL,
  label TEXT NOT NULL,
  group_label TEXT NOT NULL,
  deltas BLOB NOT NULL,
  undone_at INTEGER,
  undone_order INTEGER,
  redone INTEGER NOT NULL DEFAULT 0
);
CREATE INDEX deeds_done ON deeds (agent_id, group_id, id) WHERE undone_at IS NULL;
CREATE INDEX deeds_undone ON deeds (agent_id, undone_order) WHERE undone_at IS NOT NULL AND NOT redone;
CREATE TABLE deed_facts (
  subject TEXT NOT NULL,
  subject_id INTEGER NOT NULL,
  field TEXT NOT NULL,
  deed_id INTEGER NOT NULL REFERENCES deeds(id) ON DELETE CASCADE,
  PRIMARY KEY (subject, subject_id, field, deed_id)
) WITHOUT ROWID;
CREATE INDEX deed_facts_deed ON deed_facts (deed_id);

CREATE TABLE answer_uses (
  answer_key TEXT NOT NULL,
  agent_id INTEGER NOT NULL,
  count INTEGER NOT NULL,
  last_at INTEGER NOT NULL,
  PRIMARY KEY (answer_key, agent_id)
) WITHOUT ROWID;

CREATE TABLE changes (
  seq INTEGER PRIMARY KEY AUTOINCREMENT,
  at INTEGER NOT NULL,
  kind TEXT NOT NULL,
  id INTEGER NOT NULL,
  conversation_id INTEGER
);
CREATE TABLE cursors (
  account TEXT NOT NULL, key TEXT NOT NULL, value TEXT NOT NULL, PRIMARY KEY (account, key)
) WITHOUT ROWID;
CREATE TABLE meta (name TEXT PRIMARY KEY, value TEXT NOT NULL) WITHOUT ROWID;
"""
