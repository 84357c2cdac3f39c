"""What every test may ask for."""

from __future__ import annotations

from tests.servers.fixtures import dovecot, new_user, own_dovecot, own_smtp, shared_smtp, smtp

__all__ = ["dovecot", "new_user", "own_dovecot", "own_smtp", "shared_smtp", "smtp"]
