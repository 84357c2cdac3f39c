"""Mail in folders of this machine: received from one Maildir, answers written into another.

For programs that bring and take mail themselves (fetchmail, a mail server's own delivery, a script), and to play.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from connectors.base import Account, Connector, SecretSource


class MaildirFactory:
    """What the entry point names."""

    name = "maildir"
    files_copies = False
    needs_secret = False

    def validate(self, account: Account) -> list[str]:
        """What is wrong with the settings, as `option: what, and what to do`; empty if nothing."""
        from connectors.maildir.settings import parse

        return parse(account)[1]

    def open(self, account: Account, secret: SecretSource) -> Connector:
        """A connector for the account. Raises `ConnectorError` if its settings are not valid."""
        from connectors.maildir.connector import MaildirConnector

        return MaildirConnector(account)


factory = MaildirFactory()
