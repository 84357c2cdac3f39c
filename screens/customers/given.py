"""What reps type to add to a customer: an address, a phone number, `#tag`, or `name: value`."""

from __future__ import annotations

import re

from desk.model import Customer, CustomerEdit, Identity
from desk.steps import StepError, tags

_PHONE = re.compile(r"(?=(?:\D*\d){3})\+?[\d\s().\-/]{3,40}")
_ADDRESS = re.compile(r"[^\s@<>,;\"]+@[^\s@<>,;\"]+")
_ATTRIBUTE = re.compile(r"\s*([^:]{1,64}?)\s*[:=]\s*(.*)", re.DOTALL)
SAID = "an address, a phone number, #tag, or name: value"


class NotUnderstood(ValueError):
    """What was typed is none of it; the message says what can be."""


def understand(text: str) -> CustomerEdit:
    """What one line adds. Raises NotUnderstood."""
    given = text.strip()
    if given.startswith("#") and len(given) > 1:
        return CustomerEdit(add_tags=tags_of(given).add_tags)
    identity = identity_of(given)
    if identity is not None:
        return CustomerEdit(add=(identity,))
    attribute = _ATTRIBUTE.fullmatch(given)
    if attribute is not None and attribute[1] and attribute[2]:
        return CustomerEdit(attributes={attribute[1]: attribute[2]})
    raise NotUnderstood(SAID)


def identity_of(text: str) -> Identity | None:
    """The address or phone number that a text is; `Ada <ada@x.example>` names whose it is."""
    given = text.strip()
    if _PHONE.fullmatch(given):
        return Identity(kind="phone", value=given)
    name, bracket, rest = given.rpartition("<")
    if bracket and rest.endswith(">") and _ADDRESS.fullmatch(rest[:-1]):
        return Identity(kind="email", value=rest[:-1], name=name.strip().strip('"'))
    return Identity(kind="email", value=given) if _ADDRESS.fullmatch(given) else None


def judge_addition(text: str) -> tuple[str, bool]:
    """What would be added, for the prompt to say while it is typed."""
    if not text.strip():
        return SAID, False
    try:
        change = understand(text)
    except NotUnderstood as error:
        return str(error), False
    if change.add_tags:
        return f"tag {' '.join(change.add_tags)}", True
    if change.add:
        return {"phone": "phone number", "email": "address"}[change.add[0].kind], True
    return f"{next(iter(change.attributes))}, a field of its own", True


def tags_of(text: str) -> CustomerEdit:
    """`+vip -"old friend"`: tags to add and to take off. Raises NotUnderstood."""
    try:
        named = tags(text)
    except StepError as error:
        raise NotUnderstood(str(error)) from error
    return CustomerEdit(add_tags=named.add, remove_tags=named.remove)


def person_of(text: str) -> CustomerEdit:
    """A new customer as typed: a name, addresses and numbers, with commas between. Raises NotUnderstood."""
    names: list[str] = []
    identities: list[Identity] = []
    for part in filter(None, (each.strip() for each in text.split(","))):
        identity = identity_of(part)
        if identity is None:
            names.append(part)
            continue
        identities.append(Identity(kind=identity.kind, value=identity.value))
        if identity.name:
            names.append(identity.name)
    if len(names) > 1:
        raise NotUnderstood(f"{names[1]!r} is neither an address nor a phone number, and the name is {names[0]!r}")
    if not names and not identities:
        raise NotUnderstood("a name, addresses and phone numbers, with commas between")
    return CustomerEdit(name=names[0] if names else None, add=tuple(identities))


def judge_person(text: str) -> tuple[str, bool]:
    """Whether a new customer can be made of what is typed."""
    try:
        person = person_of(text)
    except NotUnderstood as error:
        return str(error), False
    reached = ", ".join(each.value for each in person.add)
    return f"{person.name or '(no name)'}{f', {reached}' if reached else ''}", True


def taken_away(customer: Customer, text: str) -> CustomerEdit | None:
    """What takes away what a rep names: an address, a number, a tag or a field of the customer; None if it is none."""
    given = text.strip()
    identity = identity_of(given)
    digits = re.sub(r"\D", "", given)
    for each in customer.identities:
        same_number = each.kind == "phone" and len(digits) >= 6 and re.sub(r"\D", "", each.value).endswith(digits)
        if each.value == given.casefold() or (same_number and identity is not None and identity.kind == "phone"):
            return CustomerEdit(remove=(each,))
    bare = given.lstrip("#").casefold()
    for tag in customer.tags:
        if tag.casefold() == bare:
            return CustomerEdit(remove_tags=(tag,))
    for name in customer.attributes:
        if name.casefold() == given.rstrip(":").casefold():
            return CustomerEdit(attributes={name: None})
    return None
