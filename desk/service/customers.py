"""Customers: who they are, what reps know of them, what there was with them, and who may be the same person."""

from __future__ import annotations

import re
from collections.abc import Iterable
from zoneinfo import ZoneInfo

from msgspec.structs import replace

from desk.clock import Clock
from desk.likeness import keys, mailbox, name_of, own_domain, phone, words
from desk.model import (
    Agent,
    Chapter,
    Conversation,
    Customer,
    CustomerEdit,
    CustomerSummary,
    Identity,
    Likeness,
)
from desk.service import facts, journal, promises, refusals
from desk.service.errors import Invalid, Lost, NotFound
from desk.store.base import Store
from desk.text import clean, fold_address, line

NOTES_AT_MOST = 200_000
NAME_AT_MOST = 200
ATTRIBUTES_AT_MOST = 200
ATTRIBUTE_AT_MOST = 4_000
TAG_AT_MOST = 64
SIMILAR = 88.0
"""From which score on two names are called similar."""
_PHONE = re.compile(r"\+?[0-9]{3,20}")
_PUNCTUATION = re.compile(r"[\s().\-/\u00a0\u2010-\u2015]")
_MAILBOX = re.compile(r"[^\s@<>,;\"]{1,64}@[^\s@<>,;\"]{1,255}")
_LANGUAGE = re.compile(r"[A-Za-z]{2,3}(?:-[A-Za-z0-9]{2,8}){0,3}")


def get(store: Store, id: int) -> Customer:
    """Raises `NotFound`."""
    customer = store.customers.get(id)
    if customer is None:
        raise NotFound("customer", id)
    return customer


def edit(store: Store, clock: Clock, agent: Agent, id: int, change: CustomerEdit) -> Customer:
    """Change what is known of a customer; one deed, so one undo.

    Raises `Lost('stale')` if somebody changed the customer since `change.rev`, `Lost('merged')` if they are part of
    another, `Lost('taken')` for an address that another customer has, `Invalid` for what cannot be.
    """
    with store.write():
        before = get(store, id)
        if change.rev is not None and before.rev != change.rev:
            raise Lost("stale", "somebody changed this customer meanwhile; look again", {"rev": str(before.rev)})
        if before.merged_into is not None:
            raise Lost("merged", "this customer is part of another now", {"into": str(before.merged_into)})
        for identity in change.remove:
            store.customers.remove_identity(id, _known(identity))
        for identity in change.add:
            _add(store, id, _checked(identity))
        _set(store, id, before, change)
        after = get(store, id)
        promises.of_customer(store, id)
        label = f"changes to {before.name or before.address or f'customer {id}'}"
        journal.record(store, clock, agent, "customer", label, journal.customer(before, after))
    return after


def create(store: Store, clock: Clock, agent: Agent, given: CustomerEdit) -> Customer:
    """Get to know somebody who has not written yet; one deed, so one undo. `given.rev` means nothing here.

    Raises `Lost('taken')` for an address that another customer has, `Invalid` for what cannot be, such as a customer
    with neither a name nor an address.
    """
    identities = tuple(dict.fromkeys(_checked(identity) for identity in given.add))
    name = _name(given.name) if given.name and given.name.strip() else ""
    if not identities and not name:
        raise Invalid("bad-name", "a customer needs a name or an address", {"field": "name"})
    with store.write():
        for identity in identities:
            _refuse_taken(store, identity)
        id = store.customers.create(name, identities, clock.now())
        _set(store, id, get(store, id), replace(given, name=None, add=(), remove=()))
        after = get(store, id)
        journal.record(
            store, clock, agent, "customer", f"new customer {after.name or after.address}", journal.met(after)
        )
    return after


def find(store: Store, text: str, limit: int = 20, *, before: int | None = None) -> list[Customer]:
    """Those whose name and addresses hold all the words; without words, those met last. `before`: met before them."""
    if text.split():
        return store.customers.search(text, limit, before=before)
    return store_customers(store, store.history.newest(limit, before=before))


def _set(store: Store, id: int, before: Customer, change: CustomerEdit) -> None:
    now = get(store, id)
    tags = {f"tag:{_tag(name)}": True for name in change.add_tags} | {
        f"tag:{line(name)}": None for name in change.remove_tags
    }
    for name in change.add_tags:
        store.tags.ensure(_tag(name))
    store.customers.update(
        id,
        rev=now.rev,
        name=None if change.name is None else _name(change.name),
        notes=None if change.notes is None else _notes(change.notes),
        zone=None if change.zone is None else _zone(change.zone),
        language=None if change.language is None else _language(change.language),
        address=None if change.address is None else _own(now, change.address),
        tags=facts.with_changes(before.tags, tags) if tags else None,
        attributes=_attributes(before, change) if change.attributes else None,
    )


