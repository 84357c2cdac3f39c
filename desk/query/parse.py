"""Text to a query: a hand-written scanner and a parser of recursive descent, both small."""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import tzinfo
from difflib import get_close_matches
from typing import Literal

from msgspec import Struct

from desk.clock import Millis
from desk.query.dates import DATE_HINT, instant
from desk.query.errors import QueryError
from desk.query.fields import FIELDS, FieldKind
from desk.query.nodes import EVERYTHING, All, AnyOf, Field, Not, Phrase, Prefix, Query, Word, is_plain
from desk.text import clean

TERMS_AT_MOST = 100
DEPTH_AT_MOST = 30

TokenKind = Literal["term", "(", ")", "-", "or", "not"]

_SCAN = re.compile(
    r"""\s*(?:
      (?P<mark>[()]|-(?=[^\s\-)]|-+[^\s)]))
    | (?P<name>[A-Za-z][A-Za-z-]*):(?!//)(?:"(?P<quoted>[^"]*)(?:"|$)|(?P<value>[^\s()"]*))
    | "(?P<phrase>[^"]*)(?:"(?P<star>\*?)|$)
    | (?P<word>[^\s()"]+)
    )""",
    re.VERBOSE,
)


class Token(Struct, frozen=True):
    """A piece of the text, from `start` to `end`."""

    kind: TokenKind
    start: int
    end: int
    term: Query | None = None


def parse(text: str, *, now: Millis, zone: tzinfo | None = None) -> Query:
    """The query a text means; an empty one means everything. Raises QueryError.

    Dates count from `now` in `zone` (None: the machine's own). A quote that is not closed reaches to the end, so that
    half a query, as typed, is one too. `not` and `or` are words when nothing they could join stands beside them.
    """
    return _Parser(list(_tokens(text, now, zone)), len(text)).query()


# --- scanning ---------------------------------------------------------------------------------------------


def _tokens(text: str, now: Millis, zone: tzinfo | None) -> Sequence[Token]:
    tokens: list[Token] = []
    at = 0
    while (match := _SCAN.match(text, at)) and match.end() > at:
        start, at = match.start() + len(match[0]) - len(match[0].lstrip()), match.end()
        token = _token(match, start, now, zone)
        if token is not None:
            tokens.append(token)
    if sum(token.kind == "term" for token in tokens) > TERMS_AT_MOST:
        raise QueryError(f"a query has at most {TERMS_AT_MOST} terms", 0, len(text))
    return tokens


def _token(match: re.Match[str], start: int, now: Millis, zone: tzinfo | None) -> Token | None:
    end = match.end()
    if mark := match["mark"]:
        return Token("(" if mark == "(" else ")" if mark == ")" else "-", start, end)
    if match["name"] is not None:
        term = _field(match, start, now, zone)
        return Token("term", start, end, term)
    if match["phrase"] is not None:
        words = _one_line(match["phrase"])
        return Token("term", start, end, Prefix(words) if match["star"] else Phrase(words)) if words else None
    word = _one_line(match["word"])
    if word.casefold() in ("or", "not"):
        return Token("or" if word.casefold() == "or" else "not", start, end, Phrase(word))
    return _word(word, start, end)


def _word(word: str, start: int, end: int) -> Token | None:
    bare = word.rstrip("*")
    if not bare:
        return None
    if bare != word:
        return Token("term", start, end, Prefix(bare))
    return Token("term", start, end, Word(word) if is_plain(word) else Phrase(word))


def _one_line(text: str) -> str:
    return " ".join(clean(text).replace('"', " ").split())


def _field(match: re.Match[str], start: int, now: Millis, zone: tzinfo | None) -> Query:
    name, end = match["name"].lower(), match.end()
    value = _one_line(match["quoted"] if match["quoted"] is not None else match["value"])
    kind = FIELDS.get(name)
    if kind is None:
        if not value:
            return Phrase(_one_line(match[0]))
        raise QueryError(_no_such_field(name, match[0].strip()), start, start + len(name) + 1)
    if not value:
        raise QueryError(f"{name}: needs a value, such as {kind.example}", start, end)
    at = start + len(name) + 1
    if kind.takes == "date":
        moment = instant(value, now, zone)
        if moment is None:
            raise QueryError(f"{value!r} is no date; {DATE_HINT}", at, end)
        return Field(name, value.casefold(), moment)
    if kind.takes == "choice":
        if value.casefold() not in kind.values:
            raise QueryError(_no_such_value(name, value, kind), at, end)
        return Field(name, value.casefold(), now if value.casefold() in kind.of_now else None)
    if kind.takes == "form":
        if not re.fullmatch(kind.form, value.casefold()):
            raise QueryError(f"{name}: is never {value}; {kind.wants}", at, end)
        return Field(name, value.casefold())
    return Field(name, value)


