"""Indexes of what stands beside conversations, as SQL. What stands here is never edited after a release."""

from __future__ import annotations

BESIDE = """
CREATE INDEX promises_policy ON promises (policy COLLATE NOCASE, conversation_id, state)
  WHERE state IN ('running', 'paused');
CREATE INDEX promises_late ON promises (conversation_id, state, broken_at)
  WHERE state IN ('running', 'paused') AND broken_at IS NOT NULL;
CREATE INDEX promises_due ON promises (conversation_id, state) WHERE state = 'running';
CREATE INDEX customers_tags ON customers (tags) WHERE tags <> '';
CREATE INDEX customers_language ON customers (language) WHERE language <> '';
CREATE INDEX conversations_domain ON conversations (
  substr(customer_address, length(rtrim(customer_address, replace(customer_address, '@', '')))), customer_address
);
CREATE INDEX chats_rated ON chats (rating, conversation_id) WHERE rating IS NOT NULL;
"""
"""The condition of each index is a column of it, too, so that the table is not read to see that it holds."""
