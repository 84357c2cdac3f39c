"""The keymap of a workspace: read from `desk.toml`, and again when the file changed."""

from __future__ import annotations

from pathlib import Path

from desk.keymap.keymap import Keymap
from desk.keymap.keys import Finding, KeymapError


def read_keymap(settings: Path) -> Keymap:
    """The keymap that a `desk.toml` makes. Raises KeymapError with every finding, each as `file:line: what`."""
    try:
        text = settings.read_text("utf-8")
    except FileNotFoundError:
        return Keymap()
    except (OSError, UnicodeDecodeError) as error:
        raise KeymapError(f"{settings}: cannot be read: {error}") from None
    return parse_keymap(text, settings)


def parse_keymap(text: str, path: Path) -> Keymap:
    """`read_keymap`, for text at hand; `path` is for the errors only."""
    if "keys" not in text:
        return Keymap()
    import tomllib

    from desk.settings import line_of, syntax_error

    def placed(finding: str | Finding) -> str:
        at = finding.at if isinstance(finding, Finding) else ()
        number = line_of(text.splitlines(), ("keys", *at))
        return f"{path}:{number}: {finding}" if number else f"{path}: {finding}"

    try:
        table = tomllib.loads(text).get("keys", {})
    except tomllib.TOMLDecodeError as error:
        raise KeymapError(syntax_error(str(error), path)) from None
    if not isinstance(table, dict):
        raise KeymapError(placed("keys: has to be a table, [keys]"))
    try:
        return Keymap(table)
    except KeymapError as error:
        raise KeymapError(*map(placed, error.findings)) from None


class KeyFile:
    """Keeps a keymap in step with its file. What is wrong with the file leaves the keymap as it was."""

    def __init__(self, settings: Path, keymap: Keymap) -> None:
        self.settings = settings
        self._keymap = keymap
        self._seen = self._stamp()
        self.refused = False
        """Whether what the file says now was refused."""

    def _stamp(self) -> tuple[int, int, int] | None:
        try:
            found = self.settings.stat()
        except OSError:
            return None
        return found.st_mtime_ns, found.st_size, found.st_ino

    def changed(self) -> bool:
        """Whether the file is another than the one read last."""
        return self._stamp() != self._seen

    def reload(self) -> bool:
        """Go by what the file says now; whether anything is different. Raises KeymapError, and changes nothing."""
        self._seen = self._stamp()
        self.refused = True
        fresh = read_keymap(self.settings)
        self.refused = False
        different = not self._keymap.same(fresh)
        self._keymap.adopt(fresh)
        return different
