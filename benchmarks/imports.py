"""Import of the ham archive, end to end (read, parsed, threaded, indexed, durable), beside `notmuch new`.

Both read the same folder in turn, fresh each time; whole-process wall time for notmuch, the job's own clock for
Desk (from the request to the last commit). Median of three, the ratio pair by pair.
"""

from __future__ import annotations

import json
import os
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

from benchmarks.corpora import Absent, unpack

ROUNDS = 3


def run() -> Iterator[tuple[str, str]]:
    with tempfile.TemporaryDirectory(prefix="desk-bench-") as name:
        scratch = Path(name)
        try:
            ham = unpack("mail-ham", scratch / "ham")
        except Absent as absent:
            yield "import", f"skipped: {absent}"
            return
        for extra in ("LICENSE", "README.md"):
            (ham / extra).unlink(missing_ok=True)
        files = sum(1 for path in ham.rglob("*") if path.is_file())
        yield "ham archive", f"{files} files"
        desk = [_desk(ham, scratch / f"desk-{n}") for n in range(ROUNDS)]
        median = statistics.median(job["messages"] / job["seconds"] for job in desk)
        yield "desk import, messages/s", f"{median:,.0f}  ({_each(job['messages'] / job['seconds'] for job in desk)})"
        typical = min(desk, key=lambda job: abs(job["messages"] / job["seconds"] - median))
        yield "  of that run, seconds in all", f"{typical['seconds']:.2f}"
        yield "  parsers, seconds of processor time", f"{typical['parse_seconds']:.2f}, over both cores"
        yield "  threading and store, seconds", f"{typical['store_seconds']:.2f}"
        for outcome in ("new", "duplicate", "quarantined", "conversations"):
            yield f"  {outcome}", f"{typical[outcome]:,}"
        commands = [job["command"] for job in desk]
        yield "desk import, the whole command, messages/s", f"{files / statistics.median(commands):,.0f}"
        if shutil.which("notmuch") is None:
            yield "notmuch new", "skipped: notmuch is not installed"
            return
        peers = [_notmuch(ham, scratch / f"notmuch-{n}") for n in range(ROUNDS)]
        yield "notmuch new, messages/s", f"{files / statistics.median(peers):,.0f}  ({_each(files / s for s in peers)})"
        ratios = [peer / job["seconds"] for peer, job in zip(peers, desk, strict=True)]
        yield "ratio", f"{statistics.median(ratios):.1f} x  ({_each(ratios)})"


def _each(values: Iterator[float] | list[float]) -> str:
    return ", ".join(f"{value:,.1f}" if value < 100 else f"{value:,.0f}" for value in values)


def _desk(ham: Path, workspace: Path) -> dict[str, float]:
    desk = [sys.executable, "-m", "desk.cli", "--workspace", str(workspace)]
    subprocess.run([*desk, "list"], check=True, capture_output=True)
    started = time.perf_counter()
    try:
        done = subprocess.run([*desk, "import", "--json", str(ham)], check=True, capture_output=True, text=True)
        took = time.perf_counter() - started
    finally:
        subprocess.run([*desk, "stop"], check=True, capture_output=True)
    job: dict[str, float] = json.loads(done.stdout.splitlines()[-1])
    return {**job, "command": took}


def _notmuch(ham: Path, home: Path) -> float:
    mail = home / "mail"
    shutil.copytree(ham, mail)
    config = home / "config"
    config.write_text(f"[database]\npath={mail}\n[user]\nname=x\nprimary_email=x@example.test\n[new]\ntags=new\n")
    started = time.perf_counter()
    subprocess.run(
        ["notmuch", "new"], check=True, capture_output=True, env={**os.environ, "NOTMUCH_CONFIG": str(config)}
    )
    return time.perf_counter() - started
