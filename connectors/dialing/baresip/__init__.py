"""Calling by baresip, a SIP softphone, led over its control port.

In `desk.toml`:

    [dialers.phone]
    dialer = "baresip"
    control = "127.0.0.1:4444"

Sources: baresip(1); the notes on `ctrl_tcp` at https://github.com/baresip/baresip/wiki (a netstring around one JSON
object: commands with a token, answers with the same, events); tried with Debian's 1.0.0.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from connectors.base import Account, SecretSource
    from connectors.dialing.base import Dialer


class BaresipFactory:
    """What the entry point names."""

    name = "baresip"
    needs_secret = False
    at_the_rep = True

    def validate(self, account: Account) -> list[str]:
        """What is wrong with the settings, as `option: what, and what to do`; empty if nothing."""
        from connectors.dialing.baresip.settings import parse

        return parse(account)[1]

    def open(self, account: Account, secret: SecretSource) -> Dialer:
        """Raises `ConnectorError` if the settings are not valid."""
        from connectors.dialing.baresip.dialer import BaresipDialer

        return BaresipDialer(account)


factory = BaresipFactory()
