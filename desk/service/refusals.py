"""Who wants no automatic mail: said by a link, by a mail, or by a rep who was told. What answers a customer's own
question is not meant by it, and goes on."""

from __future__ import annotations

import re

from desk.clock import Clock, Millis
from desk.mail.parsed import Parsed
from desk.model import Address, Agent, AutoMail, Customer, Refusal, RefusalSource
from desk.service import inbox
from desk.service.addresses import address as checked
from desk.service.sealing import PATTERN, Seals
from desk.store.base import Store
from desk.text import fold_address

SUBJECT = "unsubscribe"
"""How the subject of a mail begins that refuses more of them; the link's token follows."""
_SEALS = Seals("refusal_key", b"desk refusal")
_SUBJECT = re.compile(rf"(?:\w{{1,4}}: *)?{SUBJECT} +({PATTERN})", re.IGNORECASE)
_BY: dict[RefusalSource, str] = {
    "one-click": "by one click in their mail program",
    "page": "on the page of its link",
    "mail": "by mail",
    "rep": "as they told us",
}


def token(store: Store, mail_id: int) -> str:
    """What the links of an automatic mail carry."""
    return _SEALS.link(store, mail_id)


def linked(store: Store, token: str) -> AutoMail | None:
    """The mail of a link; None for what is not ours, or never went."""
    id = _SEALS.id_of(store, token.lower())
    mail = store.auto_mails.get(id) if id is not None else None
    return mail if mail is not None and mail.address else None


def standing(store: Store, address: str) -> Refusal | None:
    """The refusal of an address, if it refuses now."""
    found = store.refusals.newest([fold_address(address)])
    return found[0] if found and found[0].refuses else None


def of_customer(store: Store, customer: Customer) -> tuple[Refusal, ...]:
    """Which of a customer's addresses refuse."""
    addresses = [each.value for each in customer.identities if each.kind == "email"]
    return tuple(each for each in store.refusals.newest(addresses) if each.refuses)


def by_link(store: Store, clock: Clock, token: str, *, refuses: bool, source: RefusalSource) -> Refusal | None:
    """What whoever got a mail says by its link: again is fine. None for a link that is not ours."""
    with store.write():
        mail = linked(store, token)
        return None if mail is None else by_mail(store, mail, clock.now(), refuses=refuses, source=source)


def by_mail(store: Store, mail: AutoMail, at: Millis, *, refuses: bool, source: RefusalSource) -> Refusal:
    """The same, of a mail that is known, inside the caller's transaction."""
    return _say(store, at, mail.address, refuses, source, mail.conversation_id, None)


def by_rep(store: Store, clock: Clock, agent: Agent, address: str, *, refuses: bool) -> Refusal:
    """What a customer told a rep. Raises Invalid for what is no address."""
    folded = fold_address(checked(Address(email=address), "address").email)
    with store.write():
        return _say(store, clock.now(), folded, refuses, "rep", None, agent)


def in_mail(mail: Parsed) -> str:
    """The token that a mail carries which is nothing but a refusal; empty if it is anything else."""
    found = _SUBJECT.fullmatch(mail.subject.strip()) if SUBJECT in mail.subject.casefold() else None
    return found[1].lower() if found is not None and mail.kind != "bounce" else ""


def _say(
    store: Store,
    now: Millis,
    address: str,
    refuses: bool,
    source: RefusalSource,
    conversation_id: int | None,
    agent: Agent | None,
) -> Refusal:
    before = standing(store, address)
    if before is not None and refuses:
        return before
    said = Refusal(
        address=address,
        refuses=refuses,
        source=source,
        at=now,
        agent_name=agent.name if agent else "",
        conversation_id=conversation_id,
    )
    if before is None and not refuses:
        return said
    store.refusals.add(said)
    if conversation_id is not None and store.conversations.get(conversation_id) is not None:
        wants = "no automatic mail any more" if refuses else "automatic mail again"
        inbox.event(store, conversation_id, f"{address} wants {wants}, {_BY[source]}", now)
    customer_id = store.customers.find("email", address)
    if customer_id is not None:
        store.changes.note("customer", customer_id)
    return said