def _no_such_field(name: str, whole: str) -> str:
    close = get_close_matches(name, FIELDS, n=1)
    known = f"did you mean {close[0]}:?" if close else f"fields are {', '.join(FIELDS)}."
    quoted = whole.replace('"', "")
    return f'there is no field "{name}:"; {known} To look for the text itself, write "{quoted}"'


def _no_such_value(name: str, value: str, kind: FieldKind) -> str:
    folded = value.casefold()
    others = [f"{other}:{folded}" for other, each in FIELDS.items() if other != name and folded in each.values]
    if others:
        return f"{name}: is never {value}; did you mean {others[0]}?"
    if "," in value:
        parts = " or ".join(f"{name}:{part.strip()}" for part in folded.split(",") if part.strip())
        return f"{name}: takes one value at a time; write ({parts})"
    close = get_close_matches(folded, kind.values, n=1)
    if close:
        return f"{name}: is never {value}; did you mean {name}:{close[0]}?"
    return f"{name}: is never {value}; it is one of {', '.join(kind.values)}"


# --- parsing ----------------------------------------------------------------------------------------------


class _Parser:
    def __init__(self, tokens: Sequence[Token], length: int) -> None:
        self._tokens = tokens
        self._length = length
        self._at = 0
        self._depth = 0

    def query(self) -> Query:
        found = self._either()
        token = self._peek()
        if token is not None:
            raise QueryError("this ) has no ( before it; take it out", token.start, token.end)
        return found

    def _peek(self, ahead: int = 0) -> Token | None:
        at = self._at + ahead
        return self._tokens[at] if at < len(self._tokens) else None

    def _either(self) -> Query:
        found = [self._together()]
        while (token := self._peek()) is not None and token.kind == "or":
            self._at += 1
            found.append(self._together())
        parts = [part for one in found for part in (one.of if isinstance(one, AnyOf) else (one,)) if part != EVERYTHING]
        return _joined(AnyOf, parts)

    def _together(self) -> Query:
        found: list[Query] = []
        while (token := self._peek()) is not None and token.kind != ")":
            if token.kind == "or" and found and self._begins(1):
                break
            one = self._one(token)
            found.extend(one.of if isinstance(one, All) else (one,))
        return _joined(All, found)

    def _one(self, token: Token) -> Query:
        self._at += 1
        if token.kind == "(":
            return self._group(token)
        if token.kind == "-" or (token.kind == "not" and self._negates()):
            return self._negated(token)
        assert token.term is not None
        return token.term

    def _begins(self, ahead: int) -> bool:
        """Whether a term can begin at that token."""
        token = self._peek(ahead)
        return token is not None and token.kind != ")"

    def _negates(self) -> bool:
        """Whether a `not` just read is one: "not working" are two words, `-working` is meant to say the other."""
        after = self._peek()
        return after is not None and (after.kind == "(" or (after.kind == "term" and not isinstance(after.term, Word)))

    def _negated(self, token: Token) -> Query:
        after = self._peek()
        if after is None or after.kind == ")":
            raise QueryError("what is it not? Write a term behind it, such as -tag:old", token.start, token.end)
        self._deeper(token)
        of = self._one(after)
        self._depth -= 1
        return EVERYTHING if of == EVERYTHING else Not(of)

    def _group(self, token: Token) -> Query:
        self._deeper(token)
        inner = self._either()
        closing = self._peek()
        if closing is not None:
            self._at += 1
        self._depth -= 1
        return inner

    def _deeper(self, token: Token) -> None:
        self._depth += 1
        if self._depth > DEPTH_AT_MOST:
            raise QueryError("this nests too deep; say it more simply", token.start, token.end)


def _joined(kind: type[All] | type[AnyOf], parts: Sequence[Query]) -> Query:
    if len(parts) == 1:
        return parts[0]
    return kind(tuple(parts)) if parts else EVERYTHING
