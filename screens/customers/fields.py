"""What of a customer is edited as one line of text: how it is read, changed and judged."""

from __future__ import annotations

from collections.abc import Callable
from functools import cache
from typing import NamedTuple

from desk.model import Customer, CustomerEdit, Identity
from screens.customers.given import identity_of
from screens.prompt import Judge, anything


class Field(NamedTuple):
    """One text of a customer."""

    title: str
    read: Callable[[Customer], str]
    change: Callable[[str], CustomerEdit]
    """Without a revision."""
    judge: Judge = anything


def name_field() -> Field:
    """What the customer is called."""
    return Field("name", lambda one: one.name, lambda text: CustomerEdit(name=text), _some)


def zone_field() -> Field:
    """Their time zone: `Asia/Tokyo`, or a part of it that only one has."""
    return Field("time zone", lambda one: one.zone, lambda text: CustomerEdit(zone=zone_of(text) or text), judge_zone)


def language_field() -> Field:
    """A BCP 47 tag."""
    return Field("language", lambda one: one.language, lambda text: CustomerEdit(language=text), _language)


def address_field() -> Field:
    """Which of their addresses we write to."""
    return Field("write to", lambda one: one.address, lambda text: CustomerEdit(address=text), _some)


def attribute_field(name: str) -> Field:
    """A field of its own; without a text it is taken away."""
    return Field(
        name,
        lambda one: one.attributes.get(name, ""),
        lambda text: CustomerEdit(attributes={name: text or None}),
        _removable,
    )


def identity_field(identity: Identity, *, main: bool = False) -> Field:
    """An address or a number; without a text it is taken away. `main`: we write to it, and will to the new one."""

    def read(customer: Customer) -> str:
        return identity.value if any(_same(identity, each) for each in customer.identities) else ""

    def change(text: str) -> CustomerEdit:
        new = identity_of(text)
        if new is None:
            return CustomerEdit(remove=(identity,))
        changed = Identity(kind=new.kind, value=new.value, name=identity.name)
        address = new.value if main and new.kind == "email" else None
        return CustomerEdit(remove=(identity,), add=(changed,), address=address)

    def judge(text: str) -> tuple[str, bool]:
        if not text.strip():
            return _removable(text)
        new = identity_of(text)
        return ("", True) if new is not None and new.kind == identity.kind else ("that is none", False)

    return Field({"phone": "phone", "email": "address"}.get(identity.kind, "address"), read, change, judge)


def _same(one: Identity, other: Identity) -> bool:
    return (one.kind, one.value) == (other.kind, other.value)


def _some(text: str) -> tuple[str, bool]:
    return "", bool(text.strip())


def _removable(text: str) -> tuple[str, bool]:
    return ("" if text.strip() else "empty: it is taken away"), True


def _language(text: str) -> tuple[str, bool]:
    return ("" if text.strip() else "empty: unknown"), True


# --- time zones -------------------------------------------------------------------------------------------


@cache
def _zones() -> tuple[str, ...]:
    from zoneinfo import available_timezones

    return tuple(sorted(name for name in available_timezones() if "/" in name and not name.startswith("Etc/")))


def near_zones(text: str) -> list[str]:
    """Zones whose name has what is typed, those that begin with it first, by city or as a whole."""
    wanted = text.strip().casefold().replace(" ", "_")
    found = [name for name in _zones() if wanted in name.casefold()]

    def rank(name: str) -> tuple[bool, bool, str]:
        folded = name.casefold()
        return folded != wanted, not folded.rpartition("/")[2].startswith(wanted), name

    return sorted(found, key=rank)


def zone_of(text: str) -> str:
    """The one zone that is meant; '' if several are, or none."""
    near = near_zones(text) if text.strip() else []
    exact = [name for name in near if text.strip().casefold() in (name.casefold(), _city(name))]
    chosen = exact or near
    return chosen[0] if len(chosen) == 1 else ""


def _city(name: str) -> str:
    return name.casefold().rpartition("/")[2].replace("_", " ")


def judge_zone(text: str) -> tuple[str, bool]:
    """The zone that is meant, or those that may be."""
    if not text.strip():
        return "empty: unknown", True
    meant = zone_of(text)
    if meant:
        return meant, True
    near = near_zones(text)
    return (" ".join(near[:5]) if near else "write one like Europe/Berlin, or a city"), False
