"""Whether a value will do for a setting, in words; and values as people type them."""

from __future__ import annotations

import shlex
from collections.abc import Callable, Mapping
from typing import Any

from desk.settings.field import Field, FieldKind
from desk.settings.words import duration


def problem(field: Field, value: object) -> str:
    """What is wrong with a value, and what to write instead; '' if nothing is."""
    if wrong := _JUDGES[field.kind](field, value):
        return wrong
    if isinstance(value, int | float) and not isinstance(value, bool):
        if field.least is not None and value < field.least:
            return f"{field.name} cannot be negative" if field.least == 0 else f"{field.name} is at least {field.least}"
        if field.most is not None and value > field.most:
            return f"{field.name} is at most {field.most:g}"
    return ""


def in_words(value: object) -> str:
    """What kind of value it is."""
    if isinstance(value, bool):
        return "true" if value else "false"
    return {str: "a text", int: "a number", float: "a number", list: "a list", dict: "a table"}.get(
        type(value), "a date or time"
    )


def _text(field: Field, value: object) -> str:
    return "" if isinstance(value, str) else f'{field.name} is a text in quotes, such as "…", not {in_words(value)}'


def _number(field: Field, value: object) -> str:
    good = isinstance(value, int | float) and not isinstance(value, bool)
    return "" if good else f"{field.name} is a number, not {in_words(value)}"


def _switch(field: Field, value: object) -> str:
    return "" if isinstance(value, bool) else f"{field.name} is true or false, not {in_words(value)}"


def _choice(field: Field, value: object) -> str:
    if wrong := _text(field, value):
        return wrong
    if value in field.choices or field.others or value == field.default:
        return ""
    return f"{field.name} is one of {', '.join(field.choices)}, not {value!r}"


def _duration(field: Field, value: object) -> str:
    if wrong := _text(field, value):
        return wrong
    try:
        duration(str(value))
    except ValueError as error:
        return str(error)
    return ""


def _command(field: Field, value: object) -> str:
    if isinstance(value, str) and value.strip():
        try:
            shlex.split(value)
        except ValueError as error:
            return f"the quotes do not match ({error})"
        return ""
    if isinstance(value, list) and value and all(isinstance(each, str) for each in value):
        return ""
    if isinstance(value, Mapping) and list(value) == ["shell"] and isinstance(value["shell"], str):
        return ""
    return 'write a command as "pass show shop", as a list of strings, or as { shell = "…" }'


def _keys(field: Field, value: object) -> str:
    for each in value if isinstance(value, list) else [value]:
        if wrong := _text(field, each):
            return wrong
    return ""


def _query(field: Field, value: object) -> str:
    from desk.query import QueryError, parse

    if not isinstance(value, str) or not value.strip():
        return f'{field.name} is a query, such as "is:unread priority:urgent", not {in_words(value)}'
    try:
        parse(value, now=0)
    except QueryError as error:
        return f"column {error.start + 1}: {error.message}"
    return ""


def _steps(field: Field, value: object) -> str:
    from desk.steps import StepError, parse

    if not isinstance(value, list) or not value or not all(isinstance(step, str) for step in value):
        return f'{field.name} is a list of texts, such as ["reply ::late", "tag +late", "resolve"]'
    for step in value:
        try:
            parse(step)
        except StepError as error:
            return f"{step!r}: {error}"
    return ""


def _zone(field: Field, value: object) -> str:
    from desk.zones import zone_named

    if wrong := _text(field, value):
        return wrong
    named = value == "" or zone_named(str(value)) is not None
    return "" if named else f"there is no time zone {value!r}; write one like Europe/Berlin"


def _periods(field: Field, value: object) -> str:
    from desk.hours import periods

    return _text(field, value) or _wrong(periods, str(value))


def _days(field: Field, value: object) -> str:
    from desk.hours import closed_days

    if not isinstance(value, list) or not all(isinstance(day, str) for day in value):
        return f'{field.name} is a list of days, such as ["2026-12-24", "12-25"]'
    return _wrong(closed_days, value)


