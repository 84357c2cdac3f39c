"""Secrets in a real keyring: GNOME's, over the Secret Service of a D-Bus session of the test's own."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

pytestmark = pytest.mark.skipif(
    not (shutil.which("gnome-keyring-daemon") and shutil.which("dbus-run-session")),
    reason="no keyring is installed (Debian: apt-get install dbus-daemon gnome-keyring)",
)

UNLOCKED = 'printf secret | gnome-keyring-daemon --unlock --components=secrets --control-directory="$XDG_RUNTIME_DIR"'
LOCKED = 'gnome-keyring-daemon --start --components=secrets --control-directory="$XDG_RUNTIME_DIR" </dev/null'

BEGIN = """
import json
from desk.secrets import SecretError, Secrets
from desk.settings import AccountSettings
shop = AccountSettings(name="shop", connector="email")
ours, again, theirs = Secrets("/w", environment={}), Secrets("/w", environment={}), Secrets("/x", environment={})
"""


@pytest.fixture
def home() -> Iterator[Path]:
    """A home of its own, with a path short enough for the keyring's socket."""
    with tempfile.TemporaryDirectory(prefix="dk") as folder:
        (Path(folder) / "run").mkdir(mode=0o700)
        yield Path(folder)


def in_session(home: Path, daemon: str, work: str) -> object:
    """What `work` prints as JSON, in a session with that keyring that ends with it."""
    environment = {
        "PATH": os.environ["PATH"],
        "PYTHONPATH": os.pathsep.join(filter(None, sys.path)),
        "HOME": str(home),
        "XDG_RUNTIME_DIR": str(home / "run"),
        "XDG_DATA_HOME": str(home / "data"),
    }
    done = subprocess.run(
        ["dbus-run-session", "--", "sh", "-c", f'{daemon} >/dev/null && exec "$0" -c "$1"', sys.executable, work],
        env=environment,
        capture_output=True,
        timeout=60,
        check=False,
    )
    assert done.returncode == 0, done.stderr.decode()
    return json.loads(done.stdout)


def test_a_password_is_kept_found_and_dropped(home: Path) -> None:
    work = """
name = ours.keyring()
ours.keep("shop", "grüße")
found = again.find(shop)
answers = [name, found.secret, found.origin, theirs.find(shop), again.drop("shop"), ours.drop("shop")]
print(json.dumps([*answers, Secrets("/w", environment={}).find(shop)]))
"""
    name, *rest = in_session(home, UNLOCKED, BEGIN + work)  # type: ignore[misc]
    assert name.startswith("SecretService")
    assert rest == ["grüße", "keyring", None, True, False, None]


def test_a_password_outlives_the_session(home: Path) -> None:
    in_session(home, UNLOCKED, BEGIN + 'ours.keep("shop", "x"); print("true")')
    assert in_session(home, UNLOCKED, BEGIN + "print(json.dumps(ours.find(shop).secret))") == "x"


def test_a_locked_keyring_without_anybody_to_unlock_it_holds_up_nothing(home: Path) -> None:
    work = """
try:
    ours.keep("shop", "x")
except SecretError as error:
    print(json.dumps(str(error)), flush=True)
import os
os._exit(0)
"""
    began = time.monotonic()
    assert "keyring" in str(in_session(home, LOCKED, BEGIN + work))
    assert time.monotonic() - began < 30
