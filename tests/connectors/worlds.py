"""The world around an e-mail account, made of real servers."""

from __future__ import annotations

from typing import Any, Literal

from connectors.base import Account
from connectors.contract import World
from connectors.email import factory
from tests.servers.dovecot import Dovecot
from tests.servers.smtp import SmtpRelay


def email_account(dovecot: Dovecot, relay: SmtpRelay | None, user: str, **options: Any) -> Account:
    """An account on these servers; `imap` and `smtp` in `options` are merged into what is needed to reach them."""
    imap: dict[str, Any] = {"host": "127.0.0.1", "port": dovecot.imaps_port, "ca_file": str(dovecot.ca_file)}
    submission: dict[str, Any] = {"host": "127.0.0.1", "port": 1, "security": "starttls"}
    if relay is not None:
        submission |= {"port": relay.port, "ca_file": str(relay.ca_file)}
    options["imap"] = imap | options.get("imap", {})
    options["smtp"] = submission | options.get("smtp", {})
    return Account(
        name="support", address=user, display_name="Shop Support", signature="The Shop\nexample.test", options=options
    )


class EmailWorld(World):
    """A mailbox of its own on a Dovecot and a relay."""

    factory = factory

    def __init__(self, dovecot: Dovecot, relay: SmtpRelay, **options: Any) -> None:
        self.dovecot, self.smtp = dovecot, relay
        self.user = dovecot.unique_user("support")
        self.customer = dovecot.unique_user("customer")
        self.account = email_account(dovecot, relay, self.user, **options)
        self.secret = lambda: "secret"

    def deliver(self, raw: bytes) -> None:
        self.dovecot.deliver(raw, self.user)

    def received(self) -> list[bytes]:
        return [mail.raw for mail in self.dovecot.mailbox(self.customer).mails()]

    def interrupt(self) -> None:
        self.dovecot.kill()
        self.smtp.kill()

    def restore(self) -> None:
        self.dovecot.start()
        self.smtp.start()

    def break_sending(self, when: Literal["before", "after"]) -> None:
        self.smtp.set(drop=f"{when}-accept")

    def copies(self, rfc_message_id: str) -> int:
        return self.dovecot.mailbox(self.user).count(rfc_message_id, "Sent")
