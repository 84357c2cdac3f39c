"""Where a file from outside is saved, as reps say it. What is there already is never overwritten."""

from __future__ import annotations

from pathlib import Path

from desk.saving import free_path, safe_name
from screens.values import paths


def downloads() -> Path:
    """Where files are saved unless the rep says otherwise."""
    from platformdirs import user_downloads_path

    folder = user_downloads_path()
    return folder if folder.is_dir() else Path.home()


def path_of(text: str, name: str) -> Path:
    """The file that is meant; in a folder it keeps its own name. Raises OSError, RuntimeError, ValueError."""
    path = Path(text.strip()).expanduser()
    return free_path(path, safe_name(name)) if path.is_dir() else path


def files_and_folders(text: str) -> list[str]:
    """What lies where the path leads, and begins as it does."""
    return [choice.text for choice in paths(text)]


def folders(text: str) -> list[str]:
    """The folders among these."""
    return [path for path in files_and_folders(text) if path.endswith("/")]


def judge_target(text: str) -> tuple[str, bool]:
    """Whether a file may be made there."""
    if not text.strip():
        return "name a file or a folder", False
    try:
        path = Path(text.strip()).expanduser()
        if path.is_dir():
            return "into this folder, under its own name", True
        if path.exists() or path.is_symlink():
            return "exists already; it is never overwritten", False
        return ("", True) if path.parent.is_dir() else (f"no folder {path.parent}", False)
    except (OSError, RuntimeError, ValueError):
        return "there can be no such file", False


def judge_folder(text: str) -> tuple[str, bool]:
    """Whether files may be put there."""
    try:
        there = bool(text.strip()) and Path(text.strip()).expanduser().is_dir()
    except (OSError, RuntimeError, ValueError):
        there = False
    return ("", True) if there else ("name a folder that is there", False)