def _names(field: Field, value: object) -> str:
    if not isinstance(value, list) or not all(isinstance(each, str) and each.strip() for each in value):
        return f'{field.name} is a list of names, such as ["one", "another"]'
    unknown = next((each for each in value if field.choices and each not in field.choices), None)
    return "" if unknown is None else f"{field.name} are some of {', '.join(field.choices)}, not {unknown!r}"


def _wrong(read: Callable[[Any], object], value: object) -> str:
    try:
        read(value)
    except ValueError as error:
        return str(error)
    return ""


def _anything(field: Field, value: object) -> str:
    return ""


_JUDGES: Mapping[FieldKind, Callable[[Field, object], str]] = {
    "text": _text,
    "lines": _text,
    "number": _number,
    "switch": _switch,
    "choice": _choice,
    "duration": _duration,
    "command": _command,
    "keys": _keys,
    "query": _query,
    "steps": _steps,
    "toml": _anything,
    "zone": _zone,
    "periods": _periods,
    "days": _days,
    "names": _names,
}

_LISTED = frozenset({"command", "keys", "steps", "toml", "days", "names"})
"""Kinds whose values may be lists and tables, and are then typed as TOML."""
_ON = {"true": True, "on": True, "yes": True, "1": True, "false": False, "off": False, "no": False, "0": False}
_LEAF = Field(path="value", kind="toml", help="")


def typed(field: Field | None, text: str) -> Any:
    """What people mean who type that as the field's value. Raises ValueError with what is wrong.

    A text needs no quotes; lists and tables are written as in TOML, steps with `;` between and keys with commas too.
    """
    field = field or _LEAF
    value = _read(field, text)
    if wrong := problem(field, value):
        raise ValueError(wrong)
    return value


def _read(field: Field, text: str) -> Any:
    trimmed = text.strip()
    if field.kind == "switch":
        if trimmed.lower() not in _ON:
            raise ValueError(f"{field.name} is on or off")
        return _ON[trimmed.lower()]
    if field.kind == "number":
        try:
            number = float(trimmed)
        except ValueError:
            raise ValueError(f"{field.name} is a number") from None
        return int(number) if number.is_integer() else number
    if field.kind in _LISTED and trimmed[:1] in ("[", "{", '"', "'"):
        return _toml(trimmed)
    if field.kind == "steps":
        return [step for each in trimmed.split(";") if (step := each.strip())]
    if field.kind == "keys" and ", " in trimmed:
        return [each.strip() for each in trimmed.split(", ")]
    if field.kind in ("days", "names"):
        return [part for each in trimmed.split(",") if (part := each.strip())]
    if field.kind == "toml":
        return _bare(trimmed)
    return text if field.kind == "lines" else trimmed


def _toml(text: str) -> Any:
    import tomllib

    try:
        return tomllib.loads(f"value = {text}")["value"]
    except tomllib.TOMLDecodeError as error:
        raise ValueError(f"this is no TOML value: {str(error).partition(' (at ')[0].lower()}") from None


def _bare(text: str) -> Any:
    """A value of any kind: as TOML if it is that, else a text."""
    try:
        return _toml(text)
    except ValueError:
        return text


def written(value: object) -> str:
    """A value as people read and type it: texts bare, everything else as in TOML."""
    if value is None:
        return ""
    return value if isinstance(value, str) else as_toml(value)


def as_toml(value: object) -> str:
    """A value as TOML writes it inline."""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, str):
        import json

        return json.dumps(value, ensure_ascii=False).replace("\x7f", "\\u007f")
    if isinstance(value, Mapping):
        from desk.settings.places import join_path

        return "{ " + ", ".join(f"{join_path([str(k)])} = {as_toml(v)}" for k, v in value.items()) + " }"
    if isinstance(value, list | tuple):
        return "[" + ", ".join(as_toml(each) for each in value) + "]"
    return f"{value:g}" if isinstance(value, float) else str(value)
