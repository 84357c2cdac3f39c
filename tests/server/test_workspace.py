"""Where a workspace's files lie, and who may read them."""

from __future__ import annotations

import stat
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from desk.workspace import SOCKET_PATH_BYTES, Workspace, WorkspaceError, default_workspace


def mode(path: Path) -> int:
    return stat.S_IMODE(path.stat().st_mode)


@pytest.fixture
def runtime(monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """XDG_RUNTIME_DIR, short enough for sockets."""
    with tempfile.TemporaryDirectory(prefix="rt") as folder:
        monkeypatch.setenv("XDG_RUNTIME_DIR", folder)
        yield Path(folder)


def test_named_by_the_environment(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DESK_WORKSPACE", str(tmp_path / "shop"))
    assert Workspace().folder == default_workspace() == tmp_path / "shop"


def test_in_the_platforms_place(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("DESK_WORKSPACE", raising=False)
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path))
    assert Workspace().folder == tmp_path / "desk"


def test_folders_are_private_even_if_they_were_not(tmp_path: Path) -> None:
    folder = tmp_path / "shop"
    folder.mkdir(mode=0o755)
    (folder / "desk.toml").write_text("")
    (folder / "desk.toml").chmod(0o644)
    home = Workspace(folder).prepare()
    assert [mode(each) for each in (home.folder, home.attachments, home.logs)] == [0o700] * 3
    assert mode(home.settings) == 0o600


def test_a_folder_that_cannot_be_made(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(WorkspaceError, match="--workspace"):
        Workspace(tmp_path / "file" / "shop").prepare()


def test_the_socket_lies_in_the_workspace() -> None:
    assert Workspace("/srv/shop").socket == Path("/srv/shop/desk.sock")


def test_a_long_path_gets_a_short_socket(tmp_path: Path, runtime: Path) -> None:
    homes = [Workspace(tmp_path / ("x" * 200) / name) for name in "ab"]
    sockets = {home.socket for home in homes}
    assert len(sockets) == 2
    assert all(len(str(socket)) < SOCKET_PATH_BYTES and socket.parent.is_relative_to(runtime) for socket in sockets)
    assert all(mode(socket.parent) == 0o700 for socket in sockets)


def test_a_runtime_folder_open_to_others_is_not_used(tmp_path: Path, runtime: Path) -> None:
    (runtime / "desk").mkdir()
    (runtime / "desk").chmod(0o777)
    assert not Workspace(tmp_path / ("x" * 200)).socket.is_relative_to(runtime)


def test_a_server_started_with_another_runtime_folder_is_found(tmp_path: Path) -> None:
    home = Workspace(tmp_path / ("x" * 150)).prepare()
    elsewhere = tmp_path / "elsewhere.sock"
    elsewhere.touch()
    home.lock.write_text(f"1\n{elsewhere}\n")
    assert home.socket == elsewhere
