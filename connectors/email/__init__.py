"""E-mail over IMAP (RFC 9051, RFC 3501) and SMTP submission (RFC 6409)."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from connectors.base import Account, Connector, SecretSource


class EmailFactory:
    """What the entry point names. The mail libraries are imported when an account is opened, not before."""

    name = "email"
    files_copies = True
    needs_secret = True

    def validate(self, account: Account) -> list[str]:
        """What is wrong with the settings, as `option: what, and what to do`; empty if nothing."""
        from connectors.email.settings import parse

        return parse(account)[1]

    def open(self, account: Account, secret: SecretSource) -> Connector:
        """A connector for the account. Raises `ConnectorError` if its settings are not valid."""
        from connectors.email.connector import EmailConnector

        return EmailConnector(account, secret)


factory = EmailFactory()
