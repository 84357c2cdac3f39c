"""The project as others get it: what it says of itself is true, and nothing of the workshop sticks to it."""

from __future__ import annotations

import ast
import re
import subprocess
import sys
import tomllib
import zipfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

import desk

ROOT = Path(__file__).resolve().parents[2]
PACKAGES = ("desk", "screens", "connectors")
LINES_AT_MOST = 600


@pytest.fixture(scope="session")
def project() -> dict[str, Any]:
    tables = tomllib.loads((ROOT / "pyproject.toml").read_text())
    found: dict[str, Any] = tables["project"]
    return found


@pytest.fixture(scope="session")
def tracked() -> list[Path]:
    """The files under version control, as they lie in the tree now."""
    listed = subprocess.run(["git", "ls-files", "-z"], cwd=ROOT, capture_output=True, check=False)
    if listed.returncode:
        pytest.skip("not a git checkout")
    return [ROOT / name for name in listed.stdout.decode().split("\0") if name and (ROOT / name).is_file()]


@pytest.fixture(scope="session")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> zipfile.ZipFile:
    """The wheel, built from this tree by hatchling alone."""
    folder = tmp_path_factory.mktemp("wheel")
    pytest.importorskip("hatchling", reason="hatchling is not installed")
    subprocess.run(
        [sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", str(folder)],
        cwd=ROOT,
        check=True,
        capture_output=True,
        timeout=100,
    )
    (built,) = folder.glob("*.whl")
    return zipfile.ZipFile(built)


class TestWheel:
    def test_it_has_everything_that_runs(self, wheel: zipfile.ZipFile) -> None:
        names = set(wheel.namelist())
        for package in PACKAGES:
            here = {str(path.relative_to(ROOT)) for path in (ROOT / package).rglob("*.py")}
            assert here <= names
        assert "desk.tcss" in names
        assert {"desk/sample/shop.toml", "desk/sample/threads-open.toml"} <= names

    def test_and_nothing_else(self, wheel: zipfile.ZipFile) -> None:
        tops = {name.split("/")[0] for name in wheel.namelist()}
        assert tops == {*PACKAGES, "desk.tcss", f"agent_desk-{desk.__version__}.dist-info"}

    def test_its_entry_points(self, wheel: zipfile.ZipFile) -> None:
        text = wheel.read(f"agent_desk-{desk.__version__}.dist-info/entry_points.txt").decode()
        assert "desk = desk.cli:main" in text
        assert "email = connectors.email:factory" in text
        assert "maildir = connectors.maildir:factory" in text

    def test_its_licence(self, wheel: zipfile.ZipFile) -> None:
        info = f"agent_desk-{desk.__version__}.dist-info"
        assert "License-Expression: Apache-2.0" in wheel.read(f"{info}/METADATA").decode()
        assert b"Apache License" in wheel.read(f"{info}/licenses/LICENSE")


class TestDependencies:
    def test_every_one_has_a_range(self, project: dict[str, Any]) -> None:
        groups = [project["dependencies"], *project["optional-dependencies"].values()]
        for requirement in (each for group in groups for each in group):
            assert re.fullmatch(r"[A-Za-z0-9_.\[\]-]+>=[\d.]+,<[\d.]+", requirement), requirement

    def test_none_is_gpl(self, project: dict[str, Any]) -> None:
        from importlib.metadata import metadata

        for requirement in project["dependencies"]:
            name = re.split(r"[<>=\[]", requirement)[0]
            about = metadata(name)
            said = " ".join([about.get("License-Expression") or "", *(about.get_all("Classifier") or [])])
            assert not re.search(r"\bA?GPL|(?<!Lesser )General Public License", said), f"{name}: {said}"


class TestWhatIsWritten:
    def test_the_readmes_make_targets_exist(self) -> None:
        targets = set(re.findall(r"^([a-z]+):", (ROOT / "Makefile").read_text(), re.MULTILINE))
        named = set(re.findall(r"(?:^|`)make ([a-z]+)", (ROOT / "README.md").read_text(), re.MULTILINE))
        assert {"run", "test"} <= named <= targets

    def test_documented_commands_and_options_exist(self) -> None:
        import click

        from desk.cli.commands import COMMANDS
        from desk.cli.commands import desk as program

        context = click.Context(program)
        for document in [ROOT / "README.md", *sorted((ROOT / "docs").glob("*.md"))]:
            for line in _shell_lines(document.read_text()):
                for call in re.findall(r"\bdesk ([a-z]+[^|;&)>]*)", line):
                    name, *rest = call.split()
                    assert name in COMMANDS, f"{document.name}: desk {call}"
                    command = program.get_command(context, name)
                    while isinstance(command, click.Group) and rest and rest[0] in command.commands:
                        command = command.commands[rest.pop(0)]
                    assert command is not None
                    known = {option for parameter in command.params for option in parameter.opts}
                    used = {word.split("=")[0] for word in rest if word.startswith("--") and word != "--"}
                    assert used <= known, f"{document.name}: desk {call}"

    def test_every_command_is_documented(self) -> None:
        from desk.cli.commands import COMMANDS

        text = (ROOT / "docs" / "cli.md").read_text()
        assert [name for name in COMMANDS if f"desk {name}" not in text] == []

    def test_documented_lines_of_the_command_line_are_understood(self) -> None:
        from desk.commandline import parse

        for document in [ROOT / "README.md", ROOT / "CHANGELOG.md", *sorted((ROOT / "docs").glob("*.md"))]:
            for line in re.findall(r"`:([a-z][^`]*)`", document.read_text()):
                assert parse(line), f"{document.name}: {line}"

    @pytest.mark.parametrize(
        ("begins", "structs"),
        [
            ("| `desk status`", ["Status"]),
            ("| `desk views`", ["ViewInfo"]),
            ("| `desk bulk ", ["BulkJob", "BulkFailure"]),
            ("| `desk undo`", ["Undone", "Left"]),
            ("- **conversation**", ["Conversation"]),
            ("- **message**", ["Message"]),
            ("- **outbox item**", ["OutboxItem"]),
            ("- **draft**", ["Draft", "NewReply"]),
            ("- **callback**", ["Callback", "CallAttempt"]),
            ("- **ledger entry**", ["LedgerEntry"]),
            ("- **account**", ["AccountStatus"]),
        ],
    )
    def test_every_field_of_what_is_answered_is_documented(self, begins: str, structs: list[str]) -> None:
        import msgspec

        from desk import model

        _, _, text = (ROOT / "docs" / "cli.md").read_text().partition("\n" + begins)
        told = re.findall(r"`(\w+)`", re.split(r"\n[|-] |\n\n", text)[0])
        fields = {field.name for name in structs for field in msgspec.structs.fields(getattr(model, name))}
        assert fields - set(told) == set()

    def test_every_setting_is_documented(self) -> None:
        import msgspec

        from connectors.email.settings import EmailSettings, Imap, Smtp
        from connectors.maildir.settings import MaildirSettings
        from desk.settings import AccountSettings, DeskSettings

        text = (ROOT / "docs" / "configuration.md").read_text()
        told_otherwise = {"display_name", "options", "folder"}
        for kind in (DeskSettings, AccountSettings, EmailSettings, Imap, Smtp, MaildirSettings):
            for field in msgspec.structs.fields(kind):
                assert f"`{field.name}`" in text or field.name in told_otherwise, field.name

    def test_links_between_documents_hold(self) -> None:
        for document in [ROOT / "README.md", ROOT / "CHANGELOG.md", *sorted((ROOT / "docs").glob("*.md"))]:
            prose = re.sub(r"```.*?```", "", document.read_text(), flags=re.DOTALL)
            for target in re.findall(r"\]\(([^)#]+)(?:#[^)]*)?\)", prose):
                if "://" not in target:
                    assert (document.parent / target).exists(), f"{document.name} -> {target}"

    def test_the_changelog_knows_this_version(self) -> None:
        assert f"## [{desk.__version__}]" in (ROOT / "CHANGELOG.md").read_text()

    def test_the_map_names_every_room(self) -> None:
        text = (ROOT / "docs" / "architecture.md").read_text()
        rooms = [
            path.name for path in (ROOT / "desk").iterdir() if path.suffix == ".py" or (path / "__init__.py").exists()
        ]
        assert [name for name in rooms if name not in ("__init__.py",) and name not in text] == []


class TestCode:
    def test_public_things_say_what_they_are(self) -> None:
        silent = [
            f"{path.relative_to(ROOT)}:{node.lineno} {node.name}"
            for package in PACKAGES
            for path in (ROOT / package).rglob("*.py")
            for node in _public(ast.parse(path.read_text()))
            if not ast.get_docstring(node)
        ]
        assert silent == []

    def test_every_module_says_what_it_is(self) -> None:
        modules = [path for package in PACKAGES for path in (ROOT / package).rglob("*.py")]
        sources = {path: path.read_text() for path in modules}
        assert [str(path) for path, text in sources.items() if text and not ast.get_docstring(ast.parse(text))] == []

    def test_files_stay_small(self, tracked: list[Path]) -> None:
        long = {
            str(path.relative_to(ROOT)): lines
            for path in tracked
            if path.suffix == ".py" and (lines := len(path.read_text().splitlines())) > LINES_AT_MOST
        }
        assert long == {}

    def test_no_machines_paths(self, tracked: list[Path]) -> None:
        pattern = re.compile(rb"(?<![\w.])/(?:root|work|home/\w+)/|/tmp/\w+/\w")
        found = [
            f"{path.relative_to(ROOT)}: {match.group().decode()}"
            for path in tracked
            if path != Path(__file__)
            for match in pattern.finditer(path.read_bytes())
        ]
        assert found == []


def _shell_lines(markdown: str) -> Iterator[str]:
    """The lines of shell examples, continuation lines joined."""
    for block in re.findall(r"```(?:sh|console|bash)\n(.*?)```", markdown, re.DOTALL):
        for line in block.replace("\\\n", " ").splitlines():
            yield line.split(" #")[0]


def _public(tree: ast.Module) -> Iterator[ast.FunctionDef | ast.AsyncFunctionDef]:
    """Public functions of a module that are too long to speak for themselves."""
    for node in tree.body:
        if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef)) and not node.name.startswith("_"):
            lines = (node.end_lineno or node.lineno) - node.lineno
            if lines > 8:
                yield node
