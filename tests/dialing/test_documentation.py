"""What the documentation shows of dialers is what they take."""

from __future__ import annotations

import re
import tomllib
from importlib import import_module
from pathlib import Path
from textwrap import dedent
from typing import Any

import pytest

from connectors.base import Account
from connectors.dialing.base import Factory

ROOT = Path(__file__).parents[2]
PAGE = (ROOT / "docs" / "calling.md").read_text()
BLOCKS = [tomllib.loads(block) for block in re.findall(r"```toml\n(.*?)```", PAGE, re.DOTALL)]
EXAMPLES = [block["dialers"]["phone"] for block in BLOCKS if "dialers" in block]


def factories() -> dict[str, Factory]:
    """The dialers that the project registers."""
    tables = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]["entry-points"]["desk.dialers"]
    found: dict[str, Any] = {}
    for name, place in tables.items():
        module, _, attribute = place.partition(":")
        found[name] = getattr(import_module(module), attribute)
    return found


def test_every_dialer_is_registered_under_its_name_and_shown() -> None:
    assert {name: factory.name for name, factory in factories().items()} == {name: name for name in factories()}
    assert {example["dialer"] for example in EXAMPLES} == set(factories())


@pytest.mark.parametrize("example", EXAMPLES, ids=lambda example: str(example["dialer"]))
def test_every_example_is_accepted(example: dict[str, Any]) -> None:
    options = {name: value for name, value in example.items() if name != "dialer"}
    account = Account(name="phone", options=options)
    assert factories()[example["dialer"]].validate(account) == []


@pytest.mark.parametrize("name", ["baresip", "asterisk", "twilio", "launch"])
def test_every_modules_example_is_accepted(name: str) -> None:
    documented = import_module(f"connectors.dialing.{name}").__doc__ or ""
    example, _, _ = documented[documented.index("    [dialers.phone]") :].partition("\n\n")
    table = tomllib.loads(dedent(example))["dialers"]["phone"]
    assert table.pop("dialer") == name
    assert factories()[name].validate(Account(name="phone", options=table)) == []
