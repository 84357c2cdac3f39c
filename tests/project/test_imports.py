"""What a program that starts must not import, because it would cost a person time."""

from __future__ import annotations

import subprocess
import sys

import pytest

HEAVY = ("litestar", "uvicorn", "sqlite3", "sqlite_utils", "keyring", "imapclient", "aiosmtplib", "lxml", "tomlkit")
SERVER_ROOMS = ("desk.server", "desk.service", "desk.store", "connectors")
TERMINAL = ("textual", "rich")


def imported(code: str) -> set[str]:
    """The modules a fresh interpreter holds after running the code."""
    report = f"{code}\nimport sys\nsys.stderr.write('\\n'.join(sys.modules))"
    done = subprocess.run([sys.executable, "-c", report], capture_output=True, text=True, check=True, timeout=60)
    return set(done.stderr.split())


def among(modules: set[str], forbidden: tuple[str, ...]) -> set[str]:
    return {name for name in modules if any(name == each or name.startswith(f"{each}.") for each in forbidden)}


def test_the_client_knows_nothing_of_the_server_or_the_screen() -> None:
    modules = imported("import desk.client")
    assert not among(modules, (*HEAVY, *SERVER_ROOMS, *TERMINAL, "click", "pygments", "httpx"))


def test_the_screens_know_nothing_of_the_server() -> None:
    modules = imported("import desk.app")
    assert not among(modules, (*HEAVY, *SERVER_ROOMS, "click", "pygments", "httpx", "urllib.request"))


def test_the_server_draws_nothing() -> None:
    modules = imported("import desk.server.serving")
    assert not among(modules, ("textual", "screens", "desk.app", "desk.cli"))


def test_the_way_to_the_terminal_is_short() -> None:
    modules = imported("import desk.cli.terminal, desk.cli.where, desk.launch")
    assert not among(modules, (*HEAVY, *SERVER_ROOMS, *TERMINAL, "click", "httpx", "asyncio"))


def test_the_version_costs_next_to_nothing() -> None:
    modules = imported("from desk.cli import main\nmain(['--version'])")
    assert not among(modules, (*HEAVY, *SERVER_ROOMS, *TERMINAL, "click", "httpx", "msgspec", "asyncio"))


def test_help_imports_no_command() -> None:
    modules = imported("from desk.cli import main\nmain(['--help'])")
    assert not among(modules, (*HEAVY, *SERVER_ROOMS, *TERMINAL, "httpx", "asyncio"))
    assert "desk.cli.reading" not in modules


@pytest.mark.parametrize("command", ["list", "show", "search", "claim", "reply", "import", "status", "ledger"])
def test_commands_import_what_they_need(command: str) -> None:
    modules = imported(f"from desk.cli import main\nmain([{command!r}, '--help'])\nimport desk.client, desk.launch")
    assert not among(modules, (*HEAVY, *SERVER_ROOMS, *TERMINAL))
