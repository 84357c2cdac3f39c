"""What `desk.toml` says of an account, in the words of connectors and of the service."""

from __future__ import annotations

from collections.abc import Mapping

from msgspec.structs import replace

from connectors.base import Account, Factory
from connectors.sites import SiteFactory
from connectors.unwanted import RefusingFactory
from desk.model import Queue
from desk.plugins import CONNECTORS, PluginError, installed
from desk.server.callbacks import rules_of
from desk.service.autoreply import Acknowledgement
from desk.service.errors import Invalid
from desk.service.ingest import IngestOptions
from desk.service.mailing import NO_MAILBOX, SenderAccount
from desk.service.missed_calls import MissedCalls
from desk.settings import AccountSettings, Settings
from desk.store.base import Store
from desk.text import fold_address


def factory(name: str) -> Factory | SiteFactory:
    """The connector of that name, ours or a third party's. Raises Invalid if there is none, or it does not load."""
    try:
        found: Factory | SiteFactory = installed(CONNECTORS, "connector", name)
    except PluginError as error:
        raise Invalid(error.code, str(error)) from error
    return found


def connector_account(settings: AccountSettings) -> Account:
    """What the connector is told."""
    return Account(
        name=settings.name,
        address=settings.address,
        display_name=settings.display_name,
        signature=settings.signature,
        folder=settings.folder,
        options=settings.options,
    )


def sender(settings: AccountSettings) -> SenderAccount:
    """Who answers of this account come from."""
    return SenderAccount(
        name=settings.name,
        address=settings.address,
        display_name=settings.display_name,
        plus_token=settings.options.get("plus_token") is True,
    )


def sender_for(accounts: Mapping[str, AccountSettings], name: str) -> SenderAccount:
    """Who answers in a conversation of that account come from: itself, or the first that can, if it is gone.

    A site names its mailbox itself (`mail`), which then goes on with chats whose visitor left. Without a mailbox it
    can still answer, on the site. Raises Invalid if no account can do either.
    """
    able = {each.name: each for each in accounts.values() if each.enabled and each.address}
    own = accounts[name].options.get("mail") if name in accounts else None
    chosen = able.get(str(own) if own else name) or next(iter(able.values()), None) or accounts.get(name)
    if chosen is None or not chosen.enabled:
        raise Invalid("no-account", NO_MAILBOX)
    return replace(sender(chosen), goes_on=bool(own) and chosen.name == own)


def refusing_at(settings: Settings, mailbox: str) -> str:
    """What the token of a refusal is put behind for mail from an account: on the site that goes on with it, or else on
    any that can be reached from outside; empty if there is none."""
    sites = sorted(settings.accounts.values(), key=lambda each: each.options.get("mail") != mailbox)
    for each in sites:
        try:
            made = factory(each.connector) if each.enabled else None
        except Invalid:
            continue
        if isinstance(made, RefusingFactory) and (found := made.refusing_at(connector_account(each))):
            return found
    return ""


def own_addresses(settings: Settings) -> frozenset[str]:
    """Folded addresses of all our accounts."""
    return frozenset(fold_address(each.address) for each in settings.accounts.values() if each.address)


def ingest_options(settings: Settings, account: AccountSettings, queue_id: int | None) -> IngestOptions:
    """What ingest must know of a live account."""
    text = account.options.get("auto_reply")
    return IngestOptions(
        own=own_addresses(settings),
        queue_id=queue_id,
        missed=MissedCalls(rules=tuple(settings.missed.values()), calling=rules_of(settings)),
        acknowledgement=Acknowledgement(sender=sender(account), body=text) if isinstance(text, str) and text else None,
    )


def queue_id(store: Store, name: str) -> int | None:
    """The id of the queue new conversations begin in, made if there is none."""
    if not name:
        return None
    known = next((queue.id for queue in store.queues.all() if isinstance(queue, Queue) and queue.name == name), None)
    if known is not None:
        return known
    with store.write():
        return store.queues.ensure(name)
