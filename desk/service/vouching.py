"""Signed-in customers: the shop vouches for them with a token that it signs, and that nobody else can make.

The token is a JSON Web Token (RFC 7519) signed with HMAC-SHA256 (`HS256`, RFC 7518, section 3.2) with a secret that the
shop's server and Desk share. It says who somebody is to the shop (`sub`) and until when that is good (`exp`), at most a
day; if it says so, also `name`, `email`, and with `email_verified` that the address is proven to be theirs.

Who is vouched for is one visitor, whatever browsers they use. A browser gets a secret of its own for that, which ends
when the token does, or when the page comes back without one: they signed out.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import hmac
import math
import secrets as randomness
from collections.abc import Sequence
from typing import Any

import msgspec
from msgspec import Struct

from desk.clock import DAY, MINUTE, SECOND, Clock, Millis
from desk.model import Identity, Visitor
from desk.service.chats import EMAIL_AT_MOST, NAME_AT_MOST
from desk.store.base import Store
from desk.text import fold_address, line

SKEW: Millis = MINUTE
"""By how much the shop's clock and ours may differ."""
LASTS_AT_MOST: Millis = DAY
ID_AT_MOST = 200
TOKEN_AT_MOST = 4_000
SECRET_AT_LEAST = 32
"""Bytes of a secret: as many as the signature has (RFC 7518, section 3.2)."""
SECRETS_AT_MOST = 2
"""The one in use, and the one before it, or the one after."""


class BadToken(Exception):
    """A token that vouches for nobody; the message is for the shop's programmers, and tells nothing of the secret."""


class Claims(Struct, frozen=True, kw_only=True):
    """What a shop vouches for."""

    id: str
    """Who they are to the shop."""
    until: Millis
    name: str = ""
    email: str = ""
    proven: bool = False
    """The shop knows that the address is theirs."""


# --- tokens -----------------------------------------------------------------------------------------------


def keys(secret: str) -> list[bytes]:
    """The secrets that are good now, from what is kept: one, or two with a space between while one takes the other's
    place. Raises BadToken for what cannot be one."""
    found = [each.encode() for each in secret.split()]
    if not 0 < len(found) <= SECRETS_AT_MOST:
        raise BadToken("the secret is one word, or two while the second is replaced by the first")
    if any(len(each) < SECRET_AT_LEAST for each in found):
        raise BadToken(f"the secret is too short: {SECRET_AT_LEAST} bytes at least")
    return found


def verify(token: str, keys: Sequence[bytes], *, site: str, now: Millis) -> Claims:
    """What a token vouches for on that site, by its key (`data-site`). Raises BadToken."""
    if len(token) > TOKEN_AT_MOST or not token.isascii() or token.count(".") != 2:
        raise BadToken("this is no token: three parts with dots between")
    signed, _, signature = token.rpartition(".")
    head, _, payload = signed.partition(".")
    given = _bytes(signature)
    good = [hmac.compare_digest(hmac.digest(key, signed.encode(), "sha256"), given) for key in keys]
    if not any(good):
        raise BadToken("the signature is not of this site's secret")
    header = _object(head)
    if header.get("alg") != "HS256" or "crit" in header:
        raise BadToken('the header says {"alg": "HS256"} and nothing critical')
    return _claims(_object(payload), site, now)


def _claims(said: dict[str, Any], site: str, now: Millis) -> Claims:
    id, audience = said.get("sub"), said.get("aud", site)
    if not isinstance(id, str) or not id or len(id) > ID_AT_MOST or line(id) != id:
        raise BadToken(f"sub is the customer's id with the shop: a text of 1 to {ID_AT_MOST} characters")
    if site not in (audience if isinstance(audience, list) else [audience]):
        raise BadToken("aud names another site")
    until = _instant(said, "exp")
    if until is None:
        raise BadToken("exp is missing: until when it is good, in seconds since 1970")
    if until <= now - SKEW:
        raise BadToken("it has expired")
    if until > now + LASTS_AT_MOST + SKEW:
        raise BadToken("exp is more than a day away")
    for name in ("nbf", "iat"):
        begins = _instant(said, name)
        if begins is not None and begins > now + SKEW:
            raise BadToken(f"{name} lies in the future; compare the clocks")
    return Claims(
        id=id,
        until=until,
        name=line(_text(said, "name"))[:NAME_AT_MOST],
        email=_address(_text(said, "email")),
        proven=said.get("email_verified") is True,
    )


def _bytes(part: str) -> bytes:
    """Base64url without padding (RFC 7515, section 2), as there is one way only to write it."""
    try:
        found = base64.b64decode(part + "=" * (-len(part) % 4), altchars=b"-_", validate=True)
    except (binascii.Error, ValueError) as error:
        raise BadToken("its parts are base64url without padding") from error
    if base64.urlsafe_b64encode(found).rstrip(b"=").decode() != part:
        raise BadToken("its parts are base64url without padding")
    return found


def _object(part: str) -> dict[str, Any]:
    try:
        found = msgspec.json.decode(_bytes(part), type=dict[str, Any])
    except msgspec.DecodeError as error:
        raise BadToken("header and payload are JSON objects") from error
    return found


