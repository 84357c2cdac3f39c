"""Who may be the same person: the keys under which two customers would meet, and how a name is folded to be found."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Iterator

from desk.model import Identity

PHONE_DIGITS = 9
"""The last digits of a number, without country and trunk prefixes: what two ways of writing it have in common."""
_WORD = re.compile(r"[^\W_]+")
_WORD_BEGINS = 4
_FREE_TEXT = """
gmail.com googlemail.com outlook.com hotmail.com live.com msn.com yahoo.com yahoo.de ymail.com aol.com
icloud.com me.com mac.com gmx.de gmx.net gmx.com gmx.at gmx.ch web.de t-online.de freenet.de mail.com mail.ru
yandex.ru proton.me protonmail.com posteo.de zoho.com qq.com 163.com orange.fr wanadoo.fr free.fr libero.it
"""
_FREE = frozenset(_FREE_TEXT.split())
_DOTLESS = frozenset({"gmail.com", "googlemail.com"})
"""Mail systems that read `a.da@` and `ada@` as one mailbox."""


def fold(text: str) -> str:
    """The form in which names are compared and searched: no case, no accents, single spaces."""
    if not text.isascii():
        text = "".join(c for c in unicodedata.normalize("NFKD", text) if not unicodedata.combining(c))
    return " ".join(text.casefold().split())


def words(name: str) -> list[str]:
    """The words of a folded name, in the order of the alphabet: `Byron, Ada` and `Ada Byron` have the same."""
    return sorted(_WORD.findall(fold(name)))


def name_of(name: str, address: str) -> str:
    """The name, or what the address says of it: `ada.byron@…` is Ada Byron."""
    return name or " ".join(re.findall(r"[^\W\d_]{2,}", address.partition("@")[0].partition("+")[0]))


def phone(value: str) -> str:
    """The digits by which a phone number is compared; empty if there are too few to tell."""
    digits = "".join(filter(str.isdigit, value))
    return digits[-PHONE_DIGITS:] if len(digits) >= 7 else ""


def mailbox(address: str) -> str:
    """The address without what mail systems ignore: a `+suffix` (RFC 5233), at some the dots; folded."""
    local, _, domain = address.strip().casefold().rpartition("@")
    bare = local.partition("+")[0] or local
    if domain in _DOTLESS:
        return f"{bare.replace('.', '')}@gmail.com"
    return f"{bare}@{domain}"


def own_domain(address: str) -> str:
    """The domain, unless anybody may have an address there."""
    domain = address.rpartition("@")[2].casefold()
    return "" if domain in _FREE else domain


def keys(name: str, identities: Iterable[Identity]) -> set[str]:
    """What a customer shares with whoever may be the same person."""
    return set(_keys(name, list(identities)))


def _keys(name: str, identities: list[Identity]) -> Iterator[str]:
    address = next((each.value for each in identities if each.kind == "email"), "")
    for word in words(name_of(name, address)):
        if len(word) >= 3:
            yield f"w:{word[:_WORD_BEGINS]}"
    for identity in identities:
        if identity.kind == "phone" and (digits := phone(identity.value)):
            yield f"p:{digits}"
        elif identity.kind == "email":
            yield f"m:{mailbox(identity.value)}"