def _add(store: Store, id: int, identity: Identity) -> None:
    if not store.customers.add_identity(id, identity):
        _refuse_taken(store, identity)


def _refuse_taken(store: Store, identity: Identity) -> None:
    """Raises `Lost('taken')` if a customer has it."""
    other = store.customers.find(identity.kind, identity.value)
    if other is not None:
        owner = store.customers.get(other)
        named = (owner.name or owner.address) if owner else "somebody else"
        raise Lost("taken", f"{identity.value} belongs to {named}; merge the two", {"customer": str(other)})


# --- what is checked --------------------------------------------------------------------------------------


def _known(identity: Identity) -> Identity:
    return Identity(kind=identity.kind, value=_phone(identity.value) if identity.kind == "phone" else identity.value)


def _checked(identity: Identity) -> Identity:
    value = _phone(identity.value) if identity.kind == "phone" else fold_address(line(identity.value))
    fits = {"phone": _PHONE, "email": _MAILBOX}.get(identity.kind)
    if fits is None or not fits.fullmatch(value):
        raise Invalid("bad-address", f"{line(identity.value)!r} is no {identity.kind} address", {"kind": identity.kind})
    return Identity(kind=identity.kind, value=value, name=line(identity.name)[:NAME_AT_MOST])


def _phone(text: str) -> str:
    """Digits with a leading +; `00` and `(0)` as people write them for abroad."""
    bare = _PUNCTUATION.sub("", text.replace("(0)", ""))
    return f"+{bare[2:]}" if bare.startswith("00") else bare


def _name(text: str) -> str:
    given = line(text)
    if not given or len(given) > NAME_AT_MOST:
        raise Invalid("bad-name", f"a name has 1 to {NAME_AT_MOST} characters", {"field": "name"})
    return given


def _notes(text: str) -> str:
    if len(text) > NOTES_AT_MOST:
        raise Invalid("too-long", f"notes hold at most {NOTES_AT_MOST} characters", {"field": "notes"})
    return clean(text)


def _tag(text: str) -> str:
    given = line(text)
    if not given or len(given) > TAG_AT_MOST:
        raise Invalid("bad-name", f"a tag has a name of 1 to {TAG_AT_MOST} characters", {"field": "tags"})
    return given


def _zone(text: str) -> str:
    given = line(text)
    try:
        return ZoneInfo(given).key if given else ""
    except (OSError, ValueError) as error:  # ZoneInfoNotFoundError is a KeyError of its own
        raise _no_zone(given) from error
    except KeyError as error:
        raise _no_zone(given) from error


def _no_zone(given: str) -> Invalid:
    return Invalid("bad-zone", f"{given!r} is no time zone; write one like Europe/Berlin", {"field": "zone"})


def _language(text: str) -> str:
    given = line(text)
    if given and not _LANGUAGE.fullmatch(given):
        raise Invalid("bad-language", f"{given!r} is no language; write one like de or pt-BR", {"field": "language"})
    return given


def _own(customer: Customer, address: str) -> str:
    folded = fold_address(address)
    if folded not in (identity.value for identity in customer.identities):
        raise Invalid("bad-address", f"{line(address)} is not an address of theirs; add it first", {"field": "address"})
    return folded


def _attributes(before: Customer, change: CustomerEdit) -> dict[str, str]:
    given = {line(name): None if text is None else clean(text) for name, text in change.attributes.items()}
    if any(not name or len(name) > TAG_AT_MOST or ":" in name for name in given):
        raise Invalid("bad-name", f"an attribute has a name of 1 to {TAG_AT_MOST} characters, without a colon")
    if any(text is not None and len(text) > ATTRIBUTE_AT_MOST for text in given.values()):
        raise Invalid("too-long", f"an attribute holds at most {ATTRIBUTE_AT_MOST} characters")
    kept = {name: text for name, text in {**before.attributes, **given}.items() if text is not None}
    if len(kept) > ATTRIBUTES_AT_MOST:
        raise Invalid("too-many", f"a customer has at most {ATTRIBUTES_AT_MOST} attributes")
    return kept


