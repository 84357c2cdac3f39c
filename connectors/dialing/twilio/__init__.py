"""Calling by Twilio, a telephone company led over HTTP.

The rep's own phone rings first; when it is picked up, Twilio calls the customer and joins them (`<Dial>`).
In `desk.toml`:

    [dialers.phone]
    dialer = "twilio"
    account_sid = "AC0123456789abcdef0123456789abcdef"
    caller_id = "+4930123456"
    phones = { mia = "+491701111111" }

Sources: https://www.twilio.com/docs/voice/api/call-resource (the resource, its statuses, creating, changing, listing);
https://www.twilio.com/docs/voice/twiml/dial and …/number (what the rep's call does); https://www.twilio.com/docs/usage/security
(signatures); https://support.twilio.com/hc/en-us/articles/360044308153 (429 is never processed).
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from connectors.base import Account, SecretSource
    from connectors.dialing.base import Dialer


class TwilioFactory:
    """What the entry point names."""

    name = "twilio"
    needs_secret = True
    at_the_rep = False

    def validate(self, account: Account) -> list[str]:
        """What is wrong with the settings, as `option: what, and what to do`; empty if nothing."""
        from connectors.dialing.twilio.settings import parse

        return parse(account)[1]

    def open(self, account: Account, secret: SecretSource) -> Dialer:
        """Raises `ConnectorError` if the settings are not valid."""
        from connectors.dialing.twilio.dialer import TwilioDialer

        return TwilioDialer(account, secret)


factory = TwilioFactory()
