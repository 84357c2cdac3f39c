"""Calling by a program of the desktop: real ones, started without a shell."""

from __future__ import annotations

import asyncio
import gc
import os
import signal
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import pytest

from connectors.base import Account, ConnectorError, Permanent, Uncertain
from connectors.dialing.contract import DialerContract
from connectors.dialing.launch import LaunchDialer, factory
from connectors.dialing.trial import attempt, course
from tests.dialing.worlds import NUMBER, LaunchWorld
from tests.servers.common import eventually


class TestLaunch(DialerContract):
    @contextmanager
    def world(self) -> Iterator[LaunchWorld]:
        with TemporaryDirectory(prefix="launch") as folder:
            yield LaunchWorld(Path(folder))


def account(**options: Any) -> Account:
    return Account(name="phone", options=options)


@pytest.fixture
def bin_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder whose programs are found first."""
    folder = tmp_path / "bin"
    folder.mkdir()
    monkeypatch.setenv("PATH", f"{folder}:/usr/bin:/bin")
    return folder


def program(folder: Path, name: str, script: str) -> Path:
    path = folder / name
    path.write_text(f"#!/bin/sh\n{script}\n")
    path.chmod(0o755)
    return path


@pytest.mark.skipif(sys.platform == "darwin", reason="the desktop's opener is another")
async def test_the_desktop_opens_a_tel_link_by_default(bin_folder: Path, tmp_path: Path) -> None:
    program(bin_folder, "xdg-open", f'printf "%s\\n" "$#" "$@" > {tmp_path}/given')
    dialer = LaunchDialer(account())
    call = await dialer.dial(attempt(LaunchWorld(tmp_path)))
    assert (tmp_path / "given").read_text().split() == ["1", f"tel:{NUMBER}"]
    assert call.latest.state == "dialling"
    assert "say what became of it" in call.latest.words
    await call.hang_up()
    assert [(step.state, step.reason) for step in await course(call)] == [("dialling", None), ("ended", "unknown")]
    await dialer.close()


@pytest.mark.skipif(sys.platform == "darwin", reason="the desktop's opener is another")
async def test_a_desktop_without_a_phone_is_told_and_nothing_was_dialled(bin_folder: Path, tmp_path: Path) -> None:
    program(bin_folder, "xdg-open", "exit 3")
    dialer = LaunchDialer(account())
    with pytest.raises(Permanent, match=r"a program it needs is missing.*softphone"):
        await dialer.dial(attempt(LaunchWorld(tmp_path)))


async def test_a_command_that_fails_may_have_dialled(tmp_path: Path) -> None:
    failing = program(tmp_path, "failing", "exit 7")
    dialer = LaunchDialer(account(command=[str(failing), "{number}"]))
    with pytest.raises(Uncertain, match="exit code 7"):
        await dialer.dial(attempt(LaunchWorld(tmp_path)))
    with pytest.raises(Uncertain):
        await dialer.dial(attempt(LaunchWorld(tmp_path)))


async def test_a_command_that_stays_open_was_started_and_is_left_alone(tmp_path: Path) -> None:
    script = f"echo $$ > {tmp_path}/pid; head -c 200000 /dev/zero >&2; touch {tmp_path}/calling; exec sleep 60"
    softphone = program(tmp_path, "softphone", script)
    dialer = LaunchDialer(account(command=[str(softphone), "{number}"], start_seconds=0.5))
    call = await dialer.dial(attempt(LaunchWorld(tmp_path)))
    assert call.latest.state == "dialling"
    await dialer.close()
    del dialer, call
    gc.collect()
    pid = int((tmp_path / "pid").read_text())
    eventually((tmp_path / "calling").exists, what="the call")
    os.kill(pid, signal.SIGKILL)


async def test_sip_links_and_numbers_wherever_they_are_wanted(tmp_path: Path) -> None:
    dialer = LaunchDialer(account(command=["phone", "--to={uri}", "{number}", "x"], link="sip", host="sip.example.com"))
    assert dialer.argv(NUMBER) == ["phone", f"--to=sip:{NUMBER}@sip.example.com;user=phone", NUMBER, "x"]


@pytest.mark.parametrize(
    ("options", "finding"),
    [
        ({"command": ["phone"]}, "command: the number is nowhere in it"),
        ({"command": ["{number}"]}, "command: the number is nowhere in it"),
        ({"command": ["{uri}", "{number}"]}, "command: begin with the program"),
        ({"command": ["sh", "-c", "phone {number}"]}, "command: numbers are not handed to a shell"),
        ({"command": ["/bin/bash", "-c", "phone {number}"]}, "command: numbers are not handed to a shell"),
        ({"command": "phone {number}"}, "command: expected `array`"),
        ({"link": "sip"}, "host: a sip link needs one"),
        ({"link": "sip", "host": "a b"}, "host: a sip link needs one"),
        ({"link": "callto"}, "link: invalid enum value"),
        ({"start_seconds": 0}, "start_seconds: 0 is out of range"),
        ({"comand": ["phone", "{number}"]}, "did you mean command?"),
    ],
)
def test_wrong_settings_are_told(options: dict[str, Any], finding: str) -> None:
    assert any(finding in problem for problem in factory.validate(account(**options)))
    with pytest.raises(ConnectorError):
        factory.open(account(**options), lambda: None)


async def test_a_check_looks_for_the_desktops_handler(bin_folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "platform", "linux")
    monkeypatch.setenv("DISPLAY", ":99")
    program(bin_folder, "xdg-open", "exit 0")
    program(bin_folder, "xdg-mime", 'test "$3" = x-scheme-handler/tel && echo linphone.desktop')
    dialer = LaunchDialer(account())
    assert [check.status for check in await dialer.check()] == ["ok", "ok"]
    program(bin_folder, "xdg-mime", "exit 0")
    found = await dialer.check()
    assert (found[1].status, "no program of the desktop" in found[1].message) == ("failed", True)
    monkeypatch.delenv("DISPLAY")
    monkeypatch.delenv("WAYLAND_DISPLAY", raising=False)
    assert (await dialer.check())[1].status == "warning"


async def test_starting_does_not_hold_up_the_loop(tmp_path: Path) -> None:
    slow = program(tmp_path, "slow", "sleep 0.4")
    dialer = LaunchDialer(account(command=[str(slow), "{number}"]))
    dialling = asyncio.ensure_future(dialer.dial(attempt(LaunchWorld(tmp_path))))
    began, turns = time.monotonic(), 0
    while not dialling.done():
        turns += 1
        await asyncio.sleep(0.01)
    assert turns > 5
    assert time.monotonic() - began < 3
    await dialer.close()
