"""Fields whose answer stands beside conversations: in their promises, their customer, their chat.

Each is asked in both ways a filter asks (`Filter`): of one row, and for all that it can be. The two stand side by
side, for they have to mean the same.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Mapping
from typing import Literal, NamedTuple

from desk.promises.policies import domain_of, has_tag
from desk.query import PLAIN_PROMISES, Field
from desk.store.sqlite.people import TAG_SEPARATOR, distinct
from desk.store.sqlite.sql import Sql, as_json
from desk.text import fold_address


class Asked(NamedTuple):
    """A field in SQL."""

    of_row: Sql
    """What has to hold of a row `c` of conversations."""
    ids: Sql | None
    """All of which it holds; None where these are too many to be of use."""


def asked(reader: sqlite3.Connection, field: Field) -> Asked | None:
    """None for a field that the conversation answers by itself."""
    if field.name == "is":
        return _OF_PROMISES[field.value](field) if field.value in _OF_PROMISES else None
    return _ASKED[field.name](reader, field) if field.name in _ASKED else None


# --- promises ---------------------------------------------------------------------------------------------

_OPEN = "p.state IN ('running', 'paused')"
"""As the indexes of open promises say it."""


def _promised(what: str, *values: object) -> Sql:
    return Sql(f"EXISTS (SELECT 1 FROM promises p WHERE p.conversation_id = c.id AND {_OPEN} AND {what})", values)


def _due(_: Field) -> Asked:
    return Asked(
        _promised("p.state = 'running'"),
        Sql("SELECT conversation_id FROM promises INDEXED BY promises_due WHERE state = 'running'"),
    )


def _late(field: Field) -> Asked:
    """Also where the clock stands still since, or a looser policy counts now: what is broken stays so."""
    return Asked(
        _promised("(p.broken_at IS NOT NULL OR (p.state = 'running' AND p.due_at < ?))", field.at),
        Sql(
            "SELECT conversation_id FROM promises p INDEXED BY promises_late"
            f" WHERE {_OPEN} AND p.broken_at IS NOT NULL UNION ALL"
            " SELECT conversation_id FROM promises WHERE state = 'running' AND broken_at IS NULL AND due_at < ?",
            (field.at,),
        ),
    )


def _by_policy(_: sqlite3.Connection, field: Field) -> Asked:
    name = "" if field.value.casefold() == PLAIN_PROMISES else field.value
    return Asked(
        _promised("p.policy = ? COLLATE NOCASE", name),
        Sql(f"SELECT conversation_id FROM promises p WHERE {_OPEN} AND p.policy = ? COLLATE NOCASE", (name,)),
    )


# --- customers --------------------------------------------------------------------------------------------

_ADDRESS_DOMAIN = "substr(c.customer_address, length(rtrim(c.customer_address, replace(c.customer_address, '@', ''))))"
"""From the last `@` on: the index `conversations_domain` has it, and the address. Beside a condition on the plain
column, whose value SQLite would put into the expression, that index would not be used."""


def _by_customer(reader: sqlite3.Connection, field: Field) -> Asked:
    """See `desk.promises.policies.is_theirs`; who was merged has given conversations and tags to who stands."""
    wanted = field.value
    if "@" not in wanted:
        return _of_customers(
            "tags", [each for each in distinct(reader, "tags") if has_tag(wanted, each.split(TAG_SEPARATOR))]
        )
    folded = fold_address(wanted)
    domain, whole = domain_of(folded), not wanted.startswith("@")
    holds = "+c.customer_address = ?" if whole else f"substr(c.customer_address, -{len(folded)}) = ?"
    ids = Sql(f"SELECT id FROM conversations c WHERE {_ADDRESS_DOMAIN} = ? AND {holds}", (domain, folded))
    return Asked(Sql(holds, (folded,)), ids)


def _by_language(reader: sqlite3.Connection, field: Field) -> Asked:
    """`pt` is `pt-BR`, too; `none` is what nobody said."""
    folded = field.value.casefold()
    if folded == "none":
        return Asked(Sql("(SELECT k.language FROM customers k WHERE k.id = c.customer_id) = ''"), None)
    spoken = [each for each in distinct(reader, "language") if f"{each.casefold()}-".startswith(f"{folded}-")]
    return _of_customers("language", spoken)


def _of_customers(column: Literal["tags", "language"], values: list[str]) -> Asked:
    """The customer has one of these values."""
    these = as_json(values)
    return Asked(
        Sql(
            "EXISTS (SELECT 1 FROM customers k WHERE k.id = c.customer_id"
            f" AND k.{column} IN (SELECT value FROM json_each(?)))",
            (these,),
        ),
        Sql(
            "SELECT o.id FROM json_each(?) wanted CROSS JOIN customers k CROSS JOIN conversations o"
            f" WHERE k.{column} = wanted.value AND k.{column} <> '' AND o.customer_id = k.id",
            (these,),
        ),
    )


# --- chats ------------------------------------------------------------------------------------------------

_MERGED_HERE = (
    "WITH RECURSIVE here (id) AS"
    " (SELECT c.id UNION SELECT m.id FROM conversations m JOIN here ON m.merged_into = here.id)"
)
_MERGED_INTO = (
    "WITH RECURSIVE rated (id) AS (SELECT conversation_id FROM chats WHERE rating IS NOT NULL AND {}"
    " UNION SELECT o.merged_into FROM rated JOIN conversations o ON o.id = rated.id WHERE o.merged_into IS NOT NULL)"
    " SELECT id FROM rated"
)


def _by_rating(_: sqlite3.Connection, field: Field) -> Asked:
    """Of its chat, or of one that was merged into it."""
    sign = field.value.rstrip("12345") or "="
    holds, number = f"rating {sign} ?", (int(field.value[-1]),)
    return Asked(
        Sql(
            f"EXISTS ({_MERGED_HERE} SELECT 1 FROM here JOIN chats h ON h.conversation_id = here.id WHERE h.{holds})",
            number,
        ),
        Sql(_MERGED_INTO.format(holds), number),
    )


_OF_PROMISES: Mapping[str, Callable[[Field], Asked]] = {"late": _late, "due": _due}
_ASKED: Mapping[str, Callable[[sqlite3.Connection, Field], Asked]] = {
    "policy": _by_policy,
    "customer": _by_customer,
    "language": _by_language,
    "rating": _by_rating,
}
