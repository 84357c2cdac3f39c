"""The search language of filters, views, search and the API: text to a tree and back, and what may come next.

    kettle "spare part" ret*  from:ada  -tag:old  (state:open or state:waiting)  after:monday

Terms side by side all have to hold; `or` and parentheses say otherwise, `-` or `not` the opposite. What each field
takes stands in `desk.query.fields`.
"""

from __future__ import annotations

from desk.query.complete import complete, word_at
from desk.query.errors import QueryError
from desk.query.fields import FIELDS, PLAIN_PROMISES, FieldKind
from desk.query.nodes import (
    EVERYTHING,
    All,
    AnyOf,
    Field,
    Not,
    Phrase,
    Prefix,
    Query,
    Word,
    both,
    fields_of,
    render,
    texts_of,
)
from desk.query.parse import parse

__all__ = [
    "EVERYTHING",
    "FIELDS",
    "PLAIN_PROMISES",
    "All",
    "AnyOf",
    "Field",
    "FieldKind",
    "Not",
    "Phrase",
    "Prefix",
    "Query",
    "QueryError",
    "Word",
    "both",
    "complete",
    "fields_of",
    "parse",
    "render",
    "texts_of",
    "word_at",
]
