"""Telephone numbers as people write them, made into those that can be dialled from anywhere (ITU-T E.164).

The plans of the world's numbers are those of the library phonenumbers; it is loaded when it is first needed.
"""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING

from msgspec import Struct

if TYPE_CHECKING:
    from phonenumbers import PhoneNumber

TEXT_AT_MOST = 60
_FOUND_AT_MOST = 20_000
"""Characters in which a number is looked for."""
_HOMES = {
    "en": "US", "de": "DE", "fr": "FR", "es": "ES", "ja": "JP", "it": "IT", "nl": "NL", "pt": "PT", "pl": "PL",
    "sv": "SE", "da": "DK", "nb": "NO", "fi": "FI", "cs": "CZ", "hu": "HU", "tr": "TR", "uk": "UA", "ko": "KR",
    "zh": "CN", "el": "GR", "ro": "RO",
}  # fmt: skip
"""Where most people who speak a language are."""


class BadNumber(ValueError):
    """It cannot be dialled; `code` is stable, the message says what to do."""

    def __init__(self, code: str, message: str) -> None:
        super().__init__(message)
        self.code = code


class Number(Struct, frozen=True):
    """A number that can be dialled from anywhere."""

    e164: str
    country: str
    """ISO 3166-1 alpha-2; empty for numbers of no country, such as +800."""

    @property
    def shown(self) -> str:
        """As people read it."""
        return international(self.e164)


def read(text: str, country: str = "", *, strict: bool = True) -> Number:
    """A number as somebody wrote it; one that does not begin with `+` belongs to `country`.

    `strict`: it has to be one that is given to somebody, and that costs who calls it no more than others do; else it
    need only be as long as numbers are there. Raises BadNumber: `number-missing`, `number-no-country`,
    `number-too-short`, `number-too-long`, `number-wrong`, `number-costly`.
    """
    import phonenumbers
    from phonenumbers import NumberParseException, ValidationResult

    if not text.strip():
        raise BadNumber("number-missing", "write the number to call")
    try:
        number = phonenumbers.parse(text[:TEXT_AT_MOST], country.upper() or None)
    except NumberParseException as error:
        if error.error_type == NumberParseException.INVALID_COUNTRY_CODE and not text.lstrip().startswith("+"):
            raise BadNumber(
                "number-no-country", "choose the number's country, or begin it with + and its code"
            ) from error
        if error.error_type in (NumberParseException.TOO_SHORT_NSN, NumberParseException.TOO_SHORT_AFTER_IDD):
            raise BadNumber("number-too-short", "that number is too short") from error
        if error.error_type == NumberParseException.TOO_LONG:
            raise BadNumber("number-too-long", "that number is too long") from error
        raise BadNumber("number-wrong", "that is no telephone number") from error
    match phonenumbers.is_possible_number_with_reason(number):
        case ValidationResult.TOO_SHORT | ValidationResult.IS_POSSIBLE_LOCAL_ONLY:
            raise BadNumber("number-too-short", "that number is too short; write it with its area code")
        case ValidationResult.TOO_LONG:
            raise BadNumber("number-too-long", "that number is too long")
        case ValidationResult.IS_POSSIBLE:
            pass
        case _:
            raise BadNumber("number-wrong", "there is no such telephone number")
    if strict and not phonenumbers.is_valid_number(number):
        raise BadNumber("number-wrong", "there is no such telephone number in that country")
    if strict and _is_costly(number):
        raise BadNumber("number-costly", "calls to that number cost more than others; give another one")
    return _made(number)


def find(text: str, country: str = "") -> Number | None:
    """The first number in a text that can be called; None if it holds none."""
    import phonenumbers

    matches = phonenumbers.PhoneNumberMatcher(text[:_FOUND_AT_MOST], country.upper() or None, max_tries=500)
    return next((_made(match.number) for match in matches if not _is_costly(match.number)), None)


@lru_cache(maxsize=10_000)
def international(e164: str) -> str:
    """As people read it: `+49 30 123456`. What is no number stays as it is."""
    import phonenumbers

    try:
        number = phonenumbers.parse(e164, None)
    except phonenumbers.NumberParseException:
        return e164
    return phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.INTERNATIONAL)


@lru_cache
def countries() -> tuple[tuple[str, int], ...]:
    """All countries with numbers of their own, each with the code that is dialled after `+`."""
    import phonenumbers

    codes = ((region, phonenumbers.country_code_for_region(region)) for region in phonenumbers.SUPPORTED_REGIONS)
    return tuple(sorted((region, code) for region, code in codes if code))


def country_of(language: str) -> str:
    """The country of a language tag (RFC 5646): the one it names, or where most who speak it are; empty if unknown."""
    first, *rest = language.replace("_", "-").split("-")
    named = next((part.upper() for part in rest if len(part) == 2 and part.isalpha()), "")
    return named if any(named == region for region, _ in countries()) else _HOMES.get(first.lower(), "")


def _made(number: PhoneNumber) -> Number:
    import phonenumbers

    e164 = phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164)
    country = phonenumbers.region_code_for_number(number) or ""
    return Number(e164, country if country != "001" else "")


def _is_costly(number: PhoneNumber) -> bool:
    from phonenumbers import PhoneNumberType, number_type

    return number_type(number) in (PhoneNumberType.PREMIUM_RATE, PhoneNumberType.SHARED_COST)
