"""What every test may ask for."""

from __future__ import annotations

from tests.servers.desk import desk_server, new_desk
from tests.servers.fixtures import dovecot, new_user, own_dovecot, own_smtp, shared_smtp, smtp

__all__ = ["desk_server", "dovecot", "new_desk", "new_user", "own_dovecot", "own_smtp", "shared_smtp", "smtp"]