# --- what there was ---------------------------------------------------------------------------------------


def summary(store: Store, id: int, limit: int = 50) -> CustomerSummary:
    """A customer with counts and the newest conversations. Raises `NotFound`."""
    customer = get(store, id)
    mails = store.history.mails(id)
    came, went = mails.get("in", (0, None)), mails.get("out", (0, None))
    return CustomerSummary(
        customer=customer,
        conversations=store.history.states(id),
        messages_in=came[0],
        messages_out=went[0],
        last_in_at=came[1],
        last_out_at=went[1],
        timeline=tuple(timeline(store, id, 0, limit)),
        refusals=refusals.of_customer(store, customer),
    )


def timeline(store: Store, id: int, offset: int, limit: int = 50) -> list[Chapter]:
    """A window of a customer's conversations on all channels, newest first."""
    return list(_chapters(store, store.conversations.many(store.history.conversations(id, offset, limit))))


def _chapters(store: Store, conversations: list[Conversation]) -> tuple[Chapter, ...]:
    asked: dict[int, int] = {}
    answered: dict[int, int] = {}
    for id, direction, at in store.history.turns([conversation.id for conversation in conversations]):
        if direction == "in":
            asked.setdefault(id, at)
        elif id in asked:
            answered.setdefault(id, at)
    return tuple(
        Chapter(conversation=each, asked_at=asked.get(each.id), answered_at=answered.get(each.id))
        for each in conversations
    )


# --- who may be the same ----------------------------------------------------------------------------------


def duplicates(store: Store, id: int, limit: int = 10) -> list[Likeness]:
    """Customers who may be the same person, the likeliest first, each with reasons in words. Raises `NotFound`."""
    customer = get(store, id)
    ids = [other for other in store.customers.sharing(keys(customer.name, customer.identities)) if other != id]
    near = _similar(store, customer, ids)
    sure = [other for other in ids[:200] if other not in near]
    found = []
    for other in store_customers(store, [*near, *sure]):
        reasons = dict(_reasons(customer, other, near.get(other.id, 0.0)))
        if reasons and other.merged_into is None:
            score = min(100.0, max(reasons.values()) + 3.0 * (len(reasons) - 1))
            found.append(Likeness(customer=other, score=round(score, 1), reasons=tuple(reasons)))
    return sorted(found, key=lambda likeness: (-likeness.score, likeness.customer.id))[:limit]


def store_customers(store: Store, ids: Iterable[int]) -> list[Customer]:
    """Those that exist."""
    return [customer for id in ids if (customer := store.customers.get(id)) is not None]


def _similar(store: Store, customer: Customer, ids: list[int]) -> dict[int, float]:
    """Scores of those with a similar name, by id; the fifty best."""
    from rapidfuzz import fuzz, process

    name = " ".join(words(name_of(customer.name, customer.address)))
    if len(name) < 4:
        return {}
    names = {
        other: " ".join(words(name_of(called, address)))
        for other, (called, address) in store.customers.names(ids).items()
    }
    best = process.extract(name, names, scorer=fuzz.ratio, score_cutoff=SIMILAR, limit=50)
    return {other: score for _, score, other in best}


def _reasons(one: Customer, other: Customer, similar: float) -> Iterable[tuple[str, float]]:
    phones = {phone(each.value): each.value for each in one.identities if each.kind == "phone"}
    for each in other.identities:
        if each.kind == "phone" and phone(each.value) in phones and phone(each.value):
            yield f"the same phone number, {each.value}", 97.0
    boxes = {mailbox(each.value): each.value for each in one.identities if each.kind == "email"}
    for each in other.identities:
        if each.kind == "email" and mailbox(each.value) in boxes:
            yield f"{each.value} and {boxes[mailbox(each.value)]} are one mailbox", 95.0
    domains = _domains(one) & _domains(other)
    if not similar:
        return
    same = words(name_of(one.name, one.address)) == words(name_of(other.name, other.address))
    if same and domains:
        yield f"the same name, both at {min(domains)}", 92.0
    elif same:
        yield "the same name", 80.0
    elif domains:
        yield f"similar names, both at {min(domains)}", similar - 8.0
    else:
        yield "similar names", similar - 22.0


def _domains(customer: Customer) -> set[str]:
    return {own_domain(each.value) for each in customer.identities if each.kind == "email"} - {""}