def _instant(said: dict[str, Any], name: str) -> Millis | None:
    value = said.get(name)
    if value is None:
        return None
    if isinstance(value, bool) or not isinstance(value, int | float) or not math.isfinite(value) or abs(value) > 1e11:
        raise BadToken(f"{name} is a number of seconds since 1970")
    return round(value * SECOND)


def _text(said: dict[str, Any], name: str) -> str:
    value = said.get(name)
    return value if isinstance(value, str) else ""


def _address(text: str) -> str:
    found = line(text)
    good = len(found) <= EMAIL_AT_MOST and found.count("@") == 1 and all(found.split("@")) and " " not in found
    return found if good else ""


# --- visitors ---------------------------------------------------------------------------------------------


def _digest(token: str) -> str:
    return hashlib.sha256(token.encode()).hexdigest()


def known(store: Store, clock: Clock, account: str, token: str) -> Visitor | None:
    """Whose secret that is, by itself or because the shop vouched for them; None if it is nobody's on this site now."""
    if not token:
        return None
    digest = _digest(token)
    return store.visitors.find(account, digest) or store.visitors.of_session(account, digest, clock.now())


def leave(store: Store, clock: Clock, account: str, token: str) -> bool:
    """The page vouches for nobody any more: a secret that stood on its word is worth nothing. Whether it did."""
    if not token or store.visitors.of_session(account, _digest(token), 0) is None:
        return False
    with store.write():
        return store.visitors.close_session(_digest(token))


def vouch(
    store: Store, clock: Clock, account: str, claims: Claims, *, token: str = "", language: str = ""
) -> tuple[Visitor, str]:
    """Who the shop vouches for, and the secret that their browser shows from now on; empty if it keeps the one it has.

    `token`: what the browser showed. What its nobody did there in this visit becomes theirs: a chat under way, and the
    trail; what was ended before stays nobody's, for somebody else may have sat there.
    """
    now = clock.now()
    with store.write():
        here = known(store, clock, account, token)
        visitor = _visitor(store, account, claims, language, now)
        if here is not None and here.id == visitor.id and here.vouched:
            store.visitors.open_session(visitor.id, _digest(token), claims.until + SKEW)
            return visitor, ""
        if here is not None and not here.vouched:
            _hand_over(store, here, visitor)
        fresh = randomness.token_urlsafe(32)
        store.visitors.open_session(visitor.id, _digest(fresh), claims.until + SKEW)
        if here is not None and here.vouched:
            store.visitors.close_session(_digest(token))
        return visitor, fresh


def _visitor(store: Store, account: str, claims: Claims, language: str, now: Millis) -> Visitor:
    """The one visitor whom a shop's customer is, made if there is none, with what is vouched for of them."""
    found = store.visitors.vouched(account, claims.id)
    if found is None:
        nobody = _digest(randomness.token_urlsafe(32))
        id = store.visitors.create(account, nobody, now, language=line(language)[:35], vouched=claims.id)
    else:
        id = found.id
    customer_id = _customer(store, account, claims, now)
    store.visitors.update(id, name=claims.name or None, email=claims.email or None, customer_id=customer_id)
    store.visitors.seen(id, now)
    visitor = store.visitors.get(id)
    assert visitor is not None
    return visitor


def _customer(store: Store, account: str, claims: Claims, now: Millis) -> int:
    """Whom the shop means: by its own id, else by an address that it knows to be theirs, else somebody new."""
    theirs = Identity(kind="shop", value=f"{account}/{claims.id}", name=claims.name)
    address = fold_address(claims.email) if claims.proven else ""
    mailed = Identity(kind="email", value=address, name=claims.name) if address else None
    found = store.customers.find("shop", theirs.value)
    if found is None and mailed is not None:
        found = store.customers.find("email", address)
    if found is None:
        identities = [theirs, *([mailed] if mailed else [])]
        return store.customers.create(claims.name or claims.email or claims.id, identities, now)
    for identity in filter(None, (theirs, mailed)):
        if store.customers.find(identity.kind, identity.value) is None:
            store.customers.add_identity(found, identity)
    return found


def _hand_over(store: Store, before: Visitor, now: Visitor) -> None:
    """What nobody did in this visit is the customer's."""
    store.trails.hand_over(before.id, now.id, store.trails.standing(before.id).visit)
    store.invitations.hand_over(before.id, now.id)
    chat = store.chats.newest_of(before.id)
    if chat is not None and chat.state != "ended":
        id = store.placing.target(chat.conversation_id)
        store.chats.hand_over(chat.conversation_id, now.id, id)
        customer = store.customers.get(now.customer_id) if now.customer_id is not None else None
        if customer is not None:
            store.placing.set_customer(id, customer.id, customer.name, customer.address)
    if store.visitors.drop(before.id) and before.customer_id is not None and now.customer_id is not None:
        _absorb(store, before.customer_id, now.customer_id)


def _absorb(store: Store, nobody: int, customer_id: int) -> None:
    """Who was made a customer for being a visitor, of whom nothing is left, is the one they turned out to be."""
    customer = store.customers.get(nobody)
    if customer is None or customer.merged_into is not None or store.conversations.ids_of_customer(nobody):
        return
    if {each.kind for each in customer.identities} <= {"visitor"} and not customer.notes and not customer.tags:
        for identity in customer.identities:
            store.customers.remove_identity(nobody, identity)
        store.customers.set_merged(nobody, customer_id)
