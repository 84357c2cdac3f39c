"""Chat from one line on a page: a site of its own, for visitors, on a port of its own."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from connectors.base import Account
    from connectors.sites import House, Site


class WebchatFactory:
    """What the entry point names."""

    name = "webchat"

    def validate(self, account: Account) -> list[str]:
        """What is wrong with the settings, as `option: what, and what to do`; empty if nothing."""
        from connectors.webchat.settings import parse

        return parse(account)[1]

    def open_site(self, account: Account, house: House) -> Site:
        """The account's site. Raises `ConnectorError` if its settings are not valid."""
        from connectors.webchat.site import WebchatSite

        return WebchatSite(account, house)

    def refusing_at(self, account: Account) -> str:
        """See `connectors.unwanted.RefusingFactory`."""
        from connectors.webchat.settings import parse
        from connectors.webchat.unwanted import place

        settings, _ = parse(account)
        return f"{settings.url}{place(settings)}" if settings is not None and settings.url else ""


factory = WebchatFactory()
