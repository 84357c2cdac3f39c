"""Calling by an Asterisk, a telephone exchange, led over its REST interface (ARI).

The rep's own phone rings first; when it is picked up, the customer is called, and both are joined in a bridge.
In `desk.toml`:

    [dialers.phone]
    dialer = "asterisk"
    url = "http://127.0.0.1:8088/ari"
    user = "desk"
    endpoint = "PJSIP/{number}@trunk"
    phones = { mia = "PJSIP/100", tom = "PJSIP/101" }

Source: the interface's own description, https://github.com/asterisk/asterisk/tree/master/rest-api/api-docs (channels,
events, bridges, endpoints, asterisk, applications), shown at https://docs.asterisk.org under "Asterisk REST Interface".
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from connectors.base import Account, SecretSource
    from connectors.dialing.base import Dialer


class AsteriskFactory:
    """What the entry point names."""

    name = "asterisk"
    needs_secret = True
    at_the_rep = False

    def validate(self, account: Account) -> list[str]:
        """What is wrong with the settings, as `option: what, and what to do`; empty if nothing."""
        from connectors.dialing.asterisk.settings import parse

        return parse(account)[1]

    def open(self, account: Account, secret: SecretSource) -> Dialer:
        """Raises `ConnectorError` if the settings are not valid."""
        from connectors.dialing.asterisk.dialer import AsteriskDialer

        return AsteriskDialer(account, secret)


factory = AsteriskFactory()
