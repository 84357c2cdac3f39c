"""What a site asks before a chat begins: as it is set up, and as it is answered."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Literal

from msgspec import Struct

from connectors.sites import Refused
from desk.model import Visitor
from desk.text import line

AT_MOST = 10
VALUE_AT_MOST = 200
"""Characters of an answer."""
_NAME = re.compile(r"[^\W_][\w -]{0,39}")
_NUMBER = re.compile(r"\+?[\d\s()./-]{5,30}")


class Question(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """One field of the form before a chat."""

    name: str
    """What the answer is called beside the conversation."""
    kind: Literal["name", "email", "phone", "text", "select"] = "text"
    label: str | dict[str, str] = ""
    """What visitors read: for all of them, or by language."""
    required: bool = False
    choices: list[str] = []
    """Of a `select`."""


class Introduction(Struct, frozen=True):
    """Answers, by what becomes of them."""

    name: str
    email: str
    told: dict[str, str]


def problems(questions: Sequence[Question]) -> Iterator[str]:
    """What is wrong with a site's questions, as `ask: what, and what to do`."""
    names = [each.name for each in questions]
    if len(questions) > AT_MOST:
        yield f"ask: at most {AT_MOST} questions; nobody answers more"
    for name in dict.fromkeys(each for each in names if names.count(each) > 1):
        yield f"ask: {name!r} is there twice; each question has a name of its own"
    for each in questions:
        if not _NAME.fullmatch(each.name):
            yield f"ask: {each.name!r} is no name; letters, digits, spaces and '-', at most 40 of them"
        if (each.kind == "select") != bool(each.choices):
            yield f'ask: {each.name!r}: write choices = ["One", "Another"] with kind = "select", and only there'
        if any(not choice.strip() or len(choice) > VALUE_AT_MOST for choice in each.choices):
            yield f"ask: {each.name!r}: a choice has 1 to {VALUE_AT_MOST} characters"


def unanswered(questions: Sequence[Question], visitor: Visitor) -> bool:
    """Whether anything that is required is still open."""
    return any(each.required and not _answer(each, visitor) for each in questions)


def _answer(question: Question, visitor: Visitor) -> str:
    if question.kind in ("name", "email"):
        return visitor.name if question.kind == "name" else visitor.email
    return visitor.told.get(question.name, "")


def checked(questions: Sequence[Question], answers: Mapping[str, str]) -> dict[str, str]:
    """The answers to these questions, by name. Raises `Refused`, whose field names the question."""
    found = {each.name: line(answers.get(each.name, "")) for each in questions}
    for each in questions:
        value = found[each.name]
        if not value:
            if each.required:
                raise Refused("required", "this has to be answered first", field=each.name)
        elif len(value) > VALUE_AT_MOST:
            raise Refused("too-long", f"an answer has at most {VALUE_AT_MOST} characters", field=each.name)
        elif each.kind == "select" and value not in each.choices:
            raise Refused("bad-choice", "that is none of the choices", field=each.name)
        elif each.kind == "phone" and not _NUMBER.fullmatch(value):
            raise Refused("bad-number", "that is no telephone number; write it like +44 20 7946 0000", field=each.name)
        elif each.kind == "email" and (value.count("@") != 1 or not all(value.split("@"))):
            raise Refused("bad-address", "that is no address; write it like you@example.com", field=each.name)
    return {name: value for name, value in found.items() if value}


def introduction(questions: Sequence[Question], answers: Mapping[str, str]) -> Introduction:
    """`checked`, sorted: a name and an address are the visitor's, everything else stands by its own name."""
    kinds, found = {each.name: each.kind for each in questions}, checked(questions, answers)
    own = {kinds[name]: value for name, value in found.items() if kinds[name] in ("name", "email")}
    told = {name: value for name, value in found.items() if kinds[name] not in own}
    return Introduction(own.get("name", ""), own.get("email", ""), told)
